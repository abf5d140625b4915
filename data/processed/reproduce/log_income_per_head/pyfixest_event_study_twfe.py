# event_study_twfe in pyfixest 0.60.0 (Python).
# panel.csv: 31 units, 10 periods, 310 rows; never treated is 0 in g.
# Equal by definition: estimates and standard errors, to a relative difference of 1e-06.
# Differs: its own errors are larger by a factor close to one, because the package counts all T period effects as parameters and the engine T - 1; the script takes that factor out.
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
import pyfixest

fit = pyfixest.feols(
    "y ~ i(event, ref=-1) | id + t", data=panel, vcov={"CRV1": "cluster"}, fixef_rm="none"
)
names = [name.replace("event::", "event_") for name in fit.coef().index]
coefficients = pd.Series(fit.coef().to_numpy(), names)
left = len(panel) - len(names) - panel["t"].nunique()
covariance = pd.DataFrame(fit._vcov * left / (left + 1), names, names)
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
