# event_study_twfe in fixest 0.14.2 (R).
# panel.csv: 31 units, 10 periods, 310 rows; never treated is 0 in g.
# Equal by definition: estimates and standard errors, to a relative difference of 1e-06.
# Differs: its own errors are larger by a factor close to one, because the package counts all T period effects as parameters and the engine T - 1; the script takes that factor out.
# Differs: without the reference on never-treated units their rows would drop.
# This script was not run: the engine is tested without R.
panel <- read.csv("panel.csv")
engine <- read.csv(text = "term,estimate,std_error
att,0.0023245499,0.24880213
event_-7,-1.6537592,1.1281615
event_-6,-1.2903424,1.0491598
event_-5,-0.71184295,0.97572886
event_-4,-0.24133434,0.8809039
event_-3,-0.41043608,0.44731342
event_-2,-0.48629634,0.34315826
event_0,0.016930136,0.14386246
event_1,0.17371716,0.39205459
event_2,-0.18367364,0.3633817")
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
engine$found <- found[engine$term]
engine$found_error <- errors[engine$term]
print(engine, digits = 9, row.names = FALSE)
close <- function(a, b) all(is.na(b) | abs(a - b) <= 1e-06 * pmax(1, abs(b)))
stopifnot(close(engine$found, engine$estimate), close(engine$found_error, engine$std_error))
