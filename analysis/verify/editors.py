"""The lists of data editors, item by item: what is met, and what is still open.

The items are those that the AEA Data Editor's README template, the World Bank's reproducibility protocol
and TIER 4.0 ask for and a program can look up. An open item is no defect of the build: it is printed, so
that whoever deposits the package sees it before an editor does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analysis.base.errors import InputError
from analysis.base.named import parse_json, read_named
from analysis.base.products import read_product_json
from analysis.base.progress import say
from analysis.base.reading import read_csv, read_text
from analysis.inputs.descriptor import read_descriptor
from analysis.verify import crate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DAY = r"\d{4}-\d{2}-\d{2}"
SOURCES = "data/raw/sources.csv"
TO_FILL_IN = (
    ". No record says more, and none is made up here. The people who deposit open each address again and "
    f"write that day, as 2026-11-24, into date_read of {SOURCES}; then `python -m analysis.inputs.renew`"
)


@dataclass(frozen=True)
class Item:
    """One demand: who asks, what for, and how far it is met (empty words: met)."""

    who: str
    what: str
    missing: Callable[[Path], str]


def says(pattern: str, *files: str) -> Callable[[Path], str]:
    """Whether one of the files has words that match."""

    def look(root: Path) -> str:
        found = [name for name in files if (root / name).is_file()]
        texts = [read_text(root / name) for name in found]
        hit = any(re.search(pattern, text, re.IGNORECASE | re.DOTALL) for text in texts)
        return "" if hit else f"no such words in {' or '.join(files)}"

    return look


def there(*paths: str) -> Callable[[Path], str]:
    """Whether the files and folders exist."""

    def look(root: Path) -> str:
        return ", ".join(path for path in paths if not (root / path).exists())

    return look


def access_dates(root: Path) -> str:
    """Sources whose day of reading is known to the month or year only."""
    table = read_csv(root / SOURCES, columns=("date_read",), dtype=str, keep_default_na=False)
    vague = int((~table["date_read"].str.fullmatch(DAY)).sum())
    return (
        f"{vague} of {len(table)} sources say the month or year of reading only{TO_FILL_IN}" if vague else ""
    )


def described_columns(root: Path) -> str:
    """Columns of the raw record without a description."""
    record = read_descriptor(root / "data/raw")
    bare = [
        f"{resource['path']}:{field['name']}"
        for resource in record["resources"]
        for field in resource["schema"]["fields"]
        if not field["description"].strip()
    ]
    return ", ".join(bare[:5])


def cited_data(root: Path) -> str:
    """Sources without a title, a publisher and an address or a date."""
    columns = ("source_id", "title", "publisher", "url", "date_published")
    table = read_csv(root / SOURCES, columns=columns, dtype=str, keep_default_na=False)
    table = table[table["source_id"] != "not-found"]  # stands for what was looked for in vain
    bare = table[
        (table["title"] == "")
        | (table["publisher"] == "")
        | ((table["url"] == "") & (table["date_published"] == ""))
    ]
    return ", ".join(bare["source_id"].head(5))


def exhibits_have_programs(root: Path) -> str:
    """Exhibits that do not name the function that makes them."""
    path = root / "data/processed/exhibits.json"
    if not path.is_file():
        return "exhibits.json is not built"
    listed = read_product_json(path)
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        return "exhibits.json is no list of exhibits: python -m analysis exhibits"
    return ", ".join(str(item.get("id")) for item in listed if not item.get("function"))


def hashed_lock(root: Path) -> str:
    """Packages of the lock without a hash."""
    text = read_text(root / "requirements.lock")
    blocks = re.split(r"\n(?=\S)", text)
    pinned = [block for block in blocks if "==" in block.split("\n")[0]]
    bare = [block.split("==")[0] for block in pinned if "--hash=sha256:" not in block]
    return ", ".join(bare[:5]) if pinned else "no pinned package"


def contact(root: Path) -> str:
    """Whether somebody is named who answers."""
    named = says(r"^contact:\s*\n\s*-|mailto:|\S@\S+\.\w", "README.md", "CITATION.cff")(root)
    return named and (
        "nobody is named who answers questions. The people who deposit write themselves into CITATION.cff: "
        "`contact:`, below it `  - given-names:`, `family-names:` and `email:` of one person, and may put "
        "their own names under `authors:`; then `python -m analysis crate`"
    )


def raw_is_unchanged(root: Path) -> str:
    """Raw files that differ from the record."""
    from analysis.inputs.package import check_files_are_those_recorded, check_files_are_unchanged

    try:
        check_files_are_those_recorded(root / "data/raw")
        check_files_are_unchanged(root / "data/raw")
    except InputError as error:
        return error.problem
    return ""


def run_is_recorded(root: Path) -> str:
    """What run.json lacks of the last build."""
    path = root / "data/processed/run.json"
    if not path.is_file():
        return "run.json is not built"
    run = read_named(path, path.name, "run `make`")
    return ", ".join(key for key in ("inputs", "packages", "python", "seed") if not run.get(key))


def crate_is_current(root: Path) -> str:
    """Whether the deposit's metadata is the one that this project would write."""
    path = root / crate.FILE
    if not path.is_file():
        return f"{crate.FILE} is absent: python -m analysis crate"
    kept = parse_json(read_text(path), path, path.name, "python -m analysis crate")
    return "" if kept == crate.describe(root) else "out of date: python -m analysis crate"


