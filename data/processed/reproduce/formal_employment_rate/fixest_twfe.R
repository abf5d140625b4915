# twfe in fixest 0.14.2 (R).
# panel.csv: 31 units, 10 periods, 310 rows; never treated is 0 in g.
# Equal by definition: estimates and standard errors, to a relative difference of 1e-06.
# Differs: its own errors are larger by a factor close to one, because the package counts all T period effects as parameters and the engine T - 1; the script takes that factor out.
# This script was not run: the engine is tested without R.
panel <- read.csv("panel.csv")
engine <- read.csv(text = "term,estimate,std_error
att,0.6871833,0.61711203")
library(fixest)
fit <- feols(y ~ d | id + t, data = panel, cluster = ~cluster, fixef.rm = "none")
left <- nobs(fit) - 1 - length(unique(panel$t))
found <- c(att = coef(fit)[["d"]])
errors <- c(att = se(fit)[["d"]]) * sqrt(left / (left + 1))
engine$found <- found[engine$term]
engine$found_error <- errors[engine$term]
print(engine, digits = 9, row.names = FALSE)
close <- function(a, b) all(is.na(b) | abs(a - b) <= 1e-06 * pmax(1, abs(b)))
stopifnot(close(engine$found, engine$estimate), close(engine$found_error, engine$std_error))
