"""One quantity, one estimate, one interval, one unit, wherever a text quotes it."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from analysis.report.quantities import quantity

ROOT = Path(__file__).resolve().parents[2]
PLACES = {
    "en": re.compile(r"\{num\}`([^`]+)`|\{\{<\s*var\s+([\w.-]+)\s*>\}\}|\{([a-z0-9_]+)\}"),
    "zh": re.compile(r"\{num\}`([^`]+)`|\{([a-z0-9_]+)\}"),
}
LOG_POINTS = re.compile(r"log_\w+_(estimate|set|ci)$")
# A sentence ends with a full stop before a space or the end, or with a Chinese one.
SENTENCE = {
    "en": re.compile(r"(?<=[.?!])(?:\*\*)?\s+(?=[A-Z*@])|\n\s*\n|\n-|\|\n"),
    "zh": re.compile(r"(?<=[。？！])|\n"),
}
# What finding and text once said of the same thing: each must be found.
CORPUS = [
    ("en", "The estimate is 0.00 jobs, with an interval of {num}`formal_employment_rate_group_time_att_ci`."),
    ("en", "Income changed, with an interval of {num}`log_income_per_head_group_time_att_ci_percent`."),
    ("zh", "估计为零，区间为{num}`formal_employment_rate_group_time_att_ci`。"),
    ("en", "The gap is {num}`log_income_per_head_own_trend_estimate_percent` percent."),
    ("en", "The gap is {num}`log_income_per_head_level_bands_estimate_percent` percent."),
    ("en", "The income estimate is {{< var log_income_per_head_own_trend_estimate >}} by each own trend."),
    ("en", "Mid-2025 is {num}`a_b_only_pooled_2025q2_persons` people."),
    ("en", "Synthetic control is not named: {num}`formal_employment_rate_linear_trend_estimate` jobs."),
    ("en", "It finds {num}`lab_detectable_formal_employment_rate_mean` jobs per hundred residents."),
    ("en", "Two thirds of it, or 66 per cent."),
    ("en", "The jump in autumn 2025 is not growth of the same scheme."),
    ("en", "Without it nobody could be enrolled, so all of it is the pilot's doing."),
    ("en", "One number would do it."),
    ("en", "A handful of counts would settle most of what is open."),
    ("en", "The plan was registered on 24 November 2026."),
    ("zh", "其中范围为{num}`decomposition_scope_percent`。"),
    ("zh", "两者相差百分之{num}`seed_growth_percent`。"),
    ("zh", "计划于2026年11月24日登记。"),
    ("en", "The pilot caused the enrolment of 12 million people."),
    ("zh", "这些参保都由试点带来。"),
    ("en", "Incomes fell behind, more likely than not by more than chance."),
    ("zh", "七省收入落后，多半超出偶然。"),
    ("zh", "2025年秋季的跃升可能是增长。"),
    ("en", "It is 20.6 per 100 urban employees."),
    ("zh", "每千名常住人口累计参保人数为32。"),
]
CAUSED = {  # whoever says that the pilot caused enrolment says in the same sentence what that leaves open
    "en": (re.compile(r"\bcaused?\b.*\benrol|\benrol.*\bcaused?\b"), "cover"),
    "zh": (re.compile(r"参保.*由试点带来"), "保障"),
}
PHRASES = {  # what no text may say, and why
    "en": (
        (r"\bper cent\b", "one spelling: percent"),
        (r"is not growth of the same scheme", "more than the bounds say"),
        (r"(all of it|this) is the pilot's doing", "caused, without its caveat"),
        (r"One number would do it", "the width that is left is wider than what goes"),
        (r"handful of counts would settle", "no exhibit shows it"),
        (
            r"(plan|forecast|choices?)\b[^.]{0,30}\bregistered\b|[Rr]egistered (on|for|choices?|plan)",
            "committed, not registered",
        ),
        (r"\bseed (study|article)\b|\bthe seed\b", "the source article"),
        (r"log points", "income and output in percent"),
        (r"more likely than not", "a probability under chance is none of an effect"),
        (r"autumn (of )?2025", "between June and September 2025"),
        (r"100 urban employees", "per 100 employees of urban non-private units"),
    ),
    "zh": (
        (r"其中范围|(?<![的能])范围（|新增参保为", "新增省份、首批七省"),
        (r"百分之\{", "数字一律用%"),
        (r"登记的(预测|计划|选择)|日登记，|日登记。", "写入本仓库，未登记"),
        (r"起点论文|原研究", "源文章"),
        (r"对数点", "收入与产出以百分比计"),
        (r"多半", "偶然出现的概率不是有影响的概率"),
        (r"2025年秋季", "2025年6月至9月"),
        (r"每[千百]名(城镇)?常住人口", "每千、每百常住人口"),
    ),
}


def faults(text: str, language: str) -> list[str]:
    """What a text says of a quantity beside its default, without saying which; and what it may not say."""
    found = [
        f"{why}: {match[0]}" for pattern, why in PHRASES[language] for match in re.finditer(pattern, text)
    ]
    for sentence in SENTENCE[language].split(text):
        words = " ".join(PLACES[language].sub("", sentence).lower().split())
        caused, caveat = CAUSED[language]
        if caused.search(words) and caveat not in words:
            found.append("caused, without its caveat in the same sentence")
        for match in PLACES[language].finditer(sentence):
            key = next(part for part in match.groups() if part)
            if LOG_POINTS.search(key):
                found.append(f"{key} is in log points")
            told = quantity(key)
            named = told.named[language == "zh"] if told else ()
            if named and not any(word.lower() in words for word in named):
                found.append(f"{key} without {' or '.join(named)}")
            if (
                "detectable_formal" in key
                and "change" not in key
                and language == "en"
                and "urban" not in words
            ):
                found.append(f"{key} without urban residents")
    return found


@cache
def texts() -> list[tuple[str, str, str]]:
    """Every text of book, paper, README and exhibits: place, language, text; read once, the list is long."""
    listed = [
        (f"{path.parent.name}/{path.name}", path.parent.name, path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "book").glob("??/*.md"))
        if path.parent.name in PLACES
    ]
    for name in ("paper/paper.qmd", "README.md", "data/README.md", "analysis/report/documents.py"):
        listed.append((name, "en", (ROOT / name).read_text(encoding="utf-8")))
    for exhibit in yaml.safe_load((ROOT / "analysis/report/exhibits.yml").read_text(encoding="utf-8")):
        for field in ("title", "subtitle", "alt", "notes"):
            listed += [(f"{exhibit['id']} {field} {lang}", lang, exhibit[field][lang]) for lang in PLACES]
    return listed


@pytest.mark.parametrize(("language", "text"), CORPUS)
def test_each_contradiction_that_was_once_in_the_texts_is_found(language: str, text: str) -> None:
    assert faults(text, language)


@pytest.mark.parametrize("text", [
    "The interval is {num}`formal_employment_rate_randomization_set` jobs per hundred urban residents.",
    "By its own trend it is {num}`log_income_per_head_own_trend_estimate_percent` percent.",
    "With grades A and B only it is {num}`a_b_only_pooled_2025q2_persons` people.",
])  # fmt: skip
def test_a_default_or_a_named_alternative_is_no_fault(text: str) -> None:
    assert faults(text, "en") == []


@pytest.mark.parametrize("place", [place for place, _, _ in texts()])
def test_texts_quote_the_default_or_say_which(place: str) -> None:
    _, language, text = next(item for item in texts() if item[0] == place)
    assert faults(text, language) == []


@pytest.fixture(scope="module")
def numbers() -> dict[str, Any]:
    """The committed numbers."""
    return dict(json.loads((ROOT / "data/processed/numbers.json").read_text(encoding="utf-8")))


def test_every_default_interval_is_a_number_of_two_ends_and_carries_itself(numbers: dict[str, Any]) -> None:
    named = {key: entry["default_interval"] for key, entry in numbers.items() if "default_interval" in entry}
    assert {"effect_log_income_per_head", "effect_formal_employment_rate"} <= {
        entry.get("quantity") for entry in numbers.values()
    }
    for key, default in named.items():
        assert len(numbers[default]["value"]) == 2, key
        assert numbers[default]["default_interval"] == default, key
        assert numbers[default]["quantity"] == numbers[key]["quantity"], key


def test_an_estimate_lies_in_its_default_interval_in_the_same_unit(numbers: dict[str, Any]) -> None:
    for name in ("formal_employment_rate", "log_income_per_head", "log_gdp_per_head"):
        end = "estimate" if name.startswith("formal") else "percent"
        estimate = numbers[f"{name}_group_time_att_{end}"]
        low, high = numbers[estimate["default_interval"]]["value"]
        assert low <= estimate["value"] <= high
        assert estimate["unit"] == numbers[estimate["default_interval"]]["unit"]
