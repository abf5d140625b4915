#!/usr/bin/env bash
# pandoc in pypandoc-binary 1.17: two Chinese ranges in one sentence lose their range signs and change the numbers.
#
# "从6.7~8.0万，到10~12万" (from 67 to 80 thousand, to 100 to 120 thousand): Chinese writes ranges with ~ and no spaces.
# Guess: a single ~ means nothing special; a strike-out needs two.
# Seen: pandoc's Markdown takes the text between the two signs as a subscript, so a reader of the plain text sees 6.78.0万
# and 1012万. One range alone, the same in English with spaces between the words, and `gfm` keep it; switching off the
# extension `subscript` does.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'pypandoc-binary==1.17'
venv/bin/python -I - <<'PY'
import pypandoc


def text(words, reader="markdown"):
    return pypandoc.convert_text(words, "html", format=reader).strip()


chinese = "从6.7~8.0万，到10~12万"
print(text(chinese), text(chinese, "markdown-subscript"))
assert text(chinese) == "<p>从6.7<sub>8.0万，到10</sub>12万</p>", "the signs are kept now"
assert text(chinese, "markdown-subscript") == text(chinese, "gfm") == f"<p>{chinese}</p>"
for kept in ("共6.7~8.0万", "from 6.7~8.0 million to 10~12 million"):
    assert text(kept) == f"<p>{kept}</p>"
PY
