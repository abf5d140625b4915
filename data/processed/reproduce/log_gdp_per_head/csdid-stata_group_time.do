* group_time in csdid of Rios-Avila, Sant'Anna and Callaway (Stata).
* panel.dta: 31 units, 10 periods, 310 rows; never treated is 0 in g.
* Equal by definition: estimates and standard errors, to a relative difference of 1e-06.
* Differs: effects before the start are not compared: the package's are with the period before.
* Differs: estat simple is the engine's att_simple and not its att.
* This script was not run: the engine is tested without Stata.
use "panel.dta", clear
scalar engine = -0.017056104
scalar engine_error = 0.0083754504
csdid y, ivar(id) time(t) gvar(g) notyet method(dripw)
estat group, estore(by_group)
estimates restore by_group
scalar found = _b[GAverage]
scalar found_error = _se[GAverage]
display "found  " %14.9f scalar(found) %14.9f scalar(found_error)
display "engine " %14.9f scalar(engine) %14.9f scalar(engine_error)
assert reldif(scalar(found), scalar(engine)) < 1e-06
assert reldif(scalar(found_error), scalar(engine_error)) < 1e-06
