"""What was built, from what, with what: ``run.json`` and the data package of the products."""

from __future__ import annotations

import hashlib
import platform
from importlib import metadata
from typing import TYPE_CHECKING, Any

import yaml

from analysis import config
from analysis.base.errors import InputError
from analysis.base.files import write_json, write_text
from analysis.base.products import action_for, read_product
from analysis.base.reading import read_csv

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES = ("highspy", "linearmodels", "matplotlib", "numpy", "pandas", "scipy", "statsmodels")
# Files that say who built, or that only repeat others: not part of what must agree.
OWN = {"run.json", "datapackage.yaml", "README.md"}


def sha256(path: Path) -> str:
    """Hash of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_record(raw: Path, processed: Path) -> None:
    """``run.json`` and ``datapackage.yaml`` beside the products; neither where one cannot be made."""
    run, package = run_of(raw), package_of(processed)
    write_json(run, processed / "run.json")
    write_text(package, processed / "datapackage.yaml")


def run_of(raw: Path) -> dict[str, Any]:
    """Content of ``run.json``: hashes of the inputs, versions of what computed, and the study's choices.

    Raises
    ------
    InputError
        There is no raw record.
    """
    if not raw.is_dir():
        raise InputError("the raw record is no folder here", file=raw, action="give the project with --root")
    choices = {
        "confidence_level": config.CONFIDENCE_LEVEL,
        "inference": config.INFERENCE,
        "panel_start": str(config.PANEL_START),
        "readings": {reading.name: reading.reason for reading in config.READINGS},
        "seed": config.SEED,
        "treatment_rule": config.TREATMENT_RULE,
    }
    return {
        "choices": choices,
        "inputs": {path.name: sha256(path) for path in sorted(raw.iterdir()) if path.is_file()},
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "python": platform.python_version(),
        "seed": config.SEED,
    }


def describe_table(path: Path, meanings: dict[str, str]) -> dict[str, Any]:
    """One resource of the package: path, bytes, hash and a schema read from the table itself.

    Codes such as 00 and 010 are text: who reads them as numbers loses their zeros.
    """
    frame = read_csv(path, path.name, action_for(path), empty=True, low_memory=False)
    text = read_csv(path, path.name, action_for(path), empty=True, dtype=str)
    kinds = {"i": "integer", "f": "number", "b": "boolean"}
    fields = []
    for name in frame.columns:
        code = str(name).endswith("code") or text[name].str.match(r"0\d").any()
        kind = "string" if code else kinds.get(frame[name].dtype.kind, "string")
        field = {"name": str(name), "type": kind}
        if name in meanings:
            field["description"] = meanings[name]
        fields.append(field)
    return {
        "name": path.stem.replace("_", "-").lower(),
        "path": path.name,
        "format": "csv",
        "encoding": "utf-8",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{sha256(path)}",
        "schema": {"fields": fields},
    }


def package_of(processed: Path) -> str:
    """Text of ``datapackage.yaml`` over the tables of ``data/processed``.

    Raises
    ------
    InputError
        The codebook or a table is absent or no table.
    """
    codebook = read_product(processed / "codebook.csv")
    labels = codebook["label_en"] + " (" + codebook["unit"] + "; " + codebook["evidence"] + ")"
    meanings = dict(zip(codebook["column"], labels, strict=True))
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "occupational-injury-pilot-products",
        "title": "Panel, bounds and estimates of the occupational-injury protection pilot",
        "description": "Made by `make` from data/raw; committed as the reference that `make verify` uses.",
        "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}],
        "resources": [describe_table(path, meanings) for path in sorted(processed.glob("*.csv"))],
    }
    text: str = yaml.safe_dump(package, allow_unicode=True, sort_keys=False, width=110)
    return text
