"""Panels and reference values for the tests of single estimators (imported as ``did.peers``)."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.did.panel.panel import NEVER, Panel
from analysis.did.results import Estimate
from analysis.verify.agreement import parameter, read_reference
from analysis.verify.simulated import read_simulated

REFERENCE = Path(__file__).resolve().parents[2] / "data/reference/did"
DATASETS = ("mpdta", "sim_never", "sim_nyt")


@cache
def reference_panel(dataset: str, covariates: tuple[str, ...] = ()) -> Panel:
    """One of the three data sets, with covariate ``x`` if asked.

    ``mpdta``, county teen employment and the minimum wage, comes from the package that ships it.
    """
    if dataset != "mpdta":
        return read_simulated(REFERENCE, dataset, covariates)
    spec = importlib.util.find_spec("moderndid")
    assert spec is not None and spec.submodule_search_locations
    path = Path(spec.submodule_search_locations[0]) / "core" / "datasets" / "mpdta_long.pkl.gz"
    return Panel.from_frame(
        pd.read_pickle(path),
        unit="countyreal",
        time="year",
        outcome="lemp",
        cohort="first.treat",
        covariates=["lpop" if name == "x" else name for name in covariates],
    )


@cache
def _values() -> pd.DataFrame:
    return read_reference(REFERENCE)


def expected(method: str, software: str, dataset: str) -> pd.DataFrame:
    """Estimates and errors of one method of one program on one data set, by parameter name."""
    values = _values()
    chosen = values[
        (values["estimator"] == method) & (values["software"] == software) & (values["dataset"] == dataset)
    ]
    assert len(chosen), f"no reference rows for {method} of {software} on {dataset}"
    return chosen.set_index("parameter")[["estimate", "se"]].astype(float)


def assert_agreement(
    rows: Sequence[Estimate],
    theirs: pd.DataFrame,
    *,
    least: int,
    names: dict[str, str] | None = None,
    errors: bool = True,
) -> None:
    """Check every shared parameter to one part in a million: estimates, and errors if asked.

    ``least`` is the number of parameters that must be shared, so that nothing passes unseen.
    """
    ours = {(names or {}).get(parameter(row), parameter(row)): row for row in rows}
    shared = [name for name in theirs.index if name in ours]
    assert len(shared) >= least, f"only {shared} are shared"
    for name in shared:
        assert ours[name].estimate == pytest.approx(theirs.at[name, "estimate"], rel=1e-6), name
        if errors:
            assert ours[name].std_error == pytest.approx(theirs.at[name, "se"], rel=1e-6), name


def with_outcome(panel: Panel, place: Any, value: Any) -> Panel:
    """The panel with other outcomes at ``place``, any index of its (N, T) outcomes."""
    outcome = panel.outcome.copy()
    outcome[place] = value
    return replace(panel, outcome=outcome)


def small_panel(seed: int, *, everybody: bool = False, gaps: float = 0.0, weighted: bool = False) -> Panel:
    """24 units over 9 periods with effects that differ by cohort and time since the start."""
    rng = np.random.default_rng(seed)
    number, periods = 24, 9
    starts = np.repeat([4, 6, 7 if everybody else NEVER], 8)
    distance = np.arange(periods) - starts[:, None]
    effect = np.where(distance >= 0, 1 + 0.3 * distance + (starts[:, None] == 6), 0)
    outcome = (
        rng.normal(size=(number, 1)) + rng.normal(size=periods) + rng.normal(size=(number, periods)) + effect
    )
    outcome[rng.random(outcome.shape) < gaps] = np.nan
    return Panel.from_arrays(outcome, starts, weights=rng.uniform(0.5, 2, number) if weighted else None)


def overall(rows: Sequence[Estimate]) -> Estimate:
    """The estimator's own overall effect."""
    return next(row for row in rows if row.term == "att")


def at(rows: Sequence[Estimate], event: int) -> Estimate:
    """The effect at one event time."""
    return next(row for row in rows if row.term == "event" and row.event_time == event)
