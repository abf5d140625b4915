# event_study_twfe in HonestDiD 0.2.6 (R).
# panel.csv: 31 units, 10 periods, 310 rows; never treated is 0 in g.
# Equal by definition: estimates and standard errors, to a relative difference of 1e-06.
# Differs: its own errors are larger by a factor close to one, because the package counts all T period effects as parameters and the engine T - 1; the script takes that factor out.
# Differs: robust sets are printed beside the engine's: the second lies on a grid, and its critical values are drawn.
# This script was not run: the engine is tested without R.
panel <- read.csv("panel.csv")
engine <- read.csv(text = "term,estimate,std_error
att,-0.014439396,0.0062829415
event_-7,-0.0062577667,0.018927325
event_-6,-0.0034503705,0.016777664
event_-5,-0.002346336,0.014497037
event_-4,-1.1344429e-05,0.012829616
event_-3,0.00015271004,0.010063735
event_-2,0.0002661832,0.0037329651
event_0,-0.011081917,0.0064028196
event_1,-0.013496335,0.0055787753
event_2,-0.018739935,0.0076615786")
library(fixest)
fit <- feols(y ~ i(event, ref = -1) | id + t, data = panel, cluster = ~cluster, fixef.rm = "none")
b <- coef(fit)
left <- nobs(fit) - length(b) - length(unique(panel$t))
V <- vcov(fit) * left / (left + 1)
names(b) <- sub("event::", "event_", names(b), fixed = TRUE)
after <- paste0("event_", c(0, 1, 2))
w <- as.numeric(names(b) %in% after) / length(after)
found <- c(att = sum(w * b), b)
errors <- c(att = sqrt(sum(w * (V %*% w))), setNames(sqrt(diag(V)), names(b)))

library(HonestDiD)
at <- match(paste0("event_", c(-7, -6, -5, -4, -3, -2, 0, 1, 2)), names(b))
before <- 6
after <- length(at) - before
mean_effect <- matrix(rep(1 / after, after))
slope <- createSensitivityResults(
  betahat = b[at], sigma = V[at, at], numPrePeriods = before, numPostPeriods = after,
  l_vec = mean_effect, method = "FLCI", Mvec = 0)
change <- createSensitivityResults_relativeMagnitudes(
  betahat = b[at], sigma = V[at, at], numPrePeriods = before, numPostPeriods = after,
  l_vec = mean_effect, method = "C-LF", Mbarvec = 1)
print(data.frame(
  mean_effect = c("slope of the trend difference unchanged", "its changes at most the largest before"),
  low = c(slope$lb, change$lb), high = c(slope$ub, change$ub),
  engine_low = c(-0.024429, -0.046176), engine_high = c(-0.0033855, 0.01788)))
engine$found <- found[engine$term]
engine$found_error <- errors[engine$term]
print(engine, digits = 9, row.names = FALSE)
close <- function(a, b) all(is.na(b) | abs(a - b) <= 1e-06 * pmax(1, abs(b)))
stopifnot(close(engine$found, engine$estimate), close(engine$found_error, engine$std_error))
