"""What the box of a number says: who published it or who computed it, in the language of its page."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from analysis.report.grades import GRADES
from analysis.report.lineage import CAVEATS
from analysis.report.specification_words import specification_zh

ROOT = Path(__file__).resolve().parents[2]
EXTENSIONS = ROOT / "book" / "_ext"
HAN = re.compile(r"[\u3400-\u9fff]")
# What stays as it is on a Chinese page: files, addresses, and names that have no Chinese form.
KEPT = re.compile(r"[\w-]+(?:\.[\w*-]+)+|config\.\w+\*?|[A-D]级")
NAMES = {
    *("Reportify", "Holm", "Romano", "Wolf", "Breusch", "Pagan", "Wooldridge", "Rambachan", "Roth"),
    *("Conley", "Taber", "DFBETAS", "CR1", "CSV", "linearmodels", "triệu"),
}
PROGRAM = """
import json, sys
from types import SimpleNamespace as Made
from number_role import UNITS
from said import said
entries = json.load(sys.stdin)
boxes = {}
for place, code in enumerate(("en", "zh")):
    settings = Made(language=code, book_sources="sources.csv", book_ledger="published_figures.csv")
    app = Made(config=settings, srcdir=sys.argv[1])
    boxes[code] = {key: [said(app, entry), UNITS[entry["unit"]][place]] for key, entry in entries.items()}
json.dump(boxes, sys.stdout)
"""


@pytest.fixture(scope="module")
def boxes(numbers: dict[str, Any]) -> dict[str, dict[str, list[str]]]:
    """First sentence and unit of every number's box, by language and key."""
    command = [sys.executable, "-X", "utf8", "-c", PROGRAM, str(ROOT / "data/raw")]
    done = subprocess.run(
        command, input=json.dumps(numbers), env={"PYTHONPATH": str(EXTENSIONS)},
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def english(text: str) -> list[str]:
    """Words of English that no name or file accounts for."""
    return [
        word
        for word in re.findall(r"[A-Za-z][A-Za-z0-9\u00c0-\u1eff]+", KEPT.sub(" ", text))
        if word not in NAMES
    ]


def test_an_english_word_is_found_and_a_file_is_none() -> None:
    assert english("依据Report of the count") == ["Report", "of", "the", "count"]
    assert english("由本书据bounds.csv计数，见reportify.ai，C级") == []


def test_a_box_on_a_chinese_page_is_chinese(boxes: Any, numbers: dict[str, Any]) -> None:
    found = {
        key: words
        for key, (sentence, unit) in boxes["zh"].items()
        if (words := english(sentence + unit + numbers[key]["lineage"]["specification_zh"]))
    }
    assert found == {}
    assert all(HAN.search(sentence) for sentence, _ in boxes["zh"].values())
    rows = {entry["lineage"]["result"] for entry in numbers.values()}  # codes: no sentence
    assert sorted(row for row in rows if re.search(r"[a-z]{2,} [a-z]{2,} [a-z]", row)) == []


def test_every_specification_has_its_chinese(numbers: dict[str, Any]) -> None:
    missing = {entry["lineage"]["specification"] for entry in numbers.values()}
    assert sorted(text for text in missing if not HAN.search(specification_zh(text))) == []


def figures(entry: dict[str, Any]) -> int:
    """Published figures behind a number."""
    rows = [row.partition(":") for row in entry["lineage"]["raw_rows"]]
    return sum(
        len(keys.split("+")) for file, _, keys in rows if file in ("published_figures.csv", "platforms.csv")
    )


def test_a_count_decides_a_number_only_where_it_is_alone(boxes: Any, numbers: dict[str, Any]) -> None:
    deciding = {key for key, (sentence, _) in boxes["en"].items() if sentence.startswith("Decided by")}
    assert "pooled_in_force_2025q4_persons" in deciding
    assert {figures(numbers[key]) for key in deciding} == {1}
    assert {numbers[key]["evidence"] for key in deciding} == {"bounds"}


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("n_provinces_in_force_newest", "Counted by this book in bounds.csv."),
        ("wave_tried", "Counted by this book in wave_signing.csv."),
        ("n_sources", "Counted by this book in sources.csv."),
        ("record_searched", "As stated in datapackage.yaml."),
        ("certainty_narrow_percent", "A choice of this study, made in config.CERTAINTIES."),
        (
            "policy_lag_starts_2_median",
            "Our own computation from published figures; we saw it published nowhere else.",
        ),
        (
            "seed_growth_percent",
            "Our own quotient of 2 published counts.",
        ),
        (
            "formal_employment_rate_randomization_p",
            "Our own estimate from official annual series; we saw it published nowhere else.",
        ),
    ],
)
def test_what_this_book_counts_or_computes_is_called_its_own(boxes: Any, key: str, sentence: str) -> None:
    assert boxes["en"][key][0] == sentence


def test_a_second_hand_report_is_named_as_one_in_both_languages(boxes: Any) -> None:
    key = "pooled_in_force_2024q4_persons"
    assert boxes["en"][key][0].endswith("January 2025, second-hand, grade C).")
    assert boxes["zh"][key][0].endswith("（未记录，2025年1月，间接，等级C）。")


def test_a_quotient_is_as_sure_as_the_interval_it_lies_in(numbers: dict[str, Any]) -> None:
    quotient, rise = numbers["seed_growth_percent"], numbers["decomposition_total_growth_percent"]
    assert rise["value"][0] <= quotient["value"] <= rise["value"][1]
    assert quotient["certainty"] == rise["certainty"] == "wide"


def test_the_caveats_and_the_data_package_define_grades_by_the_same_words() -> None:
    for grade, (said_en, said_zh) in CAVEATS.items():
        assert said_en.startswith(GRADES[grade][0])
        assert said_zh.startswith(GRADES[grade][1])
    package = " ".join((ROOT / "data/raw/datapackage.yaml").read_text(encoding="utf-8").split())
    for grade in "CD":
        assert package.count(f"{grade} {GRADES[grade][0]}") == 9  # eight tables of facts, and the sources
