"""One movable folder for readers: both editions, the paper, all data, and a door that asks for the language.

The pages are those that the book made. Their links to each other and to the paper are written for the
project's tree; here they become links inside the folder, so that it works from a disk, a zip, a server or a
sub-path of one. What needs the address of the host, where there is one, is in `address`.
"""

from __future__ import annotations

import html
import re
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from analysis.base.errors import InputError
from analysis.base.named import check_names, parse_yaml
from analysis.base.reading import read_text
from analysis.report.address import EDITIONS, say_address

ARCHIVE = "occupational-injury-pilot-data.zip"
BOOK_LINK = "../../book/{edition}/_build/html/"  # how the paper names the book
# How a page of the book names the other edition and the site's own files, whatever folder it stands in.
EDITION_LINK = re.compile(r"((?:\.\./)*)\.\./\.\./\.\./(en|zh)/_build/html/")
SITE_LINK = re.compile(r"((?:\.\./)*)\.\./\.\./\.\./\.\./site/")
DATA = ("data/raw", "data/processed", "data/forecasts")
PROVINCES = "book/en/province"  # where the rows of each page are
DATA_SUFFIXES = {".csv", ".json", ".yaml", ".md"}
EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest day that a zip can hold: the same bytes at any time
TITLES = {
    "en": "Injury insurance for China's platform workers: what the pilot reached",
    "zh": "新就业形态人员职业伤害保障试点：累计参保了多少人",
}
WORDS = {
    "en": {
        "open": "Read in English",
        "brief": "The answer on one page (PDF)",
        "paper": "Paper (PDF)",
        "data": "All data (zip)",
        "files": "Each data file",
    },
    "zh": {
        "open": "阅读中文版",
        "brief": "一页摘要（PDF）",
        "paper": "论文（PDF，英文）",
        "data": "全部数据（zip）",
        "files": "逐个数据文件",
    },
}


def build_site(root: Path, target: Path, address: str = "") -> int:
    """Make the folder ``target`` anew from the built products of ``root``; returns its number of files.

    Parameters
    ----------
    root
        Folder of the project, built.
    target
        Replaced whole, or left as it was if anything is missing.
    address
        Where the folder will be served, for the site map and the previews of its pages.

    Raises
    ------
    InputError
        A product is not there, the address is none, or ``target`` holds something else than a site.
    """
    check_target(target)
    if address and not re.fullmatch(r"https?://[^\s<>\"']+", address):
        raise InputError("this is no address", value=address, expected="https://host/path")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".site-", dir=target.parent) as name:
        folder = Path(name) / "site"
        for edition in EDITIONS:
            copy_edition(root / "book" / edition / "_build" / "html", folder / edition)
        copy_paper(root / "paper" / "_output", folder / "paper")
        copy_data(root, folder / "data")
        (folder / "index.html").write_text(door(), encoding="utf-8")
        (folder / "llms.txt").write_text(summary(root), encoding="utf-8")
        if address:
            say_address(folder, address)
        if target.exists():
            target.rename(Path(name) / "old")
        folder.rename(target)
    return sum(path.is_file() for path in target.rglob("*"))


def check_target(target: Path) -> None:
    """Refuse to replace what is no site: the folder is removed whole, with all that somebody keeps there."""
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise InputError("a file or a link stands where the site would be", file=target, expected="a folder")
    mine = all((target / name).is_file() for name in ("index.html", "llms.txt", f"data/{ARCHIVE}"))
    if target.exists() and any(target.iterdir()) and not mine:
        raise InputError(
            "this folder holds something else than an earlier site, and would be replaced whole",
            file=target,
            expected="a new or empty folder, or a site that this command made",
            action="give another folder with --out, or move what is there",
        )


def copy_tree(source: Path, target: Path) -> None:
    """Copy a folder that `make` built."""
    if not source.is_dir():
        raise InputError("a product is missing", file=source, action="run `make` first")
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(".*"))


