"""Render the paper to HTML and PDF, and the one-page briefs: ``python paper/render.py``.

Quarto makes it where ``quarto`` is on PATH, else pandoc and typst from the lock; the last line says
which. Both products are written whole after both are made; a failure leaves the earlier ones alone.
Exit codes: 0 done; 1 the paper names something that is not there, or the renderer failed.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))  # run as a script, Python looks beside this file only

from analysis.base.files import write_bytes  # noqa: E402
from paper import brief, fallback, quarto  # noqa: E402
from paper.manuscript import ManuscriptError  # noqa: E402


def main() -> int:
    """Choose the renderer, render, publish."""
    parser = argparse.ArgumentParser(description="Render the paper to HTML and PDF.")
    parser.add_argument("--quarto", choices=("auto", "off"), default="auto", help="off: never use Quarto")
    parser.add_argument("--folder", type=Path, default=HERE, help="holds paper.qmd and _variables.yml")
    parser.add_argument("--out", type=Path, help="where the products go; default FOLDER/_output")
    options = parser.parse_args()
    folder = options.folder.resolve()
    out = options.out or folder / quarto.OUTPUT
    program = quarto.find() if options.quarto == "auto" else None
    try:
        products = quarto.render(program, folder) if program else fallback.render(folder)
        if (folder / brief.SOURCE).is_file():  # the project's own paper has briefs
            products |= brief.render(folder)
    except (ManuscriptError, quarto.QuartoError) as error:
        print(error, file=sys.stderr)
        return 1
    for name, content in products.items():
        write_bytes(content, out / name)
    renderer = "Quarto" if program else "pandoc and typst (Quarto is not used)"
    print(f"paper: {os.path.relpath(out)}/paper.pdf and paper.html, made by {renderer}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
