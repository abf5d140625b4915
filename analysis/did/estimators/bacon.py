"""Decomposition of the two-way fixed effects coefficient (Goodman-Bacon 2021)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..panel.gate import counted
from ..panel.panel import NEVER, Panel
from ..results import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..options import Options

KINDS = {
    "untreated": "treated against never treated",
    "later": "earlier against later treated, before the later start",
    "earlier": "later against earlier treated, which already responds to treatment",
    "always": "treated against always treated",
}


@dataclass(frozen=True)
class Pair:
    """One two-by-two comparison: cohort positions, its kind, weight and effect."""

    treated: int
    control: int
    kind: str
    weight: float
    effect: float
    units: tuple[int, int]
    periods: int


def decompose(panel: Panel) -> list[Pair]:
    r"""All two-by-two comparisons behind the static coefficient; weights sum to one.

    Raises
    ------
    InputError
        The panel is unbalanced: the decomposition holds for balanced panels only.

    Notes
    -----
    With group shares n_k and shares of treated time D_k, equations 10b to 10g of the paper: the
    weight of a pair is proportional to the variance of treatment in its subsample times the squared
    size of that subsample. Unit weights enter through the shares.
    """
    if not panel.balanced:
        missing = int((~panel.observed).sum())
        words = counted(missing, "outcome is", "outcomes are")
        raise InputError(f"the decomposition holds for balanced panels only; {words} missing")
    starts = np.unique(panel.cohort)
    share = np.array([panel.weights[panel.cohort == g].sum() for g in starts]) / panel.weights.sum()
    treated_time = np.where(starts < NEVER, 1 - starts / panel.n_periods, 0.0)
    means = np.stack([_mean(panel, int(g)) for g in starts])
    counts = [int((panel.cohort == g).sum()) for g in starts]
    raw: list[Pair] = []
    for k in range(len(starts)):
        for j in range(k + 1, len(starts)):
            size = share[k] + share[j]
            mix = share[k] / size * (1 - share[k] / size)
            early, late = treated_time[k], treated_time[j]
            first, second = int(starts[k]), int(starts[j])
            gap = means[k] - means[j]
            if late == 0 and early < 1:
                weight = size**2 * mix * early * (1 - early)
                effect = gap[first:].mean() - gap[:first].mean()
                raw.append(Pair(first, second, "untreated", weight, effect, (counts[k], counts[j]), len(gap)))
            if late == 0:
                continue
            if early < 1:
                weight = size**2 * mix * (early - late) * (1 - early)
                effect = gap[first:second].mean() - gap[:first].mean()
                raw.append(Pair(first, second, "later", weight, effect, (counts[k], counts[j]), second))
            weight = size**2 * mix * late * (early - late)
            effect = gap[first:second].mean() - gap[second:].mean()
            kind = "earlier" if early < 1 else "always"
            raw.append(Pair(second, first, kind, weight, effect, (counts[j], counts[k]), len(gap) - first))
    total = sum(pair.weight for pair in raw)
    return [
        Pair(p.treated, p.control, p.kind, float(p.weight / total), float(p.effect), p.units, p.periods)
        for p in raw
    ]


def _mean(panel: Panel, cohort: int) -> NDArray[np.float64]:
    own = panel.cohort == cohort
    return np.asarray(np.average(panel.outcome[own], axis=0, weights=panel.weights[own]))


def bacon(panel: Panel, options: Options) -> list[Estimate]:
    """Report the decomposition: for each comparison a ``weight`` row and a ``cohort`` row with its effect.

    Parameters
    ----------
    panel
        Balanced. Covariates are not used.
    options
        Anticipation is not possible here; nothing else matters.

    Returns
    -------
    list of Estimate
        ``att`` is the static two-way fixed effects coefficient, the weighted sum of the effects;
        its note gives the total weight of each kind of comparison. No errors: this is an identity.

    Raises
    ------
    InputError
        The panel is unbalanced, or anticipation is asked for.
    """
    if options.anticipation:
        raise InputError("the decomposition of the static coefficient has no anticipation periods")
    pairs = decompose(panel)
    total = sum(pair.weight * pair.effect for pair in pairs)
    by_kind = [
        f"{sum(p.weight for p in pairs if p.kind == kind):.4f} {words}"
        for kind, words in KINDS.items()
        if any(p.kind == kind for p in pairs)
    ]
    note = f"Weights: {'; '.join(by_kind)}."
    if panel.covariate_names:
        note += " Covariates are not used."
    rows = [
        Estimate(
            "bacon",
            "att",
            total,
            inference="none: an identity",
            control_group="all",
            n_units=panel.n_units,
            n_treated=int((panel.cohort < NEVER).sum()),
            n_observations=panel.outcome.size,
            note=note,
        )
    ]
    for pair in pairs:
        against = "never" if pair.control >= NEVER else f"{pair.kind} {panel.label(pair.control)}"
        for term, value in (("weight", pair.weight), ("cohort", pair.effect)):
            rows.append(
                Estimate(
                    "bacon",
                    term,
                    value,
                    cohort=panel.label(pair.treated),
                    inference="none: an identity",
                    control_group=against,
                    n_units=sum(pair.units),
                    n_treated=pair.units[0],
                    n_observations=sum(pair.units) * pair.periods,
                    note=KINDS[pair.kind][0].upper() + KINDS[pair.kind][1:] + ".",
                )
            )
    return rows
