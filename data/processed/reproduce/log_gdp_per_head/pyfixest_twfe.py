# twfe in pyfixest 0.60.0 (Python).
# panel.csv: 31 units, 10 periods, 310 rows; never treated is 0 in g.
# Equal by definition: estimates and standard errors, to a relative difference of 1e-06.
# Differs: its own errors are larger by a factor close to one, because the package counts all T period effects as parameters and the engine T - 1; the script takes that factor out.
# Differs: without vcov the package's errors are those of independent observations.
# This script is run by the tests of the engine, or by make peers.
import numpy as np
import pandas as pd

panel = pd.read_csv("panel.csv")
engine = {
    "att": (-0.017936253, 0.015885386),
}
import pyfixest

fit = pyfixest.feols("y ~ d | id + t", data=panel, vcov={"CRV1": "cluster"}, fixef_rm="none")
left = len(panel) - 1 - panel["t"].nunique()
found = {"att": (fit.coef()["d"], fit.se()["d"] * np.sqrt(left / (left + 1)))}
print(f"{'term':10} {'found':>14} {'engine':>14} {'error':>14} {'engine':>14}")
apart = []
for term, numbers in engine.items():
    print(f"{term:10} {found[term][0]:14.9f} {numbers[0]:14.9f} {found[term][1]:14.9f} {numbers[1]:14.9f}")
    pairs = zip(found[term], numbers, strict=True)
    if any(not abs(a - b) <= 1e-06 * max(1.0, abs(b)) for a, b in pairs if b == b):
        apart.append(term)
if apart:
    raise SystemExit(f"not equal: {', '.join(apart)}")
