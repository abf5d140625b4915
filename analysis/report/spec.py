"""The list of exhibits: read `exhibits.yml`, refuse what is incomplete, put numbers into its texts.

Texts name numbers as ``{key}``; the words come from numbers.json. A title may hold no digit of its
own except a year, so that no finding can go stale.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.base.errors import InputError
from analysis.base.named import parse_yaml
from analysis.base.products import action_for
from analysis.base.reading import read_text
from analysis.report.evidence import BADGES
from analysis.report.text import LANGUAGES

if TYPE_CHECKING:
    import pandas as pd

LIST = Path(__file__).with_name("exhibits.yml")
TEXTS = ("title", "subtitle", "alt", "notes", "source")
FIELDS = {"id", "function", "evidence", "data", "used_in", *TEXTS}
PLACEHOLDER = re.compile(r"\{(sure:)?([a-z0-9_]+)\}")
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)(?:年1?\d月)?")  # a Chinese month may stand beside its year
# Classes of rows that an exhibit of each class may show. Simulated rows stand alone.
ALLOWED = {
    "published": {"published"},
    "bounds": {"bounds", "published"},
    "statistics": {"statistics", "published"},
    "records": {"records"},
    "simulated": {"simulated"},
    "scenario": {"scenario"},
    "example": {"example"},
    "check": {"check"},
}


@dataclass(frozen=True)
class Exhibit:
    """One figure or table with its texts in both languages, numbers filled in.

    Parameters
    ----------
    texts
        ``texts["title"]["en"]`` and so on for `TEXTS` and both languages.
    function
        Module and function that make it, such as ``rollout.grid``.
    options
        Keyword arguments of the function.
    data
        Files the exhibit rests on.
    used_in
        Pages that show it.
    """

    id: str
    function: str
    evidence: str
    texts: dict[str, dict[str, str]]
    data: list[str]
    used_in: list[str]
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """``figure`` or ``table``."""
        return "figure" if self.id.startswith("fig-") else "table"

    def record(self) -> dict[str, Any]:
        """As exhibits.json holds it."""
        labels = BADGES[self.evidence]
        texts = {f"{name}_{lang}": self.texts[name][lang] for name in TEXTS for lang in LANGUAGES}
        folder, types = ("figures", ("svg", "png")) if self.kind == "figure" else ("tables", ("md",))
        files = {
            kind: {"en": f"{folder}/{self.id}.{kind}", "zh": f"{folder}/{self.id}.zh.{kind}"}
            for kind in types
        }
        return {
            "id": self.id,
            "kind": self.kind,
            "evidence": self.evidence,
            "evidence_label_en": labels.badge_en,
            "evidence_label_zh": labels.badge_zh,
            "function": f"analysis/report/{folder}/{self.function.replace('.', '.py:')}",
            "data": self.data,
            "used_in": self.used_in,
            "files": {**files, "csv": f"{folder}/{self.id}.csv"},
            **texts,
        }


def load_exhibits(numbers: dict[str, Any], path: Path = LIST) -> list[Exhibit]:
    """Read the list and fill in its numbers.

    Raises
    ------
    InputError
        A field is missing, an id repeats, an evidence class is unknown, a title holds a digit, or a
        text names a number that does not exist or that rests on a grade D source.
    """
    rows = parse_yaml(read_text(path, path.name), path, path.name)
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise InputError(f"{path.name} is no list of exhibits", file=path, expected="entries with an id")
    exhibits = [read_exhibit(row, numbers) for row in rows]
    ids = [exhibit.id for exhibit in exhibits]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise InputError(f"exhibit {', '.join(twice)} is listed twice", file=path.name)
    return exhibits


def read_exhibit(row: dict[str, Any], numbers: dict[str, Any]) -> Exhibit:
    """Check one entry of the list and fill in its numbers."""
    name = str(row.get("id", "without id"))
    absent = sorted(FIELDS - set(row))
    if absent:
        raise InputError(f"{name} lacks {', '.join(absent)}", file=LIST.name)
    if not re.fullmatch(r"(fig|tbl)-[a-z0-9-]+", name):  # its files are called so
        raise InputError(
            "an exhibit's id is none", file=LIST.name, column="id", value=row["id"],
            expected="fig- or tbl-, then small letters, digits and hyphens",
        )  # fmt: skip
    kinds = dict.fromkeys(TEXTS, dict) | {"data": list, "used_in": list, "function": str, "options": dict}
    for column, kind in kinds.items():
        if not isinstance(row.get(column, {}), kind):
            raise InputError(
                f"{name}: {column} is not of its kind", file=LIST.name, column=column, value=row[column],
                expected={dict: "names and values", list: "a list", str: "text"}[kind],
            )  # fmt: skip
    if row["evidence"] not in BADGES:
        raise InputError(f"{name}: unknown evidence class", file=LIST.name, value=row["evidence"])
    texts = {}
    for text in TEXTS:
        blank = [language for language in LANGUAGES if not str(row[text].get(language, "")).strip()]
        if blank:
            raise InputError(f"{name} has no {text} in {', '.join(blank)}", file=LIST.name)
        texts[text] = {
            lang: fill(str(row[text][lang]).strip(), lang, numbers, name, evidence=row["evidence"])
            for lang in LANGUAGES
        }
    check_title(row["title"], name)
    return Exhibit(
        name, row["function"], row["evidence"], texts, row["data"], row["used_in"], row.get("options", {})
    )


def check_numbers(numbers: Any, path: Path) -> dict[str, Any]:
    """Refuse a numbers.json whose entries are not numbers with words and a lineage."""
    fine = isinstance(numbers, dict)
    for key, number in numbers.items() if fine else ():
        if not is_number(number):
            raise InputError(
                f"{path.name} holds an entry that is no number", file=path, value=key,
                expected="value, text_en, text_zh and lineage", action=action_for(path),
            )  # fmt: skip
    if not fine:
        raise InputError(f"{path.name} holds no numbers by name", file=path, action=action_for(path))
    found: dict[str, Any] = numbers
    return found


def is_number(number: Any) -> bool:
    """Whether an entry has a value, words in both languages and a graded lineage."""
    if not isinstance(number, dict) or not {"value", "evidence", "certainty"} <= set(number):
        return False
    lineage, words = number.get("lineage"), [number.get(f"text_{language}") for language in LANGUAGES]
    graded = isinstance(lineage, dict) and lineage.get("grade") in ("", "A", "B", "C", "D")
    return graded and all(isinstance(text, str) and text.strip() for text in words)


def check_listed(exhibits: Any, path: Path) -> list[dict[str, Any]]:
    """Refuse an exhibits.json that is not a list of exhibits with files and titles."""
    needed = {"id", "kind", "evidence", "files", "function", "data", "used_in", "title_en", "title_zh"}
    fine = isinstance(exhibits, list) and all(isinstance(e, dict) and needed <= set(e) for e in exhibits)
    for exhibit in exhibits if fine else ():
        kinds = {"svg", "png"} if exhibit["kind"] == "figure" else {"md"}
        files = exhibit["files"] if isinstance(exhibit["files"], dict) else {}
        for kind in kinds:  # in both languages, and nowhere but beside the list
            names = files.get(kind)
            wanted = re.compile(rf"(figures|tables)/[\w-]+(\.zh)?\.{kind}")
            if not isinstance(names, dict):
                fine = False
                continue
            fine = fine and all(wanted.fullmatch(str(names.get(language))) for language in LANGUAGES)
    if not fine:
        raise InputError(f"{path.name} is no list of exhibits", file=path, action=action_for(path))
    found: list[dict[str, Any]] = exhibits
    return found


def check_title(title: dict[str, str], name: str) -> None:
    """Refuse digits in a title that do not come from numbers.json; years may stand."""
    for language in LANGUAGES:
        rest = YEAR.sub("", PLACEHOLDER.sub("", title[language]))
        if re.search(r"\d", rest):
            raise InputError(
                f"the title of {name} holds a digit typed by hand",
                file=LIST.name,
                value=title[language],
                expected="a {key} of numbers.json",
            )


def fill(
    text: str, language: str, numbers: dict[str, Any], name: str, file: str = LIST.name, *, evidence: str = ""
) -> str:
    """Replace each ``{key}`` by the words of that number and ``{sure:key}`` by how sure it is.

    ``name`` and ``file`` go into the message.
    A simulated number may stand only in a text whose ``evidence`` is ``simulated``.
    """

    def words(match: re.Match[str]) -> str:
        key = match[2]
        if key not in numbers:
            raise InputError(
                f"{name} names a number that does not exist", file=file, value=key,
                expected="a key of numbers.json",
            )  # fmt: skip
        if numbers[key]["lineage"]["grade"] == "D":
            raise InputError(f"{name} rests on a grade D source", file=file, value=key)
        if numbers[key].get("evidence") == "simulated" and evidence != "simulated":
            raise InputError(
                f"{name} is no simulated text and names a simulated number", file=file, value=key
            )
        return str(numbers[key][f"certainty_{language}" if match[1] else f"text_{language}"])

    return PLACEHOLDER.sub(words, text)


def check_evidence(exhibit: Exhibit, data: pd.DataFrame) -> None:
    """Stop when an exhibit would show rows of a class it does not declare.

    Raises
    ------
    ValueError
        For instance when a simulated row would be drawn among findings.
    """
    foreign = sorted(set(data["evidence"]) - ALLOWED[exhibit.evidence])
    if foreign:
        raise ValueError(
            f"{exhibit.id} is of class {exhibit.evidence} and may not show {', '.join(foreign)} rows"
        )
