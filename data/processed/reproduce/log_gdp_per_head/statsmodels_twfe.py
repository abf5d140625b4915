# twfe in statsmodels 0.15.0 (Python).
# panel.csv: 31 units, 10 periods, 310 rows; never treated is 0 in g.
# Equal by definition: estimates and standard errors, to a relative difference of 1e-06.
# Differs: its own errors are larger, because all unit effects count as parameters; the engine does not count them, since they are nested in the clusters; the script takes that factor out.
# Differs: its p-values are normal, the engine's Student with clusters less one degrees of freedom.
# This script is run by the tests of the engine, or by make peers.
import numpy as np
import pandas as pd

panel = pd.read_csv("panel.csv")
engine = {
    "att": (-0.017936253, 0.015885386),
}
import statsmodels.api as sm

effects = panel[["d"]].astype(float)
units = pd.get_dummies(panel["id"], prefix="id", dtype=float)
periods = pd.get_dummies(panel["t"], prefix="t", drop_first=True, dtype=float)
design = pd.concat([effects, units, periods], axis=1)
fit = sm.OLS(panel["y"], design).fit(cov_type="cluster", cov_kwds={"groups": panel["cluster"]})
left = len(panel) - design.shape[1]
coefficients = fit.params
covariance = fit.cov_params() * left / (left + units.shape[1])
found = {"att": (coefficients["d"], covariance.loc["d", "d"] ** 0.5)}
print(f"{'term':10} {'found':>14} {'engine':>14} {'error':>14} {'engine':>14}")
apart = []
for term, numbers in engine.items():
    print(f"{term:10} {found[term][0]:14.9f} {numbers[0]:14.9f} {found[term][1]:14.9f} {numbers[1]:14.9f}")
    pairs = zip(found[term], numbers, strict=True)
    if any(not abs(a - b) <= 1e-06 * max(1.0, abs(b)) for a, b in pairs if b == b):
        apart.append(term)
if apart:
    raise SystemExit(f"not equal: {', '.join(apart)}")
