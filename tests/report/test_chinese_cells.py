"""The Chinese edition speaks Chinese: no English phrase in a cell, a caption or the title of a source."""

from __future__ import annotations

import re
from typing import Any

import pytest

from analysis.report.exhibits import maker
from analysis.report.spec import TEXTS, load_exhibits

HAN = re.compile(r"[\u3400-\u9fff]")
PHRASE = re.compile(r"[A-Za-z]{2,}[ -][A-Za-z]{2,}")
NOT_WORDS = re.compile(r"`[^`]*`|\]\(<?[^)]*>?\)|<[^>]*>")
NAMES = {"Conley-Taber", "Ferman-Pinto"}  # methods called after their authors


def english_cells(markdown: str) -> list[str]:
    """Cells with an English phrase and no Chinese; code and addresses do not count."""
    cells = [
        NOT_WORDS.sub("", cell).strip(" []*")
        for line in markdown.splitlines()
        for cell in re.split(r"(?<!\\)\|", line)
    ]
    return [cell for cell in cells if PHRASE.search(cell) and not HAN.search(cell) and cell not in NAMES]


@pytest.mark.parametrize(
    "cell",
    ["scope of benefits", "[Report on the pilot](<https://x.cn/a>)", "Sichuan HRSS and 8 other departments"],
)
def test_an_english_cell_is_found(cell: str) -> None:
    assert english_cells(f"| 待遇 | {cell} |\n") != []


def test_names_codes_and_mixed_cells_are_none() -> None:
    assert english_cells("| Conley-Taber | `fixest 0.12: SunAbraham two` | Reportify转载 the page |") == []


def test_no_table_has_an_english_cell(results: Any, numbers: dict[str, Any]) -> None:
    tables = [exhibit for exhibit in load_exhibits(numbers) if exhibit.kind == "table"]
    found = {
        exhibit.id: english_cells(maker(exhibit)(results, **exhibit.options).markdown("zh"))
        for exhibit in tables
    }
    assert {name: cells for name, cells in found.items() if cells} == {}


def test_no_caption_is_english(numbers: dict[str, Any]) -> None:
    for exhibit in load_exhibits(numbers):
        for name in TEXTS:
            assert HAN.search(exhibit.texts[name]["zh"]), f"{exhibit.id} {name}"


def test_every_source_and_issuer_has_a_chinese_name(results: Any) -> None:
    texts = {*results.sources["title"], *results.sources["publisher"], *results.policies["issuer"]} - {""}
    assert [text for text in sorted(texts) if not HAN.search(results.said(text, "zh"))] == []


def test_every_wording_is_of_a_text_of_the_record(results: Any) -> None:
    held = {
        str(value)
        for table in (
            results.sources, results.policies, results.rollout, results.platforms, results.rates,
            results.benefits, results.workers, results.ledger, results.codebook,
        )
        for column in table.select_dtypes(include=["object", "string"])
        for value in table[column]
    } | {part.partition(", ")[2] for part in results.agreement["method"]}  # fmt: skip
    assert sorted(set(results.wording) - held) == []
