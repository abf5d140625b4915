# event_study_twfe in pyfixest 0.60.0 (Python).
# panel.csv: 31 units, 10 periods, 310 rows; never treated is 0 in g.
# Equal by definition: estimates and standard errors, to a relative difference of 1e-06.
# Differs: its own errors are larger by a factor close to one, because the package counts all T period effects as parameters and the engine T - 1; the script takes that factor out.
# This script is run by the tests of the engine, or by make peers.
import numpy as np
import pandas as pd

panel = pd.read_csv("panel.csv")
engine = {
    "att": (0.0023245499, 0.24880213),
    "event_-7": (-1.6537592, 1.1281615),
    "event_-6": (-1.2903424, 1.0491598),
    "event_-5": (-0.71184295, 0.97572886),
    "event_-4": (-0.24133434, 0.8809039),
    "event_-3": (-0.41043608, 0.44731342),
    "event_-2": (-0.48629634, 0.34315826),
    "event_0": (0.016930136, 0.14386246),
    "event_1": (0.17371716, 0.39205459),
    "event_2": (-0.18367364, 0.3633817),
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
