"""From raw files to products on the SIMULATED toy country, compared with its known truth."""

import numpy as np
import pandas as pd
import pytest

ROUNDING = 1.0  # persons; the linear programs are solved in thousands to 1e-7


@pytest.fixture(scope="module")
def products(toy_raw, tmp_path_factory):
    from analysis.pipeline.steps import write_bounds, write_panel

    folder, truth = toy_raw
    out = tmp_path_factory.mktemp("toy_products")
    write_panel(folder, out)
    write_bounds(folder, out)
    return out, truth


@pytest.fixture(scope="module")
def enrolment(products):
    """The panel's bounds beside the true path, one row per province and quarter in force."""
    out, truth = products
    panel = pd.read_csv(out / "panel.csv", dtype={"province_code": str})
    path = truth.enrolled.assign(quarter=truth.enrolled["quarter"].astype(str))
    return path.merge(panel, on=["province_code", "quarter"], validate="1:1")


def bounds_of(out, **wanted):
    table = pd.read_csv(out / "bounds.csv", dtype={"province_code": str})
    hit = pd.Series(True, index=table.index)
    for column, value in wanted.items():
        hit &= table[column] == value
    return table[hit]


def test_the_bounds_contain_the_true_path_everywhere(enrolment):
    assert len(enrolment) == 2 * 16 + 3 * 4  # the third wave begins after the last bounded quarter
    assert (enrolment["enrolled_lower"] <= enrolment["persons"] + ROUNDING).all()
    assert (enrolment["enrolled_upper"] >= enrolment["persons"] - ROUNDING).all()


def test_the_bounds_are_a_point_where_the_count_was_printed_to_the_person(enrolment):
    printed = enrolment[enrolment["published"]]
    assert (printed["enrolled_upper"] - printed["enrolled_lower"]).max() < ROUNDING
    assert (printed["enrolled_published"] == printed["persons"]).all()


def test_an_unpublished_quarter_has_no_published_count_and_a_wide_interval(enrolment):
    silent = enrolment[~enrolment["published"] & (enrolment["quarter"] < "2025Q3")]
    assert silent["enrolled_published"].isna().all()
    assert (silent["enrolled_upper"] - silent["enrolled_lower"]).min() > 100_000 * 0.1


def test_a_grade_d_count_does_not_narrow_the_headline(enrolment):
    row = enrolment[(enrolment["province_code"] == "01") & (enrolment["quarter"] == "2023Q2")].iloc[0]
    assert row["enrolled_upper"] - row["enrolled_lower"] > 100_000


def test_the_pooled_effect_is_the_true_total_over_residents(products):
    out, truth = products
    found = bounds_of(
        out, assumptions="headline", estimand="pooled", scope="in_force", unit="per_1000_residents"
    ).set_index("quarter")
    for quarter, group in truth.enrolled.groupby("quarter"):
        residents = sum(truth.residents[code] for code in group["province_code"])
        expected = 1000 * group["persons"].sum() / residents
        row = found.loc[str(quarter)]
        assert np.allclose([row["lower"], row["upper"]], expected, rtol=1e-6)


@pytest.mark.parametrize("outcome", ["formal_employment_rate", "log_income_per_head", "log_gdp_per_head"])
@pytest.mark.parametrize("estimator", ["twfe", "group_time"])
def test_estimates_recover_the_stated_effects(estimates, outcome, estimator):
    table, truth = estimates
    rows = table[
        (table["outcome"] == outcome)
        & (table["estimator"] == estimator)
        & (table["term"] == "att")
        & (table["specification"] == "main")
    ]
    assert len(rows) == 1
    assert abs(rows["estimate"].iloc[0] - truth.effects[outcome]) < truth.tolerance[outcome]


@pytest.fixture(scope="module")
def estimates(products):
    from analysis.pipeline.steps import write_estimates

    out, truth = products
    write_estimates(out)
    return pd.read_csv(out / "estimates.csv"), truth
