"""The foot of every page: how new the data are, version, licence, how to cite, and what to take along.

All of it is read from ``CITATION.cff`` and the results, so that a release changes it in one place. The
paper, the archive of all data and the language door stand in the site that `make site` assembles.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from lines import description
from results import language, numbers, up

if TYPE_CHECKING:
    from sphinx.application import Sphinx

SITE = "../../../../site/"  # from the root of a built edition; the site's assembly makes it one level
ARCHIVE = "data/occupational-injury-pilot-data.zip"
WORDS = {
    "en": {
        "brief": "One page (PDF)",
        "paper": "Paper (PDF)",
        "data": "All data (zip)",
        "door": "Languages",
        "report": "Report an error",
        "cite": "Cite this page",
        "dated": "Record searched to {searched}. Version {version} of {released}. "
        "Text, figures and data: CC BY 4.0; code: MIT.",
    },
    "zh": {
        "brief": "一页摘要（PDF）",
        "paper": "论文（PDF，英文）",
        "data": "全部数据（zip）",
        "door": "语言选择",
        "report": "报告错误",
        "cite": "引用本页",
        "dated": "资料检索至{searched}。版本{version}，{released}发布。"
        "文字、图表与数据：CC BY 4.0；代码：MIT。",
    },
}


@lru_cache
def citation(path: Path) -> dict[str, Any]:
    """What ``CITATION.cff`` says."""
    return dict(yaml.safe_load(path.read_text("utf-8")))


def add_context(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Give the templates the foot of the page, and its head what a preview shows."""
    code = language(app)
    words = WORDS[code]
    cff = citation((Path(app.srcdir) / app.config.book_citation).resolve())
    released = str(cff["date-released"])
    author = "; ".join(person["name"] for person in cff["authors"])
    title = re.sub(r"<[^>]+>", "", context.get("title", "")) or app.config.html_title
    back = up(pagename)
    searched = numbers(app).get("record_searched", {}).get(f"text_{code}", released)
    context["colophon"] = {
        "words": words,
        "dated": words["dated"].format(searched=searched, version=cff["version"], released=released),
        "brief": f"{back}{SITE}paper/brief-{code}.pdf",
        "paper": f"{back}{SITE}paper/paper.pdf",
        "data": f"{back}{SITE}{ARCHIVE}",
        "door": f"{back}{SITE}index.html?choose",
        "report": f"{back}reproduce.html",
        "plain": f"{author} ({released[:4]}). “{html.unescape(title)}”. In: {cff['title']}, "
        f"version {cff['version']}, {released}.",
        "bibtex": "@misc{occupational_injury_pilot_" + pagename.replace("/", "_").replace("-", "_") + ",\n"
        f"  author = {{{{{author}}}}},\n  title = {{{html.unescape(title)}}},\n  year = {{{released[:4]}}},\n"
        f"  note = {{In: {cff['title']}, version {cff['version']}, {released}}}\n}}",
    }
    text = html.escape(description(doctree, code) or html.unescape(title))
    picture = f"{back}_static/exhibits/fig-national-path{'.zh' if code == 'zh' else ''}.png"
    context["metatags"] = context.get("metatags", "") + (
        f'\n<link rel="icon" type="image/svg+xml" href="{back}_static/icon.svg">'
        f'\n<meta name="description" content="{text}">'
        f'\n<meta property="og:title" content="{html.escape(html.unescape(title))}">'
        f'\n<meta property="og:description" content="{text}">'
        f'\n<meta property="og:type" content="article">'
        f'\n<meta property="og:image" content="{picture}">'
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the event and where the citation is."""
    app.add_config_value("book_citation", "../../CITATION.cff", "env")
    app.connect("html-page-context", add_context)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
