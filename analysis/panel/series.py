"""Which official annual series enter the panel, under which name, unit and evidence class.

The one list that the panel, its codebook and the estimates share. A year-end stock is an
observation of the fourth quarter; an annual flow stands there as a year-to-date value. Nothing is
carried into other quarters.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Series:
    """One column taken from ``province_annual.csv``: ``column = scale * printed value``."""

    column: str
    indicator: str
    scale: float
    unit: str
    kind: str  # stock (year-end) or flow (year to date)
    label_en: str
    label_zh: str


SERIES = (
    Series("resident_population", "resident_population_year_end", 1e4, "persons", "stock",
           "Residents at year-end", "年末常住人口"),
    Series("urban_population", "urban_resident_population_year_end", 1e4, "persons", "stock",
           "Urban residents at year-end", "年末城镇常住人口"),
    Series("urban_nonprivate_employment", "urban_nonprivate_unit_employment", 1e4, "persons", "stock",
           "Employees of urban non-private units at year-end", "城镇非私营单位就业人员年末人数"),
    Series("income_per_head", "disposable_income_per_capita_all_residents", 1.0, "yuan", "flow",
           "Disposable income per head", "居民人均可支配收入"),
    Series("gdp_per_head", "gdp_per_capita", 1.0, "yuan", "flow",
           "Gross regional product per head", "人均地区生产总值"),
    Series("gdp_current", "gdp_current_price", 1e8, "yuan", "flow",
           "Gross regional product, current prices", "地区生产总值（现价）"),
    Series("secondary_value_added", "secondary_industry_value_added", 1e8, "yuan", "flow",
           "Value added of secondary industry", "第二产业增加值"),
    Series("budget_expenditure", "local_general_public_budget_expenditure", 1e8, "yuan", "flow",
           "Local general public budget expenditure", "地方一般公共预算支出"),
)  # fmt: skip


@dataclass(frozen=True)
class Derived:
    """A column computed from `SERIES` in the same row: never across rows."""

    column: str
    formula: str
    unit: str
    kind: str
    label_en: str
    label_zh: str


DERIVED = (
    Derived("formal_employment_rate", "100 * urban_nonprivate_employment / urban_population",
            "per 100 urban residents", "stock", "Formal urban employment rate", "城镇正规就业率"),
    Derived("log_income_per_head", "log(income_per_head)", "log yuan", "flow",
            "Log disposable income per head", "人均可支配收入对数"),
    Derived("log_gdp_per_head", "log(gdp_per_head)", "log yuan", "flow",
            "Log gross regional product per head", "人均地区生产总值对数"),
)  # fmt: skip
