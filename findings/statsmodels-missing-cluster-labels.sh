#!/usr/bin/env bash
# statsmodels 0.15.0: observations whose cluster label is missing become one common cluster.
#
# Four provinces without a region code, errors clustered by region, labels stored as floats.
# Guess: the rows are dropped or refused (linearmodels 7.1 and pyfixest 0.60.0 refuse them).
# Seen: no error or warning; every missing label counts as the same cluster, so unrelated units are treated as one.
# The error is exactly the one with all of them recoded to a shared code. The same labels as text raise.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'statsmodels==0.15.0' 'scipy==1.17.1' 'numpy==2.4.6' 'pandas==3.1.1'
venv/bin/python -I - <<'PY'
import warnings

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

warnings.simplefilter("error")  # a warning would end this script
unit, time = np.divmod(np.arange(31 * 10), 10)
draw = np.random.default_rng(5)
frame = pd.DataFrame({"unit": unit, "D": ((time >= 5) & (unit < 9)) * 1.0})
frame["y"] = draw.normal(size=31)[unit] + frame.D + draw.normal(size=310)
region = frame.unit.astype(float)
region[frame.unit.isin([3, 4, 20, 21])] = np.nan


def error(data, labels):
    return smf.ols("y ~ D", data).fit(cov_type="cluster", cov_kwds={"groups": labels}).bse["D"]


seen = error(frame, region)
shared = error(frame, region.fillna(99.0))
kept = region.notna()
dropped = error(frame[kept], region[kept])
print(f"missing labels {seen:.5f}; recoded to one shared code {shared:.5f}; rows dropped {dropped:.5f}")
assert seen == shared, "missing labels are no longer one cluster"
assert abs(seen - dropped) > 1e-3
try:
    error(frame, region.map(lambda code: None if np.isnan(code) else f"region {code:.0f}"))
except TypeError as refusal:
    print("the same as text:", refusal)
else:
    raise SystemExit("text labels with missing values no longer raise")
PY
