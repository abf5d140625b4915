"""Everything a report may draw on, loaded once: the raw record and the computed tables."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from analysis import inputs
from analysis.base.constants import NATION
from analysis.base.errors import InputError
from analysis.base.products import read_product
from analysis.inputs.descriptor import record_searched

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

HEADLINE = "headline"
CORPS = "corps"
TEXT = ("province_code", "quarter", "event_time", "scope", "setting", "left_out", "parameter")
# Computed tables by field of `Results`.
PRODUCTS = {
    "codebook": "codebook.csv",
    "bounds": "bounds.csv",
    "support": "bounds_support.csv",
    "missing": "missing_figures.csv",
    "contrasts": "wave_contrasts.csv",
    "signing": "wave_signing.csv",
    "cover": "current_cover.csv",
    "heads": "platform_counts.csv",
    "before": "coverage_before.csv",
    "estimates": "estimates.csv",
    "policy": "policy.csv",
    "agreement": "agreement.csv",
    "inference": "inference.csv",
    "distribution": "randomization_distribution.csv",
    "sensitivity": "sensitivity.csv",
    "plan": "plan.csv",
    "forecast": "forecast_scores.csv",
    "curve": "specification_curve.csv",
    "lab": "lab.csv",
}


def name_of(by_code: pd.DataFrame, code: str, language: str) -> str:
    """Short name of a province, or of the nation; ``by_code`` is that of `Results`."""
    if code == NATION:
        return "China" if language == "en" else "全国"
    return str(by_code.at[code, "name_en" if language == "en" else "short_zh"])


@dataclass(frozen=True)
class Results:
    """The record, with the day up to which it was searched, and (second block) what was computed from it."""

    searched: pd.Timestamp
    provinces: pd.DataFrame
    sources: pd.DataFrame
    rollout: pd.DataFrame
    ledger: pd.DataFrame
    statistics: pd.DataFrame
    policies: pd.DataFrame
    platforms: pd.DataFrame
    rates: pd.DataFrame
    benefits: pd.DataFrame
    workers: pd.DataFrame
    wording: dict[str, tuple[str, str]]

    codebook: pd.DataFrame
    bounds: pd.DataFrame
    support: pd.DataFrame
    missing: pd.DataFrame
    contrasts: pd.DataFrame
    signing: pd.DataFrame
    cover: pd.DataFrame
    heads: pd.DataFrame
    before: pd.DataFrame
    estimates: pd.DataFrame
    policy: pd.DataFrame
    agreement: pd.DataFrame
    inference: pd.DataFrame
    distribution: pd.DataFrame
    sensitivity: pd.DataFrame
    curve: pd.DataFrame
    plan: pd.DataFrame
    forecast: pd.DataFrame
    lab: pd.DataFrame

    @cached_property
    def figures(self) -> pd.DataFrame:
        """The ledger by figure id."""
        return self.ledger.set_index("figure_id")

    @cached_property
    def graded(self) -> pd.DataFrame:
        """Source and grade of every figure of the ledger, by figure id."""
        return self.figures[["source_id", "grade"]]

    @cached_property
    def by_code(self) -> pd.DataFrame:
        """Provinces and the Corps, indexed by code."""
        return self.provinces.set_index("code").sort_index()

    @cached_property
    def units(self) -> pd.DataFrame:
        """The 31 provinces of the panel, without the Corps, indexed by code."""
        return self.by_code[self.by_code["kind"] != CORPS]

    def name(self, code: str, language: str) -> str:
        """Short name of a province, or of the nation."""
        return name_of(self.by_code, code, language)

    def said(self, text: str, language: str) -> str:
        """A text of the record in the reader's language; one without wording stays as it stands."""
        return self.wording.get(text, (text, text))[language == "zh"]

    @cached_property
    def waves(self) -> pd.Series:
        """Wave (1 to 3) by province code, the Corps included."""
        starts = self.rollout[self.rollout["event"] == "starts"]
        return starts.set_index("province_code")["wave"].astype(int).sort_index()

    def headline(self, estimand: str, unit: str) -> pd.DataFrame:
        """Rows of bounds.csv under the headline reading."""
        rows = self.bounds
        rows = rows[(rows["assumptions"] == HEADLINE) & (rows["estimand"] == estimand)]
        return rows[rows["unit"] == unit].sort_values(["quarter", "scope"])

    def interval(
        self, estimand: str, quarter: str, unit: str, scope: str = "in_force"
    ) -> tuple[float, float]:
        """Ends of one headline interval; the upper end is missing where nothing limits it."""
        rows = self.headline(estimand, unit)
        rows = rows[(rows["quarter"] == quarter) & (rows["scope"] == scope)]
        if len(rows) != 1:
            raise InputError(
                f"{len(rows)} rows for {estimand}, {scope}, {quarter}, {unit}",
                file="bounds.csv",
                expected="one row under the headline reading",
                action="run `python -m analysis bounds` again",
            )
        return float(rows["lower"].iloc[0]), float(rows["upper"].iloc[0])

    def newest_bounded(self) -> str:
        """Newest quarter whose pooled enrolment the record limits from above."""
        rows = self.headline("pooled", "persons").dropna(subset=["upper"])
        return str(rows["quarter"].max())


@contextmanager
def from_products(what: str) -> Iterator[None]:
    """Turn a row, a value or a column that a computation misses in the products into the user's error.

    A product that was cut off between two lines, or edited, is a table like any other: only who needs the
    row finds out.
    """
    try:
        yield
    except InputError:
        raise
    except (LookupError, ArithmeticError, AssertionError, StopIteration, TypeError, ValueError) as error:
        raise InputError(
            f"{what} cannot be computed from the products",
            file="data/processed",
            value=f"{type(error).__name__}: {error}",
            expected="the tables as their steps wrote them",
            action="make them anew with `make`; if it stays, it is a defect of this package: report it",
        ) from error


def read_table(path: Path) -> pd.DataFrame:
    """One computed table, codes and quarters as text; blank text columns as empty strings."""
    table = read_product(path, TEXT)
    text = table.select_dtypes(include=["object", "string"]).columns
    return table.assign(**{name: table[name].fillna("") for name in text})


def load_results(raw: Path, processed: Path) -> Results:
    """Load the record from ``raw`` and the computed tables from ``processed``.

    Raises
    ------
    InputError
        When the record or a table is not as it has to be.
    """
    tables = {field: read_table(processed / name) for field, name in PRODUCTS.items()}
    inputs.check_package(raw)
    return Results(
        searched=record_searched(raw),
        provinces=inputs.load_provinces(raw),
        sources=inputs.load_sources(raw),
        rollout=inputs.load_rollout(raw),
        ledger=inputs.load_ledger(raw),
        statistics=inputs.load_statistics(raw),
        policies=inputs.load_policies(raw),
        platforms=inputs.load_platforms(raw),
        rates=inputs.load_rates(raw),
        benefits=inputs.load_benefits(raw),
        workers=inputs.load_workers(raw),
        wording=inputs.load_wording(raw),
        **tables,
    )
