"""Tables of `did.py`'s last measurements, in both languages, for the book and this folder's README.

``python benchmarks/did_tables.py`` writes them anew from ``results/did.csv``; `did.py` does so at its end.
"""

from __future__ import annotations

import csv
import math
import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "results"
EACH = "each: "  # how the name of a row begins that sets one estimator beside all its peers
SIZES = ("small", "tall", "many cohorts", "wide")
GROWN = ("units", "periods", "cohorts")
FORMER = "former build"
HEADS = {
    "": ("Work", "Ours, seconds", "MB", "Others: how many times our time", "Wanted", "Reached"),
    ".zh": ("任务", "本程序（秒）", "内存（MB）", "其他程序耗时为本程序的倍数", "目标", "达到"),
}
GROWTH = {
    "": ("What grows", "From", "To", "Seconds at both ends", "Exponent of time"),
    ".zh": ("增长的量", "从", "到", "两端耗时（秒）", "耗时指数"),
}
EVERY = {
    "": ("Estimator", *SIZES, "Slower or larger than a peer"),
    ".zh": ("估计量", "小", "高", "多队列", "宽", "慢于或大于某一程序"),
}
WORDS = {
    "stopped": "停止", "other answer": "答案不同", "failed": "出错", "time": "时间", "memory": "内存",
    "four aggregations": "四种汇总", "999 draws and bands": "999次抽样与置信带",
    "200 placebos": "200次安慰剂", "many cohorts": "多队列", "a million units": "一百万单位",
    "all estimators": "全部估计量", "simulated outcomes at once": "组模拟结果一次算完",
    "synthetic DID": "合成DID", "the command with --checks": "带 --checks 的命令",
    "exact randomisation": "精确随机化检验", "assignments": "种分配", "studentised": "学生化",
    "small": "小", "tall": "高", "wide": "宽", "units": "单位数", "periods": "期数", "cohorts": "队列数",
    "earlier build": "早前版本", "times": "倍", "yes": "是", "no": "否",
    "sun_abraham, ours": "本程序的sun_abraham",
}  # fmt: skip
BLOCK = re.compile(r"(<!-- measured -->\n).*?(<!-- /measured -->)", re.DOTALL)


def said(text: str, language: str) -> str:
    """English words of a table in the reader's language; names of programs and estimators stay."""
    if language == "":
        return text
    for english in sorted(WORDS, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(english)}(?!\w)", WORDS[english], text)
    return text


def by_row(lines: list[dict[str, str]]) -> dict[str, list[dict[str, str]]]:
    """Measurements by row, in the order of the file, ours first."""
    found: dict[str, list[dict[str, str]]] = {}
    for line in lines:
        found.setdefault(line["row"], []).append(line)
    return {row: sorted(own, key=lambda line: line["program"] != "ours") for row, own in found.items()}


def times(text: str) -> str:
    """A ratio with one decimal, below two with two; at least that much where a program was stopped."""
    ratio = float(text.strip(">"))
    return text[: text.startswith(">")] + (f"{ratio:.1f}" if ratio >= 2 else f"{ratio:.2f}")


def called(program: str) -> str:
    """A program's name as its users write it."""
    return program.replace(FORMER, "earlier build").replace("_", "-").replace("sun-abraham", "sun_abraham")


def every_cells(rows: dict[str, list[dict[str, str]]]) -> list[tuple[str, ...]]:
    """A row for each estimator: seconds and megabytes at each size, and how many times they are of others."""
    found = []
    for name in dict.fromkeys(row.removeprefix(EACH).split(", ")[0] for row in rows if row.startswith(EACH)):
        cells, behind = [], []
        for size in SIZES:
            own, *others = rows.get(f"{EACH}{name}, {size}") or [{}]
            if not own:
                cells.append("")
                continue
            said_of = [f"**{float(own['seconds']):.2g} s, {own['peak_mb']} MB**"]
            for line in others:
                what = "failed"
                if line["times_ours"]:
                    what = times(line["times_ours"])
                    what += f" ({line['peak_mb']} MB)" if line["peak_mb"] else " (stopped)"
                if line["answer"] == "other":
                    what += ", other answer"
                elif line["times_ours"]:
                    slower = float(line["times_ours"].strip(">")) < 1
                    larger = bool(line["peak_mb"]) and float(line["peak_mb"]) < float(own["peak_mb"])
                    behind += [f"{size}: time"] * slower + [f"{size}: memory"] * larger
                said_of.append(f"{called(line['program'])} {what}")
            cells.append("; ".join(said_of))
        found.append((name, *cells, "; ".join(dict.fromkeys(behind)) or "no"))
    return found


