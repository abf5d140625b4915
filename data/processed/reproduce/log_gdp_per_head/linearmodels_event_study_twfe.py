# event_study_twfe in linearmodels 7.1 (Python).
# panel.csv: 31 units, 10 periods, 310 rows; never treated is 0 in g.
# Equal by definition: estimates and standard errors, to a relative difference of 1e-06.
# Differs: with time_effects=True in place of period dummies the package counts all effects in its errors.
# Differs: its intervals use observations less effects as degrees of freedom, the engine's clusters less one.
# This script is run by the tests of the engine, or by make peers.
import numpy as np
import pandas as pd

panel = pd.read_csv("panel.csv")
engine = {
    "att": (-0.017056104, 0.0087582271),
    "event_-7": (-0.013100249, 0.022430646),
    "event_-6": (0.0072521477, 0.021074895),
    "event_-5": (0.0075066123, 0.014867239),
    "event_-4": (0.001489174, 0.0109609),
    "event_-3": (-0.00096338214, 0.01040768),
    "event_-2": (0.0039767402, 0.0096723672),
    "event_0": (-0.022234295, 0.0070807241),
    "event_1": (-0.014995674, 0.01028568),
    "event_2": (-0.013938343, 0.011818002),
}
from linearmodels.panel import PanelOLS

effects = pd.DataFrame({f"event_{e}": (panel["event"] == e) * 1.0 for e in (-7, -6, -5, -4, -3, -2, 0, 1, 2,)})
periods = pd.get_dummies(panel["t"], prefix="t", drop_first=True, dtype=float)
panel.index = pd.MultiIndex.from_frame(panel[["id", "t"]])
design = pd.concat([effects, periods], axis=1).set_axis(panel.index)
fit = PanelOLS(panel["y"], design, entity_effects=True).fit(
    cov_type="clustered", clusters=panel["cluster"], group_debias=True, auto_df=False, count_effects=False
)
coefficients, covariance = fit.params, fit.cov
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
