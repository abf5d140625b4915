#!/usr/bin/env bash
# synthdid-py 0.1.0: sc_estimate stops its search for synthetic control weights after 10,000 steps and does not say so.
#
# The package's own data: cigarette sales of 39 states from 1970 to 2000, California's Proposition 99 in 1989.
# Guess: 38 weights on 19 years are a small quadratic programme, so the estimate is the minimum's to the last digit.
# Seen: no warning. It says -19.62; the weights that fit California best, found by non-negative least squares of
# scipy with the same penalty, give -19.51, a tenth away in the decimal that papers print. Ten times the steps come
# half as near. (Weights of synthdid_estimate, which carry a real penalty, are not concerned.)
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet 'synthdid-py==0.1.0' 'scipy==1.17.1' 'numpy==2.4.6' 'pandas==3.1.1'
venv/bin/python -I - <<'PY'
import warnings

import numpy as np
import synthdid
from scipy.optimize import nnls

warnings.simplefilter("error")  # a warning would end this script
setup = synthdid.panel_matrices(synthdid.load_california_prop99())
sales, donors, before = np.asarray(setup.Y), setup.N0, setup.T0
past, target = sales[:donors, :before].T, sales[donors, :before]
change = np.diff(sales[:donors, :before], axis=1)
penalty = before * (1e-6 * np.std(change, ddof=1)) ** 2  # of a squared weight, beside the sum of squared misfits


def loss(weights):
    return np.sum((past @ weights - target) ** 2) + penalty * np.sum(weights**2)


one = 1e5  # how firmly the weights sum to one
design = np.vstack([past, np.sqrt(penalty) * np.eye(donors), np.full(donors, one)])
best = nnls(design, np.concatenate([target, np.zeros(donors), [one]]), maxiter=100_000)[0]
best /= best.sum()
effect = float(np.mean(sales[donors, before:] - best @ sales[:donors, before:]))

short = synthdid.sc_estimate(sales, donors, before)
long = synthdid.sc_estimate(sales, donors, before, max_iter=100_000)
for name, found in (("as it is", short), ("ten times the steps", long)):
    print(f"{name}: {float(found):.3f}, loss {loss(np.asarray(found.weights.omega)):.4f}")
print(f"minimum: {effect:.3f}, loss {loss(best):.4f}")
assert loss(best) < loss(np.asarray(long.weights.omega)) < loss(np.asarray(short.weights.omega))
assert round(float(short), 1) == -19.6, "sc_estimate gives another number now"
assert round(effect, 1) == -19.5
assert 0.03 < abs(float(long) - effect) < 0.06 < 0.1 < abs(float(short) - effect) < 0.12
PY
