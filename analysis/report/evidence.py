"""What every number and exhibit says of itself: its evidence class, or the mark of what is no evidence."""

from __future__ import annotations

from typing import NamedTuple

from analysis.did.results import EVIDENCE


class Badge(NamedTuple):
    """How a class or mark is shown: words in running text, words on a figure, colour and sign."""

    english: str
    chinese: str
    badge_en: str
    badge_zh: str
    colour: str
    sign: str


BADGES = {
    "published": Badge("published", "公布数据", "PUBLISHED RECORD", "公布数据", "#0f6b5c", "■"),
    "bounds": Badge(
        "bounds", "区间界定", "BOUNDS: intervals from published figures", "区间：由公布数据推定的上下界",
        "#12305c", "↔",
    ),
    "statistics": Badge(
        "statistics", "统计估计", "STATISTICS: official annual series", "统计：官方年度数据", "#6b4fa0", "●",
    ),
    "simulated": Badge("simulated", "模拟", "SIMULATED: not data", "模拟：并非真实数据", "#a03030", "▲"),
    "records": Badge("records", "行政记录", "RECORDS: administrative", "记录：行政记录", "#8a5a00", "◆"),
    # Marks of what is no evidence about the pilot.
    "scenario": Badge(
        "scenario", "情景", "SCENARIO: from assumptions, no evidence", "情景：依假定推算，不是证据",
        "#55606e", "◇",
    ),
    "example": Badge(
        "example", "示例", "EXAMPLE: your own numbers, no evidence", "示例：自设数字，不是证据",
        "#55606e", "○",
    ),
    "check": Badge(
        "check", "核对", "CHECK of this package, no evidence", "核对：本项目自查，不是证据", "#55606e", "□",
    ),
}  # fmt: skip
MARKS = tuple(name for name in BADGES if name not in EVIDENCE)