def speed_cells(row: str, lines: list[dict[str, str]]) -> tuple[str, ...]:
    """Cells of one row of the table of speed."""
    own, others = lines[0], lines[1:]
    peers = [line for line in others if line["program"] != FORMER] or others
    others_said = "; ".join(
        f"{called(line['program'])} {times(line['times_ours'])} ({float(line['peak_mb']):.0f} MB)"
        for line in others
    )
    wanted, reached = [], []
    if own["target_ratio"] and peers:
        ratio = min(float(line["times_ours"]) for line in peers)
        wanted.append(f"{float(own['target_ratio']):.3g} times")
        reached.append(ratio >= float(own["target_ratio"]))
    if own["target_seconds"]:
        wanted.append(f"{own['target_seconds']} s")
        reached.append(float(own["seconds"]) <= float(own["target_seconds"]))
    if own["target_mb"]:
        wanted.append(f"{own['target_mb']} MB")
        reached.append(float(own["peak_mb"]) <= float(own["target_mb"]))
    seconds = float(own["seconds"])
    written = f"{seconds:.2f}" if seconds >= 0.1 else f"{seconds:.4f}"
    return row, written, own["peak_mb"], others_said, ", ".join(wanted), "yes" if all(reached) else "no"


def growth_cells(rows: dict[str, list[dict[str, str]]]) -> list[tuple[str, ...]]:
    """Power of units, periods and cohorts with which the seconds of group_time grow, from the two ends."""
    found: list[tuple[str, ...]] = []
    for what in GROWN:
        prefix = f"group_time, {what} "
        sizes = {
            int(name.removeprefix(prefix)): own[0] for name, own in rows.items() if name.startswith(prefix)
        }
        if len(sizes) > 1:
            low, high = min(sizes), max(sizes)
            start, end = (float(sizes[size]["seconds"]) for size in (low, high))
            power = math.log(end / start) / math.log(high / low)
            found.append((what, f"{low:,}", f"{high:,}", f"{start:.3g}; {end:.3g}", f"{power:.2f}"))
    return found


def markdown(head: tuple[str, ...], cells: list[tuple[str, ...]], language: str, numbers: int = 2) -> str:
    """A table, the numbers that follow the first column to the right."""
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * numbers + "---|" * (len(head) - 1 - numbers)]
    lines += ["| " + " | ".join(said(cell, language) for cell in row) + " |" for row in cells]
    return "\n".join(lines) + "\n"


def write_tables() -> None:
    """Write three tables of speed in both languages, and the block of the README."""
    lines = list(csv.DictReader((RESULTS / "did.csv").open(encoding="utf-8")))
    rows = by_row(lines)
    grown = tuple(f"group_time, {what} " for what in GROWN)
    speed = [speed_cells(row, own) for row, own in rows.items() if not row.startswith((*grown, EACH))]
    every = every_cells(rows)
    growth = growth_cells(rows)
    texts = {}
    for language in HEADS:
        texts[f"tbl-did-speed{language}.md"] = markdown(HEADS[language], speed, language)
        texts[f"tbl-did-every{language}.md"] = markdown(EVERY[language], every, language, numbers=0)
        texts[f"tbl-did-growth{language}.md"] = markdown(GROWTH[language], growth, language)
    for name, text in texts.items():
        (RESULTS / name).write_text(text, encoding="utf-8")
    readme = FOLDER / "README.md"
    names = ("tbl-did-speed.md", "tbl-did-every.md", "tbl-did-growth.md")
    block = "\n".join(texts[name] for name in names)
    old = readme.read_text(encoding="utf-8")
    readme.write_text(BLOCK.sub(lambda match: match[1] + block + match[2], old), encoding="utf-8")


if __name__ == "__main__":
    write_tables()
