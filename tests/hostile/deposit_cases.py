"""The doors of the deposit: `documents`, `site`, `crate`, `preflight`, `verify` on a project with one file spoilt."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import yaml
from hostile.form import Case, Place, Spoil, both, change, instead, put

READ = (
    "README.md", "CITATION.cff", "LICENSE", "LICENSE-DATA", ".gitignore", "pyproject.toml", "requirements.lock",
    "ro-crate-metadata.json", "paper/brief.en.md", "paper/brief.zh.md", "data/CONTENTS.md",
    "data/MANIFEST.sha256", "data/raw", "data/processed",
)  # fmt: skip
CRATE, DOCUMENTS = "crate --root {made}", "documents --root {made}"
PREFLIGHT, VERIFY, ASIDE = "preflight --root {made}", "verify --root {made}", "aside --root {made}"
SITE = "site --root {made} --out {here}/site"
CITATION, RECORD = "CITATION.cff", "data/raw/datapackage.yaml"
SOURCES, NUMBERS = "data/raw/sources.csv", "data/processed/numbers.json"
LISTED, MANIFEST = "data/processed/exhibits.json", "data/MANIFEST.sha256"
BRIEF = "paper/_generated/brief/brief.zh.md"


PRODUCTS = ("codebook.csv", "panel.csv", "numbers.json", "exhibits.json", "run.json", "datapackage.yaml")


def left_out(folder: str, names: list[str]) -> list[str]:
    """Products that none of these commands reads before it stops."""
    return [name for name in names if name not in PRODUCTS] if folder.endswith("processed") else []


def project(name: str, command: str, *words: str, spoil: Spoil | None = None, code: int = 2) -> Case:
    return Case(name, "project", command, words, spoil, code)


def damaged(name: str, content: bytes) -> Spoil:
    return put(name, content, "made")


def edited(name: str, edit: Callable[[bytes], bytes]) -> Spoil:
    return change(name, edit, "made")


def gone(name: str) -> Spoil:
    return instead(name, "absent", "made")


def cited(**values: object) -> Spoil:
    """CITATION.cff with entries set; missing ones taken out."""

    def edit(content: bytes) -> bytes:
        entries = yaml.safe_load(content) | {key.replace("_", "-"): value for key, value in values.items()}
        return yaml.safe_dump({key: value for key, value in entries.items() if value is not None}).encode()

    return edited(CITATION, edit)


def built(place: Place) -> None:
    """A book, a paper and briefs, as far as the site looks at them."""
    for edition in ("en", "zh"):
        page = place.made / "book" / edition / "_build/html/index.html"
        page.parent.mkdir(parents=True)
        page.write_text("<html></html>", encoding="utf-8")
        text = place.made / f"paper/_generated/brief/brief.{edition}.md"
        text.parent.mkdir(parents=True, exist_ok=True)
        head = "title: a\nsubtitle: b\ndated: c\nfacts:\n- number: 1\n  words: d\n"
        text.write_text(f"---\n{head}---\nbody\n", encoding="utf-8")
    (place.made / "paper/_output").mkdir()
    (place.made / "paper/_output/paper.html").write_text("<html></html>", encoding="utf-8")


def mine(place: Place) -> None:
    (place.here / "site").mkdir()
    (place.here / "site" / "thesis.txt").write_text("mine\n", encoding="utf-8")


def site(name: str, *words: str, spoil: Spoil, command: str = SITE, code: int = 2) -> Case:
    return project(f"site-{name}", command, *words, spoil=both(built, spoil), code=code)


def mended(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda content: content.replace(old, new, 1)


BAD = {
    "empty": b"",
    "binary": b"\xff\xfe\x00",
    "list": b"- a\n- b\n",
    "broken": b"a: [\n\t{",
    "twice": b"a: 1\na: 2\n",
}
SAYS = {
    "empty": "holds no names and values", "binary": "not UTF-8", "list": "holds no names and values",
    "broken": "no YAML", "twice": "the name 'a' stands twice",
}  # fmt: skip
SAYS_RECORD = SAYS | {"empty": "names no files", "list": "names no files", "binary": "cannot be read"}
BAD_JSON = {"empty": b"", "binary": b"\xff\xfe\x00", "word": b"word", "broken": b'{"a": [', "nan": b'{"a": NaN}',
            "twice": b'{"a": 1, "a": 2}', "number": b"7", "nothing": b"{}"}  # fmt: skip
BAD_TOML = {"empty": b"", "binary": b"\xff\xfe\x00", "list": b"- a\n", "broken": b"[project", "twice": b"a = 1\na = 2\n",
            "no-project": b"[tool]\na = 1\n", "no-needs": b"[project]\nname = 'a'\n"}  # fmt: skip
BAD_TABLE = {"empty": b"", "binary": b"\xff\xfe\x00", "ragged": b"source_id,title\na\n", "other": b"a,b\n1,2\n",
             "twice": b"source_id,source_id\na,b\n", "nul": b"source_id,title\na\0,b\n"}  # fmt: skip
CASES = [
    *(project(f"crate-citation-{name}", CRATE, CITATION, SAYS[name], spoil=damaged(CITATION, content)) for name, content in BAD.items()),
    *(project(f"crate-record-{name}", CRATE, "datapackage.yaml", SAYS_RECORD[name], spoil=damaged(RECORD, content)) for name, content in BAD.items()),
    *(project(f"crate-without-{name}", CRATE, CITATION, f"does not state {name}", spoil=cited(**{name: None}))
      for name in ("title", "authors", "version", "date-released", "keywords")),
    *(project(f"crate-author-{name}", CRATE, CITATION, "author 1 of the citation has no name", spoil=cited(authors=[author]))
      for name, author in (("word", "Li"), ("blank", {"name": ""}), ("address", {"email": "a@b.org"}))),
    project("crate-author-is-a-person", CRATE, code=0,
            spoil=cited(authors=[{"given-names": "Hua", "family-names": "Li", "orcid": "https://orcid.org/0000-0001-2345-6789"}])),
    *(project(f"crate-file-without-{name}", CRATE, "does not state", name, "datapackage.yaml", spoil=edited(RECORD, lambda c, k=name: c.replace(f"  {k}:".encode(), b"  was:", 1)))
      for name in ("mediatype",)),
    project("crate-folder-for-citation", CRATE, CITATION, "folder", spoil=instead(CITATION, "folder", "made")),
    project("crate-nowhere", "crate --root {here}/nowhere", CITATION, "does not exist"),
    *(project(f"preflight-citation-{name}", PREFLIGHT, "check_citation", CITATION, SAYS[name], spoil=damaged(CITATION, content))
      for name, content in BAD.items()),
    *(project(f"preflight-record-{name}", PREFLIGHT, "datapackage.yaml", SAYS_RECORD[name], "items of the editors' lists", spoil=damaged(RECORD, content))
      for name, content in BAD.items()),
    *(project(f"preflight-sources-{name}", PREFLIGHT, "check_facts_have_sources", "sources.csv", "items of the editors' lists", spoil=damaged(SOURCES, content))
      for name, content in BAD_TABLE.items()),
    *(project(f"preflight-exhibits-{name}", PREFLIGHT, "open", "exhibits.json", "items of the editors' lists", spoil=damaged(LISTED, content))
      for name, content in BAD_JSON.items() if name in ("binary", "nan", "twice", "number")),
    *(project(f"preflight-run-{name}", PREFLIGHT, "open", "run.json", spoil=damaged("data/processed/run.json", content))
      for name, content in BAD_JSON.items() if name in ("broken", "number")),
    *(project(f"preflight-without-{name}", PREFLIGHT, name, "items of the editors' lists", spoil=gone(name)) for name in (CITATION, SOURCES, "pyproject.toml", "README.md", MANIFEST)),
    *(project(f"preflight-folder-for-{name}", PREFLIGHT, name, "folder", spoil=instead(name, "folder", "made")) for name in (CITATION, SOURCES)),
    project("preflight-contact", PREFLIGHT, "nobody is named who answers questions", "contact:", "date_read of data/raw/sources.csv"),
    *(project(f"documents-project-{name}", DOCUMENTS, "pyproject.toml", spoil=damaged("pyproject.toml", content)) for name, content in BAD_TOML.items()),
    *(project(f"documents-record-{name}", DOCUMENTS, "datapackage.yaml", SAYS_RECORD[name], spoil=damaged(RECORD, content)) for name, content in BAD.items()),
    *(project(f"documents-table-{name}", DOCUMENTS, "workers.csv", spoil=damaged("data/raw/workers.csv", content))
      for name, content in BAD_TABLE.items() if name not in ("other",)),
    *(project(f"documents-numbers-{name}", DOCUMENTS, "numbers.json", "python -m analysis numbers", spoil=damaged(NUMBERS, content)) for name, content in BAD_JSON.items()),
    *(project(f"documents-exhibits-{name}", DOCUMENTS, "exhibits.json", "python -m analysis exhibits", spoil=damaged(LISTED, content)) for name, content in BAD_JSON.items()),
    *(project(f"documents-number-{name}", DOCUMENTS, "numbers.json", "no number", spoil=edited(NUMBERS, lambda c, a=old, b=new: c.replace(a, b, 1)))
      for name, old, new in (
          ("without-chinese", b'"text_zh":', b'"text_fr":'), ("of-no-grade", b'"grade":"C"', b'"grade":"E"'),
          ("without-value", b'"value":', b'"worth":'), ("lineage-word", b'"lineage":{', b'"lineage":"x","was":{'))),
    *(project(f"documents-exhibit-{name}", DOCUMENTS, "exhibits.json", "no list of exhibits", spoil=edited(LISTED, mended(old, new)))
      for name, old, new in (
          ("climbs-out", b"figures/fig-rollout.svg", b"../../../fig.svg"), ("absolute", b"figures/fig-rollout.svg", b"/etc/passwd"),
          ("without-files", b'"files"', b'"file"'), ("without-english", b'"en": "figures', b'"fr": "figures'))),
    *(project(f"documents-brief-{name}", DOCUMENTS, "brief", *words, spoil=spoil)
      for name, words, spoil in (
          ("absent", ("does not exist",), gone("paper/brief.en.md")), ("binary", ("not UTF-8",), damaged("paper/brief.en.md", b"\xff\xfe")),
          ("unknown-number", ("no_such_number", "does not exist"), edited("paper/brief.en.md", lambda c: c + b"{no_such_number}\n")))),
    project("documents-lock-binary", DOCUMENTS, "requirements.lock", "not UTF-8", spoil=damaged("requirements.lock", b"\xff\xfe")),
    project("documents-lock-empty", DOCUMENTS, "the lock does not hold", spoil=damaged("requirements.lock", b"")),
    project("documents-no-block", DOCUMENTS, "README.md", "blocks", spoil=damaged("README.md", b"# x\n")),
    project("documents-no-figure", DOCUMENTS, "fig-national-path.svg", "does not exist", "make exhibits"),
    *(project(f"verify-codebook-{name}", VERIFY, "codebook.csv", "python -m analysis panel", spoil=damaged("data/processed/codebook.csv", content)) for name, content in BAD_TABLE.items()),
    *(project(f"verify-panel-{name}", VERIFY, "panel.csv", "python -m analysis panel", spoil=damaged("data/processed/panel.csv", content))
      for name, content in BAD_TABLE.items() if name != "other"),
    project("verify-without-record", VERIFY, "data/raw", "no folder", spoil=lambda place: shutil.rmtree(place.raw)),
    project("verify-without-products", VERIFY, "codebook.csv", spoil=lambda place: shutil.rmtree(place.made / "data/processed")),
    project("verify-manifest-lists-twice", VERIFY, "MANIFEST", "row 331", "twice", spoil=edited(MANIFEST, lambda c: c + b"0" * 64 + c.split(b"\n")[0][64:] + b"\n")),
    project("verify-manifest-capitals", VERIFY, "MANIFEST", "row 1", spoil=edited(MANIFEST, lambda c: c.upper())),
    project("aside-nowhere", "aside --root {here}/nowhere", "no project here", "--root"),
    project("aside-broken-manifest", ASIDE, "MANIFEST", "row 1", spoil=damaged(MANIFEST, b"no checksum\n")),
    project("manifest-in-an-archive", "manifest --root {made}", "git checkout"),
    project("moved-in-an-archive", "moved --root {made}", "commit"),
    site("as-it-should-be", "llms", spoil=lambda _: None, code=0, command=SITE.replace("{here}/site", "{here}/llms")),
    site("replaces-a-thesis", "something else than an earlier site", "--out", spoil=mine),
    site("replaces-the-data", "something else than an earlier site", command="site --root {made} --out {made}/data", spoil=lambda _: None),
    site("replaces-the-project", "something else than an earlier site", command="site --root {made} --out {made}", spoil=lambda _: None),
    site("replaces-a-file", "a file or a link stands", spoil=put("site", "mine\n")),
    site("page-binary", "a page of the book", "not UTF-8", "index.html", spoil=damaged("book/en/_build/html/index.html", b"\xff\xfe")),
    *(site(f"brief-{name}", "brief.zh.md", words, spoil=damaged(BRIEF, content)) for name, words, content in (
        ("empty", "no head", b""), ("binary", "not UTF-8", b"\xff\xfe"), ("headless", "no head", b"text\n"),
        ("broken", "no YAML", b"---\na: [\n---\n"), ("without-facts", "facts", b"---\ntitle: a\nsubtitle: b\ndated: c\n---\n"),
        ("fact-word", "a fact that is none", b"---\ntitle: a\nsubtitle: b\ndated: c\nfacts: none\n---\n"),
        ("twice", "stands twice", b"---\ntitle: a\ntitle: b\n---\n"))),
    site("no-licence", "LICENSE-DATA", spoil=gone("LICENSE-DATA")),
    site("other-address", "no address", command=f"{SITE} --address ftp://x", spoil=lambda _: None),
]  # fmt: skip
