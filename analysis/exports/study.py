"""The coverage study on a folder of exports: every outcome through everything the study does for its own.

For each outcome whose table was exported, a folder with the engine's products (estimates, all ways of
inference, sensitivity, figure, report), and one row of ``coverage.csv``. Nothing of ours is changed.
"""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from analysis import config, inputs
from analysis.base.errors import InputError
from analysis.base.files import save_table, write_json, write_text
from analysis.base.progress import say
from analysis.bounds import enrolment_set
from analysis.did import NEVER, Options, Panel
from analysis.did.command.checks import Checks
from analysis.did.command.columns import Columns
from analysis.did.command.run import run_study
from analysis.did.digits import ESTIMATED
from analysis.did.inference.confidence import randomization_inference
from analysis.exports.chapter import write_chapter
from analysis.exports.dose import dose_slope
from analysis.exports.folder import KEY, Exports, load_totals, read_folder
from analysis.exports.interval import added, group_time_weights, interval_effect
from analysis.exports.outcomes import DOSE, OUTCOMES, Outcome, base_values, outcome_frame
from analysis.exports.power import ESTIMATOR, detectable, simulated_power
from analysis.exports.sensitivity import write_sensitivity
from analysis.inputs.tables import load_provinces
from analysis.lab.precision import in_innovations
from analysis.panel.build import build_skeleton, newest_quarter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analysis.bounds.model import EnrolmentSet

DRAWS = 9_999
RESULT = (
    "evidence", "outcome", "role", "estimand", "first_period", "last_period", "provinces", "treated",
    "estimate", "lower", "upper", "ci_low", "ci_high", "p_value", "note",
)  # fmt: skip


@dataclass(frozen=True)
class Inputs:
    """What the study needs beside the exports: ``panel.csv``, ``lab.csv``, the counts, national totals."""

    panel: pd.DataFrame
    lab: pd.DataFrame
    provinces: pd.DataFrame
    counts: EnrolmentSet
    totals: Sequence[Mapping[str, object]]


def load_inputs(raw: Path, processed: Path) -> Inputs:
    """Load them from the project's folders; the raw record is checked first.

    Raises
    ------
    InputError
        The record is at fault, or there are no products yet.
    """
    for name in ("panel.csv", "lab.csv"):
        if not (processed / name).is_file():
            raise InputError(
                "a product of the build is missing", file=processed / name, action="run make data"
            )
    inputs.check_package(raw)
    rollout, ledger, provinces = inputs.load_rollout(raw), inputs.load_ledger(raw), load_provinces(raw)
    skeleton = build_skeleton(provinces, rollout, inputs.load_statistics(raw), newest_quarter(ledger))
    panel = pd.read_csv(processed / "panel.csv", dtype={"province_code": str})
    lab = pd.read_csv(processed / "lab.csv")
    return Inputs(panel, lab, provinces, enrolment_set(skeleton, rollout, ledger), load_totals())


def study_exports(folder: Path | None, given: Inputs, out: Path, *, simulate: bool = True) -> None:
    """Read, check and study a folder of exports; without one, write the chapter that says what is missing.

    Parameters
    ----------
    folder
        With the exports; missing: none.
    given
        From `load_inputs`.
    out
        For everything that is written.
    simulate
        Also calibrate the laboratory to each outcome (some seconds each).

    Raises
    ------
    InputError
        An export is at fault; nothing has been written then.
    """
    noise = in_innovations(given.lab)
    if folder is None:
        write_chapter(out, None, pd.DataFrame(columns=list(RESULT)), noise)
        say(f"coverage: no exports; what is missing: {out / 'coverage.en.md'}")
        return
    exports = read_folder(folder, given.provinces, given.totals)
    frames = {
        outcome: outcome_frame(outcome, exports, given.panel, folder)
        for outcome in OUTCOMES
        if outcome.table in exports.tables
    }
    rows: list[tuple[object, ...]] = []
    for outcome, frame in frames.items():
        rows += study_outcome(outcome, frame, exports, given, out / outcome.name, simulate)
    table = pd.DataFrame(rows, columns=list(RESULT))
    save_table(table, ["outcome", "estimand"], out / "coverage.csv", ESTIMATED)
    save_table(exports.every.assign(evidence="published"), KEY, out / "exports.csv")
    save_table(exports.sums, ["table", "period"], out / "sums.csv")
    write_json(numbers(table), out / "numbers.json")
    write_chapter(out, exports, table, noise)
    for revision in exports.revisions:
        say(f"coverage: {revision.table} was revised; {revision.chosen} is used")
    say(f"coverage: {len(frames)} outcomes; {out / 'coverage.en.md'} and coverage.zh.md")


def read_panel(frame: pd.DataFrame, outcome: Outcome) -> Panel:
    """Panel of one outcome; cohorts after the last period count as not treated in it."""
    last = frame["period"].max()
    table = frame.assign(cohort=frame["cohort"].where(frame["cohort"] <= last, ""))
    return Panel.from_frame(table, unit="province_code", time="period", outcome=outcome.name, cohort="cohort")


