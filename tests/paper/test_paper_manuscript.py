"""What the article may and may not contain: numbers by key, exhibits by id, sources by key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "paper" / "paper.qmd").read_text(encoding="utf-8")
FRONT, BODY = re.match(r"---\n(.*?)\n---\n(.*)", TEXT, re.S).groups()  # type: ignore[union-attr]
ABSTRACT = re.search(r"abstract: \|\n((?:  .*\n)+)", FRONT)[1]  # type: ignore[index]
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"

# Not prose: formulas, shortcodes, targets and attributes of links and figures, code.
MARKUP = (
    r"\$\$.*?\$\$",
    r"\$[^$]+\$",
    r"\{\{<.*?>\}\}",
    r"\]\([^)]*\)",
    r"\{[#.:][^}]*\}",
    r"`[^`]*`",
    r"@[\w-]+",
    r"fig-alt=\"[^\"]*\"",
)
# The only digits and number words a sentence may hold, each kind with its reason.
ALLOWED = (
    rf"\b\d{{1,2}} (?:{MONTHS})\b",  # a day
    r"\b20[012]\d\b(?: Q[1-4]\b)?",  # a year, a quarter
    r"\(catalogue A0S\d\d\)",  # a table of the statistics office
    r"per 1,000 residents",  # a unit
    r"per 100 (?:urban residents|employees of urban non-private units)",  # a unit
    r"95\\ % (?:confidence|randomisation|interval)",  # the level, config.CONFIDENCE_LEVEL
    r"15[67](?:\.5)?万",  # the worked example of a printed figure
    r"\b(?:one|two|zero)\b",  # grammar: one order, two means
    r"\bthree (?:waves|features|places)\b",  # what the same paragraph lists
    r"\ball three end\b",  # the outcomes just named
    r"\b(?:first|second|third|last|same) quarter of\b",  # a date
)
NUMBER = re.compile(
    r"\d|\b(?:three|four|five|six|seven|eight|nine|ten|eleven|twelve|seventeen|twenty|thirty|hundreds?"
    r"|thousands?|millions?|billions?|half|third of|quarter of|double[ds]?|twice)\b",
    re.I,
)


def typed_numbers(prose: str) -> list[str]:
    """Numbers in ``prose`` that are neither markup nor allowed, with a little of their surroundings."""
    for pattern in (*MARKUP, *ALLOWED):
        prose = re.sub(pattern, " ", prose, flags=re.S | re.I)
    return [prose[max(0, hit.start() - 30) : hit.end() + 20] for hit in NUMBER.finditer(prose)]


def test_no_number_of_the_article_is_typed_by_hand():
    assert typed_numbers(ABSTRACT + BODY) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "The pilot enrolled 12.35 million people.",
        "It grew by 78 % in 2025.",
        "Enrolment doubled within three months.",
        "On 1 July 2025 seven provinces were in force.",
    ],
)
def test_a_typed_result_would_be_found(sentence):
    assert typed_numbers(sentence)


def test_every_exhibit_is_named_in_the_text():
    for identifier in re.findall(r"\{#((?:fig|tbl)-[\w-]+)", BODY):
        assert re.search(rf"@{identifier}\b", BODY), f"{identifier} is shown and never discussed"


def test_every_exhibit_states_its_evidence_class():
    captions = re.findall(r"^!\[(.*)\]\(_generated", BODY, re.M)
    captions += [block.split("\n\n")[-1] for block in re.findall(r"^::: \{#tbl-.*?\n:::", BODY, re.S | re.M)]
    assert captions
    for caption in captions:
        assert re.search(r"\[(published|bounds|statistics|simulated|records)\]\{\.evidence\}", caption), (
            caption
        )


def test_every_figure_has_alternative_text():
    for figure in re.findall(r"^!\[.*$", BODY, re.M):
        assert re.search(r'fig-alt="[^"]{30,}"', figure), figure


def test_every_bibliography_entry_has_an_author_or_title_and_a_unique_key():
    entries = re.findall(
        r"^@\w+\{([\w-]+),(.*?)^\}", (ROOT / "paper" / "references.bib").read_text("utf-8"), re.S | re.M
    )
    keys = [key for key, _ in entries]
    assert len(keys) == len(set(keys))
    for key, fields in entries:
        assert re.search(r"^\s*title\s*=", fields, re.M), f"{key} has no title"


def test_quarto_and_the_fallback_publish_to_the_same_folder():
    import yaml

    project = yaml.safe_load((ROOT / "paper" / "_quarto.yml").read_text("utf-8"))["project"]
    assert project["output-dir"] == "_output"
    assert project["render"] == ["paper.qmd"]


def test_every_number_named_is_in_the_committed_results():
    import json

    numbers = json.loads((ROOT / "data" / "processed" / "numbers.json").read_text("utf-8"))
    named = set(re.findall(r"\{\{< var ([\w.-]+) >\}\}", TEXT))
    assert {name.removeprefix("certainty.") for name in named} - set(numbers) == set()


def test_every_figure_and_table_shown_is_in_the_committed_results():
    shown = re.findall(r"_generated/((?:figures|tables)/[\w.-]+)", BODY)
    assert shown
    assert [name for name in shown if not (ROOT / "data" / "processed" / name).is_file()] == []
