"""Scripts in R. The code leaves named vectors ``found`` and ``errors``."""

from __future__ import annotations

from .recipe import GROUP_TIME_DEFAULTS, ONE_PERIOD_MORE, R_WORDS, Recipe

_OUTSIDE = 10_000  # a cohort outside the panel, which sunab takes as never treated

_DID = """
library(did)
cells <- att_gt(yname = "y", tname = "t", idname = "id", gname = "g", data = panel,
                control_group = "@control@", base_period = "@base@", bstrap = FALSE, cband = FALSE)
overall <- aggte(cells, type = "group", bstrap = FALSE, cband = FALSE)
by_event <- aggte(cells, type = "dynamic", bstrap = FALSE, cband = FALSE)
found <- c(overall$overall.att, by_event$att.egt)
errors <- c(overall$overall.se, by_event$se.egt)
names(found) <- names(errors) <- c("att", paste0("event_", by_event$egt))
"""

_TWFE = """
library(fixest)
fit <- feols(y ~ d | id + t, data = panel, cluster = ~cluster, fixef.rm = "none")
left <- nobs(fit) - 1 - length(unique(panel$t))
found <- c(att = coef(fit)[["d"]])
errors <- c(att = se(fit)[["d"]]) * sqrt(left / (left + 1))
"""

_EVENT_STUDY = """
library(fixest)
fit <- feols(y ~ i(event, ref = @reference@) | id + t, data = panel, cluster = ~cluster, fixef.rm = "none")
b <- coef(fit)
left <- nobs(fit) - length(b) - length(unique(panel$t))
V <- vcov(fit) * left / (left + 1)
names(b) <- sub("event::", "event_", names(b), fixed = TRUE)
after <- paste0("event_", c(@after@))
w <- as.numeric(names(b) %in% after) / length(after)
found <- c(att = sum(w * b), b)
errors <- c(att = sqrt(sum(w * (V %*% w))), setNames(sqrt(diag(V)), names(b)))
"""

_HONEST = (
    _EVENT_STUDY
    + """
library(HonestDiD)
at <- match(paste0("event_", c(@study@)), names(b))
before <- @before@
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
  engine_low = c(@lows@), engine_high = c(@highs@)))
"""
)

_SUNAB = """
library(fixest)
fit <- feols(y ~ sunab(g, t) | id + t, data = panel, cluster = ~cluster, fixef.rm = "none")
overall <- coeftable(summary(fit, agg = "att"))
by_event <- coeftable(summary(fit))
found <- c(overall["ATT", 1], by_event[, 1])
errors <- c(overall["ATT", 2], by_event[, 2])
names(found) <- names(errors) <- c("att", sub("t::", "event_", rownames(by_event), fixed = TRUE))
"""

_IMPUTATION = """
library(didimputation)
fixest::setFixest_estimation(fixef.rm = "none")
overall <- did_imputation(data = panel, yname = "y", gname = "g", tname = "t", idname = "id",
                          cluster_var = "cluster")
by_event <- did_imputation(data = panel, yname = "y", gname = "g", tname = "t", idname = "id",
                           cluster_var = "cluster", horizon = TRUE)
found <- c(overall$estimate, by_event$estimate)
errors <- c(overall$std.error, by_event$std.error)
names(found) <- names(errors) <- c("att", paste0("event_", by_event$term))
"""

_TWO_STAGE = """
library(did2s)
fixest::setFixest_estimation(fixef.rm = "none")
panel$since <- ifelse(panel$d == 1, panel$event, -1)
fit <- did2s(panel, yname = "y", first_stage = ~ 0 | id + t, second_stage = ~ i(d, ref = 0),
             treatment = "d", cluster_var = "cluster")
events <- did2s(panel, yname = "y", first_stage = ~ 0 | id + t, second_stage = ~ i(since, ref = -1),
                treatment = "d", cluster_var = "cluster")
overall <- fixest::coeftable(fit)
by_event <- fixest::coeftable(events)
found <- c(overall[1, 1], by_event[, 1])
errors <- c(overall[1, 2], by_event[, 2])
names(found) <- names(errors) <- c("att", sub("since::", "event_", rownames(by_event), fixed = TRUE))
"""

