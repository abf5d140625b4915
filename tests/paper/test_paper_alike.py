"""Both renderers set the article alike: the same faces, sizes, floats and first page in the generated typst.

Quarto itself is not on every machine. The stand-in does what Quarto does to typst: its template puts our
partials in the order of its own (template, header, page, show, body), and its filters write a float as a
figure of a kind of their own, with the caption as a field.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typst
import yaml

from paper import fallback, manuscript

ROOT = Path(__file__).resolve().parents[2]
PARTIALS = ("typst-template.typ", "page.typ", "typst-show.typ")
TEMPLATE = """\
#let content-to-string(it) = it.text
$typst-template.typ()$

$for(header-includes)$
$header-includes$
$endfor$

$page.typ()$

$typst-show.typ()$

$body$
"""
FLOATS = r"""
local function float(body, caption, place, kind, name, id)
  local blocks = pandoc.Blocks({pandoc.RawBlock("typst", "#figure([")})
  blocks:extend(body)
  blocks:insert(pandoc.RawBlock("typst", "], caption: figure.caption(position: " .. place .. ", ["))
  blocks:extend(caption)
  local field = ']), kind: "quarto-float-' .. kind .. '", supplement: "' .. name .. '")<' .. id .. ">"
  blocks:insert(pandoc.RawBlock("typst", field))
  return blocks
end
local function inner(tbl)
  tbl.attr = pandoc.Attr("", {"typst:no-figure"})
  return pandoc.Blocks({tbl})
