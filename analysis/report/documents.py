"""The generated parts of the documents: README blocks, the paper's variables, figures and tables.

A block stands between ``<!-- generated:NAME -->`` and ``<!-- /generated -->``; what is outside is
never touched. A block without a maker, or a maker without a block, is an error, so that neither
can be forgotten.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from analysis.base.errors import InputError, why_no_file
from analysis.base.files import write_bytes
from analysis.base.named import check_names, read_named
from analysis.base.products import read_product_json
from analysis.base.reading import read_csv, read_text
from analysis.inputs.descriptor import DESCRIPTOR, read_descriptor
from analysis.report.grades import GRADES
from analysis.report.spec import check_listed, check_numbers, fill
from analysis.report.text import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable

BLOCK = re.compile(r"(<!-- generated:([a-z-]+) -->\n).*?(<!-- /generated -->)", re.DOTALL)
RAW, PROCESSED = Path("data/raw"), Path("data/processed")
PAPER = Path("paper")
GENERATED = PAPER / "_generated"
BRIEF = GENERATED / "brief"
BRIEF_PICTURE = {"en": "fig-national-path.svg", "zh": "fig-national-path.zh.svg"}

FINDING = (
    "**Reach.** By the end of {newest_bounded_quarter} {pooled_in_force_2025q4_persons} people had ever"
    " been enrolled in {n_provinces_in_force_newest} provinces,"
    " {pooled_in_force_2025q4_per_1000_residents} per 1,000 residents (`bounds`,"
    " {sure:pooled_in_force_2025q4_per_1000_residents}). The average of the provinces, each counting the"
    " same, is known far less well: {province_average_in_force_2025q4_per_1000_residents}"
    " ({sure:province_average_in_force_2025q4_per_1000_residents}). Each range holds every value that agrees"
    " with all published figures of grades A to C. The counts, as we read them, are of people ever enrolled,"
    " not of current members, and rest in part on reposts (grade C). In mid-2025, in the {n_first_wave}"
    " first-wave provinces alone, the count was {pooled_in_force_2025q2_persons},"
    " {pooled_in_force_2025q2_per_1000_residents} per 1,000.",
    "**Caused, by rule.** Nobody can be enrolled where the pilot has not begun, so the scheme's own rules"
    " make it the cause of all enrolment in it, and no figure says how many of these people had no cover"
    " before.",
    "**The jump between June and September 2025.** Of the growth of {decomposition_total_growth_percent}"
    " percent ({sure:decomposition_total_growth_percent}) the ten provinces that joined in July account for"
    " {decomposition_scope_percent} points: the record cannot tell how much came from them and how much from"
    " the first seven.",
    "**No effect on formal jobs or on average income can be shown** (`statistics`), with"
    " {formal_employment_rate_group_time_att_n_treated} treated provinces of"
    " {formal_employment_rate_group_time_att_n_units}: formal jobs per hundred urban residents"
    " {formal_employment_rate_randomization_set}, income per head"
    " {log_income_per_head_randomization_set_percent} percent, output per head, which the pilot cannot"
    " move, {log_gdp_per_head_randomization_set_percent} percent (95 percent randomisation intervals).",
)
DOCUMENTS = {"README.md": ("finding", "data"), "data/CONTENTS.md": ("exhibits", "software")}


def build(root: Path) -> None:
    """Fill README, the list of contents and the paper's folder under ``root``; see `gather`."""
    write(gather(root), root)


def write(files: dict[Path, bytes], root: Path) -> None:
    """Write what `gather` found, and remove what the paper no longer includes."""
    for path, content in files.items():
        write_bytes(content, path)
    for old in sorted((root / GENERATED).glob("*/*")):
        if old not in files and not old.name.startswith("."):
            old.unlink()


def gather(root: Path) -> dict[Path, bytes]:
    """Content of every file to be written, so that nothing is written where one of them cannot be made.

    Raises
    ------
    InputError
        A product, a marker or a number is missing.
    """
    path = root / PROCESSED / "numbers.json"
    numbers = check_numbers(read_product_json(path), path)
    exhibits = check_listed(
        read_product_json(path.with_name("exhibits.json")), path.with_name("exhibits.json")
    )
    makers: dict[str, Callable[[], str]] = {
        "finding": lambda: finding(numbers),
        "software": lambda: software(root),
        "data": lambda: data_availability(root / RAW),
        "exhibits": lambda: exhibit_table(exhibits),
    }
    texts = {
        name: replace_blocks(
            read_text(root / name, "a document"), {block: makers[block] for block in blocks}, name
        )
        for name, blocks in DOCUMENTS.items()
    }
    variables: dict[str, Any] = {key: number["text_en"] for key, number in sorted(numbers.items())}
    # Under a heading of its own: Quarto reads the dot of `certainty.KEY` as a step down, not as a letter.
    variables["certainty"] = {
        key: number["certainty_en"] for key, number in sorted(numbers.items()) if number["certainty"]
    }
    files = briefs(numbers, root) | copied_exhibits(exhibits, root)
    texts[f"{PAPER}/_variables.yml"] = yaml.safe_dump(variables, allow_unicode=True, width=10_000)
    return {root / name: text.encode() for name, text in texts.items()} | files


