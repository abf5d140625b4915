"""Render with Quarto, where it is installed.

Quarto works in a copy of the folder, so that a run that fails or is interrupted leaves nothing
behind. Its warnings about what it could not resolve count as failures here.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from paper import manuscript
from paper.fallback import EPOCH, FONTS

OUTPUT = "_output"  # as _quarto.yml says
PRODUCTS = ("paper.html", "paper.pdf")
UNRESOLVED = re.compile(
    r"unable to resolve|citation \S+ not found|could not (?:find|fetch)|unknown font", re.I
)
# Quarto leaves these in the page where something is missing.
HOLES = re.compile(r"\?var:|\?meta:|\?@\w|\{\{<")


class QuartoError(Exception):
    """Quarto failed or left something unresolved; its own words."""


def find() -> str | None:
    """Path of the ``quarto`` program, if it is installed."""
    return shutil.which("quarto")


def render(program: str, folder: Path) -> dict[str, bytes]:
    """Render ``folder`` as the Quarto project it is; see `paper.fallback.render`.

    Raises
    ------
    manuscript.ManuscriptError
        When the manuscript points at something that does not exist.
    QuartoError
        When Quarto fails, warns that something is unresolved, or makes no product.
    """
    manuscript.load(folder)
    with tempfile.TemporaryDirectory(prefix="paper-") as name:
        copy = Path(name) / "paper"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(OUTPUT, "__pycache__"))
        fonts = {"TYPST_FONT_PATHS": str(FONTS), "TYPST_IGNORE_SYSTEM_FONTS": "true"}
        environment = os.environ | fonts | {"SOURCE_DATE_EPOCH": str(EPOCH)}
        command = [program, "render", manuscript.SOURCE]
        run = subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, encoding="utf-8", check=False
        )
        log = run.stdout + run.stderr
        if run.returncode:
            raise QuartoError(f"quarto ended with exit code {run.returncode}:\n{log}")
        unresolved = [line for line in log.splitlines() if UNRESOLVED.search(line)]
        if unresolved:
            raise QuartoError("quarto left something unresolved:\n" + "\n".join(unresolved))
        made = {product: copy / OUTPUT / product for product in PRODUCTS}
        absent = [product for product, path in made.items() if not path.is_file()]
        if absent:
            raise QuartoError(f"quarto made no {' and no '.join(absent)}:\n{log}")
        hole = HOLES.search(made["paper.html"].read_text(encoding="utf-8"))
        if hole:
            raise QuartoError(f"quarto left {hole[0]!r} in paper.html")
        return {product: path.read_bytes() for product, path in made.items()}
