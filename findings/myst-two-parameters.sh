#!/usr/bin/env bash
# MyST-Parser 3.0.1 under Sphinx: a link whose address has two parameters leads elsewhere.
#
# [a law](https://example.org/?lawid=226591&page=2) in a page of Markdown, built to HTML.
# Guess: href="https://example.org/?lawid=226591&amp;page=2", which a browser reads as the address that was written;
# reStructuredText gives just that.
# Seen: href="...?lawid=226591&amp;amp;page=2": a browser asks for the parameters lawid and "amp;page". The parser
# escapes the address and the writer escapes it again.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'myst-parser==3.0.1' 'sphinx==7.4.7' 'docutils==0.21.2' 'markdown-it-py==3.0.0'
mkdir source
echo 'extensions = ["myst_parser"]' > source/conf.py
printf '# Sources\n\n[a law](https://example.org/?lawid=226591&page=2)\n\n```{toctree}\nplain\n```\n' > source/index.md
printf 'Plain\n=====\n\n`a law <https://example.org/?lawid=226591&page=2>`_\n' > source/plain.rst
venv/bin/sphinx-build -q -W -b html source html
venv/bin/python -I - <<'PY'
import re
from html import unescape
from pathlib import Path

asked = "https://example.org/?lawid=226591&page=2"
found = {}
for name in ("index", "plain"):
    (address,) = re.findall(r'href="(https://example\.org[^"]*)"', Path(f"html/{name}.html").read_text("utf-8"))
    found[name] = unescape(address)  # as a browser does, once
    print(f"{name}: {found[name]}")
assert found["plain"] == asked
assert found["index"] == asked.replace("&", "&amp;"), "the address is right now"
PY
