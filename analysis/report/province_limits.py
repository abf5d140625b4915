"""What the record has on one province: the figures that decide its intervals, its own count, its events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis import config
from analysis.base.constants import NATION
from analysis.report.figures.national import COVERAGE
from analysis.report.province_words import WORDS
from analysis.report.results import HEADLINE

if TYPE_CHECKING:
    from analysis.report.results import Results

RATE = "per_1000_residents"


def limits(results: Results, code: str, language: str) -> str:
    """What kinds of published figures decide the lower and the upper ends of a province's bars."""
    words = WORDS[language]
    lower, upper = (deciding(results, code, side) for side in ("lower", "upper"))
    said = [("both", lower)] if lower and lower == upper else [("lower", lower), ("upper", upper)]
    comma, space = (", ", " ") if language == "en" else ("、", "")
    listed = [
        (end, comma.join(text for kind, text in words["figures"].items() if kind in kinds))
        for end, kinds in said
    ]
    return space.join(
        str(words[end].format(figures=text) if text else words[f"no_{end}"]) for end, text in listed
    )


def deciding(results: Results, code: str, side: str) -> set[str]:
    """Kinds of the figures that decide one side: ``own``, ``national``, ``others``."""
    support = results.support
    here = (support["scope"] == code) & (support["estimand"] == "province") & (support["side"] == side)
    here &= (support["assumptions"] == HEADLINE) & (support["unit"] == RATE)
    places = {str(figure).partition("_")[0] for figure in support.loc[here, "figure_id"]}
    return {"own" if place == code else "national" if place == NATION else "others" for place in places}


def published(results: Results, code: str, quarter: str) -> bool:
    """Whether the province's own count for a quarter-end is on record."""
    day = pd.Period(quarter, freq="Q").end_time.normalize()
    rows = results.ledger
    rows = rows[(rows["province_code"] == code) & (rows["measure"] == COVERAGE) & (rows["city"] == "")]
    rows = rows[rows["grade"].isin(config.HEADLINE_GRADES) & (rows["as_of_last"] == day)]
    return not rows[rows["as_of_first"] == day].empty


def folded(rollout: pd.DataFrame) -> pd.DataFrame:
    """Events of one province, its widening on the day of its start told with the start.

    Nothing widens on the day on which it begins: where one source gives both, the row of the start takes the
    number of platforms.
    """
    starts = rollout["event"] == "starts"
    day, source, without = rollout.loc[starts, ["date", "source_id", "platforms"]].iloc[0]
    same = (rollout["event"] == "expands") & (rollout["date"] == day) & (rollout["source_id"] == source)
    if not same.any() or not pd.isna(without):
        return rollout
    told = rollout.loc[same, "platforms"].iloc[0]
    return rollout.assign(platforms=rollout["platforms"].mask(starts, told))[~same]


def second_hand(results: Results, row: pd.Series) -> bool:
    """Whether a row of the record rests on a second-hand report."""
    kinds = results.sources.set_index("source_id")["kind"]
    return bool(kinds[row["source_id"]] == "second-hand")
