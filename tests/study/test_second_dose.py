"""The second dose: effects of paths by hand, chance by counting, and what has no estimate."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from analysis.study.outcomes import study_options
from analysis.study.second_dose import ALONE, second_dose_table

YEARS = range(2019, 2026)
FIRST, SECOND, NONE = ("11", "12", "13"), ("21", "22"), ("31", "32", "33", "34")


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    rows = []
    for code in (*FIRST, *SECOND, *NONE):
        start = "2022Q3" if code in FIRST else "2025Q3" if code in SECOND else "2026Q3"
        for year in YEARS:
            dose = 0 if year < int(start[:4]) else 11 if year == 2025 else 7
            dose = 21 if (code, year) == ("11", 2025) else dose
            rows.append((code, f"{year}Q4", start, dose, rng.normal()))
    names = ["province_code", "quarter", "cohort", "dose_platforms", "log_gdp_per_head"]
    return pd.DataFrame(rows, columns=names)


def change(panel: pd.DataFrame, codes: tuple[str, ...], year: int, base: int) -> float:
    wide = panel.pivot(index="province_code", columns="quarter", values="log_gdp_per_head")
    return float((wide[f"{year}Q4"] - wide[f"{base}Q4"]).loc[list(codes)].mean())


def test_paths_are_compared_with_provinces_that_have_no_platform(panel) -> None:
    table = second_dose_table(panel, study_options()).set_index(["variant", "setting"])["estimate"]
    effects = [change(panel, FIRST, y, 2021) - change(panel, NONE, y, 2021) for y in range(2022, 2026)]
    for year, value in zip(range(2022, 2026), effects, strict=True):
        assert table["path", f"first wave, {year}"] == pytest.approx(value)
    doses = 3 * (7 + 7 + 7) + 21 + 11 + 11
    per_platform = table["path_per_platform", "first wave, 2022 to 2025"]
    assert per_platform == pytest.approx(3 * sum(effects) / doses)
    assert table["added", "first wave, 2024 to 2025"] == pytest.approx(effects[3] - effects[2])
    second = change(panel, SECOND, 2025, 2024) - change(panel, NONE, 2025, 2024)
    assert table["path", "second wave, 2025"] == pytest.approx(second)


def test_chance_counts_all_assignments_of_a_wave(panel) -> None:
    table = second_dose_table(panel, study_options()).set_index(["variant", "setting"])
    every = (*FIRST, *NONE)
    drawn = []
    for chosen in combinations(every, 3):
        others = tuple(code for code in every if code not in chosen)
        drawn.append(change(panel, chosen, 2025, 2024) - change(panel, others, 2025, 2024))
    seen = change(panel, FIRST, 2025, 2024) - change(panel, NONE, 2025, 2024)
    row = table.loc[("added", "first wave, 2024 to 2025")]
    assert row["p_value"] == pytest.approx(np.mean(np.abs(drawn) >= abs(seen) - 1e-12))
    assert f"{len(drawn)} assignments" in row["note"]


def test_the_second_dose_alone_has_no_estimate_and_says_why(panel) -> None:
    (row,) = second_dose_table(panel, study_options()).query("variant == 'alone'").to_dict("records")
    assert np.isnan(row["estimate"]) and row["note"] == ALONE and row["n_units"] == 9
