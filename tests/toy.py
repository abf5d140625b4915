"""SIMULATED toy country with a known truth, as a raw folder that the whole pipeline can run on.

Eight invented provinces join in three waves on the real study's dates. Enrolment follows a stated
path; official series follow unit and year effects plus stated effects of the pilot and small noise.
No number here describes a real place.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from analysis.inputs.renew import renew_record
from analysis.panel.series import SERIES

SCHEMA_FROM = Path(__file__).resolve().parents[1] / "data" / "raw" / "datapackage.yaml"
START = {"01": "2022-07-01", "02": "2022-07-01"}
START |= dict.fromkeys(("03", "04", "05"), "2025-07-01") | dict.fromkeys(("06", "07", "08"), "2026-07-01")
WAVE = {"2022-07-01": 1, "2025-07-01": 2, "2026-07-01": 3}
RESIDENTS = {code: 10_000_000 + 2_500_000 * number for number, code in enumerate(sorted(START))}
QUARTERS = pd.period_range("2022Q3", "2026Q2", freq="Q")
SECOND_HAND = pd.Period("2023Q2", freq="Q")  # quarter of the one grade D count, of province 01
YEARS = range(2014, 2026)
EFFECTS = {"formal_employment_rate": 2.0, "log_income_per_head": 0.05, "log_gdp_per_head": 0.0}
TOLERANCE = {"formal_employment_rate": 0.25, "log_income_per_head": 0.005, "log_gdp_per_head": 0.005}
NOISE = {"formal_employment_rate": 0.05, "log_income_per_head": 0.001, "log_gdp_per_head": 0.001}


@dataclass(frozen=True)
class Truth:
    """What a correct pipeline must find.

    Parameters
    ----------
    enrolled
        ``province_code, quarter, persons, published``: the path by quarter (provinces in force), and
        whether the province's own count is printed for the quarter's last day.
    residents
        Constant over time, persons by province.
    effects
        Effect of the pilot on each statistical outcome, in its unit, from the first year-end on.
    tolerance
        Five standard deviations or more of an estimate, given the noise that was added.
    """

    enrolled: pd.DataFrame
    residents: dict[str, int]
    effects: dict[str, float]
    tolerance: dict[str, float]


def build_toy(folder: Path) -> Truth:
    """Write the toy country's raw package to ``folder`` and return its truth."""
    folder.mkdir(parents=True)
    enrolled = enrolment_path()
    tables = {
        "provinces.csv": provinces(),
        "sources.csv": [source("toy-a", "A"), source("toy-d", "D")],
        "rollout.csv": rollout(),
        "published_figures.csv": figures(enrolled),
        "province_annual.csv": statistics(),
    } | single_rows()
    descriptor = yaml.safe_load(SCHEMA_FROM.read_text(encoding="utf-8"))
    descriptor |= {"name": "toy-country", "title": "SIMULATED toy country", "description": __doc__}
    for resource in descriptor["resources"]:
        columns = [field["name"] for field in resource["schema"]["fields"]]
        with (folder / resource["path"]).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(tables[resource["path"]])
    text = yaml.safe_dump(descriptor, allow_unicode=True, sort_keys=False)
    (folder / "datapackage.yaml").write_text(text, encoding="utf-8")
    renew_record(folder)
    return Truth(enrolled, RESIDENTS, EFFECTS, TOLERANCE)


def enrolment_path() -> pd.DataFrame:
    """Persons ever enrolled: a tenth of residents, approached by a fifth of the gap each quarter."""
    rows = []
    for code, start in START.items():
        for quarter in pd.period_range(start, QUARTERS[-1], freq="Q"):
            age = quarter.ordinal - pd.Period(start, freq="Q").ordinal + 1
            persons = round(0.10 * RESIDENTS[code] * (1 - 0.8**age))
            rows.append((code, quarter, persons, quarter.quarter == 4))
    return pd.DataFrame(rows, columns=["province_code", "quarter", "persons", "published"])


def provinces() -> list[dict]:
    """The register: eight places that do not exist."""
    letters = "ABCDEFGH"
    return [
        {
            "code": code,
            "name_en": f"Toyland {letter}",
            "name_zh": f"模拟{letter}省",
            "short_zh": f"模拟{letter}",
            "abbreviation": f"T{letter}",
            "kind": "province",
            "tile_column": number % 4,
            "tile_row": number // 4,
        }
        for number, (code, letter) in enumerate(zip(sorted(START), letters, strict=True))
    ]


def source(name: str, grade: str) -> dict:
    """One invented source."""
    return {
        "source_id": name,
        "title": "Simulated record",
        "publisher": "Nobody",
        "date_published": "2026-10",
        "date_read": "2026-11",
        "kind": "official" if grade == "A" else "second-hand",
        "grade": grade,
    }


def rollout() -> list[dict]:
    """Announcement half a year ahead, start, and the expansion of the first wave in 2025."""
    rows = []
    for code, start in START.items():
        day = pd.Timestamp(start)
        common = {
            "province_code": code,
            "wave": WAVE[start],
            "document": "Toy notice",
            "source_id": "toy-a",
            "grade": "A",
        }
        ahead = (day - pd.DateOffset(months=6)).strftime("%Y-%m")
        announced = {"event": "announced", "announces": "starts", "date": ahead, "date_precision": "month"}
        starts = {
            "event": "starts",
            "date": start,
            "date_precision": "day",
            "platforms": 7 + 4 * (WAVE[start] > 1),
        }
        rows += [
            {"event_id": f"{code}_announced", **common, **announced},
            {"event_id": f"{code}_starts", **common, **starts},
        ]
        if WAVE[start] == 1:
            expands = {"event": "expands", "date": "2025-07-01", "date_precision": "day", "platforms": 11}
            rows.append({"event_id": f"{code}_expands", **common, **expands})
    return rows


