"""Text in one line, and the sentences of a page that describe it to previews and search engines.

A Chinese text that goes on in the next line of its file has no space there; other words have one. Only a
page's own paragraphs describe it: a cell, a label or an item of a list says little by itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDE = "\u3000-\u303f\u3400-\u9fff\uff00-\uffef"
BROKEN = re.compile(rf"(?<=[{WIDE}])\n(?=[{WIDE}])")
CHINESE = re.compile(r"[\u3400-\u9fff]")
SENTENCE = {
    "en": re.compile(r"[^ ].*?[.!?][”)]*(?= [A-Z0-9“(]|$)"),
    "zh": re.compile(r"[^ ].*?[。！？][”）]*"),
}
OPEN = re.compile(r"[:：]$")  # what follows stands elsewhere
STOP, GAP = {"en": ".", "zh": "。"}, {"en": " ", "zh": ""}
LONGEST = {"en": 200, "zh": 120}  # characters of a description
ENOUGH = {"en": 40, "zh": 20}  # characters that say something


def one_line(text: str) -> str:
    r"""Text in one line; what an empty line parts stays apart.

    Examples
    --------
    >>> one_line("累计参保\n人数 of\nall")
    '累计参保人数 of all'
    """
    return re.sub(r"\s+", " ", BROKEN.sub("", text)).strip()


def sentences(page: nodes.document, code: str) -> Iterator[str]:
    """Sentences of a page's own paragraphs that are in its language and hold no formula."""
    first = True
    for paragraph in page.findall(nodes.paragraph):
        own = isinstance(paragraph.parent, nodes.section | nodes.document)
        if not own or next(iter(paragraph.findall(nodes.math)), None) is not None:
            continue
        begins = next((part for part in paragraph.children if part.astext()), None)
        if isinstance(begins, nodes.strong) and not first:  # a run-in heading: the details begin
            return
        text = one_line(paragraph.astext())
        if first and OPEN.search(text) and len(text) > ENOUGH[code]:
            text = OPEN.sub(STOP[code], text)
        first = False
        for sentence in SENTENCE[code].findall(text):
            if (len(CHINESE.findall(sentence)) > len(sentence) / 4) == (code == "zh"):
                yield sentence


def description(page: nodes.document | None, code: str) -> str:
    """The first sentences of a page, at most `LONGEST` characters; empty where it has none."""
    said, most = "", LONGEST[code]
    for sentence in sentences(page, code) if page else ():
        more = f"{said}{GAP[code] if said else ''}{sentence}"
        if said and len(more) > most:
            break
        said = more
    if len(said) <= most:
        return said
    places = [said.rfind(mark, 0, most - 1) for mark in " ，；、"]
    return said[: max(places) if max(places) > 0 else most - 1].rstrip(" ，；、,;") + "…"
