"""What a fresh reader needs to find the same on every page: grades, words of certainty, conditions, names."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from analysis import config
from analysis.report.grades import GRADES

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("en", "zh")
GRADE_D = {"en": "grade D", "zh": "D级"}
NO_SOURCE = {"en": re.compile(r"\b(?:no|none)\b[^.]*grade[^.]*"), "zh": re.compile(r"没有[^。]*级")}
# A number that only means something beside others: key, and what must stand in the same paragraph.
GROWTH = ["decomposition_total_growth_percent"]
BESIDE = {
    "seed_growth_percent": {"en": GROWTH, "zh": GROWTH},
    "cover_pilot_2026_base_alone": {
        "en": ["left the pilot out", "June 2024"],
        "zh": ["不含试点", "2024年6月"],
    },
}
OFFICIAL = {
    "试点": "新就业形态人员职业伤害保障试点",
    "平台劳动者": "新就业形态劳动者（本书简称“平台劳动者",
}
FRONT = (
    *("index", "findings", "confidence", "article", "background"),
    *("data", "rollout", "provinces", "methods", "plan"),
)


def page(language: str, name: str) -> str:
    """Source of one page of the book, each paragraph on one line."""
    text = (ROOT / "book" / language / f"{name}.md").read_text(encoding="utf-8")
    return re.sub(r"(?<=\S)\n +(?=\S)", " ", text)


def definitions(language: str) -> dict[str, str]:
    """Terms of the confidence page and what it says of each."""
    return dict(re.findall(r"^(\S[^\n]*)\n: ([^\n]+)$", page(language, "confidence"), re.MULTILINE))


def paragraphs(text: str) -> list[str]:
    """Paragraphs, items of lists and rows of tables, blanks folded."""
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n|\n(?=[-|])", text)]


def places() -> list[tuple[str, str, str]]:
    """Place, language and text of each paragraph that may quote a number; an exhibit counts as one."""
    found = [
        (f"{language}/{path.name}", language, part)
        for language in LANGUAGES
        for path in sorted((ROOT / "book" / language).glob("*.md"))
        for part in paragraphs(path.read_text(encoding="utf-8"))
    ]
    paper = (ROOT / "paper/paper.qmd").read_text(encoding="utf-8")
    found += [("paper", "en", part) for part in paragraphs(paper)]
    for exhibit in yaml.safe_load((ROOT / "analysis/report/exhibits.yml").read_text(encoding="utf-8")):
        words = [exhibit[field] for field in ("title", "subtitle", "alt", "notes")]
        found += [(exhibit["id"], code, " ".join(word[code] for word in words)) for code in LANGUAGES]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_defines_grades_by_the_same_words(language: str) -> None:
    said = definitions(language)
    for grade, words in GRADES.items():
        assert words[LANGUAGES.index(language)].lower() in said[grade].lower()


@pytest.mark.parametrize("name", ["paper/paper.qmd", "CONTRIBUTING.md", "data/raw/README.md"])
def test_other_texts_define_the_weaker_grades_by_the_same_words(name: str) -> None:
    text = " ".join((ROOT / name).read_text(encoding="utf-8").replace("\n- ", " ").split())
    for grade in ("C", "D"):
        assert GRADES[grade][0] in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_gives_the_words_of_certainty_and_the_grades_that_config_lets_in(language: str) -> None:
    said = definitions(language)
    for step in config.CERTAINTIES:
        text = said[step.label_en if language == "en" else step.label_zh]
        without = NO_SOURCE[language].search(text)
        shut_out = {grade for grade in GRADES if grade not in step.grades}
        assert set(re.findall(r"\b[A-D]\b|[A-D](?=级)", without[0] if without else "")) == shut_out
        if not shut_out:  # the last step takes what no other does: zero inside, or grade D
            assert GRADE_D[language] in text
    assert all(step.label_zh in page("zh", "index") for step in config.CERTAINTIES)
    assert all(step.label_en in page("en", "index") for step in config.CERTAINTIES)


def lacking(language: str, text: str) -> list[str]:
    """Numbers of a paragraph that stand without what they need beside them."""
    return [
        key
        for key, words in BESIDE.items()
        if re.search(rf"\b{key}\b", text) and not all(word in text for word in words[language])
    ]


def test_a_growth_has_its_interval_and_the_pilots_part_both_its_conditions_beside_it() -> None:
    assert lacking("en", "The counts differ by {num}`seed_growth_percent` percent.")
    assert lacking("zh", "若原有工伤保险没有减少，则为{num}`cover_pilot_2026_base_alone`人。")
    assert [(place, key) for place, language, text in places() for key in lacking(language, text)] == []


def test_no_chinese_text_adds_a_sign_to_a_percentage_which_has_its_own() -> None:
    numbers = json.loads((ROOT / "data/processed/numbers.json").read_text(encoding="utf-8"))
    percentages = {key for key, number in numbers.items() if number["unit"] == "percent"}
    twice = re.compile(r"\{(?:num\}`)?([a-z0-9_]+)[`}](?=%)")
    brief = (ROOT / "paper/brief.zh.md").read_text(encoding="utf-8")
    texts = [*((place, text) for place, language, text in places() if language == "zh"), ("brief", brief)]
    assert twice.search("区间为{num}`log_income_per_head_randomization_set_percent`%。")
    found = [(place, key) for place, text in texts for key in twice.findall(text) if key in percentages]
    assert found == []


@pytest.mark.parametrize("name", FRONT)
def test_a_chinese_page_begins_with_the_official_names(name: str) -> None:
    text = re.sub(r"^#.*$", "", page("zh", name), flags=re.MULTILINE)
    for short, official in OFFICIAL.items():
        if short in text:
            assert text.index(short) == text.index(official) + official.index(short), short
