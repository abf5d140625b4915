"""What other packages say on this design: ``python benchmarks/elsewhere`` where they are installed.

Needs the extra ``elsewhere`` (``pip install ".[elsewhere]"``, Python 3.12 or later, for moderndid). Writes
``benchmarks/results/elsewhere.csv`` and the tables of the page "Other software on this design".
"""

from __future__ import annotations

import contextlib
import io
import math
import sys
import warnings
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import optimize, stats

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from analysis.base.files import save_table  # noqa: E402
from analysis.did import Options, Panel, Results, estimate  # noqa: E402
from benchmarks.elsewhere.packages import NAN, PACKAGES, Found, NoSuchOptionError, Package, treated  # noqa: E402
from benchmarks.elsewhere.questions import FIRST, QUESTIONS, design, one_treated  # noqa: E402
from benchmarks.elsewhere.tables import write_tables  # noqa: E402

CLOSE = 1e-6  # relative; two programs that solve the same equations differ by less
KEY = ["package", "function", "question"]


def engine(panel: pd.DataFrame, estimator: str, control: str = "never") -> Results:
    """The engine's answer, with the controls of the packages' defaults where an estimator has a choice."""
    table = panel.dropna(subset=["y"]).assign(g=panel["g"].fillna(0).replace(math.inf, 0).astype(int))
    read = Panel.from_frame(table, unit="id", time="t", outcome="y", cohort="g")
    return estimate(read, estimator, Options(control=control) if estimator == "group_time" else None)


def averages(result: Results) -> dict[str, float]:
    """Overall effects that packages call the average: names as on the estimators page."""
    frame = result.frame()
    found = {name: float(frame.loc[frame["term"] == name, "estimate"].iloc[0])
             for name in ("att", "att_simple") if (frame["term"] == name).any()}  # fmt: skip
    after = frame.loc[(frame["term"] == "event") & (frame["event_time"] >= 0), "estimate"]
    return found | ({"mean of event times": float(after.mean())} if len(after) else {})


def ask(package: Package, panel: pd.DataFrame, **options: object) -> Found | str:
    """The package's answer, or the kind of its error."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        with contextlib.redirect_stderr(io.StringIO()):
            try:
                return package.call(panel, **options)
            except NoSuchOptionError:
                return "no such option"
            except Exception as error:
                return f"refuses: {type(error).__name__}"


def close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=CLOSE, abs_tol=CLOSE)


def as_documented(package: Package, panel: pd.DataFrame) -> pd.DataFrame:
    return panel.assign(g=panel["g"].replace(0, package.never), d=treated(panel))


def by_variant(package: Package, panel: pd.DataFrame, average: str) -> Iterator[dict[str, object]]:
    """Rows of the questions that change the panel."""
    for question in QUESTIONS:
        if question.about == "starts" and not package.starts:
            yield row(package, question.name, "does not apply")
            continue
        given = question.change(as_documented(package, panel))
        if question.name == "everybody" or (not package.starts and "d" not in given):
            given = given.assign(d=treated(given))
        control = "not_yet" if question.name == "everybody" else "never"
        base = question.change(panel) if question.right == "changed" else panel
        right = averages(engine(base, package.estimator, control)).get(average, NAN)
        found = ask(package, given, **dict(question.options))
        if isinstance(found, str):
            yield row(package, question.name, found, right=right)
        else:
            verdict = "right" if close(found.effect, right) else "other number"
            verdict = verdict if math.isfinite(found.effect) else "no number"
            yield row(package, question.name, verdict, found.effect, right)


def by_anticipation(package: Package, panel: pd.DataFrame) -> dict[str, object]:
    """Which base the effect of the quarter before the start has, with two quarters of anticipation."""
    if not package.starts or package.estimator != "group_time":
        return row(package, "anticipation", "does not apply")
    found = ask(package, as_documented(package, panel), anticipation=2)
    if isinstance(found, str):
        return row(package, "anticipation", found)
    value = found.events.get(-1, NAN)
    bases = {
        "base: last before the window": _effect_before_start(panel, lag=3),
        "base: the period before": _effect_before_start(panel, lag=2),
    }
    words = next((name for name, number in bases.items() if close(value, number)), "another base")
    return row(package, "anticipation", words, value, bases["base: last before the window"])


def _effect_before_start(panel: pd.DataFrame, lag: int) -> float:
    """Change from ``lag`` periods before the start to the one before it, against the never-treated."""
    wide = panel.pivot(index="id", columns="t", values="y")
    start = panel.groupby("id")["g"].first()
    effects, sizes = [], []
    for cohort in sorted(set(start) - {0}):
        change = wide[cohort - 1] - wide[cohort - lag]
        effects.append(change[start == cohort].mean() - change[start == 0].mean())
        sizes.append((start == cohort).sum())
    return float(np.average(effects, weights=sizes))


def by_average(package: Package, panel: pd.DataFrame) -> tuple[dict[str, object], str]:
    """Which of the engine's averages "the" overall effect is."""
    known = averages(engine(panel, package.estimator))
    found = ask(package, as_documented(package, panel))
    if isinstance(found, str):
        return row(package, "average", found), "att"
    name = next((name for name, number in known.items() if close(found.effect, number)), "another average")
    if package.events_only:
        return row(package, "average", "event times only"), name
    return row(package, "average", name, found.effect, known.get("att", NAN)), name


