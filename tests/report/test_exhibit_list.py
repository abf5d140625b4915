"""The list of exhibits: what it must hold and what it refuses."""

from __future__ import annotations

import re
from copy import deepcopy

import pandas as pd
import pytest
import yaml

from analysis.base.errors import InputError
from analysis.report.exhibits import maker
from analysis.report.spec import LIST, TEXTS, check_evidence, load_exhibits

IDS = {
    "fig-rollout",
    "fig-tiles-cohorts",
    "fig-tiles-enrolment",
    "fig-national-path",
    "fig-decomposition",
    "fig-province-intervals",
    "fig-event-formal-employment",
    "fig-event-income",
    "fig-event-gdp",
    "fig-missing-figures",
    "tbl-headline",
    "tbl-readings",
    "tbl-estimates",
    "tbl-rollout",
    "tbl-ledger",
    "tbl-policies-national",
    "tbl-policies-local",
    "tbl-platforms",
    "tbl-benefits",
    "tbl-rates",
    "tbl-workers",
    "tbl-sources",
    "tbl-missing",
    "tbl-codebook",
}

NUMBERS = {
    "rate": {"text_en": "24.1 to 47.3", "text_zh": "24.1至47.3", "lineage": {"grade": "C"}},
    "weak": {"text_en": "27.42 million", "text_zh": "2742万", "lineage": {"grade": "D"}},
}
ENTRY = {
    "id": "fig-one",
    "function": "provinces.intervals",
    "evidence": "bounds",
    "data": ["data/processed/bounds.csv"],
    "used_in": ["book provinces"],
    **{text: {"en": f"{text} of 2025 is {{rate}}", "zh": f"2025年{{rate}}{text}"} for text in TEXTS},
}


def load(tmp_path, *entries):
    path = tmp_path / "exhibits.yml"
    path.write_text(yaml.safe_dump(list(entries), allow_unicode=True), encoding="utf-8")
    return load_exhibits(NUMBERS, path)


def spoilt(**changes):
    entry = deepcopy(ENTRY)
    for name, value in changes.items():
        text, _, language = name.partition("_")
        if language in ("en", "zh"):
            entry[text][language] = value
        else:
            entry[name] = value
    return entry


def test_numbers_are_filled_into_every_text(tmp_path):
    (exhibit,) = load(tmp_path, ENTRY)
    assert exhibit.texts["title"] == {"en": "title of 2025 is 24.1 to 47.3", "zh": "2025年24.1至47.3title"}


@pytest.mark.parametrize(
    ("entry", "word"),
    [
        (spoilt(title_zh=" "), "title"),
        (spoilt(alt_en=""), "alt"),
        (spoilt(notes_zh=""), "notes"),
        (spoilt(source_en=""), "source"),
        (spoilt(evidence="guess"), "evidence"),
        (spoilt(title_en="Enrolment rose by 78 percent"), "digit"),
        (spoilt(title_zh="参保增长78%"), "digit"),
        (spoilt(alt_en="The rate is {nowhere}"), "nowhere"),
        (spoilt(title_en="The nation has {weak} people"), "grade D"),
        ({name: value for name, value in ENTRY.items() if name != "used_in"}, "used_in"),
    ],
)
def test_an_incomplete_exhibit_is_refused(tmp_path, entry, word):
    with pytest.raises(InputError, match=word):
        load(tmp_path, entry)


@pytest.mark.parametrize(
    ("entry", "word"),
    [
        (spoilt(id="../fig-one"), "id is none"),
        (spoilt(id="Figure 1"), "id is none"),
        (spoilt(id=7), "id is none"),
        (spoilt(title="One title"), "title is not of its kind"),
        (spoilt(alt=None), "alt is not of its kind"),
        (spoilt(data="bounds.csv"), "data is not of its kind"),
        (spoilt(used_in=3), "used_in is not of its kind"),
        (spoilt(function=["a"]), "function is not of its kind"),
        (spoilt(options=["a"]), "options is not of its kind"),
        ({name: value for name, value in ENTRY.items() if name != "function"}, "function"),
        ({}, "without id"),
    ],
)
def test_an_entry_of_another_kind_is_named(tmp_path, entry, word):
    with pytest.raises(InputError, match=word):
        load(tmp_path, entry)