_DYNAMIC = """
library(DIDmultiplegtDYN)
fit <- did_multiplegt_dyn(df = panel, outcome = "y", group = "id", time = "t", treatment = "d",
                          effects = @horizons@, graph_off = TRUE)
overall <- fit$results$ATE
by_event <- fit$results$Effects
found <- c(overall[1, "Estimate"], by_event[, "Estimate"])
errors <- c(overall[1, "SE"], by_event[, "SE"])
names(found) <- names(errors) <- c("att", paste0("event_", seq_len(nrow(by_event)) - 1))
"""

_SYNTHETIC = """
library(synthdid)
one <- function(start) {
  rows <- panel[panel$g %in% c(start, 0), c("id", "t", "y", "d")]
  setup <- panel.matrices(rows, unit = "id", time = "t", outcome = "y", treatment = "d")
  c(effect = as.numeric(synthdid_estimate(setup$Y, setup$N0, setup$T0)), treated = sum(rows$d))
}
parts <- sapply(setdiff(unique(panel$g), 0), one)
found <- c(att = sum(parts["effect", ] * parts["treated", ]) / sum(parts["treated", ]))
errors <- c(att = NA)
"""

_LEADS = "leads are not compared: the engine fits them to untreated observations by a regression of their own"

RECIPES = (
    Recipe(
        "did", "R", "did 2.5.1", "group_time", _DID, True,
        (GROUP_TIME_DEFAULTS, "aggte(type = \"simple\") is the engine's att_simple and not its att"),
        words=R_WORDS,
        clusters=False, gaps=False,
    ),
    Recipe("fixest", "R", "fixest 0.14.2", "twfe", _TWFE, True, (ONE_PERIOD_MORE,), events="none"),
    Recipe(
        "fixest", "R", "fixest 0.14.2", "event_study_twfe", _EVENT_STUDY, True,
        (ONE_PERIOD_MORE, "without the reference on never-treated units their rows would drop"),
    ),
    Recipe(
        "HonestDiD", "R", "HonestDiD 0.2.6", "event_study_twfe", _HONEST, True,
        (
            ONE_PERIOD_MORE,
            "robust sets are printed beside the engine's: the second lies on a grid, and its critical values "
            "are drawn",
        ),
    ),
    Recipe(
        "fixest", "R", "fixest 0.14.2", "sun_abraham", _SUNAB, True,
        (
            "where nobody is never treated, sunab keeps the periods after the last start; they are left out "
            "of this file",
        ),
        never=_OUTSIDE,
    ),
    Recipe(
        "didimputation", "R", "didimputation 0.5.0", "imputation", _IMPUTATION, True,
        (_LEADS, "with its own settings the package drops units with one untreated period without a word"),
        events="after",
    ),
    Recipe("did2s", "R", "did2s 1.2.0", "two_stage", _TWO_STAGE, True, (_LEADS,), events="after"),
    Recipe(
        "DIDmultiplegtDYN", "R", "DIDmultiplegtDYN 2.2.0", "dynamic_dcdh", _DYNAMIC, True,
        ("effect 1 of the package is event time 0 here; placebos are not compared",),
        events="after", controls=("not_yet",), clusters=False, gaps=False,
    ),
    Recipe(
        "synthdid", "R", "synthdid 0.0.9", "synthetic_did", _SYNTHETIC, False,
        (
            "the package stops its search for weights early, the engine's weights are at the optimum: "
            "estimates agree to some parts in a thousand",
            "errors are not compared: placebo errors are drawn, and the package has one for each cohort",
        ),
        events="none", tolerance=5e-3, clusters=False, gaps=False,
    ),
)  # fmt: skip
