"""The study's choices, each with its reason. No other module holds a date or a threshold of the study."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

PANEL_START = pd.Period("2015Q1", freq="Q")  # first year-end after the 2012-13 change of job classes settled
PILOT_START = pd.Period("2022Q3", freq="Q")  # first quarter of the first wave
BOUNDS_END = pd.Period("2026Q2", freq="Q")  # from 2026Q3 no untreated province is left
HEADLINE_GRADES = ("A", "B", "C")  # grade D never carries a headline

# The rules differ only for a rollout that starts inside a quarter.
TREATMENT_RULE = "first_full"  # also: any_day, share_of_days
TREATMENT_RULES = ("first_full", "any_day", "share_of_days")


@dataclass(frozen=True)
class Reading:
    """How printed figures are read where the print leaves room; the defaults are the headline.

    Parameters
    ----------
    name
        Written to the ``assumptions`` column.
    grades
        Grades of the figures used. D is left out.
    freshness_days
        Oldest age, at publication, of a count printed only as "to date" or "currently". Missing: no
        limit, so that such a count bounds enrolment from below only.
    implied_year_end
        Read a count from a province's annual report as the year-end count. Off: read it as "to date".
    overlap
        Largest share by which provinces may sum to more than the nation, because a person who works
        in two provinces is recorded in both. Zero: the national total is the sum, as if no one moved.
    more_than_slack
        Largest relative excess over a "more than" figure. Missing: no limit.
    more_than_below_next
        A "more than" figure is below the next number that could have been printed.
    days_ahead, daily_growth
        A count of a day at most so many days before a quarter's end also limits that quarter-end, grown by
        at most so much a day. Zero days: it does not.
    cap_per_resident
        Largest enrolment per resident. Missing: no limit.
    """

    name: str
    reason: str
    grades: tuple[str, ...] = HEADLINE_GRADES
    freshness_days: int | None = 92
    implied_year_end: bool = True
    overlap: float = 0.0
    more_than_slack: float | None = None
    more_than_below_next: bool = False
    days_ahead: int = 0
    daily_growth: float = 0.0
    cap_per_resident: float | None = None


# A quarter for "to date": press figures come from the last monthly or quarterly report. The two
# neighbours below show what the choice is worth.
HEADLINE = Reading("headline", "printed digits and dates; counts 'to date' at most a quarter old")
READINGS = (
    HEADLINE,
    Reading("second_hand", "adds the figures of grade D", grades=(*HEADLINE_GRADES, "D")),
    Reading("dated_as_printed", "counts 'to date' held on the day they were printed", freshness_days=0),
    Reading("undated", "counts 'to date' may be of any age: no ceiling from them", freshness_days=None),
    Reading("speech_to_date", "annual reports give counts 'to date'", implied_year_end=False),
    Reading("overlap_10", "provinces may sum to 10 % more than the nation", overlap=0.10),
    Reading("more_than_5", "'more than' exceeds its round number by at most 5 %", more_than_slack=0.05),
    # 192万余 and 超过1104万 are said of 1,920,000 to 1,930,000 and 11,040,000 to 11,050,000.
    Reading("below_next", "'more than 1.92 million' stays below 1.93 million", more_than_below_next=True),
    Reading("a_b_only", "figures of grades A and B only", grades=("A", "B")),
    # No faster than 1 % a day: between the ends of June and September 2025, when ten provinces joined, the
    # national count grew by less.
    Reading(
        "near_end",
        "as dated_as_printed; a count of the last week of a quarter grew by at most 1 % a day to its end",
        freshness_days=0,
        days_ahead=7,
        daily_growth=0.01,
    ),
    # A path: the first is disputed by nobody, the last by many.
    Reading("cap_100", "no more people were ever enrolled than live there", cap_per_resident=1.00),
    Reading("cap_50", "at most one resident in two was ever enrolled", cap_per_resident=0.50),
    Reading("cap_30", "at most three residents in ten were ever enrolled", cap_per_resident=0.30),
    Reading("cap_20", "at most one resident in five was ever enrolled", cap_per_resident=0.20),
    Reading("cap_10", "at most one resident in ten was ever enrolled", cap_per_resident=0.10),
)
PROVINCE_READINGS = ("below_next", "near_end")  # solved for each province too: they are about single counts


@dataclass(frozen=True)
class StockReading:
    """What is assumed of work-injury insurance alone, to read the pilot out of a count that holds both.

    Parameters
    ----------
    base_alone
        The count of a year before held work-injury insurance alone.
    largest_growth
        Figure that gives its largest growth in a year; it never falls over a year. Missing: no limit.
    level_as_printed
        It stands within the range printed in the two years before.
    """

    name: str
    reason: str
    base_alone: bool = False
    largest_growth: str | None = None
    level_as_printed: bool = False


# Growth over a year, not over a quarter: members are fewer each spring. The year to June 2024 is the last
# whose change was printed, and growth had slowed until then.
LAST_GROWTH = "00_20240630_work_injury_insurance_participants_change_on_year"
STOCK_READINGS = (
    StockReading(
        "base_alone",
        "the count of June 2025 left the pilot out; in the year after it ordinary work-injury insurance did "
        "not shrink and grew by at most as much as in the year to June 2024",
        base_alone=True,
        largest_growth=LAST_GROWTH,
    ),
    StockReading(
        "base_open",
        "the count of June 2025 may hold part of the pilot; in each of the years to June 2025 and to June "
        "2026 ordinary insurance did not shrink and grew by at most as much as in the year to June 2024",
        largest_growth=LAST_GROWTH,
    ),
    StockReading(
        "level",
        "nothing on growth or on whether the count of June 2025 left the pilot out; ordinary insurance "
        "stands between the numbers published for it in the two years before",
        level_as_printed=True,
    ),
)

# What the readings above start from, and the days on which one platform printed a count of riders paid for
# beside national counts; its other counts limit their neighbours.
STOCK_FIGURES = {
    "total": "00_20260630_work_injury_incl_occupational_injury_protection",
    "change": "00_20260630_work_injury_incl_occupational_injury_protection_change_on_year",
    "alone_2023": "00_20230630_work_injury_insurance_participants",
    "change_2024": LAST_GROWTH,
}
NATION_DAYS = {
    "2025-06-30": "00_20250630_cumulative_participants",
    "2025-09-30": "00_20250930_cumulative_participants",
    "2025-10-31": "00_20251031_cumulative_participants",
    "2025-12-31": "00_20251231_cumulative_participants",
}
PLATFORM_RECORDS = {  # blank: no count of that day
    "2025-03": "premium_02",
    "2025-06-30": "",
    "2025-07": "premium_04",
    "2025-09-30": "premium_06",
    "2025-10-31": "premium_08",
    "2025-12-31": "",
    "2026-02": "premium_11",
}

# Where the panel's denominators come from: the last year-end count published by then.
RESIDENTS = "resident_population"
URBAN_EMPLOYEES = "urban_nonprivate_employment"


@dataclass(frozen=True)
class Outcome:
    """One statistical outcome: a formula over official year-end or annual series."""

    name: str
    label_en: str
    label_zh: str
    unit: str
    last_year: int
    reason: str


# Each ends with 2024: the last year with 7 treated provinces and 24 not yet. (Output of 2025 is
# printed, but preliminary, and by its year-end ten more provinces were treated.)
OUTCOMES = (
    Outcome(
        "formal_employment_rate",
        "Formal urban employment rate",
        "城镇正规就业率",
        "urban non-private-unit employees per 100 urban residents",
        2024,
        "spill-over: cover outside a labour contract may replace or invite formal contracts",
    ),
    Outcome(
        "log_income_per_head",
        "Log disposable income per head",
        "人均可支配收入对数",
        "log yuan",
        2024,
        "spill-over: what platforms pay for cover could be shifted to workers' pay",
    ),
    Outcome(
        "log_gdp_per_head",
        "Log GDP per head",
        "人均地区生产总值对数",
        "log yuan",
        2024,
        "a check: too large to be moved by the pilot, so an effect signals a failed comparison",
    ),
)
# The only series with every province in the year of the second dose; preliminary there, and a check.
SECOND_DOSE_OUTCOME, SECOND_DOSE_YEAR = "log_gdp_per_head", 2025
ESTIMATION_START = 2015  # seven year-ends before the first wave


@dataclass(frozen=True)
class Specification:
    """A sample for the estimates: the main one and those that answer an objection to it."""

    name: str
    reason: str
    without: tuple[str, ...] = ()


SPECIFICATIONS = (
    Specification("main", "31 provinces, all years"),
    Specification("without_33", "Zhejiang had single-line cover from 2023-07-01, before its start", ("33",)),
    Specification("without_44", "Guangdong had single-line cover from 2021-04-01, before its start", ("44",)),
    Specification("without_31", "Shanghai was locked down in 2022Q2", ("31",)),
    Specification("without_13", "Hebei's employment series breaks in 2017", ("13",)),
)
ESTIMATORS = ("twfe", "event_study_twfe", "group_time")
CONFIDENCE_LEVEL = 0.95
BOOTSTRAP_DRAWS = 9_999  # critical values of simultaneous bands then differ by under 1 % between seeds
SEED = 20220701  # the first day of the pilot; any other would do

# Named in advance: with 7 of 31 treated, clustered errors are too small, and permuting which provinces
# were treated keeps its size when provinces are exchangeable.
INFERENCE = "randomization"


@dataclass(frozen=True)
class Certainty:
    """A step of the one scale of certainty; the first that an interval meets is its word.

    Parameters
    ----------
    name, label_en, label_zh
        As numbers.json and texts write it.
    largest_width
        Largest distance between the ends, relative to their mean. Missing: none; the upper end may be open.
    grades
        Worst grades of source that it may rest on.
    """

    name: str
    label_en: str
    label_zh: str
    largest_width: float | None
    grades: tuple[str, ...]
    reason: str


# An interval that holds zero, or one that rests on a source of grade D, meets none of the first three.
ANY = ("", *HEADLINE_GRADES)
CERTAINTIES = (
    Certainty(
        "rounding", "known to within rounding", "仅有四舍五入误差", 0.005, ("", "A", "B"),
        "half a percent is what rounding to three digits leaves; grade C does not carry it",
    ),
    Certainty("narrow", "narrow range", "范围窄", 0.10, ANY, "a tenth changes no decision"),
    Certainty("wide", "wide range", "范围宽", None, ANY, "not zero; how much is open"),
    Certainty(
        "cannot_tell", "cannot tell", "无法判断", None, (*ANY, "D"),
        "zero is not excluded, or a source is of grade D",
    ),
)  # fmt: skip

# What the study's sensitivity checks vary. Regions: the four economic regions of the National Bureau of
# Statistics, in order east, centre, west, north-east; provinces trade places within one.
REGIONS = (
    ("11", "12", "13", "31", "32", "33", "35", "37", "44", "46"),
    ("14", "34", "36", "41", "42", "43"),
    ("15", "45", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65"),
    ("21", "22", "23"),
)
SIZE_BANDS = 3  # thirds by residents in 2021: large, middle and small provinces trade places among themselves
LEVEL_BANDS = 4  # quarters by mean outcome up to 2021
LEVEL_BANDS_TRIED = (2, 3, 4, 5, 6, 7, 8)  # with more, too few choices of provinces are left
TREND_BOUNDS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)  # later over earlier changes of the trend difference
CURVE_DRAWS = 4_999  # joint tests of the specification curve: Monte Carlo error of at most 0.7 points
CURVE_FAMILY = ("formal_employment_rate", "log_income_per_head")  # tested together; output is a check
CURVE_STARTS = (2015, 2018)  # seven or four years before the first wave
# Epidemic years left out: none, the first, or all three, the first half-year of the pilot among them.
CURVE_EPIDEMIC: tuple[tuple[int, ...], ...] = ((), (2020,), (2020, 2021, 2022))
CURVE_BASE = 2019  # last year before the epidemic, in place of the last year before the pilot
# Untreated waves compared with, by the year in which they start.
CURVE_CONTROLS = {"all": (2025, 2026), "second_wave": (2025,), "third_wave": (2026,)}
# What the half-treated year 2022 counts as: treated, half treated, or nothing.
CURVE_RULES = {"any_day": 1.0, "share_of_days": 0.5, "first_full": None}
# Held fixed before the pilot (2021): the first wave is richer and larger than the rest.
CURVE_COVARIATES = ("none", "log_gdp_per_head", "log_residents")