end
return {{
  Meta = function(meta)
    meta["by-author"] = meta.author:map(function(one)
      return {name = {literal = one.name}}
    end)
    return meta
  end,
  Cite = function(cite)
    local kind, rest = cite.citations[1].id:match("^(%a+)%-(.*)")
    if kind == "fig" or kind == "tbl" then
      return pandoc.RawInline("typst", "#ref(<" .. kind .. "-" .. rest .. ">)")
    end
    if kind == "sec" or kind == "eq" then return pandoc.Str(kind) end
  end,
  Div = function(div)
    if not div.identifier:match("^tbl%-") then return nil end
    for _, block in ipairs(div.content) do
      if block.t == "Table" then
        local last = div.content[#div.content]
        return float(inner(block), pandoc.Blocks({last}), "top", "tbl", "Table", div.identifier)
      end
    end
  end,
  Figure = function(figure)
    return float(figure.content, figure.caption.long, "bottom", "fig", "Figure", figure.identifier)
  end,
}}
"""
ASKED = "(font: text.font, size: text.size, margin: repr(page.margin.left))"
PROBE = f"\n\n#context [#metadata({ASKED}) <body-text>]\n"


def head() -> dict[str, Any]:
    text = (ROOT / "paper" / "paper.qmd").read_text(encoding="utf-8").split("\n---\n", 1)[0]
    return yaml.safe_load(text.removeprefix("---\n"))


def stage(chosen: dict[str, Any], staged: Path) -> Path:
    """Lay the partials of a format beside a template, as Quarto does, and the filter for its own."""
    staged.mkdir()
    for partial in chosen["template-partials"]:
        source = ROOT / "paper" / partial
        (staged / source.name).write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    (staged / "floats.lua").write_text(FLOATS, encoding="utf-8")
    return staged


def of_fallback(folder: Path) -> str:
    return fallback.typst_markup(manuscript.load(folder), folder)


def of_quarto(folder: Path, staged: Path) -> str:
    """The sample as the partials and filters that paper.qmd gives to Quarto set it."""
    chosen = head()["format"]["typst"]
    stage(chosen, staged)
    assert set(PARTIALS) <= {path.name for path in staged.iterdir()}
    (staged / "template.typ").write_text(TEMPLATE, encoding="utf-8")
    own = [part for name in chosen["filters"] for part in ("--lua-filter", str(ROOT / "paper" / name))]
    arguments = ["-f", manuscript.READER, "-t", "typst-citations", "--standalone", "--wrap=none", *own]
    arguments += ["--lua-filter", str(staged / "floats.lua"), "--shift-heading-level-by=-1"]
    if chosen.get("citeproc"):
        arguments += ["--citeproc", "--metadata", f"bibliography={folder / 'references.bib'}"]
    arguments += ["--template", str(staged / "template.typ")]
    return manuscript.pandoc(arguments, manuscript.load(folder))


def asked(markup: str, folder: Path, selector: str) -> list[dict]:
    """Elements of the set document."""
    file = folder / "probe.typ"
    file.write_text(markup, encoding="utf-8")
    found = typst.query(
        str(file), selector, root=str(folder), font_paths=[str(fallback.FONTS)], ignore_system_fonts=True
    )
    file.unlink()
    return json.loads(found)


def content_text(content: dict) -> str:
    """Text of a piece of typst content."""
    if content["func"] == "space":
        return " "
    return content.get("text", "") + "".join(map(content_text, content.get("children", [])))


@pytest.fixture
def probed(sample, edit) -> Path:
    """The sample with probes in a cell of the table and in the text, a JEL code and a statement."""
    size = "`#context [#metadata((font: text.font, size: text.size)) <in-table>]`{=typst}"
    edit(sample / "_generated/tables/tbl-one.md", "| 甲 | 1 |", f"| 甲 {size} | 1 |")
    edit(
        sample / "paper.qmd",
        "keywords: [simulated]",
        "keywords: [simulated, 模拟]\njel: [C21]\navailability: All is here.",
    )
    return sample


@pytest.fixture(params=["fallback", "quarto"])
def markup(request, probed, tmp_path) -> str:
    made = of_fallback(probed) if request.param == "fallback" else of_quarto(probed, tmp_path / "staged")
    return made + PROBE


def test_text_is_set_in_the_faces_of_the_lock(markup, probed):
    (body,) = asked(markup, probed, "<body-text>")
    assert body["value"]["font"] == ["libertinus serif", "noto serif cjk sc"]
    assert body["value"]["size"] == "10.5pt"
    assert body["value"]["margin"].endswith("73.7pt")  # 2.6 cm of 28.35 pt each


def test_tables_are_smaller_than_the_text(markup, probed):
    cells = asked(markup, probed, "<in-table>")
    assert cells
    assert {cell["value"]["size"] for cell in cells} == {"8.8pt"}
    assert {tuple(cell["value"]["font"]) for cell in cells} == {("libertinus serif", "noto serif cjk sc")}


def test_figures_and_tables_float_and_are_numbered(markup, probed):
    figures = [figure for figure in asked(markup, probed, "figure") if figure.get("caption")]
    assert len(figures) == 2
    assert {figure["placement"] for figure in figures} == {"auto"}
    separators = [content_text(figure["caption"]["separator"]) for figure in figures]
    assert set(separators) == {". "}
    assert all(figure["numbering"] == "1" for figure in figures)


def test_the_first_page_has_what_a_journal_asks_for(markup, probed):
    for words in ("Abstract.", "Keywords:", "JEL codes:", "Data and code:", "Nobody", "C21", "All is here."):
        assert words in markup
    assert "#evidence[simulated]" in markup


def test_lines_are_numbered_when_the_manuscript_says_so(probed, tmp_path, edit):
    switch = "#set par.line(numbering"
    assert switch not in of_fallback(probed)
    edit(probed / "paper.qmd", "number-sections: true", "number-sections: true\nline-numbers: true")
    assert switch in of_fallback(probed)
    assert switch in of_quarto(probed, tmp_path / "staged")


def test_nothing_after_the_shared_style_sets_another_face_or_table(probed, tmp_path):
    style = (ROOT / "paper/templates/style.typ").read_text(encoding="utf-8").rstrip()
    for made in (of_fallback(probed), of_quarto(probed, tmp_path / "staged")):
        assert made.count(style) == 1
        rest = made.split(style)[1]
        assert "font:" not in rest.replace("(font: text.font", "")
        assert "#set table" not in rest
        assert "#set figure" not in rest


def test_citations_lead_to_the_list_and_code_keeps_the_colour_of_the_text(markup):
    assert "#link(<ref-fisher1935>)" in markup
    assert head()["link-citations"] is True  # the sample says so too
    assert head()["format"]["typst"]["highlight-style"] == "none"  # Quarto would colour even a file's name


def test_both_pages_begin_with_what_a_journal_asks_for(probed, tmp_path):
    staged = stage(head()["format"]["html"], tmp_path / "staged")
    (staged / "template.html").write_text("$title-metadata.html()$\n", encoding="utf-8")
    arguments = ["-f", manuscript.READER, "-t", "html5", "--template", str(staged / "template.html")]
    text = manuscript.load(probed)
    quarto = manuscript.pandoc([*arguments, "--lua-filter", str(staged / "floats.lua")], text)
    plain = fallback.render(probed)["paper.html"].decode()
    for page in (quarto, plain):
        for words in (
            "Nobody",
            "Abstract",
            "Keywords:",
            "模拟",
            "JEL codes:",
            "C21",
            "Data and code:",
            "All is here.",
        ):
            assert words in page
