"""A verdict on the raw record is kept for one state of it, and for no other."""

import subprocess
import sys

import pytest

from analysis import inputs
from analysis.base.errors import InputError
from analysis.inputs import package, series, verdict


@pytest.fixture
def kept(tmp_path, monkeypatch):
    place = tmp_path / "checked.txt"
    monkeypatch.setenv(verdict.PLACE, str(place))
    return place


@pytest.fixture
def checked(monkeypatch):
    """Count full checks, which each end with the series; none is done in full here."""
    done = []
    for step in ("read_as_recorded", "check_schemas"):
        monkeypatch.setattr(package, step, lambda folder: {})
    monkeypatch.setattr(package.checks, "check_facts", lambda folder, tables: None)
    monkeypatch.setattr(series, "check_series", lambda folder, tables: done.append(folder) or 0)
    return done


def test_a_record_is_checked_once_for_each_state(raw_copy, kept, checked):
    for _ in range(3):
        inputs.check_package(raw_copy.folder)
    assert len(checked) == 1
    with (raw_copy.folder / "workers.csv").open("ab") as stream:
        stream.write(b" ")
    inputs.check_package(raw_copy.folder)
    assert len(checked) == 2


def test_without_a_place_named_every_call_checks(raw_copy, checked, monkeypatch):
    monkeypatch.delenv(verdict.PLACE, raising=False)
    for _ in range(2):
        inputs.check_package(raw_copy.folder)
    assert len(checked) == 2


@pytest.mark.parametrize("what", ["name", "link", "new file", "code", "package", "interpreter"])
def test_whatever_a_verdict_follows_from_makes_it_void(what, raw_copy, kept, checked, monkeypatch, tmp_path):
    file = raw_copy.folder / "workers.csv"
    inputs.check_package(raw_copy.folder)
    if what == "name":
        file.rename(file.with_name("worker.csv"))
    elif what == "link":
        file.rename(tmp_path / "workers.csv")
        file.symlink_to(tmp_path / "workers.csv")
    elif what == "new file":
        (raw_copy.folder / "a.csv").write_bytes(b"")
    elif what == "code":
        other = tmp_path / "cells.py"
        other.write_bytes(b"pass\n")
        files = [other if path.name == "cells.py" else path for path in verdict.code_files()]
        monkeypatch.setattr(verdict, "CODE", tmp_path.anchor)
        monkeypatch.setattr(verdict, "code_files", lambda: files)
    elif what == "package":
        monkeypatch.setattr(verdict.metadata, "version", lambda name: "0")
    else:
        monkeypatch.setattr(sys, "version", "3")
    inputs.check_package(raw_copy.folder)
    assert len(checked) == 2


def test_a_fault_is_found_again_and_again_though_the_record_had_passed(raw_copy, kept):
    inputs.check_package(raw_copy.folder)
    assert kept.read_text()
    raw_copy.edit("workers.csv", {"count_id": "workers_01"}, "value", "many")
    for _ in range(2):
        with pytest.raises(InputError, match="this is no integer"):
            inputs.check_package(raw_copy.folder)


def test_a_change_during_the_check_and_a_warning_keep_no_verdict(raw_copy, kept, checked, monkeypatch):
    monkeypatch.setattr(series, "check_series", lambda folder, tables: 1)
    inputs.check_package(raw_copy.folder)
    assert not kept.exists()

    def edited(folder, tables):
        (folder / "workers.csv").write_bytes(b"")
        return 0

    monkeypatch.setattr(series, "check_series", edited)
    inputs.check_package(raw_copy.folder)
    assert not kept.exists()


def test_the_verdict_follows_from_every_module_that_a_check_loads(raw):
    asked = (
        "import sys; from pathlib import Path; from analysis import inputs;"
        "from analysis.inputs import verdict;"
        f"inputs.check_package(Path({str(raw)!r}));"
        "loaded = {Path(m.__file__) for n, m in sys.modules.items() if n.split('.')[0] == 'analysis'};"
        "print(loaded - set(verdict.code_files()))"
    )
    run = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
