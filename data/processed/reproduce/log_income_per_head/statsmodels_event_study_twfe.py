# event_study_twfe in statsmodels 0.15.0 (Python).
# panel.csv: 31 units, 10 periods, 310 rows; never treated is 0 in g.
# Equal by definition: estimates and standard errors, to a relative difference of 1e-06.
# Differs: its own errors are larger, because all unit effects count as parameters; the engine does not count them, since they are nested in the clusters; the script takes that factor out.
# Differs: its p-values are normal, the engine's Student with clusters less one degrees of freedom.
# This script is run by the tests of the engine, or by make peers.
import numpy as np
import pandas as pd

panel = pd.read_csv("panel.csv")
engine = {
    "att": (-0.014439396, 0.0062829415),
    "event_-7": (-0.0062577667, 0.018927325),
    "event_-6": (-0.0034503705, 0.016777664),
    "event_-5": (-0.002346336, 0.014497037),
    "event_-4": (-1.1344429e-05, 0.012829616),
    "event_-3": (0.00015271004, 0.010063735),
    "event_-2": (0.0002661832, 0.0037329651),
    "event_0": (-0.011081917, 0.0064028196),
    "event_1": (-0.013496335, 0.0055787753),
    "event_2": (-0.018739935, 0.0076615786),
}
import statsmodels.api as sm

effects = pd.DataFrame({f"event_{e}": (panel["event"] == e) * 1.0 for e in (-7, -6, -5, -4, -3, -2, 0, 1, 2,)})
units = pd.get_dummies(panel["id"], prefix="id", dtype=float)
periods = pd.get_dummies(panel["t"], prefix="t", drop_first=True, dtype=float)
design = pd.concat([effects, units, periods], axis=1)
fit = sm.OLS(panel["y"], design).fit(cov_type="cluster", cov_kwds={"groups": panel["cluster"]})
left = len(panel) - design.shape[1]
coefficients = fit.params
covariance = fit.cov_params() * left / (left + units.shape[1])
found = {
    name: (coefficients[name], covariance.loc[name, name] ** 0.5)
    for name in coefficients.index
    if name.startswith("event_")
}
after = [f"event_{e}" for e in (0, 1, 2,)]
found["att"] = (coefficients[after].mean(), covariance.loc[after, after].to_numpy().mean() ** 0.5)
print(f"{'term':10} {'found':>14} {'engine':>14} {'error':>14} {'engine':>14}")
apart = []
for term, numbers in engine.items():
    print(f"{term:10} {found[term][0]:14.9f} {numbers[0]:14.9f} {found[term][1]:14.9f} {numbers[1]:14.9f}")
    pairs = zip(found[term], numbers, strict=True)
    if any(not abs(a - b) <= 1e-06 * max(1.0, abs(b)) for a, b in pairs if b == b):
        apart.append(term)
if apart:
    raise SystemExit(f"not equal: {', '.join(apart)}")
