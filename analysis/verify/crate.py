"""RO-Crate metadata of the deposit: one JSON-LD file that archives and search engines read.

`ro-crate-metadata.json` says what the package is, who made it, under which licence, and what each raw
file and folder holds (RO-Crate 1.1). It names folders of products and not their bytes, so that it changes
only when the package does; checksums are the manifest's.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from analysis.base.errors import InputError
from analysis.base.files import write_json
from analysis.base.named import check_names, read_named
from analysis.inputs.descriptor import DESCRIPTOR, read_descriptor

FILE, RAW = "ro-crate-metadata.json", Path("data/raw")
STATED = ("title", "authors", "version", "date-released", "keywords")  # in CITATION.cff
PROFILE = "https://w3id.org/ro/crate/1.1"
CC_BY = "https://creativecommons.org/licenses/by/4.0/"
MIT = "https://spdx.org/licenses/MIT"
FOLDERS = {
    "data/raw/": "Original data: published figures, rollout, policies, annual statistics, with sources",
    "data/processed/": "Analysis data and output: panel, bounds, estimates, numbers, figures and tables",
    "data/reference/": "Values of independent software that the estimators are compared with",
    "analysis/": "The programs, room by room; analysis/README.md lists them",
    "book/": "Sources of the book in English and Chinese",
    "paper/": "Sources of the article and the pre-analysis plan",
    "tests/": "The tests",
}
FILES = {
    "README.md": ("First page: finding, commands, data availability, exhibits", "text/markdown", CC_BY),
    "Makefile": ("Master script: make builds everything, make test tests it", "text/x-makefile", MIT),
    "requirements.lock": ("Every package with its version and hashes", "text/plain", MIT),
    "LICENSE": ("Licence of the software (MIT)", "text/plain", MIT),
    "LICENSE-DATA": (
        "Licence of data, text and figures (CC BY 4.0), and rights in the facts",
        "text/plain",
        CC_BY,
    ),
    "CITATION.cff": ("How to cite the package", "text/yaml", CC_BY),
    "data/MANIFEST.sha256": ("Checksum of every product", "text/plain", CC_BY),
}


def describe(root: Path) -> dict[str, Any]:
    """Return the crate as a JSON-LD document.

    Raises
    ------
    InputError
        CITATION.cff or the raw record is absent, or does not state what the crate repeats.
    """
    path = root / "CITATION.cff"
    citation = read_named(path, "the citation", needs=STATED)
    record = check_names(
        read_descriptor(root / RAW), root / RAW / DESCRIPTOR, "the raw record", "", ("title", "description")
    )
    raw = [_raw_file(resource) for resource in record["resources"]]
    files: list[dict[str, Any]] = [
        {
            "@id": name,
            "@type": "File",
            "name": name,
            "description": words,
            "encodingFormat": kind,
            "license": {"@id": licence},
        }
        for name, (words, kind, licence) in FILES.items()
    ]
    folders: list[dict[str, Any]] = [
        {"@id": name, "@type": "Dataset", "name": name.rstrip("/"), "description": words}
        | ({"hasPart": [{"@id": entry["@id"]} for entry in raw]} if name == "data/raw/" else {})
        for name, words in FOLDERS.items()
    ]
    authors = _authors(citation["authors"], path)
    top = {
        "@id": "./",
        "@type": "Dataset",
        "name": citation["title"],
        "description": f"{record['title']}, with the programs that turn it into panel, bounds and estimates. "
        f"{record['description']}",
        "version": str(citation["version"]),
        "datePublished": str(citation["date-released"]),
        "license": {"@id": CC_BY},
        "author": [{"@id": author["@id"]} for author in authors],
        "publisher": {"@id": authors[0]["@id"]},
        "keywords": ", ".join(map(str, citation["keywords"])),
        "hasPart": [{"@id": entry["@id"]} for entry in [*files, *folders]],
    }
    licences = [
        {"@id": address, "@type": "CreativeWork", "name": name, "description": covers}
        for address, name, covers in (
            (CC_BY, "Creative Commons Attribution 4.0 International", "Data, text and figures"),
            (MIT, "MIT License", "Software"),
        )
    ]
    about = {"@id": FILE, "@type": "CreativeWork", "conformsTo": {"@id": PROFILE}, "about": {"@id": "./"}}
    return {
        "@context": f"{PROFILE}/context",
        "@graph": [about, top, *files, *folders, *raw, *authors, *licences],
    }


def _authors(listed: Any, path: Path) -> list[dict[str, Any]]:
    """Authors as CITATION.cff gives them: an entity by its name, a person by given and family names."""
    found = []
    for number, author in enumerate(listed if isinstance(listed, list) else [listed], start=1):
        given = author if isinstance(author, dict) else {}
        person = " ".join(str(given[part]) for part in ("given-names", "family-names") if given.get(part))
        name = given.get("name") or person
        if not name:
            raise InputError(
                f"author {number} of the citation has no name", file=path, column="authors", value=author,
                expected="name of an entity, or given-names and family-names of a person",
            )  # fmt: skip
        kind = "Organization" if given.get("name") else "Person"
        address = str(given.get("orcid") or f"#author-{number}")
        found.append({"@id": address, "@type": kind, "name": str(name)})
    return found


def _raw_file(resource: dict[str, Any]) -> dict[str, Any]:
    absent = [key for key in ("title", "description", "mediatype") if not resource.get(key)]
    if absent:
        raise InputError(
            f"the record of {resource['path']} does not state {', '.join(absent)}", file=RAW / DESCRIPTOR,
            column=absent[0], expected="title, description and mediatype of each file",
        )  # fmt: skip
    return {
        "@id": f"data/raw/{resource['path']}",
        "@type": "File",
        "name": resource["title"],
        "description": " ".join(str(resource["description"]).split()),
        "encodingFormat": resource["mediatype"],
        "license": {"@id": CC_BY},
    }


def write_crate(root: Path) -> None:
    """Write `FILE` at the top of the project, to be committed."""
    write_json(describe(root), root / FILE)
