"""How to cite each estimator and each check."""

from __future__ import annotations

INTERTEMPORAL = (
    "de Chaisemartin, C. and D'Haultfoeuille, X. (2026), Difference-in-differences estimators"
    " of intertemporal treatment effects, Review of Economics and Statistics 108(4), 863-880."
)
CITATIONS = {
    "twfe": (
        "Two-way fixed effects; on its meaning under staggered starts: de Chaisemartin, C. and "
        "D'Haultfoeuille, X. (2020), Two-way fixed effects estimators with heterogeneous "
        "treatment effects, American Economic Review 110(9), 2964-2996."
    ),
    "event_study_twfe": (
        "Two-way fixed effects with leads and lags; on its meaning: Sun, L. and Abraham, S. "
        "(2021), Estimating dynamic treatment effects in event studies with heterogeneous "
        "treatment effects, Journal of Econometrics 225(2), 175-199."
    ),
    "bacon": (
        "Goodman-Bacon, A. (2021), Difference-in-differences with variation in treatment timing, "
        "Journal of Econometrics 225(2), 254-277."
    ),
    "group_time": (
        "Callaway, B. and Sant'Anna, P. H. C. (2021), Difference-in-differences with multiple "
        "time periods, Journal of Econometrics 225(2), 200-230. With covariates also: Sant'Anna, "
        "P. H. C. and Zhao, J. (2020), Doubly robust difference-in-differences estimators, "
        "Journal of Econometrics 219(1), 101-122."
    ),
    "triple_difference": (
        "Olden, A. and Moen, J. (2022), The triple difference estimator, Econometrics Journal 25(3), "
        "531-553; with several starts: Ortiz-Villavicencio, M. and Sant'Anna, P. H. C. (2025), Better "
        "understanding triple differences estimators, arXiv:2505.09942."
    ),
    "sun_abraham": (
        "Sun, L. and Abraham, S. (2021), Estimating dynamic treatment effects in event studies "
        "with heterogeneous treatment effects, Journal of Econometrics 225(2), 175-199."
    ),
    "imputation": (
        "Borusyak, K., Jaravel, X. and Spiess, J. (2024), Revisiting event-study designs: robust "
        "and efficient estimation, Review of Economic Studies 91(6), 3253-3285."
    ),
    "two_stage": ("Gardner, J. (2022), Two-stage differences in differences, arXiv:2207.05943."),
    "extended_twfe": (
        "Wooldridge, J. M. (2021), Two-way fixed effects, the two-way Mundlak regression, and "
        "difference-in-differences estimators, SSRN 3906345; published 2025 in Empirical Economics "
        "69(5), 2545-2587."
    ),
    "extended_poisson": (
        "Wooldridge, J. M. (2023), Simple approaches to nonlinear difference-in-differences with panel data, "
        "Econometrics Journal 26(3), C31-C66."
    ),
    "extended_logit": (
        "Wooldridge, J. M. (2023), Simple approaches to nonlinear difference-in-differences with panel data, "
        "Econometrics Journal 26(3), C31-C66."
    ),
    "stacked": (
        "Wing, C., Freedman, S. M. and Hollingsworth, A. (2024), Stacked difference-in-"
        "differences, NBER Working Paper 32054."
    ),
    "local_projection": (
        "Dube, A., Girardi, D., Jorda, O. and Taylor, A. M. (2025), A local projections approach "
        "to difference-in-differences, Journal of Applied Econometrics 40(7), 741-758."
    ),
    "local_projection_reweighted": (
        "The reweighted estimator of Dube, A., Girardi, D., Jorda, O. and Taylor, A. M. (2025), A"
        " local projections approach to difference-in-differences, Journal of Applied "
        "Econometrics 40(7), 741-758."
    ),
    "efficient": (
        "Roth, J. and Sant'Anna, P. H. C. (2023), Efficient estimation for staggered rollout "
        "designs, Journal of Political Economy Microeconomics 1(4), 669-709."
    ),
    "dynamic_dcdh": INTERTEMPORAL,
    "intertemporal": INTERTEMPORAL,
    "intertemporal_normalised": f"Per unit of dose: {INTERTEMPORAL}",
    "synthetic_did": (
        "Arkhangelsky, D., Athey, S., Hirshberg, D. A., Imbens, G. W. and Wager, S. (2021), "
        "Synthetic difference-in-differences, American Economic Review 111(12), 4088-4118."
    ),
    "synthetic_control": (
        "Abadie, A., Diamond, A. and Hainmueller, J. (2010), Synthetic control methods for "
        "comparative case studies: estimating the effect of California's tobacco control program, "
        "Journal of the American Statistical Association 105(490), 493-505."
    ),
}
RANDOMIZATION = (
    "Randomisation p-values: Fisher, R. A. (1935), The Design of Experiments; for panels "
    "MacKinnon, J. G. and Webb, M. D. (2020), Randomization inference for difference-in-"
    "differences with few treated clusters, Journal of Econometrics 218(2), 435-450."
)
CHECKS = (
    "CR1, CR3 and few clusters: MacKinnon, J. G., Nielsen, M. O. and Webb, M. D. (2023), Cluster-robust "
    "inference: a guide to empirical practice, Journal of Econometrics 232(2), 272-299.",
    "CR2: Bell, R. M. and McCaffrey, D. F. (2002), Survey Methodology 28(2), 169-181; Pustejovsky, J. E. "
    "and Tipton, E. (2018), Journal of Business & Economic Statistics 36(4), 672-683.",
    "Wild bootstrap: Cameron, A. C., Gelbach, J. B. and Miller, D. L. (2008), Bootstrap-based improvements "
    "for inference with clustered errors, Review of Economics and Statistics 90(3), 414-427.",
    "Studentised permutations: Wu, J. and Ding, P. (2021), Randomization tests for weak null hypotheses in "
    "randomized experiments, Journal of the American Statistical Association 116(536), 1898-1913.",
    "Conley, T. G. and Taber, C. R. (2011), Inference with difference in differences with a small number "
    "of policy changes, Review of Economics and Statistics 93(1), 113-125.",
    "Ferman, B. and Pinto, C. (2019), Inference in differences-in-differences with few treated groups and "
    "heteroskedasticity, Review of Economics and Statistics 101(3), 452-467.",
    "Romano, J. P. and Wolf, M. (2005), Exact and approximate stepdown methods for multiple hypothesis "
    "testing, Journal of the American Statistical Association 100(469), 94-108.",
    "Bounded violations: Rambachan, A. and Roth, J. (2023), A more credible approach to parallel trends, "
    "Review of Economic Studies 90(5), 2555-2591.",
    "Passed pre-trend tests: Roth, J. (2022), Pretest with caution: event-study estimates after testing "
    "for parallel trends, American Economic Review: Insights 4(3), 305-322.",
)
