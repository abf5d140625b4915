# group_time in moderndid 0.4.1 (Python).
# panel.csv: 31 units, 10 periods, 310 rows; never treated is 0 in g.
# Equal by definition: estimates and standard errors, to a relative difference of 1e-06.
# Differs: the package's defaults are other choices: pre-treatment comparisons with the period before, errors and bands drawn anew in each run.
# Differs: it needs Python 3.12 or later.
# This script is run by the tests of the engine, or by make peers.
import numpy as np
import pandas as pd

panel = pd.read_csv("panel.csv")
engine = {
    "att": (-0.014439396, 0.0060083467),
    "event_-7": (-0.0062577667, 0.01810011),
    "event_-6": (-0.0034503705, 0.016044399),
    "event_-5": (-0.002346336, 0.013863446),
    "event_-4": (-1.1344429e-05, 0.0122689),
    "event_-3": (0.00015271004, 0.0096239017),
    "event_-2": (0.0002661832, 0.0035698166),
    "event_0": (-0.011081917, 0.0061229855),
    "event_1": (-0.013496335, 0.005334956),
    "event_2": (-0.018739935, 0.0073267307),
}
import moderndid

cells = moderndid.att_gt(
    panel, yname="y", tname="t", idname="id", gname="g", est_method="dr", control_group="notyettreated",
    base_period="universal", cband=False
)
overall = moderndid.aggte(cells, type="group", cband=False)
found = {"att": (overall.overall_att, overall.overall_se)}
dynamic = moderndid.aggte(cells, type="dynamic", cband=False)
for event, effect, error in zip(
    dynamic.event_times, dynamic.att_by_event, dynamic.se_by_event, strict=True
):
    found[f"event_{int(event)}"] = (effect, error)
print(f"{'term':10} {'found':>14} {'engine':>14} {'error':>14} {'engine':>14}")
apart = []
for term, numbers in engine.items():
    print(f"{term:10} {found[term][0]:14.9f} {numbers[0]:14.9f} {found[term][1]:14.9f} {numbers[1]:14.9f}")
    pairs = zip(found[term], numbers, strict=True)
    if any(not abs(a - b) <= 1e-06 * max(1.0, abs(b)) for a, b in pairs if b == b):
        apart.append(term)
if apart:
    raise SystemExit(f"not equal: {', '.join(apart)}")
