"""Which cells may leave the house: suppression that subtraction does not undo.

Primary: a cell that counts fewer than k people, none included, or lets such a count be computed
from published cells (the rest of a share, the newcomers since the last published enrolment); and
sums of which one person or platform has nearly all (see ``concentration``).
Complementary: further cells, so that neither the nation's row nor a province's total over time
gives a primary cell away; see ``protection``.

Source of the idea: Cox (1980), "Suppression methodology and statistical disclosure control",
Journal of the American Statistical Association 75(370).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.records.columns import MEASURES
from analysis.records.concentration import DOMINANCE, violates_p_rule
from analysis.records.protection import FAR, Grid, Layer, Mask, protect

if TYPE_CHECKING:
    from analysis.records.measures import Totals

CONFIDENTIAL = "confidential"  # the reason of every empty cell: which are small is not told


@dataclass(frozen=True)
class Release:
    """Suppression of one measure: True where the cell is empty, and which of them are primary."""

    hidden: Mask
    primary: Mask


def decide(
    totals: Totals, in_force: Mask, minimum: int, shown: dict[str, Mask] | None = None
) -> dict[str, Release]:
    """Decide every measure's suppressed cells.

    Parameters
    ----------
    totals
        Exact counts, shape (U, Q) with the nation last.
    in_force
        Cells the panel has, shape (U, Q); what lies outside is zero by the scheme's rules.
    minimum
        Fewest people a published cell counts.
    shown
        Cells that an earlier release published, by measure: to empty them protects nothing.

    Returns
    -------
    dict
        By panel column. Suppression only ever grows along: active -> shares, claims -> confirmed.
    """
    k = minimum
    fixed = shown or dict.fromkeys(MEASURES, np.zeros_like(in_force))
    # Orders count with the active, so that a cell of few people can move in all three together.
    amounts = (totals.active, totals.orders, totals.contributions)
    active = _layer(("active",), in_force, k, fixed, *amounts)
    enrolled = _enrolled_layer(totals, in_force, k, fixed)
    _reconcile(totals, active, enrolled, in_force)
    business = _layer(("orders", "contributions_yuan"), in_force, k, fixed, *amounts)
    business.withhold(in_force & totals.business_held, DOMINANCE)
    business.hidden |= active.hidden
    protect(business, in_force)
    claims = _layer(("claims",), in_force, k, fixed, totals.claimants, totals.claims)
    claims.withhold(in_force & totals.claims_held, DOMINANCE)
    protect(claims, in_force)
    earlier = np.zeros_like(totals.active)
    earlier[:, 1:] = totals.active[:, :-1]
    earlier_hidden = np.zeros_like(in_force)
    earlier_hidden[:, 1:] = active.hidden[:, :-1]
    enrolled_later = np.zeros_like(in_force)
    enrolled_later[:, 1:] = enrolled.hidden[:, :-1]
    # Listed as empty even where nobody was active before: a missing entry would say so.
    had_last = in_force.copy()
    had_last[:, 1:] &= in_force[:, :-1]
    had_last[:, 0] = False
    shares = [
        ("multi_province_share", totals.both, (totals.active - totals.both,), active.hidden, in_force),
        ("multi_platform_share", totals.mixed, (totals.active - totals.mixed,), active.hidden, in_force),
        (
            "persistence",
            totals.stayed,
            # Those who did not come back, and those who came: both can be computed from the share.
            (earlier - totals.stayed, totals.active - totals.stayed),
            active.hidden | earlier_hidden | enrolled.hidden | enrolled_later,
            had_last,
        ),
    ]
    layers = [active, enrolled, business, claims]
    for name, part, rests, inherited, cells in shares:
        layers.append(_part_layer((name,), part, rests, inherited, cells, k, fixed, False))
        protect(layers[-1], cells)
    confirmed = _part_layer(
        ("confirmed", "paid_yuan"),
        totals.confirmed_people,
        (totals.unconfirmed_people,),
        claims.hidden,
        in_force,
        k,
        fixed,
        True,
        totals.confirmed,
        totals.paid,
    )
    alone = violates_p_rule(totals.paid, totals.paid_first, totals.paid_second)
    confirmed.withhold(in_force & alone, DOMINANCE)
    protect(confirmed, in_force)
    layers.append(confirmed)
    # A median is one person's value: k people or more must have a shorter wait, and as many a longer.
    few_decided = in_force & (totals.decided_people < 2 * k)
    releases = {
        measure: Release(layer.hidden, layer.primary & layer.hidden)
        for layer in layers
        for measure in layer.measures
    }
    releases["median_decision_days"] = Release(few_decided | (in_force & claims.hidden), few_decided)
    return releases


def _layer(
    names: tuple[str, ...], in_force: Mask, k: int, fixed: dict[str, Mask], people: Grid, *weights: Grid
) -> Layer:
    roomy = in_force & (people >= 2 * k - 1) & ~fixed[names[0]]
    return Layer(names, (people, *weights), in_force & (people < k), roomy, True)


def _part_layer(
    names: tuple[str, ...],
    part: Grid,
    rests: tuple[Grid, ...],
    inherited: Mask,
    cells: Mask,
    k: int,
    fixed: dict[str, Mask],
    across_time: bool,
    *weights: Grid,
) -> Layer:
    smallest = np.minimum.reduce([part, *rests])
    roomy = cells & (smallest >= 2 * k - 1) & ~fixed[names[0]]
    layer = Layer(names, (part, *weights), cells & (smallest < k), roomy, across_time)
    layer.hidden |= inherited & cells
    return layer


def _reconcile(totals: Totals, active: Layer, enrolled: Layer, in_force: Mask) -> None:
    """Protect both layers until activity does not tell what enrolment hides."""
    opening = _opening(totals)
    link = np.zeros_like(in_force)
    size = -1
    while size != active.hidden.sum() + enrolled.hidden.sum():
        size = active.hidden.sum() + enrolled.hidden.sum()
        protect(enrolled, in_force, also=link)
        # In a first quarter the enrolled are the active; later they are at least as many.
        revealing = enrolled.primary & (totals.active > _last_published(totals.enrolled, enrolled.hidden))
        forced = in_force & ((enrolled.hidden & opening) | revealing)
        active.hidden |= forced
        protect(active, in_force, also=forced)
        enrolled.hidden |= active.hidden & opening
        link |= _too_close(totals, active, enrolled, in_force)
        enrolled.hidden |= link


def _too_close(totals: Totals, active: Layer, enrolled: Layer, in_force: Mask) -> Mask:
    """Enrolment published so soon that it shows how many were there before the active came.

    Between a hidden quarter t and the next published one r, no more people can have joined than were
    active in between; so enrolment at t is at least the rest.
    """
    close = np.zeros_like(in_force)
    last = _last_published(totals.enrolled, enrolled.hidden)
    for unit, t in zip(*np.nonzero(enrolled.primary), strict=True):
        came: float = 0.0
        for r in range(t + 1, in_force.shape[1]):
            came += np.inf if active.hidden[unit, r] else totals.active[unit, r]
            if enrolled.hidden[unit, r]:
                continue
            close[unit, r] = totals.enrolled[unit, r] - came > last[unit, t]
            break
    return close


def _last_published(values: Grid, hidden: Mask) -> Grid:
    """Largest value published in an earlier quarter, 0 before any."""
    shown = np.where(hidden, 0, values)
    last = np.zeros_like(values)
    last[:, 1:] = np.maximum.accumulate(shown, axis=1)[:, :-1]
    return last


def _opening(totals: Totals) -> Mask:
    """First quarter with anybody, by unit: there the enrolled are the active."""
    some = totals.active > 0
    found: Mask = some & (some.cumsum(axis=1) == 1)
    return found


def _enrolled_layer(totals: Totals, in_force: Mask, k: int, fixed: dict[str, Mask]) -> Layer:
    # A cumulative count is published when at least k people joined since the last published one.
    enrolled = totals.enrolled
    primary = np.zeros_like(in_force)
    last = np.zeros(len(enrolled), np.int64)
    floor = np.zeros_like(enrolled)
    for t in range(enrolled.shape[1]):
        floor[:, t] = last
        primary[:, t] = in_force[:, t] & (enrolled[:, t] - last < k)
        last = np.where(in_force[:, t] & ~primary[:, t], enrolled[:, t], last)
    # Room downward to what came before and to the active, upward to the next quarter.
    following = np.concatenate([enrolled[:, 1:], np.full((len(enrolled), 1), FAR)], axis=1)
    down = enrolled - np.maximum(floor, totals.active)
    roomy = in_force & (down >= 2 * k - 1) & (following - enrolled >= k) & ~fixed["enrolled"]
    layer = Layer(("enrolled",), (enrolled - floor,), primary, roomy, False)
    layer.dear = _opening(totals)
    return layer
