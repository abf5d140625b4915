"""The checks that a user's panel can be put through: every way of judging chance, every way to break it.

The same two tables that the study makes of its own estimates, without anything of the study: strata
and sizes are columns of the user's table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..errors import InputError
from ..inference import battery
from ..inference.variation import check_noise
from ..inference.wild import WEIGHTS
from ..panel import gate
from ..panel.names import read_names
from ..results import GAP
from ..sensitivity import borne_event_study
from ..sensitivity.refits import refit_table, sensitivity_table
from ..sensitivity.trends import missing_trends, trend_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..inference.schemes import Labels
    from ..options import Options
    from ..panel.panel import Panel

JUDGED = ("group_time", "event_study_twfe", "twfe")  # judged by all methods, or by all that can judge them
REFITTED = "group_time"
DEFAULT = "randomization"  # keeps its size however few are treated
STRATIFIED, SIZED = "randomization_strata", "ferman_pinto"
METHODS = (
    *battery.KINDS, *(f"wild_{name}" for name in WEIGHTS), DEFAULT, STRATIFIED, "randomization_studentised",
    "conley_taber", SIZED, "romano_wolf",
)  # fmt: skip
BOUNDS = (0.0, 0.5, 1.0, 1.5, 2.0)  # later over earlier changes of the trend difference
FEWEST_DRAWS = 19  # with fewer, no drawn p-value reaches 5 %


@dataclass(frozen=True)
class Checks:
    """What the user says about the checks.

    Parameters
    ----------
    named
        The method named in advance; missing: `DEFAULT`, and a panel that does not allow it is no error.
    strata, sizes
        Columns that are constant within units.
    draws
        Assignments drawn where all are too many, and draws of the wild bootstrap.
    """

    named: str | None = None
    strata: str | None = None
    sizes: str | None = None
    draws: int = 9_999

    def __post_init__(self) -> None:
        if self.named is not None and self.named not in METHODS:
            raise InputError(
                f"there is no method {self.named!r}",
                expected=f"one of {', '.join(METHODS)}",
                action=gate.suggestion(self.named, METHODS, "name one of these"),
            )
        for method, column, flag in ((STRATIFIED, self.strata, "strata"), (SIZED, self.sizes, "sizes")):
            if self.named == method and column is None:
                raise InputError(f"{method} is named in advance without --{flag}", expected=f"--{flag} COL")
        if self.draws < FEWEST_DRAWS:
            raise InputError(
                f"the checks draw assignments, and {self.draws} are too few for a test at 5 %",
                expected=f"--randomization of {FEWEST_DRAWS} or more",
                action="or leave --checks out",
            )

    @property
    def method(self) -> str:
        """The method marked as named in advance."""
        return self.named or DEFAULT


@dataclass(frozen=True)
class Groups:
    """Strata and sizes of the units of a panel; missing where the user gave none."""

    strata: Labels | None
    sizes: NDArray[np.float64] | None


@dataclass(frozen=True)
class Checked:
    """The two tables, and what the second one's event study covers where it is not everything."""

    inference: pd.DataFrame
    sensitivity: pd.DataFrame
    window: str


def read_groups(table: pd.DataFrame, unit: str, panel: Panel, checks: Checks) -> Groups:
    """Read strata and sizes of a panel's units off the table that it was read from.

    Raises
    ------
    InputError
        A column is absent, has an empty cell or changes within a unit, or a size is not positive.
    """
    gate.check_columns(table, [name for name in (checks.strata, checks.sizes) if name])
    rows, units = gate.number_units(read_names(table[unit], unit)[0], unit)
    kept = np.isin(np.array(units, dtype=object), np.array(panel.units, dtype=object))
    strata = sizes = None
    if checks.strata:
        codes = pd.factorize(read_names(table[checks.strata], checks.strata)[0])[0]
        gate.check_no_blank(codes < 0, checks.strata, "stratum")
        strata = gate.constant_by_unit(
            codes, rows, units, "the stratum", column=checks.strata, written=table[checks.strata]
        )
    if checks.sizes:
        values = gate.read_numbers(table[checks.sizes], checks.sizes, "size")
        gate.check_no_blank(np.isnan(values), checks.sizes, "size")
        sizes = gate.constant_by_unit(values, rows, units, "the size", column=checks.sizes)
        gate.check_positive(sizes, units, f"a size in column {checks.sizes!r}")
    return Groups(None if strata is None else strata[kept], None if sizes is None else sizes[kept])


def run_checks(
    panel: Panel, options: Options, checks: Checks, groups: Groups, *, estimators: Sequence[str],
    outcome: str, evidence: str,
) -> Checked:  # fmt: skip
    """Put a panel through all checks.

    Parameters
    ----------
    panel, options
        As for the estimators.
    checks, groups
        What the user said, and what `read_groups` read.
    estimators
        Those asked for; of them, the ones of `JUDGED` are judged.
    outcome, evidence
        Written into every row.

    Raises
    ------
    InputError
        None of the estimators asked for can be judged, or a method that the user named in advance can
        judge none of them on this panel.
    """
    judged = [name for name in JUDGED if name in estimators]
    if not judged:
        raise InputError(
            f"the checks judge {', '.join(JUDGED)}, and none of them is among the estimators asked for",
            expected=f"--estimators with {REFITTED} or another of these",
            action="or leave --checks out",
        )
    strata = {} if groups.strata is None else {STRATIFIED: groups.strata}
    rows = []
    for name in judged:
        found = battery.judge(panel, name, options, strata=strata, sizes=groups.sizes, draws=checks.draws)
        rows += [(outcome, name, row) for row in found]
        family = battery.family(
            {outcome: panel}, name, options, over="the overall effect and event times", draws=checks.draws
        )
        rows += [(outcome, name, row) for _, row in family]
    inference = battery.inference_table(rows, evidence=evidence, named=checks.method)
    if checks.named:
        _check_named(inference, checks.named)
    try:
        check_noise(panel, options)
        study, window = borne_event_study(panel, options)
        trends = trend_table(
            study, level=options.level, bounds=BOUNDS, seed=options.seed, ahead=options.anticipation
        )
    except InputError as error:
        trends, window = missing_trends(error.problem), ""
    if window:
        kept = ~trends["note"].str.startswith(GAP)
        trends["note"] = trends["note"].where(~kept, trends["note"] + "; " + window)
    refits = refit_table(panel, REFITTED, options, draws=checks.draws)
    sensitivity = sensitivity_table(
        [refits, trends.assign(n_units=panel.n_units)], evidence=evidence, outcome=outcome
    )
    return Checked(inference, sensitivity, window)


def _check_named(inference: pd.DataFrame, named: str) -> None:
    rows = inference[inference["method"] == named]
    if rows["estimate"].isna().all():
        raise InputError(
            f"{named} is named in advance and cannot be computed: {'; '.join(battery.gaps(rows['assumes']))}",
            expected="a method that this panel allows",
            action="name another with --inference; without it, the report says which cannot be computed",
        )
