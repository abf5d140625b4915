"""The killing of commands: a writer that tears its product is found, one that does not is left in peace."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from analysis.verify import faults

TEARS = """
import pathlib, time
file = pathlib.Path("made/product.txt")
file.parent.mkdir(exist_ok=True)
with file.open("w") as out:
    print("one half", file=out, flush=True)
    time.sleep(0.6)
    print("other half", file=out)
"""
KEEPS = (
    TEARS.replace("with file", "half = file.with_name('.half.' + '0' * 16)\nwith half")
    + "half.replace(file)\n"
)
FORGETS = """
import pathlib, time
pathlib.Path("made").mkdir(exist_ok=True)
time.sleep(0.3)
pathlib.Path("made/product.txt").write_text(str(time.time_ns()))
"""


class Midway(random.Random):
    """Draws the middle of what it may draw, so that every kill lands between the two halves."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


@pytest.mark.parametrize(
    ("script", "torn", "other", "left"),
    [(TEARS, ["product.txt"], [], 0), (KEEPS, [], [], 1), (FORGETS, [], ["product.txt"], 0)],
    ids=["torn", "whole", "other bytes"],
)
def test_what_a_kill_does_is_found(tmp_path, script, torn, other, left):
    arguments = [sys.executable, "-c", script]
    tried = faults.try_command("it", arguments, tmp_path, Path("made"), 1, Midway())
    assert (tried.kills, tried.torn, tried.other, tried.left) == (1, torn, other, left)


def test_no_command_empties_what_another_made():
    own = [folder for folder in faults.COMMANDS.values() if faults.OWN in folder.parents]
    assert len(own) == len(set(own)) == sum("{place}" in command for command in faults.COMMANDS)
    assert faults.OWN not in own
    assert not any(one in other.parents for one in own for other in own)
