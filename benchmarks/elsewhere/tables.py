"""The tables of the page "Other software on this design", in both languages, from the answers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from analysis.base.files import write_text
from benchmarks.elsewhere.questions import QUESTIONS

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

HEADS = {question.name: (question.english, question.chinese) for question in QUESTIONS} | {
    "average": ('"the" overall effect is', "所谓总效应是"),
    "anticipation": ("with two quarters of anticipation", "两季预期时"),
    "error": ("error; distribution", "标准误与分布"),
    "seed": ("seed", "随机种子"),
    "one_treated": ("error with one treated unit; spread", "仅一个处理单位时的标准误与离散度"),
}
GROUPS = {
    "writing": ("never_0", "never_nan", "never_inf", "periods", "text", "numbers"),
    "panel": ("everybody", "row_absent", "row_empty", "anticipation"),
    "errors": ("average", "error", "seed", "one_treated"),
}
CHINESE = {
    "right": "正确", "other number": "另一个数", "no number": "无结果", "does not apply": "不适用",
    "no such option": "无此选项", "draws nothing": "不抽样", "respected": "有效", "ignored": "被忽略",
    "normal": "正态", "no p-value": "无p值", "no error by default": "默认无标准误", "no error": "无标准误",
    "event times only": "只给各事件时间", "base: last before the window": "基期为窗口前最后一期",
    "base: the period before": "基期为前一期", "another base": "另一基期", "another average": "另一平均",
    "mean of event times": "事件时间的均值", "like the spread": "与离散度相当",
    "far from the spread": "与离散度相去甚远", "Student": "t分布", "refuses": "拒绝",
}  # fmt: skip
EMPTY = ("does not apply", "no such option", "draws nothing")
TELLS_NUMBERS = ("error", "one_treated")


def cell(row: pd.Series, language: int) -> str:
    """Text of one answer; the other number stands before the right one."""
    answer = str(row["answer"])
    if answer in EMPTY:
        return "–"
    words = answer.split(":")[0] if answer.startswith("refuses") else answer
    if language:
        head, _, rest = words.partition(", ")
        words = CHINESE.get(words, CHINESE.get(head, head) + (f"，{rest}" if rest else ""))
    numbers = math.isfinite(row["value"]) and math.isfinite(row["right"])
    if answer == "other number":
        return f"**{row['value']:.3f}**, {'应为' if language else 'right is'} {row['right']:.3f}"
    if row["question"] in TELLS_NUMBERS and numbers:
        return f"{row['value']:.4f}; {words if row['question'] == 'error' else format(row['right'], '.4f')}"
    return words


def write_tables(answers: pd.DataFrame, folder: Path) -> None:
    """Write ``tbl-elsewhere-GROUP`` (md, zh.md) for each group of questions into ``folder``."""
    answers = answers.sort_values(["estimator", "package", "function"])
    for group, questions in GROUPS.items():
        for language, ending in enumerate((".md", ".zh.md")):
            head = ["软件" if language else "software", *(HEADS[name][language] for name in questions)]
            lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
            for (name, version, function), rows in answers.groupby(
                ["package", "version", "function"], sort=False
            ):
                found = rows.set_index("question")
                found["question"] = found.index
                cells = [cell(found.loc[question], language) for question in questions]
                if set(cells) != {"–"}:
                    lines.append("| " + " | ".join([f"{name} {version} `{function}`", *cells]) + " |")
            write_text("\n".join(lines) + "\n", folder / f"tbl-elsewhere-{group}{ending}")
