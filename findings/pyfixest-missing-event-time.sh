#!/usr/bin/env bash
# pyfixest 0.60.0: `i(event_time, ref=-1)` drops the never-treated units when their event time is missing.
#
# Event time is time minus start; a never-treated unit has no start, so pandas gives it NaN.
# Guess: no dummy is on and the unit stays as a control; or a message says how many rows were dropped.
# Seen: all 140 of its 310 rows are gone. Nothing says so; the only warning names collinear event times, as it does
# where the numbers are right. Without controls a trend common to all cannot be told from time to treatment: seven
# periods before the start the "effect" is 3.1 (error 0.5), right about 0. With infinity, or the reference level, in
# place of NaN all rows stay and the two agree.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'pyfixest==0.60.0' 'scipy==1.17.1' 'numpy==2.4.6' 'pandas==3.1.1'
venv/bin/python -I - <<'PY'
import warnings

import numpy as np
import pandas as pd
import pyfixest as pf

unit, time = np.divmod(np.arange(31 * 10), 10)
start = np.select([unit < 7, unit < 17], [5.0, 8.0], np.nan)
draw = np.random.default_rng(1)
frame = pd.DataFrame({"unit": unit, "time": time, "never": np.isnan(start), "missing": time - start})
effect = np.where(frame.missing >= 0, 1 + 0.2 * frame.missing, 0)
frame["y"] = draw.normal(size=31)[unit] + draw.normal(size=10)[time] + effect + draw.normal(scale=0.5, size=310)
frame["infinite"] = frame.missing.fillna(np.inf)
frame["reference"] = frame.missing.fillna(-1.0)
early = {}
for name in ("missing", "infinite", "reference"):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        fit = pf.feols(f"y ~ i({name}, ref=-1) | unit + time", frame, vcov={"CRV1": "unit"})
    heard = " ".join(str(one.message) for one in said if issubclass(one.category, UserWarning))
    assert all(word not in heard.lower() for word in ("row", "observation", "missing value", "nan")), heard
    early[name] = fit.coef()[f"{name}::-7.0"]
    print(f"never treated as {name}: {fit._N} rows, seven periods before the start {early[name]:.3f}")
    assert fit._N == (310 - frame.never.sum() if name == "missing" else 310)
assert abs(early["infinite"] - early["reference"]) < 1e-6
assert early["missing"] > 2 and abs(early["infinite"]) < 0.5
PY
