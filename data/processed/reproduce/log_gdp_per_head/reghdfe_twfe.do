* twfe in reghdfe 6 of Correia (Stata).
* panel.dta: 31 units, 10 periods, 310 rows; never treated is 0 in g.
* Equal by definition: estimates and standard errors, to a relative difference of 1e-06.
* Differs: its own errors are larger by a factor close to one, because the package counts all T period effects as parameters and the engine T - 1; the script takes that factor out.
* This script was not run: the engine is tested without Stata.
use "panel.dta", clear
scalar engine = -0.017936253
scalar engine_error = 0.015885386
reghdfe y d, absorb(id t) vce(cluster cluster) keepsingletons
quietly levelsof t
scalar left = e(N) - 1 - r(r)
scalar found = _b[d]
scalar found_error = _se[d] * sqrt(left / (left + 1))
display "found  " %14.9f scalar(found) %14.9f scalar(found_error)
display "engine " %14.9f scalar(engine) %14.9f scalar(engine_error)
assert reldif(scalar(found), scalar(engine)) < 1e-06
assert reldif(scalar(found_error), scalar(engine_error)) < 1e-06
