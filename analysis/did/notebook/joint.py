"""Tests of several effects at once, as records that say what they test and against what."""

from __future__ import annotations

from dataclasses import dataclass
from math import isinf
from typing import TYPE_CHECKING

from scipy.special import fdtrc

from ..errors import InputError
from ..numerics.joint import largest_t_test, wald_is_usable, wald_test

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Test:
    """A test.

    Parameters
    ----------
    null
        What holds under the null.
    statistic
        Its value.
    distribution
        What it is compared with, or how it was made.
    p_value
        Probability of so large a statistic under the null.

    Examples
    --------
    >>> import rollout_did as did
    >>> test = did.group_time(did.example_panel()).wald_test("event", [0, 1])
    >>> test.null, test.distribution, test.p_value < 0.001
    ('event 0, 1 = 0', 'chi2(2)', True)
    """

    null: str
    statistic: float
    distribution: str
    p_value: float

    __test__ = False  # for pytest, which collects classes of this name


def wald(
    estimates: NDArray[np.float64],
    covariance: NDArray[np.float64],
    freedom: float,
    treated_clusters: int,
    null: str,
) -> Test:
    r"""Wald test that (K,) estimates are zero.

    Raises
    ------
    InputError
        More than one restriction, and more of them than half the treated clusters, or a covariance that
        cannot be inverted: the test would reject far too often.

    Notes
    -----
    :math:`W = b' V^{-1} b` against chi-squared with K degrees of freedom or, with a finite ``freedom``,
    :math:`W / K` against F(K, freedom).
    """
    size = len(estimates)
    if size > 1 and not wald_is_usable(covariance, treated_clusters):
        raise InputError(
            f"{size} effects cannot be tested jointly with {treated_clusters} treated clusters",
            expected="at most half as many effects as treated clusters, and a covariance with an inverse",
            action="test fewer effects at once",
        )
    found = wald_test(estimates, covariance)
    if isinf(freedom):
        return Test(null, found.statistic, f"chi2({size})", found.p_value)
    ratio = found.statistic / size
    return Test(null, ratio, f"F({size}, {freedom:g})", float(fdtrc(size, freedom, ratio)))


def pretrend(
    estimates: NDArray[np.float64],
    covariance: NDArray[np.float64],
    freedom: float,
    treated_clusters: int,
    seed: int,
) -> Test:
    """Wald test that effects before the start are zero; the largest |t| where that is not usable."""
    null = "effects before the start = 0"
    if wald_is_usable(covariance, treated_clusters):
        return wald(estimates, covariance, freedom, treated_clusters, null)
    found = largest_t_test(estimates, covariance, seed)
    return Test(null, found.statistic, found.method, found.p_value)
