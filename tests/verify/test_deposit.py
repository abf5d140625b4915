"""The deposit: RO-Crate metadata that its own library reads, and the editors' lists item by item."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from analysis.verify import crate, editors

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def graph() -> dict[str, dict]:
    content = json.loads((ROOT / crate.FILE).read_text(encoding="utf-8"))
    return {entity["@id"]: entity for entity in content["@graph"]}


def references(value: object) -> list[str]:
    if isinstance(value, dict):
        return [value["@id"]] if set(value) == {"@id"} else [r for v in value.values() for r in references(v)]
    return [r for item in value for r in references(item)] if isinstance(value, list) else []


def test_the_committed_metadata_are_those_of_the_project():
    assert json.loads((ROOT / crate.FILE).read_text(encoding="utf-8")) == crate.describe(ROOT)


def test_every_entity_that_is_pointed_at_is_described_and_every_part_exists(graph):
    named = {target for entity in graph.values() for target in references(entity)} - {crate.PROFILE}
    assert named - set(graph) == set()
    parts = [name for name, entity in graph.items() if entity["@type"] in ("File", "Dataset")]
    assert len(parts) > 20
    assert [name for name in parts if not (ROOT / name).exists()] == []


def test_every_raw_file_is_a_part_of_the_folder_of_original_data(graph):
    raw = {f"data/raw/{path.name}" for path in (ROOT / "data/raw").glob("*.csv")}
    assert set(references(graph["data/raw/"]["hasPart"])) == raw


def test_the_library_reads_the_crate(graph):
    rocrate = pytest.importorskip("rocrate.rocrate", reason="pip install '.[deposit]'")
    read = rocrate.ROCrate(ROOT)
    assert read.name == graph["./"]["name"]
    assert {entity.id for entity in read.get_entities()} == set(graph)


@pytest.fixture
def project(tmp_path) -> Path:
    """What the lists look at, copied."""
    folder = tmp_path / "project"
    for name in (
        "README.md",
        "LICENSE",
        "LICENSE-DATA",
        "CITATION.cff",
        "Makefile",
        "requirements.lock",
        crate.FILE,
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    shutil.copy(ROOT / "environment.yml", folder)
    for name in ("data/raw", "data/processed"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "data/MANIFEST.sha256", folder / "data")
    return folder


def state(root: Path, words: str) -> str:
    table = editors.judge(root)
    (found,) = table[table["item"].str.contains(words, regex=False)]["state"]
    return found


SPOILS = {
    "licence of data": lambda p: (p / "LICENSE").unlink(),
    "rights to use": lambda p: (p / "LICENSE-DATA").write_text("All ours.\n", encoding="utf-8"),
    "fixed by hash": lambda p: (p / "requirements.lock").write_text("numpy==2.0\n", encoding="utf-8"),
    "original data kept unmodified": lambda p: (p / "data/raw/workers.csv").write_text(
        "a\n1\n", encoding="utf-8"
    ),
    "list of exhibits": lambda p: (p / "data/processed/exhibits.json").unlink(),
    "seed and inputs of the last build": lambda p: (p / "data/processed/run.json").write_text(
        "{}", encoding="utf-8"
    ),
    "RO-Crate": lambda p: (p / crate.FILE).write_text("{}", encoding="utf-8"),
    "data availability": lambda p: (p / "README.md").write_text("# x\n", encoding="utf-8"),
    "codebook": lambda p: (p / "data/processed/codebook.csv").unlink(),
}


@pytest.mark.parametrize("item", SPOILS)
def test_an_item_is_open_once_what_it_asks_for_is_gone(project, item):
    assert state(project, item) == "met"
    SPOILS[item](project)
    assert state(project, item) == "open"


def test_dates_of_reading_count_as_met_only_to_the_day(project):
    assert state(project, "day of access") == "open"
    path = project / "data/raw/sources.csv"
    text = path.read_text(encoding="utf-8")
    place = text.splitlines()[0].split(",").index("date_read")
    table = list(csv.reader(io.StringIO(text)))
    for row in table[1:]:
        row[place] = "2026-11-24"
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(table)
    path.write_text(out.getvalue(), encoding="utf-8")
    assert state(project, "day of access") == "met"


CONTACT = """
contact:
  - given-names: Hua
    family-names: Li
    email: hua.li@example.org
"""


def test_the_contact_is_open_until_somebody_is_named_and_says_what_to_fill_in(project):
    table = editors.judge(project).set_index("item")
    assert table.at["contact", "state"] == "open"
    for words in ("CITATION.cff", "`contact:`", "email:", "python -m analysis crate"):
        assert words in table.at["contact", "open"]
    with (project / "CITATION.cff").open("a", encoding="utf-8") as file:
        file.write(CONTACT)
    after = editors.judge(project).set_index("item")
    assert after.at["contact", "state"] == "met"
    others = after.index != "contact"
    assert after[others].equals(table[others]), "the other items are judged as before"


def test_the_days_of_access_say_what_to_fill_in_and_hold_nothing_else_up(project):
    table = editors.judge(project).set_index("item")
    words = table.at["day of access of each source", "open"]
    assert all(
        part in words for part in ("date_read", "data/raw/sources.csv", "python -m analysis.inputs.renew")
    )
    assert (table.drop(index=["contact", "day of access of each source"])["state"] == "met").any()


def test_authors_may_be_persons(project):
    text = (project / "CITATION.cff").read_text(encoding="utf-8")
    name = next(line for line in text.splitlines() if line.startswith("  - name:"))
    person = (
        "  - given-names: Hua\n    family-names: Li\n    orcid: https://orcid.org/0000-0001-2345-6789\n"
        "  - name: The agency"
    )
    (project / "CITATION.cff").write_text(text.replace(name, person), encoding="utf-8")
    graph = {entity["@id"]: entity for entity in crate.describe(project)["@graph"]}
    person = graph["https://orcid.org/0000-0001-2345-6789"]
    assert (person["@type"], person["name"]) == ("Person", "Hua Li")
    assert graph["#author-2"]["@type"] == "Organization"


def test_the_lists_are_printed_item_by_item(project, capsys):
    editors.show(project)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == len(editors.ITEMS) + 1
    table = editors.judge(project)
    met = int((table["state"] == "met").sum())
    assert (
        lines[-1]
        == f"preflight: {met} of {len(table)} items of the editors' lists are met, {len(table) - met} open"
    )


def test_git_has_the_metadata():
    listed = subprocess.run(
        ["git", "ls-files", crate.FILE], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    assert listed.stdout.strip() == crate.FILE
