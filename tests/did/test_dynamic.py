"""Effects by horizon against the authors' R package and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from did.peers import (
    DATASETS,
    assert_agreement,
    at,
    expected,
    overall,
    reference_panel,
    small_panel,
    with_outcome,
)

from analysis.did.estimators.dynamic import dynamic_dcdh
from analysis.did.options import Options
from analysis.did.panel.panel import NEVER, Panel

WINDOWS = {"mpdta": (-3, 3), "sim_never": (-6, 5), "sim_nyt": (-6, 5)}
NAMES = {"att": "average_total_effect"} | {f"event_{-k - 1}": f"placebo_{k}" for k in range(1, 10)}


@pytest.mark.parametrize("dataset", DATASETS)
def test_agrees_with_the_r_package_of_the_authors(dataset):
    rows = dynamic_dcdh(reference_panel(dataset), Options(window=WINDOWS[dataset]))
    assert_agreement(rows, expected("dCDH_dyn", "DIDmultiplegtDYN", dataset), least=7, names=NAMES)


def test_error_by_hand():
    """Two treated with changes 5 and 7, three controls with changes 1, 2 and 3."""
    outcome = np.array([[0, 5], [0, 7], [0, 1], [0, 2], [0, 3]], dtype=float)
    row = at(dynamic_dcdh(Panel.from_arrays(outcome, np.array([1, 1, NEVER, NEVER, NEVER])), Options()), 0)
    assert row.estimate == pytest.approx(6 - 2)
    # Deviations +-1 stretched by sqrt(2 / 1) over 2; -1, 0, 1 stretched by sqrt(3 / 2) over 3.
    variance = 2 * (np.sqrt(2) / 2) ** 2 + 2 * (np.sqrt(1.5) / 3) ** 2
    assert row.std_error == pytest.approx(np.sqrt(variance))


def test_average_total_effect_weights_horizons_by_units_treated_that_long():
    rows = dynamic_dcdh(small_panel(51), Options())
    events = [row for row in rows if row.term == "event" and row.event_time >= 0]
    mass = np.array([row.n_treated for row in events])
    assert sorted(mass.tolist(), reverse=True) == mass.tolist()
    assert overall(rows).estimate == pytest.approx(mass @ [row.estimate for row in events] / mass.sum())


def test_missing_outcome_leaves_the_unit_out_of_that_horizon_only():
    panel = small_panel(52)
    whole = dynamic_dcdh(panel, Options())
    # Unit 0 is of cohort 4, so this is two periods after its start.
    gapped = dynamic_dcdh(with_outcome(panel, (0, 6), np.nan), Options())
    assert at(gapped, 2).n_treated == at(whole, 2).n_treated - 1
    assert at(gapped, 1).estimate == pytest.approx(at(whole, 1).estimate, rel=1e-12)


def test_cohort_with_one_unit_is_noted():
    outcome = np.random.default_rng(0).normal(size=(8, 5))
    rows = dynamic_dcdh(Panel.from_arrays(outcome, np.array([3] + [NEVER] * 7)), Options())
    assert "has one unit" in rows[0].note
