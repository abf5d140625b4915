"""Render without Quarto: pandoc and typst, both Python packages of the lock.

Reads the part of Quarto's markdown that the paper uses; `templates/crossref.lua` numbers figures,
tables, equations and sections as Quarto does. Fonts come from the lock, never from the system, and
the PDF carries no time of its own, so the same sources give the same bytes on every machine.
"""

from __future__ import annotations

import re
from pathlib import Path

import mplfonts
import typst

from paper import manuscript

TEMPLATES = Path(__file__).parent / "templates"
FILTERS = ("crossref.lua", "typeset.lua")
FONTS = Path(mplfonts.__file__).parent / "fonts"  # Noto Serif and Sans CJK SC
LABELLED = re.compile(r'<img role="img" aria-label="[^"]*"(?=[^>]* alt=")')  # it has both
EPOCH = 1_656_633_600  # 2022-07-01, the pilot's first day: a fixed time stamp for the PDF


def render(folder: Path) -> dict[str, bytes]:
    """Render ``folder/paper.qmd`` to ``{"paper.html": ..., "paper.pdf": ...}``.

    Raises
    ------
    manuscript.ManuscriptError
        When the manuscript points at something that does not exist, or pandoc or typst refuses it.
    """
    text = manuscript.load(folder)
    html = ["-t", "html5", "--mathml", "--toc", "--toc-depth=2", "--embed-resources"]
    html += ["--template", str(TEMPLATES / "paper.html")]
    # Embedding turns the alternative text of an SVG into a label; a plain alt is what readers expect.
    page = manuscript.pandoc([*reading(folder), *html], text)
    page = LABELLED.sub("<img", page).replace('<img role="img" aria-label=', "<img alt=")
    return {"paper.html": page.encode(), "paper.pdf": set_pages(typst_markup(text, folder), folder)}


def reading(folder: Path) -> list[str]:
    """How pandoc reads the manuscript, whatever it writes."""
    # Order counts: the filter takes cross-references out before citeproc looks for them in vain.
    filters = [part for name in FILTERS for part in ("--lua-filter", str(TEMPLATES / name))]
    options = ["-f", manuscript.READER, *filters, "--citeproc"]
    options += ["--standalone", "--number-sections", "--wrap=none", "--fail-if-warnings"]
    options += ["--resource-path", str(folder)]
    return [*options, "--metadata", f"bibliography={folder / 'references.bib'}"]


def typst_markup(text: str, folder: Path) -> str:
    """Return the manuscript as typst, set by ``templates/paper.typ``."""
    layout = ["-t", "typst", "--shift-heading-level-by=-1", "--template", str(TEMPLATES / "paper.typ")]
    return manuscript.pandoc([*reading(folder), *layout], text)


def set_pages(markup: str, folder: Path) -> bytes:
    """Set typst markup as a tagged PDF; paths in it are relative to ``folder``."""
    fonts = [str(FONTS)]
    try:
        pdf = typst.compile(  # type: ignore[misc]  # its stub leaves the input's type open
            markup.encode(), root=str(folder), font_paths=fonts, ignore_system_fonts=True, timestamp=EPOCH,
            pdf_standards=["ua-1"],  # refuses a figure or a formula without alternative text
        )  # fmt: skip
    except typst.TypstError as error:
        raise manuscript.ManuscriptError([f"typst: {error}"]) from error
    assert isinstance(pdf, bytes)
    return pdf