def copy_edition(source: Path, target: Path) -> None:
    """Copy one edition of the book and point its links into the site."""
    copy_tree(source, target)
    for page in sorted(target.rglob("*.html")):
        text = read_text(page, "a page of the book", "run `make` first")
        text = EDITION_LINK.sub(r"\1../\2/", text)
        page.write_text(SITE_LINK.sub(r"\1../", text), encoding="utf-8")


def copy_paper(source: Path, target: Path) -> None:
    """Copy the paper and point its links to the book into the site."""
    copy_tree(source, target)
    for page in sorted(target.rglob("*.html")):
        text = read_text(page, "a page of the paper", "run `make` first")
        for edition in EDITIONS:
            text = text.replace(BOOK_LINK.format(edition=edition), f"../{edition}/")
        page.write_text(text, encoding="utf-8")


def data_files(root: Path) -> dict[str, Path]:
    """Files of the record, of the results and of each province's page, by their place under ``data``.

    Pictures are left out. The rows of a province are the same in both editions: the English ones are taken.
    """
    found = [(path, path.relative_to(root / "data")) for part in DATA for path in (root / part).rglob("*")]
    found += [(path, Path("province") / path.name) for path in (root / PROVINCES).glob("*.csv")]
    kept = {
        place.as_posix(): path
        for path, place in found
        if path.is_file() and path.suffix in DATA_SUFFIXES and not path.name.startswith(".")
    }
    return {**dict(sorted(kept.items())), "LICENSE-DATA": root / "LICENSE-DATA"}


def copy_data(root: Path, target: Path) -> None:
    """Copy every data file, one archive of them all, and a page that lists them."""
    files = data_files(root)
    for name, path in files.items():
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    with zipfile.ZipFile(target / ARCHIVE, "w") as archive:
        for name, path in files.items():
            entry = zipfile.ZipInfo(name if name == "LICENSE-DATA" else f"data/{name}", EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, path.read_bytes())
    (target / "index.html").write_text(data_page(target), encoding="utf-8")


def data_page(folder: Path) -> str:
    """The list of data files, in both languages."""
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    rows = "\n".join(
        f'<li><a href="{html.escape(path.as_posix())}">{html.escape(path.as_posix())}</a> '
        f"({size((folder / path).stat().st_size)})</li>"
        for path in files
    )
    body = f"""<h1>All data <span lang="zh-CN">全部数据</span></h1>
<p><a href="{ARCHIVE}">{ARCHIVE}</a>: everything below in one file. Columns, units and sources are described
in <a href="raw/datapackage.yaml">raw/datapackage.yaml</a> and
<a href="processed/codebook.csv">processed/codebook.csv</a>. Licence: CC BY 4.0.</p>
<p lang="zh-CN">以下全部文件打包为<a href="{ARCHIVE}">{ARCHIVE}</a>。各列、单位与来源见
<a href="raw/datapackage.yaml">raw/datapackage.yaml</a>与
<a href="processed/codebook.csv">processed/codebook.csv</a>。许可：CC BY 4.0。</p>
<p><a href="../en/index.html">English</a> · <a href="../zh/index.html" lang="zh-CN">中文</a></p>
<ul>
{rows}
</ul>"""
    return page("All data · 全部数据", body, up="../")


def brief(path: Path) -> tuple[dict[str, Any], str]:
    """Head and text of a brief."""
    what, action = "the brief", "run `make` first"
    parts = read_text(path, what, action).split("---\n", 2)
    if len(parts) != 3:
        raise InputError(f"{what} has no head between two lines of ---", file=path, row=1, action=action)
    given = parse_yaml(parts[1], path, what, action)
    head = check_names(given, path, what, action, ("title", "subtitle", "dated", "facts"))
    facts = head["facts"] if isinstance(head["facts"], list) else [head["facts"]]
    for fact in facts:
        if not isinstance(fact, dict) or not {"number", "words"} <= set(fact):
            raise InputError(
                f"{what} has a fact that is none", file=path, column="facts", value=fact,
                expected="number and words", action=action,
            )  # fmt: skip
    return head, parts[2]


