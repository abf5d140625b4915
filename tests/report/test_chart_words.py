"""Charts name their sources in the reader's language."""

from __future__ import annotations

import re
from pathlib import Path

from analysis.report.charts.chart import source_words
from analysis.report.results import load_results

ROOT = Path(__file__).resolve().parents[2]
HAN = re.compile(r"[\u4e00-\u9fff]")


def test_every_source_of_a_chart_is_named_in_chinese_in_the_chinese_edition() -> None:
    results = load_results(ROOT / "data/raw", ROOT / "data/processed")
    ids = sorted(results.sources["source_id"])
    chinese, english = (source_words(results, ids, language) for language in ("zh", "en"))
    titles = [text.partition("，")[0] for text, _ in chinese.values()]
    assert [title for title in titles if not HAN.search(title)] == []
    assert all("grade " in text for text, _ in english.values())
    assert [url for _, url in chinese.values()] == [url for _, url in english.values()]
