"""The agreement table that the book prints."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest
from did.peers import REFERENCE

from analysis.did.registry import ESTIMATORS
from analysis.verify.agreement import COLUMNS, DATASETS, PEERS, build_agreement


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return build_agreement(REFERENCE)


def test_every_estimator_but_the_decomposition_has_a_peer(table):
    assert set(table["estimator"]) == set(ESTIMATORS) - {"bacon"}
    assert tuple(table.columns) == COLUMNS


def test_all_estimates_agree_to_one_part_in_a_million(table):
    assert table["largest_difference"].max() < 1e-6
    assert table["relative_difference"].max() < 1e-6
    assert table["parameters"].sum() > 600


def test_errors_differ_only_where_formulas_do(table):
    """Counting of parameters (etwfe, fixest) or draws (placebo)."""
    apart = table[table["relative_difference_error"] > 1e-6]
    methods = {"ETWFE_notyet", "ETWFE_never", "ETWFE_notyet_x", "TWFE_event", "SDID_placebo200"}
    assert set(apart["method"]) == methods
    assert set(apart.loc[apart["method"].str.startswith("ETWFE"), "software"]) == {"etwfe"}


def test_peers_are_named_once_and_both_panels_are_used(table):
    assert len({(peer.method, peer.software) for peer in PEERS}) == len(PEERS)
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
    wrong = found[found["largest_difference"] > 1e-6]
    assert wrong["estimator"].tolist() == ["two_stage"]
