"""What a referee asks of the regression behind the mean effect, by statsmodels.

With one treated wave the mean effect is least squares of each province's change, from the last year
before to the mean of the years after, on a constant and being treated: one observation a province, so
that tests for independent observations hold. Serial correlation is asked of the yearly changes.
Rows of ``sensitivity.csv``; nothing here was named in advance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from statsmodels.regression.linear_model import RegressionResults

    from analysis.did import Panel
    from analysis.did.numerics.types import Array

ESTIMATOR = "group_time"
NO_CORRELATION = -0.5  # of neighbouring changes, if the errors of the levels are not correlated


def diagnostic_table(data: Panel, sizes: Array) -> pd.DataFrame:
    """Influence, outliers, unequal spread and serial correlation of one outcome.

    Parameters
    ----------
    data
        Annual panel without gaps and with one treated cohort.
    sizes
        (N,) residents of the provinces.

    Returns
    -------
    DataFrame
        ``analysis, variant, estimator, estimate, p_value, n_units, note``. ``influence``: standard
        errors by which the estimate moves without the province. ``outlier``: its residual in standard
        deviations, with a p-value of Holm over the provinces. ``unequal_spread``: the variance of treated
        provinces less that of the others, or its slope in log residents, relative to the mean variance.
        ``serial_correlation``: the slope of changes on those a year earlier.
    """
    fit = change_regression(data)
    rows = [*influence(fit, data.units), *unequal_spread(fit, np.log(sizes)), serial_correlation(data)]
    return pd.DataFrame(rows).assign(estimator=ESTIMATOR, n_units=data.n_units)


def change_regression(data: Panel) -> RegressionResults:
    """`OLS` of statsmodels whose second coefficient is the mean effect."""
    from statsmodels.regression.linear_model import OLS
    from statsmodels.tools.tools import add_constant

    (first,) = data.cohorts
    change = data.outcome[:, first:].mean(axis=1) - data.outcome[:, first - 1]
    return OLS(change, add_constant((data.cohort == first).astype(float))).fit()


def influence(fit: RegressionResults, units: tuple[str, ...]) -> list[dict[str, object]]:
    """DFBETAS of the effect and externally studentised residuals (Belsley, Kuh and Welsch 1980)."""
    moved = fit.get_influence().dfbetas[:, 1]
    outliers = np.asarray(fit.outlier_test(method="holm"))  # residual, p-value, that of Holm
    rows: list[dict[str, object]] = []
    for unit, shift, (residual, _, p_value) in zip(units, moved, outliers, strict=True):
        rows += [
            {"analysis": "influence", "variant": unit, "estimate": shift, "note": "DFBETAS"},
            {
                "analysis": "outlier", "variant": unit, "estimate": residual, "p_value": p_value,
                "note": f"studentised residual, Holm over {len(units)} provinces",
            },
        ]  # fmt: skip
    return rows


def unequal_spread(fit: RegressionResults, log_sizes: Array) -> list[dict[str, object]]:
    r"""Breusch-Pagan tests in the form of Koenker (1981): whether the spread hangs on the province.

    Notes
    -----
    F test of the slope in a regression of :math:`\hat u_i^2 / (1 - h_i)` on being treated, or on log
    residents. Residuals of the few treated provinces are pulled towards zero; :math:`1 - h_i` undoes
    that.
    """
    from statsmodels.regression.linear_model import OLS
    from statsmodels.stats.diagnostic import het_breuschpagan
    from statsmodels.tools.tools import add_constant

    residual = fit.get_influence().resid_studentized_internal
    rows: list[dict[str, object]] = []
    for variant, column in (("treated", fit.model.exog[:, 1]), ("residents", log_sizes)):
        regressors = add_constant(column)
        _, _, statistic, p_value = het_breuschpagan(residual, regressors)
        slope = OLS(residual**2 / np.mean(residual**2), regressors).fit().params[1]
        rows.append(
            {
                "analysis": "unequal_spread", "variant": variant, "estimate": slope, "p_value": p_value,
                "note": f"Breusch-Pagan, F(1, {len(residual) - 2}) = {statistic:.2f}",
            }
        )  # fmt: skip
    return rows


def serial_correlation(data: Panel) -> dict[str, object]:
    r"""Wooldridge's test (2002, section 10.6.3) whether the errors of neighbouring years are correlated.

    Notes
    -----
    With :math:`e_{it}` the change of a province less the mean change of its wave in that year (the
    event study in first differences), least squares of :math:`e_{it}` on :math:`e_{i,t-1}` has the slope
    -1/2 if errors in levels are not correlated. The error is clustered by province, the distribution
    Student's with N - 1 degrees of freedom.
    """
    from statsmodels.regression.linear_model import OLS

    change = np.diff(data.outcome, axis=1)
    for start in np.unique(data.cohort):
        change[data.cohort == start] -= change[data.cohort == start].mean(axis=0)
    units = np.repeat(np.arange(data.n_units), change.shape[1] - 1)
    model = OLS(change[:, 1:].ravel(), change[:, :-1].ravel())
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": units}, use_t=True)
    test = fit.t_test(([[1.0]], [NO_CORRELATION]))
    return {
        "analysis": "serial_correlation", "variant": "changes", "estimate": fit.params[0],
        "p_value": float(test.pvalue), "note": f"Wooldridge, t({test.df_denom:.0f}) of slope -0.5",
    }  # fmt: skip