def replace_blocks(text: str, makers: dict[str, Callable[[], str]], file: str) -> str:
    """Put each maker's text into its block.

    Raises
    ------
    InputError
        Blocks and makers do not match one to one.
    """
    found = [match[2] for match in BLOCK.finditer(text)]
    if sorted(found) != sorted(makers):
        raise InputError(
            f"the generated blocks of {file} do not match their makers",
            file=file,
            value=", ".join(found),
            expected=", ".join(makers),
            action="put `<!-- generated:NAME -->` and `<!-- /generated -->` where each block belongs",
        )
    return BLOCK.sub(lambda match: f"{match[1]}\n{makers[match[2]]().strip()}\n\n{match[3]}", text)


def finding(numbers: dict[str, Any]) -> str:
    """The answer, how sure it is, and what the record cannot say."""
    return "\n\n".join(fill(paragraph, "en", numbers, "the finding", "README.md") for paragraph in FINDING)


def software(root: Path) -> str:
    """Versions of the packages that the project names, as the lock fixes them."""
    path = root / "pyproject.toml"
    project = read_named(path, path.name, needs=("project",))["project"]
    check_names(project, path, path.name, "", ("dependencies", "requires-python"))
    names = [
        re.match(r"[A-Za-z0-9_.-]+", item)[0]  # type: ignore[index]
        for item in project["dependencies"]
    ]
    locked: dict[str, list[str]] = {}
    for name, version in re.findall(
        r"^([a-z0-9._-]+)==([^\s\\;]+)",
        read_text(root / "requirements.lock", "the lock"),
        re.MULTILINE,
    ):
        locked.setdefault(name, []).append(version)
    absent = sorted(name for name in names if name.lower() not in locked)
    if absent:
        raise InputError(f"the lock does not hold {', '.join(absent)}", file="requirements.lock")
    listed = [f"{name} {' or '.join(locked[name.lower()])}" for name in names]
    return (
        f"Software, fixed with hashes in `requirements.lock`: Python {project['requires-python']}; "
        + ", ".join(listed)
        + ". Two versions of a package serve different versions of Python."
    )


def data_availability(raw: Path) -> str:
    """One row for each raw file: what it holds, how much, from how many sources of which grades."""
    lines = ["| file in `data/raw/` | what | rows | sources | grades |", "|:---|:---|---:|---:|:---|"]
    for resource in read_descriptor(raw)["resources"]:
        path = raw / resource["path"]
        check_names(resource, raw / DESCRIPTOR, f"the record of {path.name}", "", ("title",))
        table = read_csv(path, path.name, empty=True, dtype=str, keep_default_na=False)
        sources = str(table["source_id"].nunique()) if "source_id" in table else ""
        grades = "".join(sorted(set(table["grade"]))) if "grade" in table else ""
        cells = (
            f"`{resource['path']}`",
            resource["title"],
            f"{len(table):,}",
            sources,
            grades,
        )
        lines.append("| " + " | ".join(cells) + " |")
    grades = "; ".join(f"{grade} {meaning}" for grade, (meaning, _) in GRADES.items())
    rule = "No number of grade D enters a main result."
    closing = f"Grades: {grades}. {rule} All files are redistributed here under CC BY 4.0."
    return "\n".join(lines) + "\n\n" + closing


def exhibit_table(exhibits: list[dict[str, Any]]) -> str:
    """One row for each exhibit: what it says, what makes it, from what, and where it stands."""
    lines = ["| exhibit | finding | evidence | made by | from | used in |", "|:---|:---|:---|:---|:---|:---|"]
    for item in exhibits:
        files = item["files"]
        address = f"{PROCESSED.name}/{files['svg' if item['kind'] == 'figure' else 'md']['en']}"
        data = ", ".join(f"`{name}`" for name in item["data"])
        cells = (
            f"[{item['id']}]({address})", item["title_en"], item["evidence"], f"`{item['function']}`", data,
            ", ".join(item["used_in"]),
        )  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def briefs(numbers: dict[str, Any], root: Path) -> dict[Path, bytes]:
    """The one-page briefs with their numbers filled in, and their picture beside them."""
    found = {}
    for language in LANGUAGES:
        name, picture = f"brief.{language}.md", BRIEF_PICTURE[language]
        text = read_text(root / PAPER / name, "the brief", "restore it")
        found[root / BRIEF / name] = fill(text, language, numbers, "the brief", name).encode()
        found[root / BRIEF / picture] = drawn(root / PROCESSED / "figures" / picture)
    return found


def copied_exhibits(exhibits: list[dict[str, Any]], root: Path) -> dict[Path, bytes]:
    """The English figures and tables, at the places where the paper includes them."""
    names = [item["files"]["svg" if item["kind"] == "figure" else "md"]["en"] for item in exhibits]
    return {root / GENERATED / name: drawn(root / PROCESSED / name) for name in names}


def drawn(path: Path) -> bytes:
    """Content of a file that the step before made."""
    if not path.is_file():
        raise InputError(
            f"{path.name} is missing: it {why_no_file(path)}", file=path, action="run `make exhibits` first"
        )
    return path.read_bytes()
