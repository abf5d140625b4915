"""Names of the user's columns, units and files as text: nothing in them runs as markup or formula."""

from __future__ import annotations

import re

# What starts something in Markdown, Quarto or HTML; underscores inside a word start nothing.
ACTIVE = re.compile(r"[\\`*$#~^]|<(?=[A-Za-z/!?])|(?<=\])\(|(?<=\{)\{|\{(?=\{)|@(?=\w)|(?<!\w)_|_(?!\w)")


def markdown(text: object) -> str:
    r"""Return text for Markdown in which every character stands for itself, in one line.

    Examples
    --------
    >>> print(markdown("wage `x` | $y$"))
    wage \`x\` | \$y\$
    """
    return ACTIVE.sub(lambda found: "\\" + found[0], " ".join(str(text).split()))


def names_literal(sentence: str) -> str:
    """Return a sentence of ours, which may hold names, with what would run in them taken as text.

    Underscores stay, because names of estimators have them.
    """
    return re.sub(
        r"[`$]|<(?=[A-Za-z/!?])|(?<=\])\(|\{(?=\{)|(?<=\{)\{|@(?=\w)",
        lambda m: "\\" + m[0],
        " ".join(sentence.split()),
    )


def plot(text: str) -> str:
    """Return text for matplotlib in which a dollar sign starts no formula."""
    return text.replace("$", r"\$")
