"""Do-files for Stata. The code leaves scalars ``found`` and ``found_error`` for the overall effect."""

from __future__ import annotations

from .recipe import ONE_PERIOD_MORE, Recipe

_MISSING = float("nan")

_CSDID = """
csdid y, ivar(id) time(t) gvar(g) @control@ method(dripw)
estat group, estore(by_group)
estimates restore by_group
scalar found = _b[GAverage]
scalar found_error = _se[GAverage]
"""

_IMPUTATION = """
did_imputation y id t g, cluster(cluster)
scalar found = _b[tau]
scalar found_error = _se[tau]
"""

_REGHDFE = """
reghdfe y d, absorb(id t) vce(cluster cluster) keepsingletons
quietly levelsof t
scalar left = e(N) - 1 - r(r)
scalar found = _b[d]
scalar found_error = _se[d] * sqrt(left / (left + 1))
"""

_XTDID = """
xtset id t
xtdidregress (y) (d), group(id) time(t)
matrix b = e(b)
matrix V = e(V)
scalar found = b[1, 1]
scalar found_error = sqrt(V[1, 1])
"""

RECIPES = (
    Recipe(
        "csdid-stata", "Stata", "csdid of Rios-Avila, Sant'Anna and Callaway", "group_time", _CSDID, True,
        (
            "effects before the start are not compared: the package's are with the period before",
            "estat simple is the engine's att_simple and not its att",
        ),
        events="none", words={"not_yet": "notyet", "never": ""}, clusters=False, gaps=False,
    ),
    Recipe(
        "did_imputation", "Stata", "did_imputation of Borusyak", "imputation", _IMPUTATION, True,
        ("never-treated units have a missing first period, not 0",),
        never=_MISSING, events="none",
    ),
    Recipe(
        "reghdfe", "Stata", "reghdfe 6 of Correia", "twfe", _REGHDFE, True, (ONE_PERIOD_MORE,), events="none",
    ),
    Recipe(
        "xtdidregress", "Stata", "Stata 17 or later", "twfe", _XTDID, False,
        ("errors are not compared: both cluster by unit, and may count parameters in another way",),
        events="none", clusters=False,
    ),
)  # fmt: skip
