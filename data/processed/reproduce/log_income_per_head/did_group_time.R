# group_time in did 2.5.1 (R).
# panel.csv: 31 units, 10 periods, 310 rows; never treated is 0 in g.
# Equal by definition: estimates and standard errors, to a relative difference of 1e-06.
# Differs: the package's defaults are other choices: pre-treatment comparisons with the period before, errors and bands drawn anew in each run.
# Differs: aggte(type = "simple") is the engine's att_simple and not its att.
# This script was not run: the engine is tested without R.
panel <- read.csv("panel.csv")
engine <- read.csv(text = "term,estimate,std_error
att,-0.014439396,0.0060083467
event_-7,-0.0062577667,0.01810011
event_-6,-0.0034503705,0.016044399
event_-5,-0.002346336,0.013863446
event_-4,-1.1344429e-05,0.0122689
event_-3,0.00015271004,0.0096239017
event_-2,0.0002661832,0.0035698166
event_0,-0.011081917,0.0061229855
event_1,-0.013496335,0.005334956
event_2,-0.018739935,0.0073267307")
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
