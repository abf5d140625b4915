"""One scale of certainty: every step by hand, and every number on it."""

from __future__ import annotations

import math

import pytest

from analysis import config
from analysis.report.certainty import certainty
from analysis.report.effects import shown


@pytest.mark.parametrize(
    ("interval", "grade", "word"),
    [
        ((99.75, 100.25), "B", "known to within rounding"),  # width 0.5 of 100: half a percent
        ((99.75, 100.25), "C", "narrow range"),  # a repost does not carry the first word
        ((99.7, 100.3), "A", "narrow range"),
        ((95.0, 105.0), "C", "narrow range"),  # ten percent
        ((94.9, 105.1), "A", "wide range"),
        ((22.0, math.inf), "A", "wide range"),  # at least 22
        ((22.0, math.nan), "A", "wide range"),
        ((-3.0, -1.0), "C", "wide range"),
        ((0.0, 84.6), "C", "cannot tell"),
        ((-0.64, 0.64), "C", "cannot tell"),
        ((99.75, 100.25), "D", "cannot tell"),
        ((math.nan, 5.0), "A", "cannot tell"),
    ],
)
def test_the_word_follows_width_and_grade(interval: tuple[float, float], grade: str, word: str) -> None:
    assert certainty(interval, grade).label_en == word


def test_the_words_are_those_of_the_configuration_in_both_languages() -> None:
    assert [step.label_en for step in config.CERTAINTIES] == [
        "known to within rounding", "narrow range", "wide range", "cannot tell",
    ]  # fmt: skip
    assert len({step.label_zh for step in config.CERTAINTIES}) == 4


def test_numbers_carry_a_word_wherever_they_say_something_of_china(numbers: dict[str, dict]) -> None:
    words = {step.name: (step.label_en, step.label_zh) for step in config.CERTAINTIES}
    for key, entry in numbers.items():
        if entry["certainty"] is None:
            assert entry["certainty_en"] == entry["certainty_zh"] == "", key
        else:
            assert (entry["certainty_en"], entry["certainty_zh"]) == words[entry["certainty"]], key
        pair = isinstance(entry["value"], list) and entry["evidence"] == "bounds"
        assert not pair or entry["certainty"], key
        assert entry["certainty"] is None or entry["evidence"] in ("published", "bounds", "statistics"), key


def test_no_mark_of_what_is_no_evidence_is_a_class_of_evidence(numbers: dict[str, dict]) -> None:
    marks = {key: entry["evidence"] for key, entry in numbers.items()}
    assert {mark for key, mark in marks.items() if key.startswith("forecast_")} == {"scenario"}
    assert {mark for key, mark in marks.items() if key.startswith("plan_")} == {"check"}
    assert {mark for key, mark in marks.items() if key.startswith(("policy_rider", "policy_platform_"))} == {
        "example"
    }


def test_logs_become_percent_once() -> None:
    assert float(shown(math.log(1.038), "log_gdp_per_head")) == pytest.approx(3.8)  # not 3.73
    assert float(shown(0.5, "formal_employment_rate")) == 0.5
