"""The panel keeps dates, gaps and denominators apart, on a small country written out by hand."""

import numpy as np
import pandas as pd
import pytest

from analysis import config
from analysis.base.errors import InputError
from analysis.panel.build import (
    build_codebook,
    build_panel,
    build_skeleton,
    first_quarter,
    published_counts,
)
from analysis.panel.series import DERIVED, SERIES

LAST = pd.Period("2023Q4", freq="Q")


@pytest.fixture
def provinces():
    return pd.DataFrame(
        {
            "code": ["11", "12", "66"],
            "name_en": ["North", "South", "Corps"],
            "name_zh": ["北", "南", "兵团"],
            "kind": ["province", "province", "corps"],
        }
    )


@pytest.fixture
def rollout():
    rows = [
        ("11", "announced", "2021-12-01", None),
        ("11", "starts", "2022-07-01", 7),
        ("11", "expands", "2023-05-15", 11),
        ("12", "starts", "2023-07-01", 11),
        ("66", "starts", "2023-07-01", 11),
    ]
    table = pd.DataFrame(rows, columns=["province_code", "event", "date", "platforms"])
    return table.assign(date=pd.to_datetime(table["date"]))


@pytest.fixture
def statistics():
    rows = [
        (code, year, series.indicator, 10.0 * year)
        for code in ("11", "12")
        for year in range(2014, 2023)
        for series in SERIES
    ]
    return pd.DataFrame(rows, columns=["province_code", "year", "indicator", "value"])


@pytest.fixture
def skeleton(provinces, rollout, statistics):
    return build_skeleton(provinces, rollout, statistics, LAST)


def cell(frame, code, quarter):
    (row,) = frame[(frame["province_code"] == code) & (frame["quarter"].astype(str) == quarter)].to_dict(
        "records"
    )
    return row


def test_every_province_has_every_quarter_and_the_corps_is_no_panel_unit(skeleton):
    quarters = len(pd.period_range(config.PANEL_START, LAST, freq="Q"))
    assert skeleton.groupby("province_code").size().to_dict() == {"11": quarters, "12": quarters}


@pytest.mark.parametrize(
    ("start", "rule", "quarter"),
    [
        ("2022-07-01", "first_full", "2022Q3"),
        ("2022-07-02", "first_full", "2022Q4"),
        ("2022-07-02", "any_day", "2022Q3"),
        ("2022-09-30", "share_of_days", "2022Q3"),
    ],
)
def test_the_treatment_rule_decides_only_for_a_start_inside_a_quarter(start, rule, quarter):
    assert str(first_quarter(pd.Timestamp(start), rule)) == quarter


def test_an_unknown_treatment_rule_is_refused():
    with pytest.raises(InputError, match="first_half"):
        first_quarter(pd.Timestamp("2022-07-01"), "first_half")


def test_treatment_and_event_time_count_from_the_start_in_force_not_from_the_announcement(skeleton):
    before, first = cell(skeleton, "11", "2022Q2"), cell(skeleton, "11", "2022Q3")
    assert (before["treated"], before["event_time"], before["exposure_share"]) == (0, -1, 0.0)
    assert (first["treated"], first["event_time"], first["exposure_share"]) == (1, 0, 1.0)
    assert first["cohort"] == "2022Q3"


def test_the_dose_rises_when_platforms_join_and_is_zero_before_the_start(skeleton):
    doses = [cell(skeleton, "11", quarter)["dose_platforms"] for quarter in ("2022Q2", "2023Q1", "2023Q2")]
    assert doses == [0, 7, 11]
    assert cell(skeleton, "12", "2023Q2")["dose_platforms"] == 0


def test_a_denominator_is_the_last_year_end_known_by_then_and_never_a_later_one(skeleton):
    column, scale = "residents_last_year_end", 1e4
    assert cell(skeleton, "11", "2022Q3")[column] == 20210 * scale
    assert cell(skeleton, "11", "2022Q4")[column] == 20220 * scale
    assert cell(skeleton, "11", "2023Q4")[column] == 20220 * scale


def test_a_province_without_a_start_is_refused_by_code(provinces, rollout, statistics):
    with pytest.raises(InputError, match="12"):
        build_skeleton(provinces, rollout[rollout["province_code"] != "12"], statistics, LAST)


def ledger(**changes):
    day = pd.Timestamp("2022-12-31")
    row = {
        "measure": "cumulative_participants",
        "level": "province",
        "province_code": "11",
        "qualifier": "exact",
        "grade": "B",
        "value": 500.0,
        "printed_unit": 1,
        "as_of_first": day,
        "as_of_last": day,
    }
    return pd.DataFrame([row | changes])


def test_only_a_count_printed_for_a_quarters_last_day_is_a_published_value():
    assert published_counts(ledger())["enrolled_published"].tolist() == [500.0]
    assert published_counts(ledger(qualifier="more_than")).empty
    assert published_counts(ledger(as_of_first=pd.NaT)).empty
    assert published_counts(ledger(grade="D")).empty
    day = pd.Timestamp("2022-11-30")
    assert published_counts(ledger(as_of_first=day, as_of_last=day)).empty


@pytest.fixture
def panel(skeleton, statistics):
    enrolled = pd.DataFrame(
        {
            "province_code": ["11"],
            "quarter": [pd.Period("2022Q4", freq="Q")],
            "enrolled_lower": [400.0],
            "enrolled_upper": [600.0],
        }
    )
    return build_panel(skeleton, statistics, ledger(), enrolled)


def test_enrolment_is_zero_before_the_start_and_missing_where_nothing_was_solved(panel):
    assert cell(panel, "11", "2022Q2")["enrolled_upper"] == 0.0
    assert cell(panel, "11", "2022Q4")["enrolled_lower"] == 400.0
    assert np.isnan(cell(panel, "11", "2023Q1")["enrolled_upper"])


def test_annual_values_stand_in_the_fourth_quarter_only(panel):
    quarters = panel["quarter"].str[-2:]
    for column in [item.column for item in (*SERIES, *DERIVED)]:
        assert panel.loc[quarters != "Q4", column].isna().all(), column
    assert cell(panel, "11", "2021Q4")["resident_population"] == 20210 * 1e4
    assert np.isnan(cell(panel, "11", "2023Q4")["resident_population"])


def test_the_codebook_has_one_row_for_each_column_with_a_known_evidence_class(panel):
    codebook = build_codebook()
    assert sorted(codebook["column"]) == sorted(panel.columns)
    assert set(codebook["evidence"]) <= {"published", "bounds", "statistics", "simulated", "records"}
    assert codebook.notna().all().all()
