* twfe in Stata 17 or later (Stata).
* panel.dta: 31 units, 10 periods, 310 rows; never treated is 0 in g.
* Equal by definition: estimates, to a relative difference of 1e-06.
* Differs: errors are not compared: both cluster by unit, and may count parameters in another way.
* This script was not run: the engine is tested without Stata.
use "panel.dta", clear
scalar engine = -0.012775549
scalar engine_error = .
xtset id t
xtdidregress (y) (d), group(id) time(t)
matrix b = e(b)
matrix V = e(V)
scalar found = b[1, 1]
scalar found_error = sqrt(V[1, 1])
display "found  " %14.9f scalar(found) %14.9f scalar(found_error)
display "engine " %14.9f scalar(engine) %14.9f scalar(engine_error)
assert reldif(scalar(found), scalar(engine)) < 1e-06
