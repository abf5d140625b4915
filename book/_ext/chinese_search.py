"""Chinese full-text search: index and query by overlapping pairs of characters.

Chinese is written without spaces, and the dictionary that Sphinx would use to cut it into words is
no dependency of ours. Pairs find every word of two or more characters, and their order is free.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sphinx.search import SearchLanguage

if TYPE_CHECKING:
    from sphinx.application import Sphinx

CHINESE = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
RUN = re.compile(f"[{CHINESE}]+|[A-Za-z0-9_]+")


class SearchChinese(SearchLanguage):
    """Splits text and queries in the same way, in Python and in the browser."""

    lang = "zh"
    language_name = "Chinese"
    js_stemmer_code = "var Stemmer = function () { this.stemWord = function (w) { return w; }; };"
    js_splitter_code = r"""
function splitQuery(query) {
  const pieces = [];
  const runs = query.match(/[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+|[A-Za-z0-9_]+/g) || [];
  for (const run of runs) {
    if (/^[A-Za-z0-9_]/.test(run) || run.length === 1) { pieces.push(run); continue; }
    for (let i = 0; i + 1 < run.length; i++) pieces.push(run.slice(i, i + 2));
  }
  return pieces;
}
"""

    def init(self, options: dict[str, str]) -> None:
        """Nothing to load."""

    def split(self, input: str) -> list[str]:
        """Words of Latin letters whole; Chinese runs as pairs of characters."""
        pieces: list[str] = []
        for run in RUN.findall(input):
            if run[0].isascii() or len(run) == 1:
                pieces.append(run)
            else:
                pieces += [run[i : i + 2] for i in range(len(run) - 1)]
        return pieces

    def stem(self, word: str) -> str:
        """Lower case only."""
        return word.lower()

    def word_filter(self, word: str) -> bool:
        """Keep every piece."""
        return True


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the language under ``zh``."""
    app.add_search_language(SearchChinese)
    return {"parallel_read_safe": True}
