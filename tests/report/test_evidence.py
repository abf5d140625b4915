"""One list of evidence classes and marks, and the same words for them everywhere."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from analysis.did.command.writeup import CLASSES
from analysis.did.results import EVIDENCE
from analysis.report.evidence import BADGES, MARKS

EXTENSION = Path(__file__).resolve().parents[2] / "book" / "_ext"


@pytest.fixture(scope="module", autouse=True)
def extension_on_the_path():
    sys.path.insert(0, str(EXTENSION))
    yield
    sys.path.remove(str(EXTENSION))


def test_the_engine_and_the_book_know_the_same_classes_and_marks():
    import results

    assert set(EVIDENCE) == set(CLASSES) == set(results.EVIDENCE)
    assert set(MARKS) == set(results.MARKS)
    assert set(BADGES) == {*EVIDENCE, *MARKS}


def test_the_book_names_them_as_tables_and_figures_do():
    from words import WORDS

    for name, badge in BADGES.items():
        assert (WORDS["en"][name], WORDS["zh"][name]) == (badge.english, badge.chinese)
        assert badge.badge_en.lower().startswith(badge.english)


def test_what_is_no_evidence_says_so():
    assert all(
        "no evidence" in BADGES[name].badge_en and "不是证据" in BADGES[name].badge_zh for name in MARKS
    )


def test_the_book_has_a_sentence_for_every_class_and_mark():
    from said import WORDS

    assert all(set(BADGES) <= set(WORDS[language]["none"]) for language in ("en", "zh"))
