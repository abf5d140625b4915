"""Public panels that nobody here made: numbers printed in papers and books, or found by pinned software.

csdid 0.4.3: ``ATTgt(..., control_group=["notyettreated"], xformla="y~1").fit(est_method="reg",
base_period="universal").aggte(typec)``, whose errors are drawn and not compared. linearmodels runs here.
"""

from __future__ import annotations

from collections import defaultdict

import pandas as pd
import pytest
import statsmodels.formula.api as smf
import synthdid
from linearmodels.panel import PanelOLS
from real import panels

from analysis.did import Panel, Results, estimate
from analysis.verify.stopping import stopped_effects

LOADERS = {
    "job_training": panels.job_training,
    "minimum_wage": panels.minimum_wage,
    "castle": panels.castle,
    "organ_donation": panels.organ_donation,
    "enterprise_zones": panels.enterprise_zones,
    "tobacco_tax": panels.tobacco_tax,
}
# csdid 0.4.3: average of cohort effects, average of cells.
CSDID = {
    "job_training": (-0.2756542107192118, -0.3205319917023809),
    "minimum_wage": (-0.030462228112565052, -0.039763625623043614),
    "castle": (0.009362637987481532, 0.017412044275464212),
    "organ_donation": (-0.02134102564102562, -0.02134102564102562),
    "enterprise_zones": (-0.21477013905843087, -0.19487654298975834),
}


def read(name: str) -> Panel:
    frame, names = LOADERS[name]()
    return Panel.from_frame(frame, **names)


def term(result: Results, name: str) -> float:
    return next(row.estimate for row in result if row.term == name)


@pytest.mark.parametrize("name", CSDID)
def test_group_time_averages_are_those_of_csdid(name) -> None:
    result = estimate(read(name), "group_time")
    assert term(result, "att") == pytest.approx(CSDID[name][0], rel=1e-9)
    assert term(result, "att_simple") == pytest.approx(CSDID[name][1], rel=1e-9)


@pytest.mark.parametrize("name", LOADERS)
def test_the_two_way_coefficient_is_that_of_linearmodels_with_both_effects(name) -> None:
    panel = read(name)
    cells = [(i, t) for i in range(panel.n_units) for t in range(panel.n_periods) if panel.observed[i, t]]
    frame = pd.DataFrame(cells, columns=["unit", "time"])
    frame["y"] = [panel.outcome[i, t] for i, t in cells]
    frame["d"] = [float(t >= panel.cohort[i]) for i, t in cells]
    frame = frame.set_index(["unit", "time"])
    model = PanelOLS(frame["y"], frame[["d"]], entity_effects=True, time_effects=True)
    fit = model.fit(cov_type="clustered", cluster_entity=True, group_debias=True)
    row = estimate(panel, "twfe", count_effects=True).att
    assert row.estimate == pytest.approx(fit.params["d"], rel=1e-9)
    assert row.std_error == pytest.approx(fit.std_errors["d"], rel=1e-6)


def test_minimum_wage_has_the_cells_of_the_packages_vignette() -> None:
    """R package did, its vignette "Getting started", ``xformla = ~1``, four digits printed."""
    cells = estimate(read("minimum_wage"), "group_time", control="never").group_time()["estimate"]
    printed = {
        (2004, 2004): -0.0105, (2004, 2005): -0.0704, (2004, 2006): -0.1373, (2004, 2007): -0.1008,
        (2006, 2007): -0.0412,
    }  # fmt: skip
    for cell, value in printed.items():
        assert cells.loc[cell] == pytest.approx(value, abs=6e-5)


def test_castle_has_the_decomposition_that_the_mixtape_prints() -> None:
    """Cunningham (2021), Causal Inference: The Mixtape, castle laws, three digits printed."""
    rows = [row for row in estimate(read("castle"), "bacon") if row.term != "att"]
    weight: dict[str, float] = defaultdict(float)
    total: dict[str, float] = defaultdict(float)
    for share, effect in zip(rows[::2], rows[1::2], strict=True):
        assert share.term == "weight"
        kind = share.control_group.split()[0]
        weight[kind] += share.estimate
        total[kind] += share.estimate * effect.estimate
    printed = {"later": (0.077, -0.029), "earlier": (0.024, 0.046), "never": (0.899, 0.078)}
    for kind, (share, effect) in printed.items():
        assert weight[kind] == pytest.approx(share, abs=6e-4)
        assert total[kind] / weight[kind] == pytest.approx(effect, abs=6e-4)


def test_organ_donation_has_the_coefficient_that_the_effect_prints() -> None:
    """Huntington-Klein (2021), The Effect, chapter 18: -0.022 (0.006)."""
    row = estimate(read("organ_donation"), "twfe").att
    assert row.estimate == pytest.approx(-0.022, abs=6e-4)
    assert row.std_error == pytest.approx(0.006, abs=6e-4)
    assert read("organ_donation").times == ("2010Q4", "2011Q1", "2011Q2", "2011Q3", "2011Q4", "2012Q1")


def test_enterprise_zones_have_the_coefficient_that_the_textbook_prints() -> None:
    """Wooldridge, Introductory Econometrics, fixed effects with year dummies on these data: -0.104."""
    assert estimate(read("enterprise_zones"), "twfe").att.estimate == pytest.approx(-0.104, abs=6e-4)


def test_firms_without_any_scrap_rate_have_no_part_and_no_weight() -> None:
    panel = read("job_training")
    assert panel.n_units == 54
    assert sum((panel.cohort == g).sum() for g in panel.cohorts) == 29
    assert any("103 units have no outcome in any period" in note for note in panel.notes)
    frame, _ = panels.job_training()
    frame = frame.dropna(subset=["lscrap"])
    treated = frame["year"] >= frame["start"]
    untreated = smf.ols("lscrap ~ C(fcode) + C(year)", frame[~treated]).fit()
    by_hand = (frame["lscrap"] - untreated.predict(frame))[treated].mean()
    assert estimate(panel, "imputation").att.estimate == pytest.approx(by_hand, rel=1e-8)


def test_tobacco_tax_has_the_estimates_that_the_paper_prints() -> None:
    """Arkhangelsky and others (2021), American Economic Review 111(12), table 1: -15.6, -19.6 and -27.3.

    Theirs are the weights at which the search stops; ours go on to the optimum, which for the synthetic
    control is 0.1 packs away.
    """
    panel = read("tobacco_tax")
    stopped = [stopped_effects(panel, control_only=alone)["group_1989"] for alone in (False, True)]
    assert stopped == pytest.approx([-15.6, -19.6], abs=0.05)
    assert estimate(panel, "synthetic_did").att.estimate == pytest.approx(-15.6, abs=0.05)
    assert estimate(panel, "synthetic_control").att.estimate == pytest.approx(-19.6, abs=0.15)
    assert estimate(panel, "twfe").att.estimate == pytest.approx(-27.3, abs=0.05)


def test_weights_stopped_early_are_those_of_synthdid() -> None:
    """synthdid-py 0.1.0, a port of the authors' R package, runs here."""
    panel = read("tobacco_tax")
    setup = synthdid.panel_matrices(panels.tobacco_tax()[0], "State", "Year", "PacksPerCapita", "treated")
    for alone, theirs in ((False, synthdid.synthdid_estimate), (True, synthdid.sc_estimate)):
        value = float(theirs(setup.Y, setup.N0, setup.T0))
        assert stopped_effects(panel, control_only=alone)["group_1989"] == pytest.approx(value, rel=1e-9)
