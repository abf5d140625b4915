"""Synthetic difference-in-differences for staggered starts, and synthetic control as a special case.

Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), cohort by cohort against units that are
never treated; cohorts are averaged by treated observations (their appendix; Clarke, Pailañir, Athey
and Imbens 2024). Covariates are not used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from ..panel.comparison import UNUSED_COVARIATES, Comparison, comparable
from ..panel.gate import counted, listing
from ..panel.panel import NEVER, Panel
from .averages import averages, report
from .cell_weights import Cells, cells_of
from .synthetic_block import Block, Solution, solve
from .synthetic_errors import bootstrap, placebo
from .synthetic_spreads import cohorts_behind, combine, jackknife

if TYPE_CHECKING:
    from ..numerics.types import Array
    from ..options import Options
    from ..results import Estimate

DRAWS = 200  # of placebo and bootstrap errors where the options ask for none, as in the paper's code
KINDS = ("placebo", "bootstrap", "jackknife")


def synthetic_did(panel: Panel, options: Options, *, errors: str = "placebo") -> list[Estimate]:
    r"""Effects against a weighted average of donors, net of a weighted average of earlier periods.

    Parameters
    ----------
    panel
        N units over T periods, without missing outcomes, with equal weights and every unit its own
        cluster: otherwise refused with the reason.
    options
        Donors are never treated units or, where there are none, the last cohort before its own
        start, whatever ``control`` says: adding units treated later would shorten every cohort's
        window. ``draws`` (200 if zero) and ``seed`` are those of the errors. Uses
        ``anticipation``, ``window``, ``balance``, ``level``.
    errors
        ``placebo`` (algorithm 4; needs more donors than treated units in each cohort, and the same
        variance for both; replaced by the jackknife otherwise), ``bootstrap`` (algorithm 2; many
        treated units) or ``jackknife`` (algorithm 3; weights held fixed, conservative).

    Returns
    -------
    list of Estimate
        All averages of `analysis.did.estimators.averages`; cells are the cohort's effect path. Cohorts with
        fewer than two periods before treatment have no noise level and are left out by name.

    Raises
    ------
    InputError
        The panel does not meet the requirements above, or no cohort is left.

    Notes
    -----
    Estimand: mean effect on the treated at hand. Unit and period weights are those of
    `analysis.did.estimators.synthetic_block.solve`; :math:`\hat\tau_g = (\bar Y_{1,post} - \omega'Y_{0,post})
    - \lambda'(\bar Y_{1,pre} - \omega'Y_{0,pre})`. Errors are spreads of replicates; intervals are
    normal. For averages over cohorts, placebo starts go to disjoint donors where there are enough;
    otherwise cohort by cohort, which leaves out that cohorts share donors (the note says so).
    """
    return _synthetic("synthetic_did", panel, options, errors, control_only=False)


def synthetic_control(panel: Panel, options: Options, *, errors: str = "placebo") -> list[Estimate]:
    r"""Effects against a weighted average of donors alone.

    Abadie, Diamond and Hainmueller (2010), without covariates: `synthetic_did` with period weights
    zero, no intercept and a ridge that only breaks ties, so that donors must match the level of the
    treated before treatment, not only the path.
    """
    return _synthetic("synthetic_control", panel, options, errors, control_only=True)


def _synthetic(
    name: str, panel: Panel, options: Options, errors: str, *, control_only: bool
) -> list[Estimate]:
    if errors not in KINDS:
        raise InputError(f"errors is {errors!r}", expected=f"one of {', '.join(KINDS)}")
    comparison = comparable(panel, options)
    panel = comparison.panel
    _check(panel)
    donors = panel.outcome[panel.cohort == NEVER]
    # The noise level is the spread of at least two changes of donors before treatment.
    kept = [
        g
        for g in panel.cohorts
        if g - options.anticipation >= 2 and len(donors) * (g - options.anticipation - 1) >= 2
    ]
    short = [panel.label(g) for g in panel.cohorts if g not in kept]
    if not kept:
        raise InputError("no cohort has two periods before treatment, which the noise level needs")
    panel = panel.of_units(np.isin(panel.cohort, [*kept, NEVER]))
    blocks = [
        Block(donors, panel.outcome[panel.cohort == g], g - options.anticipation, g, control_only)
        for g in kept
    ]
    if any(block.noise == 0 for block in blocks):
        raise InputError(
            "the outcome of the donors never changes before treatment: there is nothing to weigh"
        )
    found = [solve(block) for block in blocks]
    notes = [comparison.note]
    if short:
        notes.append(f"Cohorts with fewer than two periods before treatment are left out: {listing(short)}.")
    if panel.covariate_names:
        notes.append(UNUSED_COVARIATES)
    counts = np.array([len(block.treated) for block in blocks])
    if errors == "placebo" and (counts >= len(donors)).any():
        errors = "jackknife"
        notes.append("Too few donors for placebo errors: jackknife instead.")
    cells = np.full((len(kept), panel.n_periods), np.nan)
    for c, (block, solution) in enumerate(zip(blocks, found, strict=True)):
        cells[c, block.after :] = solution.path[0]
    size = np.where(np.isnan(cells), 0.0, counts[:, None])
    named = averages(size, counts.astype(float), panel, options)
    listed = cells_of(named)
    values = combine(listed, cells[None], counts[None].astype(float))[0]
    draws = options.draws or DRAWS
    spreads, remark = _spreads(blocks, found, listed, errors, draws, options.seed)
    notes.append(remark)
    if np.isnan(spreads).any() and errors == "jackknife":
        notes.append("Jackknife errors need two treated units and two donors with weight.")
    text = "jackknife" if errors == "jackknife" else f"{errors}, {draws} draws"
    return report(
        name,
        named,
        values,
        spreads,
        panel,
        options,
        inference=f"{text}, normal",
        control_group=_donors(comparison),
        units=panel.n_units,
        comparison_cells=int(panel.n_units * panel.n_periods - size.sum()),
        observed=size.astype(np.int64),
        standing=counts,
        note=" ".join(text for text in notes if text),
    )


def _donors(comparison: Comparison) -> str:
    return "last_cohort" if comparison.lost_periods else "never"


def _check(panel: Panel) -> None:
    """Refuse what the weights are not defined for, naming units."""
    if not panel.balanced:
        gaps = [panel.units[k] for k in np.flatnonzero(~panel.observed.all(axis=1))]
        raise InputError(
            f"synthetic weights need every outcome; "
            f"{counted(len(gaps), 'unit has', 'units have')} gaps: {listing(gaps)}"
        )
    if panel.weighted:
        raise InputError("synthetic weights replace unit weights: give none")
    if panel.n_clusters < panel.n_units:
        raise InputError(
            "errors of synthetic estimators exchange units: clusters of several units are refused"
        )


def _spreads(
    blocks: list[Block], found: list[Solution], listed: Cells, errors: str, draws: int, seed: int
) -> tuple[Array, str]:
    """(K,) standard errors and a remark on how they were made."""
    if errors == "jackknife":
        return jackknife(blocks, found, listed), ""
    if errors == "bootstrap":
        again = bootstrap(blocks, draws, seed)
        return np.nanstd(combine(listed, again.effects, again.sizes), axis=0), ""
    alone = placebo(blocks, draws, seed, jointly=False)
    spreads = combine(listed, alone.effects, alone.sizes).std(axis=0)
    if len(blocks) == 1:
        return spreads, ""
    if sum(len(block.treated) for block in blocks) >= len(blocks[0].donors):
        return spreads, (
            "Errors of averages over cohorts leave out that cohorts share donors, "
            "who are too few for placebo starts of all cohorts at once."
        )
    joint = placebo(blocks, draws, seed, jointly=True)
    together = combine(listed, joint.effects, joint.sizes).std(axis=0)
    return np.where(cohorts_behind(listed, joint.effects.shape[1:]).sum(axis=1) > 1, together, spreads), ""
