"""The committed forecast and its score."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.base.errors import InputError
from analysis.study.forecast import COLUMNS, load_register, make_forecast, make_inner_forecast, score

DAY = pd.Timestamp("2026-12-31")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def panel() -> pd.DataFrame:
    cohorts = ["2022Q3", "2025Q3", "2025Q3", "2026Q3", "2026Q3"]
    return pd.DataFrame(
        {
            "province_code": ["11", "12", "13", "14", "15"],
            "quarter": "2025Q4",
            "cohort": cohorts,
            "residents_last_year_end": [20e6, 10e6, 10e6, 30e6, 10e6],
        }
    )


@pytest.fixture
def bounds() -> pd.DataFrame:
    rows = [
        ("cohort_pooled", "2025Q3", "2025Q4", "", 5.0, 20.0),
        ("cohort_pooled", "2022Q3", "2024Q4", "", 20.0, 20.0),
        ("cohort_pooled", "2022Q3", "2025Q2", "", 24.0, 24.0),
        ("pooled", "in_force", "2025Q4", "", 30.0, 31.0),
        ("province", "12", "2025Q4", "12", 10.0, 10.05),
        ("province", "13", "2025Q4", "13", 0.0, 99.0),
    ]
    table = pd.DataFrame(rows, columns=["estimand", "scope", "quarter", "province_code", "lower", "upper"])
    return table.assign(assumptions="headline", unit="per_1000_residents")


@pytest.fixture
def register() -> pd.DataFrame:
    rows = [
        ("00_20261231", "00", 100.0, 200.0),
        ("third_wave_20261231", "", 10.0, 20.0),
        ("14_20261231", "14", 5.0, 15.0),
        ("15_20261231", "15", 1.0, 4.0),
    ]
    table = pd.DataFrame(rows, columns=["forecast_id", "province_code", "lower", "upper"])
    return table.assign(
        measure="cumulative_participants", as_of_date="2026-12-31", unit="persons", assumptions="a"
    )[list(COLUMNS)]


def printed(code: str, lower: float, upper: float, **more) -> dict[str, object]:
    row = {
        "figure_id": f"{code}_{lower:g}", "province_code": code, "measure": "cumulative_participants",
        "grade": "B", "level": "national" if code == "00" else "province", "lower": lower, "upper": upper,
        "as_of_first": DAY, "as_of_last": DAY, "date_published": pd.Timestamp("2027-01-20"),
    }  # fmt: skip
    return row | more


def results(register: pd.DataFrame, *rows: dict[str, object]) -> dict[str, str]:
    ledger = pd.DataFrame(list(rows) or [printed("99", 1, 1)])
    found = score(register, "2026-11-24", ledger)
    return dict(zip(found["forecast_id"], found["result"], strict=True))


def test_the_forecast_follows_from_its_assumptions_by_hand(bounds, panel) -> None:
    found = make_forecast(bounds, panel).set_index("forecast_id")[["lower", "upper"]]
    # Third wave: 5 to 20 per 1,000 of 40 million.
    assert found.loc["third_wave_20261231"].tolist() == [200_000, 800_000]
    # Fastest (24 - 20) / 2 = 2 per quarter; 31 + 2 * 4 * 2 = 47 per 1,000 of 40 million, plus 800,000.
    assert found.loc["00_20261231"].tolist() == [30 * 40_000 + 200_000, 47 * 40_000 + 800_000]
    # Half of 10.0 and one and a half times 10.05, the only pinned rate, on 30 million.
    assert found.loc["14_20261231"].tolist() == [150_000, 453_000]


def test_an_open_bound_cannot_carry_a_forecast(bounds, panel) -> None:
    bounds.loc[0, "upper"] = float("nan")
    with pytest.raises(InputError, match="cohort_pooled, 2025Q3"):
        make_forecast(bounds, panel)


@pytest.mark.parametrize(
    ("lower", "upper", "expected"),
    [
        (120, 130, "inside"),
        (201, 210, "outside"),
        (50, 99, "outside"),
        (190, 210, "undecided"),
        (150, float("inf"), "undecided"),
        (250, float("inf"), "outside"),
    ],
)
def test_a_printed_count_decides_as_far_as_its_digits_do(register, lower, upper, expected) -> None:
    assert results(register, printed("00", lower, upper))["00_20261231"] == expected


@pytest.mark.parametrize(
    "spoilt",
    [
        {"grade": "D"},
        {"date_published": pd.Timestamp("2026-11-24")},
        {"date_published": pd.NaT},
        {"as_of_first": pd.NaT},
        {"as_of_first": pd.Timestamp("2027-01-31"), "as_of_last": pd.Timestamp("2027-01-31")},
        {"measure": "applications"},
        {"level": "city"},
    ],
)
def test_a_figure_that_is_weak_early_or_of_another_thing_does_not_count(register, spoilt) -> None:
    assert results(register, printed("00", 120, 130, **spoilt))["00_20261231"] == "no_figure"


def test_figures_that_contradict_each_other_decide_nothing(register) -> None:
    both = (printed("00", 120, 130), printed("00", 140, 150))
    assert results(register, *both)["00_20261231"] == "undecided"


def test_the_wave_is_scored_when_all_its_provinces_have_a_figure(register) -> None:
    one = printed("14", 9, 10)
    assert results(register, one)["third_wave_20261231"] == "no_figure"
    found = results(register, one, printed("15", 3, 4))
    assert found["third_wave_20261231"] == "inside"
    assert found["15_20261231"] == "inside"


@pytest.mark.parametrize("spoil", ["name", "column", "interval"])
def test_a_register_that_cannot_be_read_is_refused(register, tmp_path, spoil) -> None:
    path = tmp_path / ("soon.csv" if spoil == "name" else "2026-11-24.csv")
    if spoil == "column":
        register = register.drop(columns="upper")
    if spoil == "interval":
        register.loc[1, "upper"] = 10.0
    register.to_csv(path, index=False)
    with pytest.raises(InputError, match=path.name):
        load_register(path)


def test_the_register_of_the_study_covers_nation_wave_and_its_fourteen_provinces() -> None:
    day, table = load_register(ROOT / "data" / "forecasts" / "2026-11-24.csv")
    assert day == "2026-11-24"
    assert len(table) == 16
    assert table["forecast_id"].is_unique


def test_the_inner_forecast_follows_from_its_assumptions_by_hand(bounds, panel) -> None:
    (row,) = make_inner_forecast(bounds, panel).to_dict("records")
    # Four quarters at half and at one and a half times (24 - 20) / 2 = 2 per 1,000 of 40 million, on 30
    # and on 31; the third wave at a quarter and three quarters between 5 and 20 per 1,000 of 40 million.
    assert (row["lower"], row["upper"]) == (40_000 * (30 + 4 + 8.75), 40_000 * (31 + 12 + 16.25))
    assert row["level"] == 0.5


@pytest.mark.parametrize(("lower", "upper", "wanted"), [(140, 150, 100), (220, 230, 200), (80, 80, 180)])
def test_an_interval_with_a_level_is_scored_by_width_and_distance(register, lower, upper, wanted) -> None:
    # Width 100; four times the distance of the middle of the print: 225 is 25 above, 80 is 20 below.
    inner = register.assign(level=0.5)
    found = score(inner, "2026-11-29", pd.DataFrame([printed("00", lower, upper)]))
    assert found.set_index("forecast_id").loc["00_20261231", "interval_score"] == wanted
    assert found.set_index("forecast_id")["interval_score"].notna().sum() == 1
    without = score(register, "2026-11-24", pd.DataFrame([printed("00", lower, upper)]))
    assert without["interval_score"].isna().all()


def test_an_open_figure_is_not_scored_by_width(register) -> None:
    found = score(register.assign(level=0.5), "2026-11-29", pd.DataFrame([printed("00", 150, float("inf"))]))
    assert found["interval_score"].isna().all()


def test_the_second_register_is_what_was_written_down() -> None:
    day, table = load_register(ROOT / "data" / "forecasts" / "2026-11-29.csv")
    first = load_register(ROOT / "data" / "forecasts" / "2026-11-24.csv")[1].set_index("forecast_id")
    (inner,) = table.to_dict("records")
    assert day == "2026-11-29" and float(inner["level"]) == 0.5
    outer = first.loc["00_20261231"]
    assert float(outer["lower"]) < float(inner["lower"]) < float(inner["upper"]) < float(outer["upper"])
