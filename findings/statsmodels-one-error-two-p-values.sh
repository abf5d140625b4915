#!/usr/bin/env bash
# statsmodels 0.15.0: the p-value of one clustered error depends on the method that one asks.
#
# OLS with six clusters. `fit(cov_type="cluster")` and `get_robustcov_results(cov_type="cluster")` give the same error.
# Guess: so they give the same p-value, and a test of one coefficient by `t_test` and by `f_test` agrees too.
# Seen: the first uses the normal distribution, the second Student's t with clusters - 1; within the first result
# `pvalues`, `t_test` and `wald_test` are normal while `f_test` is F with clusters - 1. Here that is the two
# sides of five per cent.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'statsmodels==0.15.0' 'scipy==1.17.1' 'numpy==2.4.6' 'pandas==3.1.1'
venv/bin/python -I - <<'PY'
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import stats

cluster = np.repeat(np.arange(6), 20)
draw = np.random.default_rng(22)
frame = pd.DataFrame({"x": draw.normal(size=6)[cluster] + draw.normal(size=120)})
frame["y"] = 0.35 * frame.x + draw.normal(size=6)[cluster] + draw.normal(size=120)
by_fit = smf.ols("y ~ x", frame).fit(cov_type="cluster", cov_kwds={"groups": cluster})
by_method = smf.ols("y ~ x", frame).fit().get_robustcov_results(cov_type="cluster", groups=cluster)
ratio = by_fit.params["x"] / by_fit.bse["x"]
normal, student = 2 * stats.norm.sf(abs(ratio)), 2 * stats.t.sf(abs(ratio), 5)
print(f"estimate over error {ratio:.3f}: normal {normal:.4f}, t with 5 degrees of freedom {student:.4f}")
assert normal < 0.05 < student
assert np.isclose(by_fit.bse["x"], by_method.bse[1], rtol=1e-12)
assert np.isclose(by_fit.pvalues["x"], normal, rtol=1e-8)
assert np.isclose(float(by_fit.t_test("x = 0").pvalue), normal, rtol=1e-8)
assert np.isclose(float(by_fit.wald_test("x = 0", scalar=True).pvalue), normal, rtol=1e-8)
assert np.isclose(float(by_fit.f_test("x = 0").pvalue), student, rtol=1e-8)
assert np.isclose(by_method.pvalues[1], student, rtol=1e-8)
PY
