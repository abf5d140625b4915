"""The fallback renders the simulated paper, refuses a paper with holes, and repeats itself exactly."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from paper import manuscript

FALLBACK = ("--quarto", "off")


def digest(folder: Path) -> dict[str, str]:
    out = folder / "_output"
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(out.iterdir())}


def page(folder: Path) -> str:
    return (folder / "_output" / "paper.html").read_text(encoding="utf-8")


def pdf_text(folder: Path) -> str:
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not on this machine")
    pdf = folder / "_output" / "paper.pdf"
    return subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], capture_output=True, encoding="utf-8", check=True
    ).stdout


def test_it_says_which_renderer_made_the_paper(sample, render):
    run = render(sample, *FALLBACK)
    assert run.returncode == 0, run.stderr
    assert "made by pandoc and typst" in run.stdout


def test_numbers_and_labels_of_references_agree_with_their_targets(rendered):
    html = page(rendered)
    assert "We simulate 31 provinces" in html
    for identifier, label in {
        "sec-answer": "Section\u00a02",
        "fig-line": "Figure\u00a01",
        "tbl-one": "Table\u00a01",  # the table without a caption before it has no number
        "eq-one": "Equation\u00a01",
    }.items():
        assert f'<a href="#{identifier}">{label}</a>' in html
        assert f'id="{identifier}"' in html


def test_the_page_carries_language_alternative_text_and_everything_it_shows(rendered):
    html = page(rendered)
    assert '<html lang="en">' in html
    assert 'alt="A straight line."' in html
    assert "Only on the page." in html
    assert 'src="data:' in html
    assert 'src="_generated' not in html
    assert "<math" in html
    assert str(rendered.parent) not in html


def test_the_page_says_each_thing_once_and_nests_no_paragraph(rendered):
    html = page(rendered)
    for picture in re.findall(r"<img [^>]*>", html):
        assert len(re.findall(r' alt="', picture)) == 1
        assert "aria-label" not in picture
    for paragraph in html.split("<p>")[1:]:
        assert "</p>" in paragraph, "a paragraph begins inside another"


def test_the_pdf_prints_both_scripts_and_leaves_out_what_is_for_the_page(rendered):
    text = pdf_text(rendered)
    assert "模拟" in text
    assert "1.0 to 2.0" in text
    assert "Table 1. Simulated table" in text
    assert "Only on the page." not in text
    assert "??" not in text
    assert "{{<" not in text


@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        ("paper.qmd", "var provinces", "var absent_key", "unknown variable absent_key"),
        ("paper.qmd", "@fig-line", "@fig-absent", "unknown cross-reference @fig-absent"),
        ("paper.qmd", "@fisher1935", "@nobody1900", "unknown citation @nobody1900"),
        ("paper.qmd", "include _generated/tables/tbl-one.md", "include absent.md", "absent.md does not"),
        ("_generated/figures/line.svg", "</svg>", "", "SVG"),
    ],
)
def test_a_hole_is_named_and_leaves_the_old_paper_whole(sample, render, edit, file, old, new, named):
    old_page = sample / "_output" / "paper.html"
    old_page.parent.mkdir()
    old_page.write_text("earlier")
    files = {path.relative_to(sample) for path in sample.rglob("*")}
    edit(sample / file, old, new)
    run = render(sample, *FALLBACK)
    assert run.returncode == 1
    assert named in run.stderr
    assert old_page.read_text() == "earlier"
    assert {path.relative_to(sample) for path in sample.rglob("*")} == files


@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        ("paper.qmd", "var effect", "var absent_key", "unknown variable absent_key"),  # in the abstract
        ("paper.qmd", "@sec-answer", "@sec-absent", "unknown cross-reference @sec-absent"),
        ("paper.qmd", "@eq-one", "@eq-absent", "unknown cross-reference @eq-absent"),
        ("paper.qmd", "figures/line.svg", "figures/absent.svg", "absent.svg does not exist"),
        ("paper.qmd", "{#sec-answer}", "{#sec-question}", "sec-question is given twice"),
        ("paper.qmd", "var effect", "env HOME", "is not supported"),
        ("_generated/tables/tbl-one.md", "| 甲", "\n{{< include tbl-one.md >}}\n\n|", "includes itself"),
    ],
)
def test_every_other_hole_is_named_too(sample, edit, file, old, new, named):
    edit(sample / file, old, new)
    with pytest.raises(manuscript.ManuscriptError, match=named):
        manuscript.load(sample)


def test_a_dot_in_a_name_is_a_step_into_a_group_as_quarto_reads_it(sample, edit):
    edit(sample / "_variables.yml", "provinces:", "certainty:\n  effect: wide range\nprovinces:")
    edit(sample / "paper.qmd", "var effect", "var certainty.effect")
    assert "wide range" in manuscript.load(sample)
    edit(sample / "_variables.yml", "certainty:\n  effect:", "certainty.effect:")
    with pytest.raises(manuscript.ManuscriptError, match=r"Quarto cannot read the key certainty\.effect"):
        manuscript.load(sample)


def test_all_holes_are_named_at_once(sample, edit):
    edit(sample / "paper.qmd", "var provinces", "var absent_key")
    edit(sample / "paper.qmd", "@fisher1935", "@nobody1900")
    with pytest.raises(manuscript.ManuscriptError) as caught:
        manuscript.load(sample)
    assert len(caught.value.problems) == 2


def test_missing_variables_name_the_step_that_writes_them(sample, render):
    (sample / "_variables.yml").unlink()
    run = render(sample, *FALLBACK)
    assert run.returncode == 1
    assert "python -m analysis documents" in run.stderr


def test_the_same_sources_give_the_same_bytes_anywhere(rendered, render, tmp_path):
    elsewhere = tmp_path / "another place" / "copy"
    shutil.copytree(rendered, elsewhere, ignore=shutil.ignore_patterns("_output"))
    run = render(elsewhere, *FALLBACK, cwd=tmp_path, TZ="Asia/Shanghai", LC_ALL="C", PYTHONHASHSEED="7")
    assert run.returncode == 0, run.stderr
    assert digest(elsewhere) == digest(rendered)


def test_a_changed_number_changes_the_paper(sample, rendered, render, edit):
    first = digest(rendered)
    edit(sample / "_variables.yml", "1.0 to 2.0", "1.0 to 2.1")
    render(sample, *FALLBACK)
    second = digest(sample)
    assert all(first[name] != second[name] for name in first)
