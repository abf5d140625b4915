"""The sentence that a number's box begins with: who published what, for which day, and where it was read.

A count is said to decide a number only where it is the one published figure behind it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from results import in_record, language, ledger, local, sources, worded

if TYPE_CHECKING:
    from sphinx.application import Sphinx

COUNTS = "published_figures.csv:"
FIGURES = (COUNTS, "platforms.csv:")  # files of the record whose rows are published figures
COUNTED = ("count", "provinces")  # units of what this book counts itself
QUOTIENT = "ratio of two published counts"  # specification of a number that no source holds
DECLARED = "as declared"  # specification of what the description of the record states
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
        "bounds": "Decided by the published count “{printed}” for {day}; read in {source}.",
        "several": "Rests on {count} published figures.",
        "quotient": "Our own quotient of {count} published counts.",
        "counted": "Counted by this book in {file}.",
        "declared": "As stated in {file}.",
        "stated": "Given as {printed} for {day}, its wording not copied when it was read; in {source}.",
        "stated_exact": "Given as {printed} for {day}, its wording not copied when it was read and the "
        "number taken as rounded to its last digit; in {source}.",
        "chosen": "A choice of this study, made in {file}.",
        "source": "“{title}” ({rest})",
        "grade": "grade {grade}",
        "none": {
            "published": "As stated in {source}.",
            "bounds": "Our own computation from published figures; we saw it published nowhere else.",
            "statistics": "Our own estimate from official annual series; we saw it published nowhere else.",
            "simulated": "Simulated, with variation like that of the years before the pilot.",
            "records": "Taken from administrative records.",
            "scenario": "Our own computation from stated assumptions; it is no evidence.",
            "example": "Computed from made-up numbers of your own kind; it is no evidence.",
            "check": "Counted by this package when it checks itself; it is no evidence about the pilot.",
        },
    },
    "zh": {
        "published": "公布原文为“{printed}”（{day}）；见{source}。",
        "bounds": "由已公布的“{printed}”（{day}）决定；见{source}。",
        "several": "依据{count}个公布的数字。",
        "quotient": "由本书将{count}个公布数相除得出。",
        "counted": "由本书据{file}计数。",
        "declared": "见{file}。",
        "stated": "所载为{printed}（{day}），查阅时没有抄录原文用语；见{source}。",
        "stated_exact": "所载为{printed}（{day}），查阅时没有抄录原文用语，"
        "按四舍五入到末位的数处理；见{source}。",
        "chosen": "本研究自定，写在{file}中。",
        "source": "《{title}》（{rest}）",
        "grade": "等级{grade}",
        "none": {
            "published": "见{source}。",
            "bounds": "本书依据公布数据推算，未见其他来源公布。",
            "statistics": "本书依据官方年度数据估计，未见其他来源公布。",
            "simulated": "模拟所得，波动幅度取自试点之前的年份。",
            "records": "取自行政记录。",
            "scenario": "本书依据列明的假定推算，不是证据。",
            "example": "由示例数字算得，不是证据。",
            "check": "本项目自查时计数，不是关于试点的证据。",
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


def source_words(app: Sphinx, row: dict[str, str], code: str) -> str:
    """Title, publisher, day, kind and grade of a source in one phrase, in the book's language."""
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
    file = steps["result"].partition(":")[0]
    if file.startswith("config."):
        return str(words["chosen"].format(file=file))
    if steps["specification"] == DECLARED:
        return str(words["declared"].format(file=file))
    if evidence in words["none"] and evidence not in ("published", "bounds", "statistics"):
        return str(words["none"][evidence])
    if entry.get("unit") in COUNTED and not steps["result"].startswith(COUNTS):
        return str(words["counted"].format(file=file))
    listed = [row.split(":", 1)[1].split("+") for row in steps["raw_rows"] if row.startswith(FIGURES)]
    count = sum(len(keys) for keys in listed)
    if steps["specification"] == QUOTIENT:
        return str(words["quotient"].format(count=count))
    register = sources(app)
    if evidence in words and count == 1 and listed[0][0] in (known := ledger(app)):
        first = known[listed[0][0]]
        blank = evidence == "published" and not first["printed"]
        stated = "stated_exact" if blank and first["qualifier"] == "exact" else "stated"
        return str(words[stated if blank else evidence]).format(
            printed=worded(app, first["printed"]) or local(entry, "text", code),
            day=day_words(first["as_of_date"], code),
            source=source_words(app, register[first["source_id"]], code),
        )
    if evidence == "bounds" and count > 1:
        return str(words["several"].format(count=count))
    if evidence != "published" or not in_record(app, file):
        return str(words["none"]["bounds" if evidence == "published" else evidence])
    read = [register[name] for name in steps["sources"] if name in register]
    if not read:
        return str(words["declared"].format(file=file))
    return str(words["none"]["published"].format(source=source_words(app, read[0], code)))
