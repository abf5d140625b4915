"""Effects in groups of units, how they differ, and the triple difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from math import hypot, inf
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import fdtrc

from ..errors import InputError
from ..estimators.triple import NAME
from ..estimators.triple import triple_difference as triple
from ..options import Options
from ..registry import estimate
from ..results import NAN, Estimate
from ..scaling import in_own_unit, in_unit, without_noise
from .joint import Test
from .results import Results

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import NDArray

    from ..panel.panel import Panel

    ByUnit: TypeAlias = Mapping[Any, Any] | pd.Series[Any] | Sequence[Any] | NDArray[Any]


@dataclass(frozen=True, eq=False)
class Subgroups:
    """Results of the same estimators in each group of units.

    Parameters
    ----------
    results
        By group, in order of their names.
    refused
        Groups in which nothing can be estimated, and why.
    clusters
        Clusters of either kind in each group with results.

    Examples
    --------
    >>> import rollout_did as did
    >>> panel = did.example_panel()
    >>> half = ["a" if k % 2 else "b" for k in range(panel.n_units)]
    >>> found = did.subgroups(panel, half)
    >>> list(found.results), found.difference("a", "b").p_value > 0.05
    (['a', 'b'], True)
    """

    results: dict[Any, Results]
    refused: dict[Any, str]
    clusters: dict[Any, frozenset[tuple[int, int]]]

    def frame(self) -> pd.DataFrame:
        """All records with the column ``group`` first; a refused group has a row that says why."""
        parts = [result.frame().assign(group=label) for label, result in self.results.items()]
        lost = [Estimate("", "att", NAN, note=f"Not computed: {why}.") for why in self.refused.values()]
        if lost:
            rows = {f.name: [getattr(row, f.name) for row in lost] for f in fields(Estimate)}
            parts.append(pd.DataFrame(rows).assign(group=list(self.refused)).astype({"event_time": "Int64"}))
        table = pd.concat(parts, ignore_index=True)
        return table[["group", *(name for name in table.columns if name != "group")]]

    def difference(self, first: Any, second: Any, term: str = "att") -> Test:
        r"""Test that an overall effect is the same in two groups.

        Parameters
        ----------
        first, second
            Groups.
        term
            ``att`` or another term of which there is one record.

        Raises
        ------
        InputError
            A group without results, several estimators, or a cluster with units of both groups: their
            effects are then not independent.

        Notes
        -----
        The statistic is the difference over its error :math:`\sqrt{V_1 + V_2}`, squared: chi-squared, or F
        with the fewer degrees of freedom where intervals are Student.
        """
        for label in (first, second):
            if label not in self.results:
                raise InputError(
                    f"there are no results of group {label!r}", expected=", ".join(map(str, self.results))
                )
        one, two = (self.results[label].rows_of(term)[0][1] for label in (first, second))
        if self.clusters[first] & self.clusters[second]:
            raise InputError(
                "some cluster has units of both groups: their effects are not independent",
                action="estimate a triple difference, which allows for that",
            )
        gap, error = one.estimate - two.estimate, hypot(one.std_error, two.std_error)
        freedom = min(one.freedom, two.freedom)
        statistic = (gap / error) ** 2 if error else NAN
        p_value = float(fdtrc(1, freedom if freedom < inf else 1e12, statistic))
        law = "chi2(1)" if freedom == inf else f"F(1, {freedom:g})"
        return Test(f"{term} of {first} = {term} of {second}", statistic, law, p_value)


def subgroups(
    panel: Panel,
    groups: ByUnit,
    estimators: Sequence[str] | str = "group_time",
    options: Options | None = None,
    **choices: Any,
) -> Subgroups:
    r"""Estimate within each group of units: treated and controls are of the same group.

    Parameters
    ----------
    panel
        See `Panel.from_frame`.
    groups
        Group of each unit: (N,) in the panel's order, or by name of unit. Units without one take no part.
    estimators, options, **choices
        As for `estimate`.

    Raises
    ------
    InputError
        Groups do not fit the panel, or nothing can be estimated in any.

    Notes
    -----
    Estimand: :math:`E[Y_t(g) - Y_t(\infty) \mid G = g, Z = z]`, averaged as the estimator does, under
    parallel trends within z. A group must not change because of treatment.

    Examples
    --------
    >>> import rollout_did as did
    >>> panel = did.example_panel()
    >>> found = did.subgroups(panel, {u: "first" for u in panel.units[:40]}, control="never")
    >>> found.results["first"].panel.n_units
    40
    """
    label = _by_unit(panel, groups)
    known = [value for value in dict.fromkeys(label) if not pd.isna(value)]
    results: dict[Any, Results] = {}
    refused: dict[Any, str] = {}
    clusters: dict[Any, frozenset[tuple[int, int]]] = {}
    kinds = [panel.cluster] if panel.ways is None else list(panel.ways.T)
    for value in sorted(known, key=str):
        own = np.array([one == value for one in label], dtype=bool)
        try:
            results[value] = estimate(panel.of_units(own), estimators, options, **choices)
            clusters[value] = frozenset((k, int(c)) for k, way in enumerate(kinds) for c in way[own])
        except InputError as error:
            refused[value] = error.problem
    if not results:
        why = "; ".join(f"{value}: {text}" for value, text in refused.items())
        raise InputError(f"nothing can be estimated in any group: {why}" if why else "no unit has a group")
    return Subgroups(results, refused, clusters)


def triple_difference(
    panel: Panel,
    eligible: ByUnit,
    *,
    control: str = "not_yet",
    base: str = "universal",
    anticipation: int = 0,
    method: str = "dr",
    draws: int = 0,
    multiplier: str = "rademacher",
    window: tuple[int, int] | None = None,
    balance: int | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> Results:
    """Triple difference: eligible less other units, in places that started less places that did not.

    See `estimators.triple.triple_difference` for estimand, formula and sources.

    Parameters
    ----------
    panel
        Its cohort is the first treated period of the unit's place, for eligible units and others alike.
    eligible
        Whether each unit is eligible: (N,) in the panel's order, or by name of unit.
    control, base, anticipation, method, draws, multiplier, window, balance, level, seed
        See `Options`.

    Raises
    ------
    InputError
        Eligibility is missing or not yes or no, or no cell is identified.

    Examples
    --------
    >>> import rollout_did as did
    >>> panel = did.example_panel()
    >>> result = did.triple_difference(panel, [k % 2 == 0 for k in range(panel.n_units)])
    >>> result.names, result.att.n_treated
    (('triple_difference',), 20)
    """
    options = Options(
        control=control, base=base, anticipation=anticipation, method=method, draws=draws,
        multiplier=multiplier, window=window, balance=balance, level=level, seed=seed,
    )  # fmt: skip
    given = _by_unit(panel, eligible)
    wrong = [unit for unit, value in zip(panel.units, given, strict=True) if not _is_yes_or_no(value)]
    if wrong:
        raise InputError(
            f"eligibility of {wrong[0]} is neither yes nor no",
            expected="true or false, 1 or 0 for each unit",
            action="leave units whose eligibility is unknown out",
        )
    scaled, unit = in_own_unit(panel)
    part = triple(scaled, np.array([bool(value) for value in given], dtype=bool), options)
    part = in_unit(without_noise(scaled, part), unit)
    return Results(panel, options, (NAME,), (part,))


def _is_yes_or_no(value: Any) -> bool:
    return not pd.isna(value) and value in (0, 1)


def _by_unit(panel: Panel, given: ByUnit) -> list[Any]:
    """Value of each unit, in the panel's order."""
    if isinstance(given, Mapping | pd.Series):
        return [given.get(unit) for unit in panel.units]
    values = list(given)
    if len(values) != panel.n_units:
        raise InputError(
            f"{len(values)} values are given for {panel.n_units} units",
            expected="one for each unit, in order",
        )
    return values
