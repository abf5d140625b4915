"""Panels and reference values shared by the tests of the estimation engine."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.did.agreement import parameter, read_reference, read_simulated
from analysis.did.panel import NEVER, Panel
from analysis.did.results import Estimate

REFERENCE = Path(__file__).resolve().parent / "reference"
DATASETS = ("mpdta", "sim_never", "sim_nyt")


def read_mpdta(covariates: tuple[str, ...] = ()) -> Panel:
    """County teen employment and the minimum wage, from the package that ships the data."""
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


@pytest.fixture(scope="session")
def reference_panel() -> Callable[..., Panel]:
    """One of the three data sets, by name, with covariate ``x`` if asked."""
    kept: dict[tuple[str, tuple[str, ...]], Panel] = {}

    def load(dataset: str, covariates: tuple[str, ...] = ()) -> Panel:
        if (dataset, covariates) not in kept:
            kept[dataset, covariates] = (
                read_mpdta(covariates)
                if dataset == "mpdta"
                else read_simulated(REFERENCE, dataset, covariates)
            )
        return kept[dataset, covariates]

    return load


@pytest.fixture(scope="session")
def expected() -> Callable[..., pd.DataFrame]:
    """Rows of one method of one program on one data set, by parameter name."""
    values = read_reference(REFERENCE)

    def find(method: str, software: str, dataset: str) -> pd.DataFrame:
        chosen = values[
            (values["estimator"] == method)
            & (values["software"] == software)
            & (values["dataset"] == dataset)
        ]
        assert len(chosen), f"no reference rows for {method} of {software} on {dataset}"
        return chosen.set_index("parameter")[["estimate", "se"]].astype(float)

    return find


@pytest.fixture(scope="session")
def assert_agreement() -> Callable[..., None]:
    """Check every shared parameter: estimates, and errors unless ``errors`` is no."""

    def check(
        rows: Sequence[Estimate],
        theirs: pd.DataFrame,
        *,
        least: int,
        names: dict[str, str] | None = None,
        tolerance: float = 1e-6,
        errors: bool = True,
    ) -> None:
        ours = {(names or {}).get(parameter(row), parameter(row)): row for row in rows}
        shared = [name for name in theirs.index if name in ours]
        assert len(shared) >= least, f"only {shared} are shared"
        for name in shared:
            assert ours[name].estimate == pytest.approx(theirs.at[name, "estimate"], rel=tolerance), name
            if errors:
                assert ours[name].std_error == pytest.approx(theirs.at[name, "se"], rel=tolerance), name

    return check


def make_panel(seed: int, *, everybody: bool = False, gaps: float = 0.0, weighted: bool = False) -> Panel:
    """Small staggered panel with effects that differ by cohort and time since the start."""
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


@pytest.fixture(scope="session")
def small_panel() -> Callable[..., Panel]:
    """See `make_panel`."""
    return make_panel