def figures(enrolled: pd.DataFrame) -> list[dict]:
    """National totals each quarter-end and province counts each year-end, to the person, and one weak figure.

    The weak one (grade D) is true, of a quarter without a published count: only a reading that uses
    second-hand figures may know it.
    """
    rows = [
        figure("00", quarter.end_time, int(group["persons"].sum()))
        for quarter, group in enrolled.groupby("quarter")
    ]
    rows += [
        figure(row.province_code, row.quarter.end_time, row.persons)
        for row in enrolled[enrolled["published"]].itertuples()
    ]
    (unpublished,) = enrolled.query("province_code == '01' and quarter == @SECOND_HAND")["persons"]
    weak = figure("01", SECOND_HAND.end_time, unpublished)
    return [*rows, weak | {"source_id": "toy-d", "grade": "D"}]


def figure(code: str, day: pd.Timestamp, persons: int) -> dict:
    """One count printed to the person for the last day of a quarter."""
    return {
        "figure_id": f"{code}_{day:%Y%m%d}_cumulative_participants",
        "level": "national" if code == "00" else "province",
        "province_code": code,
        "measure": "cumulative_participants",
        "as_of_date": f"{day:%Y-%m-%d}",
        "date_precision": "quarter_end",
        "value": persons,
        "printed": str(persons),
        "unit": "persons",
        "printed_unit": 1,
        "qualifier": "exact",
        "source_id": "toy-a",
        "grade": "A",
    }


def statistics() -> list[dict]:
    """Official series with unit and year effects, the stated effects and small noise."""
    rng = np.random.default_rng(20220701)
    record = yaml.safe_load(SCHEMA_FROM.read_text(encoding="utf-8"))
    annual = next(r for r in record["resources"] if r["path"] == "province_annual.csv")
    unit = {name: entry["unit"] for name, entry in annual["indicators"].items()}
    rows = []
    for number, code in enumerate(sorted(START)):
        for year in YEARS:
            treated = year >= int(START[code][:4])
            level = {"formal_employment_rate": 15.0 + number, "log_income_per_head": 10.0 + 0.05 * number}
            level["log_gdp_per_head"] = 10.8 + 0.04 * number
            trend = {"formal_employment_rate": 0.1, "log_income_per_head": 0.06, "log_gdp_per_head": 0.05}
            outcome = {
                name: level[name]
                + trend[name] * (year - 2014)
                + effect * treated
                + NOISE[name] * rng.standard_normal()
                for name, effect in EFFECTS.items()
            }
            residents, urban = RESIDENTS[code], 0.6 * RESIDENTS[code]
            value = {
                "resident_population": residents,
                "urban_population": urban,
                "urban_nonprivate_employment": urban * outcome["formal_employment_rate"] / 100,
                "income_per_head": math.exp(outcome["log_income_per_head"]),
                "gdp_per_head": math.exp(outcome["log_gdp_per_head"]),
            }
            for series in SERIES:
                printed = value.get(series.column, 1e12) / series.scale
                rows.append(
                    {
                        "province_code": code,
                        "year": year,
                        "indicator": series.indicator,
                        "value": f"{printed:.6f}",
                        "unit": unit[series.indicator],
                        "source_id": "toy-a",
                        "grade": "A",
                    }
                )
    return rows


def single_rows() -> dict[str, list[dict]]:
    """One invented row for each table that the estimates do not use; no corrections."""
    common = {"source_id": "toy-a", "grade": "A"}
    policy = {"policy_id": "N01", "level": "national", "province_code": "00", "title_zh": "模拟文件"}
    platform = {"record_id": "participant_01", "record_type": "participant", "platform": "模拟平台"}
    rate = {"rate_id": "rate_01", "industry": "ride_hailing", "platform_group": "all", "tier": "base"}
    benefit = {"benefit_id": "benefit_01", "item": "scope of benefits", "scheme": "pilot", "status": "stated"}
    count = {"count_id": "workers_01", "level": "national", "province_code": "00", "area": "全国"}
    return {
        "policies.csv": [
            policy | common | {"title_en": "Toy document", "issue_date": "2022", "seed_listed": "no"}
        ],
        "platforms.csv": [
            platform
            | common
            | {
                "platform_en": "Toy platform",
                "industry": "ride_hailing",
                "wave": 1,
                "start_date": "2022-07-01",
            }
        ],
        "contribution_rates.csv": [
            rate
            | common
            | {
                "province_code": "00",
                "effective_from": "2022-07-01",
                "yuan_per_order": 0.01,
                "status": "in_force",
            }
        ],
        "benefits.csv": [benefit | common | {"value": "medical", "province_code": "00"}],
        "workers.csv": [
            count
            | common
            | {
                "group": "riders",
                "as_of_date": "2024",
                "date_precision": "year",
                "value": 1000,
                "unit": "persons",
            }
            | {"qualifier": "exact"}
        ],
        "corrections.csv": [],
    }
