#!/usr/bin/env bash
# linearmodels 7.1: PanelOLS reads two regressors that sum to one as a constant, next to unit and time effects.
#
# A treated dummy and its complement ("both arms in the table"), unit and time effects.
# Guess: refused, as AbsorbingLS refuses the same model and PanelOLS itself refuses a regressor that the effects
# absorb; or one of the two is dropped.
# Seen: no error, no warning. The two count as an implicit constant, so the row called D is the effect plus the level
# of the outcome: 50.8 where the effect is 1.0, with an error a thousandth of it. `drop_absorbed=True` drops nothing.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'linearmodels==7.1' 'statsmodels==0.15.0' 'scipy==1.17.1' 'numpy==2.4.6' 'pandas==3.1.1'
venv/bin/python -I - <<'PY'
import warnings

import numpy as np
import pandas as pd
from linearmodels.iv.absorbing import AbsorbingLS
from linearmodels.panel import PanelOLS
from linearmodels.panel.utility import AbsorbingEffectError

warnings.simplefilter("error")  # a warning would end this script
unit, time = np.divmod(np.arange(31 * 10), 10)
start = np.select([unit < 7, unit < 17], [5, 8], 99)
draw = np.random.default_rng(1)
frame = pd.DataFrame({"unit": unit, "time": time, "D": (time >= start) * 1.0, "north": (unit < 10) * 1.0, "one": 1.0})
frame["y"] = 50 + draw.normal(size=31)[unit] + draw.normal(size=10)[time] + frame.D + draw.normal(scale=0.5, size=310)
frame["N"] = 1 - frame.D
panel = frame.set_index(["unit", "time"])


def fit(*names, **options):
    return PanelOLS(panel.y, panel[list(names)], entity_effects=True, time_effects=True, **options).fit()


def refused(estimate):
    try:
        estimate()
    except AbsorbingEffectError:
        return True
    return False


effects = frame[["unit", "time"]].astype("category")
assert refused(lambda: fit("D", "north"))
assert refused(lambda: AbsorbingLS(frame.y, frame[["D", "N"]], absorb=effects).fit())
alone, level = fit("D").params["D"], fit("D", "one").params["one"]
for options in ({}, {"drop_absorbed": True}):
    both = fit("D", "N", **options)
    print(f"D alone {alone:.4f}; with 1 - D {both.params['D']:.4f} (error {both.std_errors['D']:.4f}), {options}")
    assert list(both.params.index) == ["D", "N"], "one of the two is dropped now"
    assert abs(both.params["D"] - alone - level) < 1e-8, "D is another number now"
PY
