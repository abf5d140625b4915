"""The distribution over reassignments against the test it stands behind."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import config
from analysis.did.inference.confidence import randomization_inference, reassigned_estimates
from analysis.study.outcomes import read_outcome, study_options
from analysis.study.reassignment import ESTIMATOR, count_estimates, distributions

PANEL = Path(__file__).resolve().parents[2] / "data/processed/panel.csv"


@pytest.fixture(scope="module")
def panel():
    return pd.read_csv(PANEL, dtype={"province_code": str})


@pytest.fixture(scope="module")
def table(panel):
    return distributions(panel)


def test_counts_by_hand():
    found = count_estimates(np.array([-2.0, -1, 0.5, 1, 1.5]), 1.0)
    assert found["assignments"].sum() == 5
    assert found["extreme"].sum() == 4
    assert found[found["extreme"] > 0]["low"].min() == pytest.approx(-2)


@pytest.mark.parametrize("outcome", [outcome.name for outcome in config.OUTCOMES])
def test_every_choice_of_seven_provinces_is_counted_once(table, outcome):
    assert table[table["outcome"] == outcome]["assignments"].sum() == 2_629_575


def test_the_shaded_share_is_the_p_value_of_the_method_named_in_advance(panel, table):
    for outcome in config.OUTCOMES:
        (test,) = randomization_inference(read_outcome(panel, outcome), ESTIMATOR, study_options())
        rows = table[table["outcome"] == outcome.name]
        assert rows["extreme"].sum() / rows["assignments"].sum() == pytest.approx(test.p_value, abs=1e-12)


def test_the_actual_estimate_is_among_the_reassigned_ones(panel):
    data = read_outcome(panel, config.OUTCOMES[1])
    found = reassigned_estimates(data, ESTIMATOR, study_options())
    (test,) = randomization_inference(data, ESTIMATOR, study_options())
    assert np.abs(found - test.estimate).min() < 1e-12
    assert found.mean() == pytest.approx(0, abs=1e-10)
