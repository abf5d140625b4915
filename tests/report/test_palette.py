"""Colours that must be told apart stay apart for readers who do not see red, green or blue.

What a colour says is said by a word, a shape or a hatch as well; this holds the colours for themselves.
"""

from __future__ import annotations

import math
import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from analysis.report.page import BLUE, NAVY, ORANGE, PALE

ROOT = Path(__file__).resolve().parents[2]
APART = 20.0  # CIE 1976 difference; 2.3 is just noticeable side by side
# Machado, Oliveira and Fernandes (2009), severity 1, for linear RGB.
SIGHT = {
    "full": np.eye(3),
    "no red": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no green": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "no blue": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = [
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.0721750],
    [0.0193339, 0.1191920, 0.9503041],
]
WHITE = [0.95047, 1.0, 1.08883]


def rgb(colour: str) -> np.ndarray:
    """Values from 0 to 1 of a colour written ``#abc`` or ``#aabbcc``."""
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    return np.array([int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)])


def seen(colour: np.ndarray, sight: str) -> np.ndarray:
    """Lightness and the two axes of colour (CIELAB) as a reader with this sight sees them."""
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    parts = np.array(TO_XYZ) @ np.clip(np.array(SIGHT[sight]) @ linear, 0, 1) / WHITE
    f = np.where(parts > (6 / 29) ** 3, np.cbrt(parts), parts / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(one: np.ndarray, two: np.ndarray, sight: str) -> float:
    return math.dist(seen(one, sight), seen(two, sight))


def mixed(one: np.ndarray, two: np.ndarray, share: float) -> np.ndarray:
    """What ``color-mix(in srgb, one share, two)`` gives."""
    return share * one + (1 - share) * two


def palette(theme: str) -> dict[str, np.ndarray]:
    """Colours of the pages by name, and the mixtures that fill tiles and ranges."""
    css = (ROOT / "book/_static/book.css").read_text(encoding="utf-8")
    block = re.search(rf'html\[data-theme="{theme}"\] \{{(.*?)\}}', css, re.S)[1]
    found = {name: rgb(value) for name, value in re.findall(r"--book-(\w+): (#\w+);", block)}
    assert "32%, var(--book-surface)" in css
    return found | {"tile": mixed(found["bounds"], found["surface"], 0.32)}


GROUPS = {
    "a province and another beside it; parts of a contribution": ("bounds", "focus", "published"),
    "clear and unclear specifications": ("bounds", "edge"),
    "tiles of the map": ("bounds", "tile", "surface"),
    "a mark and its page": ("focus", "surface"),
    "a weak count and a range": ("focus", "bounds"),
}


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_of_the_pages_stay_apart(theme: str, sight: str) -> None:
    colours = palette(theme)
    near = {
        (meaning, one, two): round(distance(colours[one], colours[two], sight), 1)
        for meaning, names in GROUPS.items()
        for one, two in combinations(names, 2)
        if distance(colours[one], colours[two], sight) < APART
    }
    assert near == {}


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("pair", [*combinations((NAVY, ORANGE, BLUE, "#fff"), 2), (NAVY, PALE)])
def test_colours_of_the_figures_stay_apart(pair: tuple[str, str], sight: str) -> None:
    assert distance(rgb(pair[0]), rgb(pair[1]), sight) >= APART


def test_the_measure_is_the_published_one() -> None:
    # Red and green of sRGB in CIELAB under D65, as tables of colour print them.
    assert seen(rgb("#f00"), "full") == pytest.approx([53.24, 80.09, 67.20], abs=0.05)
    assert seen(rgb("#0f0"), "full") == pytest.approx([87.73, -86.18, 83.18], abs=0.05)


def test_a_red_and_a_green_that_readers_confuse_would_be_found() -> None:
    red, green = rgb("#b5523c"), rgb("#7a7a32")
    assert distance(red, green, "full") > 2 * APART
    assert distance(red, green, "no green") < APART
