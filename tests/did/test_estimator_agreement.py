"""The agreement table that the book prints."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest
from did.peers import REFERENCE

from analysis.did.registry import ESTIMATORS, ON_REQUEST, PATHS
from analysis.verify.agreement import COLUMNS, STOPPED, build_agreement
from analysis.verify.peers import PEERS
from analysis.verify.simulated import DATASETS


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return build_agreement(REFERENCE)


def test_every_estimator_but_the_decomposition_has_a_peer(table):
    assert set(table["estimator"]) == {*ESTIMATORS, *PATHS, *ON_REQUEST, "triple_difference"} - {"bacon"}
    assert tuple(table.columns) == COLUMNS


def synthetic_optimum(table: pd.DataFrame) -> pd.Series:
    """Rows where ours is at the optimum and the peer's search has stopped before."""
    return table["software"].eq("synthdid") & ~table["method"].str.endswith(STOPPED)


def test_all_estimates_agree_to_one_part_in_a_million_but_for_weights_at_their_optimum(table):
    alike = table[~synthetic_optimum(table)]
    assert alike["largest_difference"].max() < 1e-6
    assert alike["relative_difference"].max() < 1e-6
    assert alike["parameters"].sum() > 600


def test_synthetic_estimates_agree_once_ours_stop_as_theirs_and_the_gap_is_printed(table):
    assert table["method"].str.endswith(STOPPED).sum() == synthetic_optimum(table).sum() == 3
    apart = table.loc[synthetic_optimum(table), ["largest_difference", "relative_difference"]]
    assert (apart["largest_difference"] > 1e-6).all()
    assert apart.max(axis=None) < 5e-3


def test_errors_differ_only_where_formulas_do(table):
    """Counting of parameters (etwfe, fixest, pyfixest), draws (placebo), covariates given or drawn."""
    apart = table[table["relative_difference_error"] > 1e-6]
    methods = {
        "ETWFE_notyet",
        "ETWFE_never",
        "ETWFE_notyet_x",
        "TWFE_event",
        "TWFE_weights",
        "SDID_placebo200",
    }
    covariates = {"dCDH_paths_x_z", "ETWFE_poisson_x", "ETWFE_logit_x"}
    assert set(apart["method"]) == methods | covariates
    linear = apart["estimator"].eq("extended_twfe")
    assert set(apart.loc[linear, "software"]) == {"etwfe"}


def test_peers_are_named_once_and_all_panels_are_used(table):
    assert len({(peer.method, peer.software, peer.stopped) for peer in PEERS}) == len(PEERS)
    assert set(table["dataset"]) == set(DATASETS)


def test_a_wrong_reference_value_shows(tmp_path):
    folder = tmp_path / "reference"
    shutil.copytree(REFERENCE, folder)
    values = pd.read_csv(folder / "reference_values.csv")
    chosen = (
        (values["estimator"] == "did2s") & (values["parameter"] == "att") & (values["dataset"] == "sim_nyt")
    )
    values.loc[chosen, "estimate"] *= 1.01
    values.to_csv(folder / "reference_values.csv", index=False)
    found = build_agreement(folder)
    wrong = found[(found["largest_difference"] > 1e-6) & ~synthetic_optimum(found)]
    assert wrong["estimator"].tolist() == ["two_stage"]
