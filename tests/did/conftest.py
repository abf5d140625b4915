"""Panels and reference values shared by the tests of the DID engine.

`reference/` holds what independent software gave; see its README. The public data set mpdta comes
from an installed package, a test dependency.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest

from analysis.did import Panel

FOLDER = Path(__file__).parents[2] / "data/reference/did"
Reference = Callable[[str, str, str], pd.DataFrame]


@pytest.fixture(scope="session")
def reference_values() -> pd.DataFrame:
    """All stored values."""
    return pd.read_csv(FOLDER / "reference_values.csv")


@pytest.fixture(scope="session")
def reference(reference_values: pd.DataFrame) -> Reference:
    """Values of one estimator, software and data set, indexed by parameter."""

    def select(estimator: str, software: str, dataset: str) -> pd.DataFrame:
        chosen = reference_values[
            (reference_values["estimator"] == estimator)
            & (reference_values["software"] == software)
            & (reference_values["dataset"] == dataset)
        ]
        assert len(chosen), f"no reference values for {estimator}, {software}, {dataset}"
        return chosen.set_index("parameter")

    return select


@pytest.fixture(scope="session")
def checks() -> pd.DataFrame:
    """Values for further choices: anticipation, weights, balance, window."""
    return pd.read_csv(FOLDER / "checks.csv")


@pytest.fixture(scope="session")
def truth() -> pd.DataFrame:
    """True effects of the simulated panel."""
    return pd.read_csv(FOLDER / "sim_truth.csv")


@pytest.fixture(scope="session")
def frames() -> dict[str, pd.DataFrame]:
    """The three data sets as long tables with columns unit, time, y, g, x, w."""
    simulated = pd.read_csv(FOLDER / "sim_panel.csv").rename(columns={"province": "unit", "quarter": "time"})
    spec = find_spec("moderndid")
    assert spec is not None and spec.origin is not None, "the test dependency moderndid is not installed"
    wages = pd.read_pickle(Path(spec.origin).parent / "core" / "datasets" / "mpdta_long.pkl.gz")
    wages = wages.rename(
        columns={"countyreal": "unit", "year": "time", "lemp": "y", "first.treat": "g", "lpop": "x"}
    )
    return {
        "mpdta": wages[["unit", "time", "y", "g", "x"]].assign(w=1.0),
        "sim_nyt": simulated[["unit", "time", "y", "g", "x", "w"]],
        "sim_never": simulated[["unit", "time", "y_nev", "g_nev", "x", "w"]].rename(
            columns={"y_nev": "y", "g_nev": "g"}
        ),
    }


@pytest.fixture(scope="session")
def panel_of(frames: dict[str, pd.DataFrame]) -> Callable[..., Panel]:
    """Panel of a data set, with or without its covariate and weights."""

    def build(dataset: str, *, covariate: bool = False, weighted: bool = False) -> Panel:
        return Panel.from_frame(
            frames[dataset],
            unit="unit",
            time="time",
            outcome="y",
            cohort="g",
            covariates=["x"] if covariate else [],
            weights="w" if weighted else None,
        )

    return build
