"""A number that a text may name, and the road back from it to the sources.

Lineage runs: row of a computed table, specification, rows of the raw record, sources, worst grade.
Raw rows are written ``file:key``, several keys of one file joined by ``+``; keys are those of the
data package (for ``province_annual.csv`` the columns code, year, indicator, joined by commas). A ``*``
stands for every province that the file holds with the rest of the key.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis import config
from analysis.did.digits import rounded_value
from analysis.panel.build import DENOMINATORS
from analysis.panel.series import DERIVED, SERIES
from analysis.report.certainty import Interval, certainty
from analysis.report.grades import GRADES
from analysis.report.quantities import quantity
from analysis.report.specification_words import specification_zh
from analysis.report.text import percent_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analysis.report.results import Results

GRADED = ("published", "bounds", "statistics")  # classes whose numbers say something of China
INTERVAL = re.compile(r"_(set|ci)(_percent)?$")  # confidence sets; other pairs are ranges
CAVEATS = {
    grade: (f"{GRADES[grade][0]} (grade {grade})", f"{GRADES[grade][1]}（{grade}级）") for grade in "CD"
}


@dataclass(frozen=True)
class Lineage:
    """Where a number comes from.

    Parameters
    ----------
    result
        Row of the computed or raw table that holds the number.
    specification
        How it was computed.
    raw_rows
        ``file:key`` entries; see the module.
    sources
        Ids of `sources.csv`: those of the rows that decide the number first.
    grade
        Worst grade of the raw rows; empty for counts of the record's own rows.
    """

    result: str
    specification: str
    raw_rows: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    grade: str = ""


@dataclass(frozen=True)
class Number:
    """One entry of numbers.json."""

    key: str
    value: Any
    unit: str
    text_en: str
    text_zh: str
    evidence: str
    lineage: Lineage
    caveat: tuple[str, str] = ("", "")  # in English and Chinese; else the one that the grade demands
    interval: Interval | None = None  # what its certainty is read from; else its own ends

    def record(self) -> dict[str, Any]:
        """As numbers.json holds it, with the caveat that weak sources demand."""
        caveat_en, caveat_zh = self.caveat if any(self.caveat) else CAVEATS.get(self.lineage.grade, ("", ""))
        return {
            "value": rounded_value(self.value),
            "unit": self.unit,
            "text_en": self.text_en,
            "text_zh": percent_text(self.text_zh) if self.unit == "percent" else self.text_zh,
            "evidence": self.evidence,
            **self.certainty(),
            **self.quantity(),
            "caveat_en": caveat_en,
            "caveat_zh": caveat_zh,
            "lineage": {
                "result": self.lineage.result,
                "specification": self.lineage.specification,
                "specification_zh": specification_zh(self.lineage.specification),
                "raw_rows": list(self.lineage.raw_rows),
                "sources": list(self.lineage.sources),
                "grade": self.lineage.grade,
            },
        }

    def certainty(self) -> dict[str, str | None]:
        """Its step on the scale of certainty in both languages; none where the scale does not apply."""
        ends = self.interval or self.own_ends()
        if ends is None or self.evidence not in GRADED or self.unit == "probability":
            return {"certainty": None, "certainty_en": "", "certainty_zh": ""}
        step = certainty(ends, self.lineage.grade)
        return {"certainty": step.name, "certainty_en": step.label_en, "certainty_zh": step.label_zh}

    def own_ends(self) -> Interval | None:
        """The value as an interval: both ends, an open one as infinite; a single printed value twice."""
        if isinstance(self.value, list) and (self.evidence != "statistics" or INTERVAL.search(self.key)):
            low, high = self.value
            return (-math.inf if low is None else low, math.inf if high is None else high)
        exact = self.evidence == "published" and isinstance(self.value, int | float)
        return (float(self.value), float(self.value)) if exact else None

    def quantity(self) -> dict[str, str]:
        """The quantity that it measures and the key of that quantity's default interval, where it has one."""
        found = quantity(self.key)
        return {"quantity": found.name, "default_interval": found.default_interval} if found else {}


