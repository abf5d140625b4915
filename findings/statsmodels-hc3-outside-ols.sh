#!/usr/bin/env bash
# statsmodels 0.15.0: HC1, HC2 and HC3 are HC0 in every model but linear regression, without a word.
#
# A small sample, `cov_type="HC3"` because it is the careful choice there.
# Guess: the leverage correction, or a refusal where it is not implemented.
# Seen: GLM, Logit and Poisson accept all four names and return HC0 for each. A Gaussian GLM is the OLS
# regression, so the right HC3 is known: here 23 per cent larger. The summary names the type that was asked for.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'statsmodels==0.15.0' 'scipy==1.17.1' 'numpy==2.4.6' 'pandas==3.1.1'
venv/bin/python -I - <<'PY'
import warnings

import numpy as np
import statsmodels.api as sm

warnings.simplefilter("error")  # a warning would end this script
draw = np.random.default_rng(3)
x = sm.add_constant(draw.normal(size=(40, 5)))
y = draw.normal(size=40)
kinds = ("HC0", "HC1", "HC2", "HC3")


def errors(model, **options):
    return np.array([model.fit(cov_type=kind, **options).bse[1] for kind in kinds])


ols = errors(sm.OLS(y, x))
glm = errors(sm.GLM(y, x))
print("OLS", dict(zip(kinds, ols.round(4).tolist())))
print("GLM", dict(zip(kinds, glm.round(4).tolist())))
assert ols[3] > 1.2 * ols[0]
assert np.allclose(glm, ols[0], rtol=1e-9), "GLM now distinguishes the corrections"
assert sm.GLM(y, x).fit(cov_type="HC3").cov_type == "HC3"
for model in (sm.Logit((y > 0) * 1.0, x), sm.Poisson(draw.poisson(2, size=40), x)):
    assert np.ptp(errors(model, disp=0)) == 0, "a discrete model now distinguishes the corrections"
PY
