"""What an estimator returns: its records, how they vary together, and the library's object behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from .errors import InputError
from .numerics.types import Array

if TYPE_CHECKING:
    from .results import Estimate

Covariance = Callable[[NDArray[np.int64]], Array]


@dataclass(frozen=True, eq=False)
class Fitted(Sequence["Estimate"]):
    """A sequence of records with their covariance.

    Parameters
    ----------
    rows
        The records.
    covariance
        Takes (K,) positions in ``rows``, each with a standard error, and gives their (K, K) covariance,
        whose diagonal holds the squared errors. It is computed when asked for: a large panel has many
        cells. Missing where the errors of single records are all that the estimator has.
    fit
        The result of linearmodels or statsmodels that the records are read off, where there is one.
    influence
        Takes positions as ``covariance`` does, and gives (G, K) influence of each unit or cluster, scaled so
        that the covariance is the product of its transpose with itself, and the G names.

    Examples
    --------
    >>> import rollout_did as did
    >>> part = did.twfe(did.example_panel()).parts[0]
    >>> part.covariance(np.array([0])).shape
    (1, 1)
    """

    rows: tuple[Estimate, ...]
    covariance: Covariance | None = None
    fit: Any = None
    influence: Callable[[NDArray[np.int64]], tuple[Array, tuple[Any, ...]]] | None = None

    @overload
    def __getitem__(self, place: int) -> Estimate: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Estimate]: ...
    def __getitem__(self, place: int | slice) -> Estimate | Sequence[Estimate]:
        return self.rows[place]

    def __iter__(self) -> Iterator[Estimate]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def from_scores(rows: Sequence[Estimate], scores: Array) -> Fitted:
    """Records with (G, Q) scores of clusters, scaled so that the covariance is scores' scores."""
    return Fitted(tuple(rows), lambda pick: scores[:, pick].T @ scores[:, pick])


def from_matrix(rows: Sequence[Estimate], matrix: Array, fit: Any = None) -> Fitted:
    """Records with a (Q, Q) covariance; records beyond Q have no standard error."""
    return Fitted(tuple(rows), lambda pick: matrix[np.ix_(pick, pick)], fit)


def side_by_side(first: Fitted, second: Fitted, apart: str) -> Fitted:
    """Records of two fits that have no joint covariance; ``apart`` says why in the error message."""
    size = len(first)

    def covariance(pick: NDArray[np.int64]) -> Array:
        own = pick < size
        if own.any() and not own.all():
            raise InputError(f"no joint covariance: {apart}", action="ask for one side at a time")
        part, places = (first, pick) if own.all() else (second, pick - size)
        assert part.covariance is not None
        return part.covariance(places)

    return Fitted((*first, *second), covariance, first.fit)