def summary(root: Path) -> str:
    """What the site says, as plain text: the brief of each language, then where what is."""
    texts = []
    for code in EDITIONS:
        path = root / "paper" / "_generated" / "brief" / f"brief.{code}.md"
        if not path.is_file():
            raise InputError("a product is missing", file=path, action="run `make` first")
        given, body = brief(path)
        facts = "\n".join(f"- **{fact['number']}** {fact['words']}" for fact in given["facts"])
        texts.append(
            f"# {given['title']}\n\n> {given['subtitle']}. {given['dated']}\n\n{facts}\n\n{body.strip()}"
        )
    return "\n\n".join([*texts, PLACES.strip()]) + "\n"


PLACES = """
## Where what is

- [Book in English](en/index.html), [in Chinese](zh/index.html); [provinces](en/province/index.html)
- [One page in English](paper/brief-en.pdf), [in Chinese](paper/brief-zh.pdf); [paper](paper/paper.html)
- [Data files](data/index.html): published figures and their sources in `data/raw`, results in
  `data/processed`, the rows of each province in `data/province`; columns in `data/raw/datapackage.yaml`
- Each number's sources: `data/processed/numbers.json`, by key. Evidence classes: published, bounds,
  statistics, simulated, records; a simulated number describes no real data.
"""


def size(count: int) -> str:
    """A number of bytes as a reader says it."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(count / 1e3, 0.1):.1f} kB"


def door() -> str:
    """The page that asks for the language once, and remembers; ``index.html?choose`` asks again."""
    cards = "\n".join(
        f'<section lang="{"zh-CN" if code == "zh" else "en"}">\n<h2>{html.escape(TITLES[code])}</h2>\n'
        f'<p><a class="open" data-language="{code}" href="{code}/index.html">{words["open"]}</a></p>\n'
        f'<p><a href="paper/brief-{code}.pdf">{words["brief"]}</a> · '
        f'<a href="paper/paper.pdf">{words["paper"]}</a> · <a href="data/{ARCHIVE}">{words["data"]}</a> · '
        f'<a href="data/index.html">{words["files"]}</a></p>\n</section>'
        for code, words in WORDS.items()
    )
    head = '<h1><span lang="en">Language</span> · <span lang="zh-CN">语言</span></h1>\n'
    return page(f"{TITLES['en']} · {TITLES['zh']}", head + cards, DOOR_SCRIPT)


DOOR_SCRIPT = """<script>
"use strict";
(() => {
  let store = null;
  try { store = window.localStorage; } catch { /* a browser may forbid it: then it asks every time */ }
  const known = store && store.getItem("language");
  const asked = location.search === "?choose";
  if ((known === "en" || known === "zh") && !asked) location.replace(`${known}/index.html`);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-language]");
    if (link && store) store.setItem("language", link.dataset.language);
  });
})();
</script>"""


def page(title: str, body: str, script: str = "", up: str = "") -> str:
    """A page of the site itself, ``up`` from its root, readable without a style sheet beside it."""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{html.escape(title)}</title>
<meta name="description" content="{html.escape(title)}">
<link rel="icon" href="{up}en/_static/icon.svg" type="image/svg+xml">
<style>
:root {{ --ground: #fff; --ink: #1f2328; --link: #0b5c77; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ground: #1b2027; --ink: #e6e9ed; --link: #7cc7e0; }}
}}
html {{ background: var(--ground); color: var(--ink); }}
a {{ color: var(--link); }}
body {{ font: 1.0625rem/1.55 system-ui, "Noto Sans CJK SC", sans-serif; max-width: 46rem; margin: 2rem auto;
  padding: 0 1rem; background: var(--ground); overflow-wrap: anywhere; }}
section {{ border-top: 1px solid; padding: 1rem 0; }}
h1, h2 {{ line-height: 1.25; }}
.open {{ display: inline-block; padding: 0.6rem 1.2rem; border: 2px solid; border-radius: 0.4rem;
  font-weight: 600; }}
</style>
{script}
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""