@dataclass(frozen=True)
class RawRows:
    """Rows of one raw file: their keys, sources and grades."""

    file: str
    keys: tuple[str, ...]
    sources: tuple[str, ...]
    grades: frozenset[str]

    @classmethod
    def of(cls, file: str, rows: pd.DataFrame, keys: Iterable[str]) -> RawRows:
        """Rows of ``file`` with the keys given."""
        return cls(file, tuple(keys), tuple(dict.fromkeys(rows["source_id"])), frozenset(rows["grade"]))


def trace(result: str, specification: str, *parts: RawRows) -> Lineage:
    """Lineage over several raw files, the deciding one first; the grade is the worst of all."""
    grades: set[str] = set().union(*(part.grades for part in parts))
    sources = tuple(dict.fromkeys(source for part in parts for source in part.sources))
    keys: dict[str, dict[str, None]] = {}
    for part in parts:
        keys.setdefault(part.file, {}).update(dict.fromkeys(part.keys))
    rows = tuple(f"{file}:{'+'.join(found)}" for file, found in keys.items() if found)
    return Lineage(result, specification, rows, sources, max(grades, default=""))


def figures(results: Results, ids: Iterable[str]) -> RawRows:
    """Rows of the ledger in the order given; a set has none and is sorted."""
    names = sorted(ids) if isinstance(ids, set) else list(dict.fromkeys(ids))
    return RawRows.of("published_figures.csv", results.graded.loc[names], names)


def starts(results: Results, codes: Iterable[str]) -> RawRows:
    """Start events of provinces: they decide where enrolment is zero by the scheme's rules.

    All provinces that began on one day are one key, ``*_starts_DAY``.
    """
    began = results.rollout.loc[
        results.rollout["event"] == "starts", ["event_id", "province_code", "source_id", "grade"]
    ]
    rows = began[began["province_code"].isin(set(codes))]
    keys: list[str] = []
    for tail, same_day in rows.groupby(rows["event_id"].str.slice(2)):
        everyone = len(same_day) == began["event_id"].str.endswith(str(tail)).sum()
        keys += [f"*{tail}"] if everyone else sorted(same_day["event_id"])
    return RawRows.of("rollout.csv", rows, keys)


def denominators(results: Results, codes: Iterable[str], quarter: str, unit: str) -> RawRows:
    """Year-end counts that a rate at ``quarter`` divides by; none for persons."""
    column = {
        "per_1000_residents": DENOMINATORS["residents_last_year_end"],
        "per_100_urban_employees": DENOMINATORS["urban_employees_last_year_end"],
    }.get(unit)
    indicator = next((item.indicator for item in SERIES if item.column == column), None)
    year = counted_year(quarter)
    rows = results.statistics[["province_code", "year", "indicator", "source_id", "grade"]]
    rows = rows[
        (rows["indicator"] == indicator) & rows["province_code"].isin(set(codes)) & (rows["year"] <= year)
    ]
    rows = rows.sort_values("year").drop_duplicates("province_code", keep="last").sort_values("province_code")
    return RawRows.of("province_annual.csv", rows, annual_keys(rows))


def counted_year(quarter: str) -> int:
    """Newest year whose end is not after a quarter's."""
    period = pd.Period(quarter, freq="Q")
    return int(period.year - (period.quarter < 4))


def outcome_rows(results: Results, outcome: str) -> RawRows:
    """Annual series that a statistical outcome is computed from, over the years estimated."""
    formula = next(item.formula for item in DERIVED if item.column == outcome)
    columns = set(re.findall(r"[a-z_]+", formula))
    indicators = {item.indicator for item in SERIES if item.column in columns}
    last = next(item.last_year for item in config.OUTCOMES if item.name == outcome)
    rows = results.statistics
    rows = rows[rows["indicator"].isin(indicators) & rows["year"].between(config.ESTIMATION_START, last)]
    keys = [f"*,{config.ESTIMATION_START}-{last},{indicator}" for indicator in sorted(indicators)]
    return RawRows.of("province_annual.csv", rows, keys)


def annual_keys(rows: pd.DataFrame) -> list[str]:
    """Keys of rows of ``province_annual.csv``."""
    parts = zip(rows["province_code"], rows["year"], rows["indicator"], strict=True)
    return [f"{code},{year},{indicator}" for code, year, indicator in parts]
