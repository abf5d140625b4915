"""README blocks and the paper's folder: filled from results, nothing else touched, never half."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from analysis.base.errors import InputError
from analysis.report.documents import build, replace_blocks
from analysis.report.spec import load_exhibits

ROOT = Path(__file__).resolve().parents[2]
README = """# Title

Typed by hand.

<!-- generated:finding -->
<!-- /generated -->
<!-- generated:data -->
<!-- /generated -->

Typed after.
"""
CONTENTS = """# Contents

<!-- generated:exhibits -->
<!-- /generated -->
<!-- generated:software -->
old
<!-- /generated -->
"""


@pytest.fixture
def project(tmp_path, numbers):
    """A project folder with the real record and numbers and empty pictures."""
    processed = tmp_path / "data" / "processed"
    shutil.copytree(ROOT / "data" / "raw", tmp_path / "data" / "raw", ignore=shutil.ignore_patterns(".*"))
    records = [exhibit.record() for exhibit in load_exhibits(numbers)]
    for record in records:
        for name in record["files"]["svg" if record["kind"] == "figure" else "md"].values():
            (processed / name).parent.mkdir(parents=True, exist_ok=True)
            (processed / name).write_text(record["id"], encoding="utf-8")
    (processed / "numbers.json").write_text(json.dumps(numbers), encoding="utf-8")
    (processed / "exhibits.json").write_text(json.dumps(records), encoding="utf-8")
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "README.md").write_text(README, encoding="utf-8")
    (tmp_path / "data" / "CONTENTS.md").write_text(CONTENTS, encoding="utf-8")
    (tmp_path / "paper").mkdir()
    for brief in (ROOT / "paper").glob("brief.*.md"):
        shutil.copy(brief, tmp_path / "paper")
    return tmp_path


def test_the_blocks_are_filled_and_the_rest_is_kept(project, numbers):
    build(project)
    text = (project / "README.md").read_text(encoding="utf-8")
    contents = (project / "data" / "CONTENTS.md").read_text(encoding="utf-8")
    assert text.startswith("# Title\n\nTyped by hand.\n") and text.endswith("\nTyped after.\n")
    assert numbers["pooled_in_force_2025q4_per_1000_residents"]["text_en"] + " per 1,000 residents" in text
    assert "old" not in contents.split("generated:software")[1].split("/generated")[0].split()
    assert "`published_figures.csv`" in text and "fig-national-path" in contents


def test_a_second_run_changes_nothing(project):
    build(project)
    first = {path: path.read_bytes() for path in sorted(project.rglob("*")) if path.is_file()}
    build(project)
    assert {path: path.read_bytes() for path in sorted(project.rglob("*")) if path.is_file()} == first


def test_the_paper_gets_every_number_and_exhibit(project, numbers):
    build(project)
    variables = yaml.safe_load((project / "paper" / "_variables.yml").read_text(encoding="utf-8"))
    assert {key: variables[key] for key in numbers} == {
        key: entry["text_en"] for key, entry in numbers.items()
    }
    assert variables["certainty"]["pooled_in_force_2025q4_persons"] == "narrow range"
    assert "plan_kept" not in variables["certainty"], "a count of ours is not on the scale"
    assert [key for key in variables if "." in key] == [], "Quarto steps into a group at a dot"
    generated = project / "paper" / "_generated"
    assert (generated / "figures" / "fig-rollout.svg").exists() and (
        generated / "tables" / "tbl-rates.md"
    ).exists()


def test_the_paper_keeps_no_exhibit_that_is_gone(project):
    old = project / "paper" / "_generated" / "figures" / "fig-gone.svg"
    old.parent.mkdir(parents=True)
    old.write_text("gone")
    build(project)
    assert not old.exists()


@pytest.mark.parametrize(
    "change",
    [
        ("<!-- generated:data -->\n<!-- /generated -->\n", ""),  # a block is missing
        ("Typed after.", "<!-- generated:weather -->\n<!-- /generated -->"),  # nobody makes this one
        ("generated:data", "generated:finding"),  # one stands twice
    ],
)
def test_blocks_and_makers_must_match(project, change):
    (project / "README.md").write_text(README.replace(*change), encoding="utf-8")
    before = (project / "README.md").read_bytes()
    with pytest.raises(InputError, match="blocks"):
        build(project)
    assert (project / "README.md").read_bytes() == before
    assert not (project / "paper" / "_variables.yml").exists()


def test_a_number_that_is_missing_stops_the_step(project):
    path = project / "data" / "processed" / "numbers.json"
    numbers = json.loads(path.read_text(encoding="utf-8"))
    del numbers["pooled_in_force_2025q4_persons"]
    path.write_text(json.dumps(numbers), encoding="utf-8")
    with pytest.raises(InputError, match="pooled_in_force_2025q4_persons"):
        build(project)
    assert (project / "README.md").read_text(encoding="utf-8") == README


def test_a_product_that_is_missing_is_named(project):
    (project / "data" / "processed" / "exhibits.json").unlink()
    with pytest.raises(InputError, match=r"exhibits\.json"):
        build(project)


def test_a_package_that_the_lock_lacks_is_named(project):
    lock = (project / "requirements.lock").read_text(encoding="utf-8").replace("\nnumpy==", "\nnumpi==")
    (project / "requirements.lock").write_text(lock, encoding="utf-8")
    with pytest.raises(InputError, match="numpy"):
        build(project)


def test_text_between_blocks_is_never_swallowed():
    makers = {"one": lambda: "A", "two": lambda: "B"}
    text = "<!-- generated:one -->\n<!-- /generated -->\nkept\n<!-- generated:two -->\n<!-- /generated -->\n"
    assert "\nkept\n" in replace_blocks(text, makers, "README.md")


def test_a_reader_gets_through_the_readme():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 110 and len(text.encode()) < 9_000
    doors = [
        line
        for line in text.splitlines()
        if line.startswith(("- **Read.**", "- **Rebuild.**", "- **Reuse.**"))
    ]
    assert len(doors) == 3 and "## The finding" in text and "(data/CONTENTS.md)" in text
