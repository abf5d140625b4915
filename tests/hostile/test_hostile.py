"""Every door, every bad input: exit code, words, no traceback, no product touched."""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

import pytest
from hostile import (
    deposit_cases,
    did_cases,
    own_cases,
    policy_cases,
    product_cases,
    raw_cases,
    typed_cases,
)
from hostile.form import Case, Place

ROOT = Path(__file__).resolve().parents[2]
CASES = [
    *raw_cases.CASES,
    *did_cases.CASES,
    *policy_cases.CASES,
    *own_cases.CASES,
    *product_cases.CASES,
    *typed_cases.CASES,
    *deposit_cases.CASES,
]
EARLIER = ("panel.csv", "codebook.csv", "bounds.csv", "numbers.json", "report.md", "estimates.csv")


def hashes(*folders: Path) -> dict[str, str]:
    """Checksum of every file below, and of what stands in a file's place its kind."""
    found = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_symlink():
                found[str(path)] = "link"
            elif path.is_file():
                found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


@pytest.fixture(scope="module")
def small_project(tmp_path_factory) -> Path:
    """What the commands on a project read of it: first page, locks, texts, record, products but pictures."""
    folder = tmp_path_factory.mktemp("small") / "project"
    for name in deposit_cases.READ:
        path, copy = ROOT / name, folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, copy, ignore=deposit_cases.left_out)
        else:
            shutil.copy(path, copy)
    return folder


@pytest.fixture
def place(tmp_path, toy_raw, request, small_project) -> Place:
    """Folders for the case, as its door wants them."""
    case: Case = request.node.callspec.params["case"]
    here = tmp_path
    found = Place(here, here / "raw", here / "made", here / "out")
    for folder in (found.made, found.out):
        folder.mkdir()
    if case.door == "raw":
        shutil.copytree(toy_raw[0], found.raw)
    elif case.door in ("policy", "products", "forecast"):
        found = Place(here, ROOT / "data" / "raw", found.made, found.out)
    if case.door == "products":
        for path in (ROOT / "data" / "processed").iterdir():
            if path.is_file():
                shutil.copy(path, found.made)
    else:
        for folder in (found.made, found.out):
            for name in EARLIER:
                (folder / name).write_text(f"earlier {name}\n", encoding="utf-8")
    if case.door == "did":
        (here / "panel.csv").write_text(did_cases.GOOD, encoding="utf-8")
    if case.door == "own":
        for name in ("panel", "rollout", "orders", "claims"):
            (here / f"{name}.csv").write_text(getattr(own_cases, name.upper()), encoding="utf-8")
    if case.door == "project":
        shutil.copytree(small_project, here / "project", symlinks=True)
        found = Place(here, here / "project/data/raw", here / "project", found.out)
    if case.door == "empty":
        (here / "empty").mkdir()
    return found


@pytest.mark.parametrize("case", CASES, ids=[f"{case.door}-{case.name}" for case in CASES])
def test_a_bad_input_is_named_and_hurts_nothing(case, place, monkeypatch, capsys):
    from analysis.__main__ import main

    if case.spoil is not None:
        case.spoil(place)
    before = hashes(place.made, place.out)
    monkeypatch.chdir(place.here)
    monkeypatch.setattr(sys, "argv", ["analysis", *case.arguments(place)])
    code: object = 0
    try:
        main()
    except SystemExit as stop:
        code = stop.code or 0
    shown = capsys.readouterr()
    message = shown.err + (shown.out if code == 0 else "")
    assert code == case.code, message
    assert "Traceback" not in message
    flat = " ".join(message.replace("│", " ").split())
    assert [part for part in case.words if part not in flat] == [], message
    if case.code:
        assert hashes(place.made, place.out) == before
        assert not [path for path in place.here.rglob(".*.*") if path.is_file()], "a temporary file was left"


def test_the_corpus_has_every_door_and_no_name_twice():
    names = [(case.door, case.name) for case in CASES]
    assert len(names) == len(set(names))
    assert len(CASES) >= 200
    assert {case.door for case in CASES} == {
        "raw", "did", "policy", "own", "products", "forecast", "empty", "project",
    }  # fmt: skip
