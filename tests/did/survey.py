"""A small panel and group-time averages the slow way, for tests of the door (imported as ``did.survey``)."""

from __future__ import annotations

import numpy as np
import pandas as pd

NAMES = {"unit": "id", "time": "t", "outcome": "y", "cohort": "g"}


def survey(seed: int = 5) -> pd.DataFrame:
    """24 units over periods 1 to 8: six start in 4, seven in 6, eleven never; cluster st, covariate x."""
    rng = np.random.default_rng(seed)
    starts = np.repeat([4, 6, 0], [6, 7, 11])
    unit, period = np.meshgrid(np.arange(24), np.arange(1, 9), indexing="ij")
    start = starts[unit]
    effect = np.where((start > 0) & (period >= start), 0.6 + 0.25 * (period - start), 0.0)
    y = rng.normal(size=(24, 1)) + 0.1 * period + effect + 0.4 * rng.normal(size=(24, 8))
    frame = pd.DataFrame({"id": unit.ravel() + 1, "t": period.ravel(), "y": y.ravel(), "g": start.ravel()})
    return frame.assign(st=frame["id"] % 5, x=rng.normal(size=24)[unit.ravel()])


def slow_cells(frame: pd.DataFrame) -> dict[tuple[int, int], tuple[float, set[int]]]:
    """Effect of each (cohort, period) from the start on, and the treated units that stand in it.

    Change since the last period before the start in which anybody is observed, less the mean change of
    the units that are not treated yet; a unit stands in a cell if both of its outcomes are known.
    """
    known = frame.dropna(subset=["y"])
    outcome = {(row.id, row.t): row.y for row in known.itertuples()}
    start = dict(zip(frame["id"], frame["g"], strict=True))
    periods = sorted(known["t"].unique())
    found = {}
    for g in sorted({int(value) for value in frame["g"] if value > 0}):
        base = max(t for t in periods if t < g)
        for t in (t for t in periods if t >= g):
            change = {
                i: outcome[i, t] - outcome[i, base] for i in start if {(i, t), (i, base)} <= outcome.keys()
            }
            own = {i for i in change if start[i] == g}
            others = [i for i in change if start[i] == 0 or start[i] > t]
            if own and others:
                effect = np.mean([change[i] for i in own]) - np.mean([change[i] for i in others])
                found[g, int(t)] = (float(effect), own)
    return found


def slow_overall(frame: pd.DataFrame) -> dict[str, float]:
    """``att`` and ``att_simple``: cohorts weigh by the units that stand in one of their cells."""
    cells = slow_cells(frame)
    cohorts = sorted({g for g, _ in cells})
    effects = {g: [effect for (h, _), (effect, _) in cells.items() if h == g] for g in cohorts}
    size = {g: len(set().union(*(own for (h, _), (_, own) in cells.items() if h == g))) for g in cohorts}
    total = sum(size.values())
    return {
        "att": sum(size[g] * np.mean(effects[g]) for g in cohorts) / total,
        "att_simple": sum(size[g] * sum(effects[g]) for g in cohorts)
        / sum(size[g] * len(effects[g]) for g in cohorts),
    }
