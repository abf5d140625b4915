# group_time in did 2.5.1 (R).
# panel.csv: 31 units, 10 periods, 310 rows; never treated is 0 in g.
# Equal by definition: estimates and standard errors, to a relative difference of 1e-06.
# Differs: the package's defaults are other choices: pre-treatment comparisons with the period before, errors and bands drawn anew in each run.
# Differs: aggte(type = "simple") is the engine's att_simple and not its att.
# This script was not run: the engine is tested without R.
panel <- read.csv("panel.csv")
engine <- read.csv(text = "term,estimate,std_error
att,-0.017056104,0.0083754504
event_-7,-0.013100249,0.021450319
event_-6,0.0072521477,0.020153821
event_-5,0.0075066123,0.014217469
event_-4,0.001489174,0.010481856
event_-3,-0.00096338214,0.0099528143
event_-2,0.0039767402,0.0092496381
event_0,-0.022234295,0.0067712623
event_1,-0.014995674,0.0098361458
event_2,-0.013938343,0.011301498")
library(did)
cells <- att_gt(yname = "y", tname = "t", idname = "id", gname = "g", data = panel,
                control_group = "notyettreated", base_period = "universal", bstrap = FALSE, cband = FALSE)
overall <- aggte(cells, type = "group", bstrap = FALSE, cband = FALSE)
by_event <- aggte(cells, type = "dynamic", bstrap = FALSE, cband = FALSE)
found <- c(overall$overall.att, by_event$att.egt)
errors <- c(overall$overall.se, by_event$se.egt)
names(found) <- names(errors) <- c("att", paste0("event_", by_event$egt))
engine$found <- found[engine$term]
engine$found_error <- errors[engine$term]
print(engine, digits = 9, row.names = FALSE)
close <- function(a, b) all(is.na(b) | abs(a - b) <= 1e-06 * pmax(1, abs(b)))
stopifnot(close(engine$found, engine$estimate), close(engine$found_error, engine$std_error))
