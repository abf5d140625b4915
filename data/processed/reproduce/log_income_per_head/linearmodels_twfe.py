# twfe in linearmodels 7.1 (Python).
# panel.csv: 31 units, 10 periods, 310 rows; never treated is 0 in g.
# Equal by definition: estimates and standard errors, to a relative difference of 1e-06.
# Differs: with time_effects=True in place of period dummies the package counts all effects in its errors.
# Differs: its intervals use observations less effects as degrees of freedom, the engine's clusters less one.
# This script is run by the tests of the engine, or by make peers.
import numpy as np
import pandas as pd

panel = pd.read_csv("panel.csv")
engine = {
    "att": (-0.012775549, 0.0159723),
}
from linearmodels.panel import PanelOLS

effects = panel[["d"]].astype(float)
periods = pd.get_dummies(panel["t"], prefix="t", drop_first=True, dtype=float)
panel.index = pd.MultiIndex.from_frame(panel[["id", "t"]])
design = pd.concat([effects, periods], axis=1).set_axis(panel.index)
fit = PanelOLS(panel["y"], design, entity_effects=True).fit(
    cov_type="clustered", clusters=panel["cluster"], group_debias=True, auto_df=False, count_effects=False
)
coefficients, covariance = fit.params, fit.cov
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
