"""One run of the command ``did``: read a panel, estimate, check, write all files or none."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from dataclasses import asdict, replace
from importlib.metadata import version
from importlib.util import find_spec
from os.path import realpath
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from ..digits import csv_text, rounded_table
from ..errors import InputError
from ..inference import with_randomization
from ..inference.variation import check_one_way, check_variation
from ..panel.panel import Panel
from ..panel.sections import Sections
from ..registry import applicable, estimate
from ..results import to_frame
from ..save import write_bytes, write_json, write_table, write_text
from ..scaling import FEWEST_CLUSTERS
from .appendix import FILES as APPENDIX
from .appendix import appendix_files
from .checks import Checks, read_groups, run_checks
from .checks_writeup import checks_sections
from .figure import draw_event_study, drawing_is_possible, empty_figure
from .groups import group_table, triple_rows
from .numerals import Marks
from .tables import read_table
from .writeup import errorless, number, write_report

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from ..options import Options
    from ..results import Estimate
    from .columns import Columns

WRITTEN = (
    "estimates.csv", "event_study.svg", "report.md", "run.json", "inference.csv", "sensitivity.csv",
    "subgroups.csv", *APPENDIX,
)  # fmt: skip
RANDOMIZED = ("twfe", "event_study_twfe", "group_time")  # quick to reassign; the others stay close to them
MOST_UNITS = 200  # with more units, clustered errors are reliable and reassignment is slow


def run_study(
    path: Path,
    out: Path,
    columns: Columns,
    estimators: Sequence[str],
    options: Options,
    *,
    randomization: int,
    evidence: str,
    time_gaps: str = "rank",
    weights_vary: str = "refuse",
    marks: Marks | None = None,
    checks: Checks | None = None,
    appendix: bool = False,
    by: str | None = None,
    eligible: str | None = None,
) -> None:
    """Estimate on a panel file and write estimates.csv, event_study.svg, report.md and run.json.

    With ``checks`` also inference.csv and sensitivity.csv, with ``appendix`` those of `appendix_files`;
    without, those of an earlier run are taken away, because they belong to other estimates. Everything is
    computed before the first file is written, so that a fault leaves ``out`` as it was.

    Raises
    ------
    InputError
        The table or the choices cannot be used.
    """
    if out.exists() and not out.is_dir():
        raise InputError("the output is a file, not a folder", file=out)
    if realpath(path) in {realpath(out / name) for name in WRITTEN}:
        raise InputError(
            "the panel would be overwritten by a result of that name", file=path,
            action="name another folder with --out, or rename the panel",
        )  # fmt: skip
    names: Sequence[str] | str = "all" if list(estimators) == ["all"] else estimators
    if eligible is not None:
        if by is not None or names not in ("all", ["triple_difference"]):
            raise InputError(
                "with eligible units the triple difference is estimated, and nothing else: the others would "
                "count units that are not eligible as treated",
                action="leave --estimators and --by out, or run again without --eligible",
            )
        names = ["triple_difference"]
    written = columns.numbers if marks is None or not marks.given else columns.numerals
    table, remarks = read_table(path, columns.ids, columns.periods, written, marks)
    start = time.monotonic()
    try:
        panel = Panel.from_frame(table, **asdict(columns), time_gaps=time_gaps, weights_vary=weights_vary)
        panel = replace(panel, notes=(*remarks, *panel.notes))
        if not isinstance(panel, Sections):
            check_variation(panel)
        if checks is not None:
            check_one_way(panel)
        groups = None if checks is None else read_groups(table, columns.unit, panel, checks)
        results = (
            estimate(panel, names, options)
            if eligible is None
            else triple_rows(table, columns.unit, panel, eligible, options)
        )
        rows: Sequence[Estimate] = results
        grouped = None if by is None else group_table(
            table, columns.unit, panel, by, names, options, outcome=columns.outcome, evidence=evidence,
            specification=_specification(options),
        )  # fmt: skip
        checked = None
        if checks is not None and groups is not None:
            checked = run_checks(
                panel, options, checks, groups, estimators=list(dict.fromkeys(r.estimator for r in rows)),
                outcome=columns.outcome, evidence=evidence,
            )  # fmt: skip
    except InputError as error:
        raise InputError(
            error.problem, file=path, row=error.row, column=error.column, value=error.value,
            expected=error.expected, action=error.action,
        ) from error  # fmt: skip
    followed = not isinstance(panel, Sections)
    if randomization and followed and panel.n_units <= MOST_UNITS and panel.n_clusters >= FEWEST_CLUSTERS:
        tested = [row for row in rows if row.estimator in RANDOMIZED]
        filled = iter(
            with_randomization(panel, tested, options, terms=("att",), draws=randomization, seed=options.seed)
        )
        rows = [next(filled) if row.estimator in RANDOMIZED else row for row in rows]
    _say(f"did: done in {time.monotonic() - start:.1f} s")
    frame = to_frame(rows, evidence=evidence, outcome=columns.outcome, specification=_specification(options))
    frame = rounded_table(frame)  # the report and the figure show what is saved
    events = _events(frame)
    source = f"{path.name}; evidence class: {evidence}"
    undrawn = _undrawn(events)
    figure = None if undrawn else _figure(events, columns.outcome, source, options)
    report = write_report(
        panel, options, frame, outcome=columns.outcome, evidence=evidence, source=path.name,
        figure=None if figure is None else "event_study.svg",
        checks=[] if checks is None or checked is None else checks_sections(
            panel, checked, options, overall_effects(frame), named=checks.named is not None
        ),
    )  # fmt: skip
    run = {
        "panel": {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()},
        "columns": asdict(columns),
        "time_gaps": time_gaps,
        "weights_vary": weights_vary,
        "marks": asdict(marks or Marks()),
        "estimators": applicable(panel) if names == "all" else list(dict.fromkeys(names)),
        "options": asdict(options),
        "randomization": randomization,
        "checks": None if checks is None else asdict(checks) | {"named": checks.method},
        "by": by,
        "eligible": eligible,
        "evidence": evidence,
        "units": panel.n_units,
        "periods": panel.n_periods,
        "outcomes": int(panel.observed.sum()),
        "notes": list(panel.notes),
        "versions": {
            name: version(name) for name in ("numpy", "pandas", "scipy", "matplotlib") if find_spec(name)
        },
    }
    json.dumps(run, allow_nan=False)
    added = appendix_files(results) if appendix else {}
    if grouped is not None:
        added["subgroups.csv"] = csv_text(grouped).encode()
    if (out / "run.json").is_file():  # of an earlier run; else they are the user's own
        for name in ("inference.csv", "sensitivity.csv", "subgroups.csv", *APPENDIX):
            (out / name).unlink(missing_ok=True)
    write_table(frame, out / "estimates.csv")
    if checked is not None:
        write_table(checked.inference, out / "inference.csv")
        write_table(checked.sensitivity, out / "sensitivity.csv")
    write_bytes(empty_figure(undrawn) if figure is None else figure, out / "event_study.svg")
    write_text(report, out / "report.md")
    write_json(run, out / "run.json")
    for name, content in added.items():
        write_bytes(content, out / name)
    _show(frame, panel.notes)


def overall_effects(frame: pd.DataFrame) -> dict[str, float]:
    """Overall effect by estimator, where there is one."""
    rows = frame[(frame["term"] == "att") & frame["estimate"].notna()]
    return {str(name): float(value) for name, value in zip(rows["estimator"], rows["estimate"], strict=True)}


def _say(text: str) -> None:
    """One line to standard error; results alone go to standard output."""
    print(text, file=sys.stderr, flush=True)


def _specification(options: Options) -> str:
    parts = [f"control={options.control}", f"base={options.base}", f"anticipation={options.anticipation}"]
    parts += [f"switchers={options.switchers}"] if options.switchers != "all" else []
    parts += [f"fix_weights={options.fix_weights}"] if options.fix_weights != "earlier_period" else []
    return "; ".join([*parts, f"method={options.method}", f"draws={options.draws}", f"seed={options.seed}"])


def _events(frame: pd.DataFrame) -> pd.DataFrame:
    """Event rows of group_time, or of the first estimator that has any."""
    events = frame[(frame["term"] == "event") & frame["estimate"].notna()]
    names = list(dict.fromkeys(events["estimator"]))
    if not names:
        return events
    return events[events["estimator"] == ("group_time" if "group_time" in names else names[0])]


def _figure(events: pd.DataFrame, outcome: str, source: str, options: Options) -> bytes:
    name = str(events["estimator"].iloc[0])
    after = events[events["event_time"] >= 0]
    clear = int(((after["ci_low"] > 0) | (after["ci_high"] < 0)).sum())
    level = f"{100 * options.level:g} %"
    shade = f", shade: simultaneous {level} band" if events["band_low"].notna().any() else ""
    return draw_event_study(
        events,
        title=f"{clear} of {len(after)} effects after the start differ from zero"
        if after["ci_low"].notna().any()
        else "No effect after the start has an error",
        subtitle=f"{outcome}, {name}; bars: pointwise {level} interval{shade}; hollow: reference",
        source=source,
        effect_label=f"Effect on {outcome}",
    )


def _undrawn(events: pd.DataFrame) -> str:
    """Why there is no figure; empty where there is one."""
    if events.empty:
        return "No estimator gave event-time effects."
    if not drawing_is_possible():
        _say('did: the figure needs matplotlib, which is not installed: pip install "rollout-did[plot]"')
        return "Not drawn: matplotlib is not installed."
    return ""


def _small(p_value: float) -> str:
    return "< 0.001" if p_value < 0.001 else number(p_value, 2)


def _show(frame: pd.DataFrame, notes: Sequence[str]) -> None:
    """Print overall effects, what has none, and how the table was read."""
    overall = frame[frame["term"] == "att"]
    title = f"Overall effect on {overall['outcome'].iloc[0]} ({overall['evidence'].iloc[0]})"
    table = Table(title=title, box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_edge=False)
    table.add_column("estimator", no_wrap=True)
    for header in ("effect", "error", "interval", "p", "p rand."):
        table.add_column(header, justify="right", no_wrap=True)
    rows: list[Any] = list(overall.itertuples())
    missing = []
    for row in rows:
        if row.estimate != row.estimate:
            missing.append(f"{row.estimator}: {row.note}")
            continue
        table.add_row(
            row.estimator, number(row.estimate, 3), number(row.std_error, 2),
            f"[{number(row.ci_low, 3)}, {number(row.ci_high, 3)}]" if row.ci_low == row.ci_low else "",
            _small(row.p_value), _small(row.p_randomization),
        )  # fmt: skip
    console = Console(markup=False, emoji=False)  # names are printed as they are
    console.print(table)
    for line in (*missing, *errorless(frame), *notes):
        console.print(line, markup=False, highlight=False)
