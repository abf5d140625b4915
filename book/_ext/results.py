"""The results that the book may name: numbers, exhibits and sources, read once and never computed.

`numbers.json` and `exhibits.json` are written by ``python -m analysis numbers`` and ``exhibits``. The
folder is the configuration value ``book_data``, relative to the sources, so that the tests can put a
small labelled folder in its place.
"""

from __future__ import annotations

import csv
import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.errors import ExtensionError

if TYPE_CHECKING:
    from sphinx.application import Sphinx

EVIDENCE = ("published", "bounds", "statistics", "simulated", "records")
MARKS = ("scenario", "example", "check")  # what is no evidence about the pilot


def language(app: Sphinx) -> str:
    """Two letters: ``en`` or ``zh``."""
    return str(app.config.language)[:2]


@lru_cache
def _from(folder: str, path: str) -> Path:
    """A path from the folder of the sources; asked for thousands of times, so the disk is asked once."""
    return Path(folder, path).resolve()


def data_folder(app: Sphinx) -> Path:
    """Folder of the results."""
    return _from(str(app.srcdir), app.config.book_data)


@lru_cache
def _read_json(path: Path) -> Any:
    if not path.is_file():
        raise ExtensionError(f"{path.name} is missing: run `make exhibits` before the book")
    return json.loads(path.read_text("utf-8"))


def numbers(app: Sphinx) -> dict[str, dict[str, Any]]:
    """Every number the prose may name, by key."""
    return dict(_read_json(data_folder(app) / "numbers.json"))


def exhibits(app: Sphinx) -> dict[str, dict[str, Any]]:
    """Every figure and table the book may show, by id."""
    listed = _read_json(data_folder(app) / "exhibits.json")
    return {entry["id"]: entry for entry in listed}


def charts_folder(app: Sphinx) -> Path:
    """Where ``python -m analysis documents`` wrote the charts."""
    return _from(str(app.srcdir), app.config.book_charts)


def charts(app: Sphinx) -> dict[str, dict[str, Any]]:
    """The charts by the exhibit that opens them; none for a book whose results have none."""
    path = charts_folder(app) / "charts.json"
    return dict(_read_json(path)) if path.is_file() else {}


@lru_cache
def _read_sources(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["source_id"]: row for row in csv.DictReader(file)}


@lru_cache
def _read_ledger(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["figure_id"]: row for row in csv.DictReader(file)}


def ledger(app: Sphinx) -> dict[str, dict[str, str]]:
    """The published figures, by figure id."""
    return _read_ledger(_from(str(app.srcdir), app.config.book_ledger))


def _register(app: Sphinx) -> Path:
    """The file of sources."""
    return _from(str(app.srcdir), app.config.book_sources)


def sources(app: Sphinx) -> dict[str, dict[str, str]]:
    """The register of sources, by source id."""
    return _read_sources(_register(app))


def in_record(app: Sphinx, file: str) -> bool:
    """Whether a file is one of the record, beside the register of sources, and not a computed one."""
    return _register(app).with_name(file).is_file()


@lru_cache
def _read_wording(path: Path) -> dict[str, tuple[str, str]]:
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["text"]: (row["text_en"] or row["text"], row["text_zh"]) for row in csv.DictReader(file)}


def worded(app: Sphinx, text: str) -> str:
    """A text of the record in the book's language, by the file of wording beside the register of sources."""
    words = _read_wording(_register(app).with_name("wording.csv"))
    return words.get(text, (text, text))[language(app) == "zh"]


def local(entry: dict[str, Any], name: str, code: str) -> str:
    """Field of an entry in the book's language; a field without language serves both."""
    value = entry.get(f"{name}_{code}", entry.get(name, ""))
    return "" if value is None else str(value)


def up(docname: str) -> str:
    """Path from a page to the root of the book."""
    return "../" * docname.count("/")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register where the results are."""
    app.add_config_value("book_data", "../../data/processed", "env")
    app.add_config_value("book_charts", "../_charts", "env")
    app.add_config_value("book_sources", "../../data/raw/sources.csv", "env")
    app.add_config_value("book_ledger", "../../data/raw/published_figures.csv", "env")
    _read_json.cache_clear()
    _read_ledger.cache_clear()
    _read_sources.cache_clear()
    _read_wording.cache_clear()
    return {"parallel_read_safe": True, "parallel_write_safe": True}