def study_outcome(
    outcome: Outcome, frame: pd.DataFrame, exports: Exports, given: Inputs, out: Path, simulate: bool
) -> list[tuple[object, ...]]:
    """Put one outcome through the study and return its rows of ``coverage.csv``."""
    data = read_panel(frame, outcome)
    options = Options(
        draws=config.BOOTSTRAP_DRAWS, seed=config.SEED, level=config.CONFIDENCE_LEVEL, base="universal"
    )
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "did_panel.csv"
        write_text(frame.to_csv(index=False, lineterminator="\n"), file)
        run_study(
            file, out, Columns("province_code", "period", outcome.name, "cohort"), config.ESTIMATORS, options,
            randomization=DRAWS, evidence="statistics", checks=Checks(named=config.INFERENCE, draws=DRAWS),
        )  # fmt: skip
    save_table(frame, ["province_code", "period"], out / "did_panel.csv")
    (test,) = randomization_inference(data, ESTIMATOR, replace(options, draws=0), seed=config.SEED)
    ends = (str(data.times[0]), str(data.times[-1]))
    common = ("statistics", outcome.name, outcome.role)
    size = (*ends, data.n_units, int((data.cohort < NEVER).sum()))
    rows: list[tuple[object, ...]] = [
        (*common, "effect", *size, test.estimate, None, None, test.ci_low, test.ci_high, test.p_value,
         f"{test.comparisons} assignments"),
    ]  # fmt: skip
    if outcome.with_pilot:
        rows.append((*common, "effect_with_pilot", *size, *with_pilot(outcome, data, test, given)))
    if not outcome.quarterly:
        write_sensitivity(outcome.name, frame, data, given.panel, options, out)
        rows += dose_rows(common, size, data, exports, given)
    if simulate:
        rows.append(simulated_row(outcome, size, data, given, out))
    return rows


def with_pilot(outcome: Outcome, data: Panel, test: object, given: Inputs) -> tuple[object, ...]:
    """Estimate set, joined set and note of the rate plus enrolment in the pilot."""
    quarters = [pd.Period(f"{year}Q4", freq="Q") for year in data.times]
    per = base_values(given.panel, outcome.per, list(data.units)) / 100
    ends = added(group_time_weights(data), data.units, quarters, per, given.counts)
    found = interval_effect((test.estimate, test.ci_low, test.ci_high), ends)  # type: ignore[attr-defined]
    note = f"enrolment adds {found.added_low:.4g} to {found.added_high:.4g}; reading {config.HEADLINE.name}"
    return None, found.low, found.high, found.ci_low, found.ci_high, None, note


def dose_rows(
    common: tuple[str, ...], size: tuple[object, ...], data: Panel, exports: Exports, given: Inputs
) -> list[tuple[object, ...]]:
    """The slope in parcels per head, where parcels were exported for the last year before the pilot."""
    parcels = exports.tables.get(DOSE)
    year = str(config.PILOT_START.year - 1)
    if parcels is None or year not in set(parcels["period"]):
        return []
    units = list(data.units)
    count = parcels[parcels["period"] == year].set_index("province_code")["value"].reindex(units)
    dose = count.to_numpy(float) / base_values(given.panel, config.RESIDENTS, units)
    slope = dose_slope(data, dose, config.SEED)
    note = f"change per log parcel per head in {year}, treated less others; {slope.draws} drawn assignments"
    return [(*common, "dose_slope", *size, slope.estimate, None, None, None, None, slope.p_value, note)]


def simulated_row(
    outcome: Outcome, size: tuple[object, ...], data: Panel, given: Inputs, out: Path
) -> tuple[object, ...]:
    """The effect that the laboratory, calibrated to this outcome, finds four times in five."""
    try:
        lab = simulated_power(outcome.name, data, given.panel)
    except InputError as error:
        return ("simulated", outcome.name, outcome.role, "detectable_effect", *size,
                None, None, None, None, None, None, error.problem)  # fmt: skip
    write_text(lab.to_csv(index=False, lineterminator="\n"), out / "lab.csv")
    note = "found four times in five at 5 percent, if provinces were exchangeable"
    return ("simulated", outcome.name, outcome.role, "detectable_effect", *size,
            detectable(lab), None, None, None, None, None, note)  # fmt: skip


def numbers(table: pd.DataFrame) -> dict[str, object]:
    """Every result by key, with its class: what a text may name; an open end or no estimate is null."""
    found: dict[str, object] = {}
    for row in table.itertuples():
        prefix = "lab_" if row.evidence == "simulated" else ""
        interval = row.estimand == "effect_with_pilot"
        found[f"{prefix}{row.outcome}_{row.estimand}"] = {
            "value": [finite(row.lower), finite(row.upper)] if interval else finite(row.estimate),
            "interval": [finite(row.ci_low), finite(row.ci_high)],
            "p_value": finite(row.p_value),
            "evidence": row.evidence,
        }
    return found


def finite(value: object) -> float | None:
    """A number, or nothing where it is missing or infinite."""
    return float(value) if pd.notna(value) and math.isfinite(value) else None  # type: ignore[arg-type]