def by_error(package: Package, panel: pd.DataFrame, average: str) -> dict[str, object]:
    """The error by default against the engine's, and the distribution of its p-value.

    Most of the effect is taken away first: p-values near zero are rounded by some packages.
    """
    weak = panel.assign(y=panel["y"] - 0.9 * treated(panel))
    found = ask(package, as_documented(package, weak))
    result = engine(weak, package.estimator).frame()
    name = average if average in ("att", "att_simple") else "att"
    ours = float(result.loc[result["term"] == name, "std_error"].iloc[0])
    if isinstance(found, str) or not math.isfinite(found.error):
        return row(package, "error", "event times only" if package.events_only else "no error by default")
    return row(package, "error", distribution(found), found.error, ours)


def distribution(found: Found) -> str:
    """Distribution behind a p-value: normal, or Student with the degrees of freedom that give it."""
    if not math.isfinite(found.p_value):
        return "no p-value"
    statistic = abs(found.effect / found.error)
    if math.isclose(2 * stats.norm.sf(statistic), found.p_value, rel_tol=1e-6):
        return "normal"
    log_tail = math.log(found.p_value / 2)
    free = optimize.brentq(lambda df: stats.t.logsf(statistic, df) - log_tail, 1, 1e5)
    return f"Student, {round(free)}"


def by_seed(package: Package, panel: pd.DataFrame) -> dict[str, object]:
    """Whether the same seed gives the same drawn error."""
    if not package.drawn:
        return row(package, "seed", "draws nothing")
    given = as_documented(package, panel)
    one, two = (ask(package, given, seed=7) for _ in range(2))
    if isinstance(one, str) or isinstance(two, str):
        return row(package, "seed", one if isinstance(one, str) else str(two))
    return row(package, "seed", "respected" if one.error == two.error else "ignored", one.error, two.error)


def by_one_treated(package: Package, panel: pd.DataFrame) -> dict[str, object]:
    """The error with one treated unit, against the spread of the same estimate over untreated units.

    Each never-treated unit is taken as treated in turn, which is the noise that the error should measure.
    """
    few = one_treated(panel)
    found = ask(package, as_documented(package, few))
    if isinstance(found, str) or package.events_only:
        return row(package, "one_treated", found if isinstance(found, str) else "event times only")
    placebo = []
    for unit in sorted(few.loc[few["g"] == 0, "id"].unique()):
        moved = few[few["id"] != 1].assign(
            g=lambda table, unit=unit: np.where(table["id"] == unit, FIRST, 0.0)
        )
        placebo.append(averages(engine(moved, package.estimator))["att"])
    spread = float(np.std(placebo, ddof=1))
    if not math.isfinite(found.error):
        return row(package, "one_treated", "no error", right=spread)
    words = "like the spread" if 0.5 < found.error / spread < 2 else "far from the spread"
    return row(package, "one_treated", words, found.error, spread)


def row(
    package: Package, question: str, answer: str, value: float = NAN, right: float = NAN
) -> dict[str, object]:
    return {
        "package": package.distribution, "version": package.version, "function": package.function,
        "estimator": package.estimator, "question": question, "answer": answer,
        "value": value, "right": right, "run_on": date.today().isoformat(),
    }  # fmt: skip


def main(out: Path) -> None:
    """Ask every package every question and write the answers."""
    panel, rows = design(), []
    for package in PACKAGES:
        overall, average = by_average(package, panel)
        rows += [
            *by_variant(package, panel, average),
            overall,
            by_anticipation(package, panel),
            by_error(package, panel, average),
            by_seed(package, panel),
            by_one_treated(package, panel),
        ]
        print(package.distribution, package.function, flush=True)
    table = pd.DataFrame(rows)
    save_table(table, KEY, out / "elsewhere.csv")
    write_tables(table, out)


if __name__ == "__main__":
    main(ROOT / "benchmarks" / "results")