@pytest.mark.parametrize("text", ["", "word\n", "a: 1\n", "- a\n- b\n", "- [", "- id: a\n  id: b\n"])
def test_a_list_that_is_none_is_named(tmp_path, text):
    path = tmp_path / "exhibits.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"exhibits\.yml"):
        load_exhibits(NUMBERS, path)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"function": "provinces.nothing"}, "does not exist"),
        ({"function": "nowhere.intervals"}, "does not exist"),
        ({"function": "os.system"}, "does not exist"),
        ({"function": "..x.y"}, "does not exist"),
        ({"function": "provinces"}, "does not exist"),
        ({"options": {"colour": "red"}}, "does not take"),
    ],
)
def test_a_function_that_cannot_make_the_exhibit_is_named(tmp_path, changes, word):
    (exhibit,) = load(tmp_path, spoilt(**changes))
    with pytest.raises(InputError, match=word):
        maker(exhibit)


def test_an_id_stands_once(tmp_path):
    with pytest.raises(InputError, match="twice"):
        load(tmp_path, ENTRY, ENTRY)


def test_the_list_holds_the_exhibits_of_the_contract(numbers):
    assert {exhibit.id for exhibit in load_exhibits(numbers)} >= IDS


def test_every_exhibit_has_a_function_that_makes_it(numbers):
    assert all(callable(maker(exhibit)) for exhibit in load_exhibits(numbers))


def test_no_title_keeps_a_placeholder(numbers):
    texts = [
        text
        for exhibit in load_exhibits(numbers)
        for both in exhibit.texts.values()
        for text in both.values()
    ]
    assert not [text for text in texts if "{" in text or "}" in text]


def test_titles_are_about_ten_words(numbers):
    rows = yaml.safe_load(LIST.read_text(encoding="utf-8"))
    long = [row["id"] for row in rows if len(row["title"]["en"].split()) > 18]
    assert long == []


def test_a_simulated_row_is_refused_among_findings(tmp_path):
    (exhibit,) = load(tmp_path, ENTRY)
    check_evidence(exhibit, pd.DataFrame({"evidence": ["bounds", "published"]}))
    with pytest.raises(ValueError, match="simulated"):
        check_evidence(exhibit, pd.DataFrame({"evidence": ["bounds", "simulated"]}))


def test_a_real_row_is_refused_among_simulated_ones(tmp_path):
    (exhibit,) = load(tmp_path, spoilt(evidence="simulated"))
    with pytest.raises(ValueError, match="bounds"):
        check_evidence(exhibit, pd.DataFrame({"evidence": ["simulated", "bounds"]}))


PRIVATE = {  # words that only the authors know, or that say more than is known
    "en": (
        "identified (interval|set)|headline reading|person-time|placebo-like|more likely than|urban employees"
    ),
    "zh": r"可识别|省均|参保率|撼动|无效应|(?<![累合复统])计数|秋季|类安慰剂",
}


def private(texts: dict[str, str]) -> list[str]:
    return [word[0] for code, text in texts.items() for word in [re.search(PRIVATE[code], text)] if word]


def test_no_caption_or_head_uses_a_private_word(numbers, results):
    assert private({"en": "The identified interval", "zh": "省均区间"}) == ["identified interval", "省均"]
    exhibits = load_exhibits(numbers)
    texts = [(exhibit.id, both) for exhibit in exhibits for both in exhibit.texts.values()]
    tables = [(e.id, maker(e)(results, **e.options)) for e in exhibits if e.kind == "table"]
    texts += [(name, {"en": c.english, "zh": c.chinese}) for name, table in tables for c in table.columns]
    assert [(name, private(both)) for name, both in texts if private(both)] == []
