#!/usr/bin/env bash
# vl-convert 1.9.0 (Vega-Lite 6): an error bar with `extent: "ci"` is another picture at each run.
#
# A mean with its 95 per cent interval, made in a build that has to give the same bytes.
# Guess: mean plus and minus 1.96 errors, so the same bar for the same data, as with `extent: "stderr"`.
# Seen: the interval is bootstrapped without a seed; twenty pictures of one table are not all equal, and the ends of the
# bar move. No option sets a seed: compute the interval and draw it as given.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'vl-convert-python==1.9.0.post1'
venv/bin/python -I - <<'PY'
import math

import vl_convert

values = [{"group": "treated", "income": 10 * math.sin(7 * i)} for i in range(30)]


def pictures(extent):
    specification = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"values": values},
        "mark": {"type": "errorbar", "extent": extent},
        "encoding": {"x": {"field": "group"}, "y": {"field": "income", "type": "quantitative"}},
    }
    return {vl_convert.vegalite_to_svg(specification) for _ in range(20)}


print("different pictures of one table in 20:", {extent: len(pictures(extent)) for extent in ("ci", "stderr")})
assert len(pictures("ci")) > 1, "the interval is reproducible now"
assert len(pictures("stderr")) == 1
PY
