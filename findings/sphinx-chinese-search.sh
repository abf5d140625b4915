#!/usr/bin/env bash
# Sphinx 9.0.4: the search of a Chinese book finds no Chinese word, and the build does not say so.
#
# `language = "zh_CN"`, nothing else.
# Guess: Chinese text is searchable, or a warning names the package that is missing.
# Seen: only Latin words and digits enter the index of terms; the Chinese words do so only where jieba, no dependency
# of Sphinx, happens to be installed. The build with warnings as errors succeeds.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'sphinx==9.0.4'
mkdir book
printf 'language = "zh_CN"\n' > book/conf.py
printf '职业伤害保障\n============\n\n参保人数为 1235 万 (pilot).\n' > book/index.rst
venv/bin/sphinx-build -q -W -b html book out
venv/bin/python -I - <<'PY'
import json
import pathlib

text = pathlib.Path("out/searchindex.js").read_text(encoding="utf-8")
index = json.loads(text[text.index("(") + 1 : text.rindex(")")])
words = {*index["terms"], *index["titleterms"]}
print("words in the index:", sorted(words))
assert {"1235", "pilot"} <= words
assert not any("\u4e00" <= sign <= "\u9fff" for word in words for sign in word), "Chinese words are indexed now"
PY
