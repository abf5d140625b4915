# group_time in did 2.5.1 (R).
# panel.csv: 31 units, 10 periods, 310 rows; never treated is 0 in g.
# Equal by definition: estimates and standard errors, to a relative difference of 1e-06.
# Differs: the package's defaults are other choices: pre-treatment comparisons with the period before, errors and bands drawn anew in each run.
# Differs: aggte(type = "simple") is the engine's att_simple and not its att.
# This script was not run: the engine is tested without R.
panel <- read.csv("panel.csv")
engine <- read.csv(text = "term,estimate,std_error
att,0.0023245499,0.23792828
event_-7,-1.6537592,1.0788554
event_-6,-1.2903424,1.0033065
event_-5,-0.71184295,0.9330848
event_-4,-0.24133434,0.84240415
event_-3,-0.41043608,0.42776367
event_-2,-0.48629634,0.32816059
event_0,0.016930136,0.13757497
event_1,0.17371716,0.37491991
event_2,-0.18367364,0.34750017")
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
