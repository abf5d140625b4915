"""The sentence that a number's box begins with: who printed what, for which day, and where it was read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from results import language, ledger, sources, worded

if TYPE_CHECKING:
    from sphinx.application import Sphinx

COUNTS = "published_figures.csv:"
TALLIES = ("provinces", "count")  # units of numbers that no published count decides
MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
KINDS = {
    "en": {"official": "official", "press": "press", "repost": "repost", "second-hand": "second-hand"},
    "zh": {"official": "官方", "press": "新闻", "repost": "转载", "second-hand": "间接"},
}
WORDS: dict[str, dict[str, Any]] = {
    "en": {
        "published": "Published as “{printed}” for {day}; read in {source}.",
        "bounds": "Rests on the published count “{printed}” for {day}; read in {source}.",
        "statistics": "Rests on the published count “{printed}” for {day}; read in {source}.",
        "more": " {count} more published counts bear on it.",
        "one_more": " One more published count bears on it.",
        "source": "“{title}” ({rest})",
        "grade": "grade {grade}",
        "none": {
            "published": "As stated in {source}.",
            "counted": "Counted in the record of this book.",
            "tallied": "Counted among the ranges of this book.",
            "bounds": "Computed for this book from published figures; not published elsewhere.",
            "statistics": "Our own estimate from official annual series; not published elsewhere.",
            "simulated": "Simulated for this book: made-up data, no observations.",
            "records": "Taken from administrative records.",
            "scenario": "Computed for this book from stated assumptions; it is no evidence.",
            "example": "Computed from made-up numbers of your own kind; it is no evidence.",
            "check": "Counted by this package when it checks itself; it is no evidence about the pilot.",
        },
    },
    "zh": {
        "published": "公布原文为“{printed}”，时点为{day}；见{source}。",
        "bounds": "依据公布数“{printed}”（时点{day}）；见{source}。",
        "statistics": "依据公布数“{printed}”（时点{day}）；见{source}。",
        "more": "另有{count}个公布数与之有关。",
        "one_more": "另有1个公布数与之有关。",
        "source": "《{title}》（{rest}）",
        "grade": "等级{grade}",
        "none": {
            "published": "见{source}。",
            "counted": "由本书资料计数得出。",
            "tallied": "由本书的各个区间计数得出。",
            "bounds": "由本书依据公布数据推算，其他来源未公布。",
            "statistics": "由本书依据官方年度数据估计，其他来源未公布。",
            "simulated": "由本书模拟，不是真实数据。",
            "records": "取自行政记录。",
            "scenario": "由本书依明列的假定推算；不是证据。",
            "example": "由示例数字算得；不是证据。",
            "check": "由本项目自查时计数；不是关于试点的证据。",
        },
    },
}


def day_words(day: str, code: str) -> str:
    """``2025-06-30`` as the edition writes it; shorter dates keep what they have."""
    parts = [int(part) for part in re.findall(r"\d+", day)]
    if code == "zh":
        return "".join(f"{part}{unit}" for part, unit in zip(parts, "年月日", strict=False))
    named = [str(parts[0]), *(MONTHS[part - 1] for part in parts[1:2]), *(str(part) for part in parts[2:])]
    return " ".join(reversed(named))


def source_words(app: Sphinx, row: dict[str, str]) -> str:
    """Title, publisher, day, kind and grade of a source in one phrase of the book's language."""
    code = language(app)
    words = WORDS[code]
    kind = KINDS[code].get(row["kind"], row["kind"])
    day = day_words(row["date_published"], code) if row["date_published"] else ""
    parts = [worded(app, row["publisher"]), day, kind, words["grade"].format(grade=row["grade"])]
    rest = (", " if code == "en" else "，").join(part for part in parts if part)
    return str(words["source"]).format(title=worded(app, row["title"]), rest=rest)


def said(app: Sphinx, entry: dict[str, Any]) -> str:
    """The first sentence of a number's box, in the book's language."""
    code = language(app)
    words = WORDS[code]
    steps, evidence = entry["lineage"], entry["evidence"]
    listed = [row.removeprefix(COUNTS).split("+") for row in steps["raw_rows"] if row.startswith(COUNTS)]
    known, register = ledger(app), sources(app)
    counts = [known[name] for name in (listed[0] if listed else []) if name in known]
    if evidence == "bounds" and entry["unit"] in TALLIES:
        return str(words["none"]["tallied"])
    if counts and evidence in words:
        first = counts[0]
        text = str(words[evidence]).format(
            printed=first["printed"] or first["value"],
            day=day_words(first["as_of_date"], code),
            source=source_words(app, register[first["source_id"]]),
        )
        others = len(counts) - 1
        return text + (words["one_more" if others == 1 else "more"].format(count=others) if others else "")
    if evidence != "published":
        return str(words["none"][evidence])
    read = [register[name] for name in steps["sources"] if name in register]
    return str(
        words["none"]["published"].format(source=source_words(app, read[0]))
        if read
        else words["none"]["counted"]
    )