RIGHTS = r"legitimate access|rights? to (use|redistribute)|permission to"
MACHINE = r"(minutes|hours).{0,400}(cores|processor)|(cores|processor).{0,400}(minutes|hours)"
AEA, BANK, TIER = "AEA", "World Bank", "TIER 4.0"
ITEMS = (
    Item(AEA, "data availability statement", says(r"## data availability", "README.md")),
    Item(AEA, "statement about rights to use and to pass on", says(RIGHTS, "README.md", "LICENSE-DATA")),
    Item(AEA, "licence of data and of code", there("LICENSE", "LICENSE-DATA")),
    Item(AEA, "day of access of each source", access_dates),
    Item(AEA, "data dictionary: every raw column described", described_columns),
    Item(AEA, "data citations: each source with title, publisher, address or date", cited_data),
    Item(AEA, "software with versions, fixed by hash", hashed_lock),
    Item(AEA, "Python, packages, seed and inputs of the last build", run_is_recorded),
    Item(AEA, "hardware, run time and memory", says(MACHINE, "README.md")),
    Item(AEA, "date of the last run", says(rf"last (run|built|build).{{0,80}}{DAY}", "README.md")),
    Item(AEA, "controlled randomness: seeds named", says(r"\bseed", "README.md")),
    Item(AEA, "list of exhibits with the program of each", exhibits_have_programs),
    Item(AEA, "instructions to replicate", says(r"^ *make\b|`make`", "README.md")),
    Item(BANK, "one master script", there("Makefile")),
    Item(BANK, "environment file, locked", there("requirements.lock", "environment.yml")),
    Item(BANK, "outputs to compare with, by checksum", there("data/MANIFEST.sha256")),
    Item(BANK, "contact", contact),
    Item(BANK, "citation of the package", there("CITATION.cff")),
    Item(TIER, "original data kept unmodified", raw_is_unchanged),
    Item(TIER, "metadata of each source", there("data/raw/datapackage.yaml", "data/raw/sources.csv")),
    Item(TIER, "analysis data and output apart from original data", there("data/raw", "data/processed")),
    Item(TIER, "codebook of the analysis data", there("data/processed/codebook.csv")),
    Item(TIER, "metadata of the deposit (RO-Crate), as the project is now", crate_is_current),
)  # fmt: skip


def judge(root: Path) -> pd.DataFrame:
    """Every item with what it lacks.

    Returns
    -------
    DataFrame
        ``list, item, state`` (met or open) and ``open`` (what is missing, in words).
    """
    rows = [(item.who, item.what, looked_up(item, root)) for item in ITEMS]
    return pd.DataFrame(
        [(who, what, "open" if missing else "met", missing) for who, what, missing in rows],
        columns=["list", "item", "state", "open"],
    )


def looked_up(item: Item, root: Path) -> str:
    """What an item lacks; one that cannot be looked up is open, and the others are still judged."""
    try:
        return item.missing(root)
    except (InputError, OSError) as error:
        return " ".join(str(error).split())


def show(root: Path) -> None:
    """Print the table, and how many items are met."""
    table = judge(root)
    for row in table.to_dict("records"):
        say(
            f"  {row['state']:<5} {row['list']:<10} {row['item']}"
            + (f": {row['open']}" if row["open"] else "")
        )
    met = int((table["state"] == "met").sum())
    say(f"preflight: {met} of {len(table)} items of the editors' lists are met, {len(table) - met} open")
