"""The one-page brief: one page in each language, its numbers filled in, refused where it runs over."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from analysis.base.errors import InputError
from analysis.base.files import write_bytes
from analysis.report.documents import BRIEF, briefs
from paper import brief
from paper.manuscript import ManuscriptError

ROOT = Path(__file__).resolve().parents[2]
NUMBERS = json.loads((ROOT / "data/processed/numbers.json").read_text(encoding="utf-8"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the two texts filled in and their pictures."""
    (tmp_path / "paper").mkdir()
    for language in brief.LANGUAGES:
        shutil.copy(ROOT / "paper" / f"brief.{language}.md", tmp_path / "paper")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "processed").symlink_to(ROOT / "data" / "processed")
    for path, content in briefs(NUMBERS, tmp_path).items():
        write_bytes(content, path)
    return tmp_path


def test_each_language_has_one_page_with_the_newest_bounded_count(project: Path) -> None:
    made = brief.render(project / "paper")
    assert sorted(made) == ["brief-en.pdf", "brief-zh.pdf"]
    for language in brief.LANGUAGES:
        assert len(re.findall(rb"/Type\s*/Page\b", made[f"brief-{language}.pdf"])) == 1
        text = (project / BRIEF / f"brief.{language}.md").read_text(encoding="utf-8")
        assert NUMBERS["pooled_in_force_2025q4_persons"][f"text_{language}"] in text
        assert not re.search(r"\{\w+\}", text), "a number is not filled in"


def test_the_same_texts_give_the_same_bytes(project: Path) -> None:
    assert brief.render(project / "paper") == brief.render(project / "paper")


def test_no_result_is_typed_by_hand() -> None:
    for language in brief.LANGUAGES:
        text = (ROOT / "paper" / f"brief.{language}.md").read_text(encoding="utf-8")
        bare = re.sub(r"\{\w+\}|mid-2025|June 2025|2025年年中|2025年6月|6月|1,000|per 100 ", "", text)
        assert not re.findall(r"\d{2,}", bare)


def test_a_brief_that_runs_over_its_page_is_refused(project: Path) -> None:
    path = project / BRIEF / "brief.zh.md"
    path.write_text(path.read_text(encoding="utf-8") + "\n\n" + "- 更多。\n" * 80, encoding="utf-8")
    with pytest.raises(ManuscriptError, match=r"brief\.zh\.md fills \d pages"):
        brief.render(project / "paper")


def test_an_unknown_number_is_refused(project: Path) -> None:
    with (project / "paper" / "brief.en.md").open("a", encoding="utf-8") as file:
        file.write("\n{no_such_number}\n")
    with pytest.raises(InputError, match="does not exist"):
        briefs(NUMBERS, project)
