"""Which column of a user's table is what."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Columns:
    """Which column of the user's table is what."""

    unit: str
    time: str
    outcome: str
    cohort: str | None = None
    dose: str | None = None
    covariates: tuple[str, ...] | str = ()
    cluster: str | tuple[str, ...] | None = None
    weights: str | None = None
    cross_sections: bool = False

    @property
    def ids(self) -> tuple[str, ...]:
        """Columns of names."""
        clusters = (self.cluster,) if isinstance(self.cluster, str) else self.cluster or ()
        return (self.unit, *clusters)

    @property
    def periods(self) -> tuple[str, ...]:
        """Columns of periods."""
        return tuple(name for name in (self.time, self.cohort) if name)

    @property
    def numbers(self) -> tuple[str, ...]:
        """Columns of numbers."""
        listed = () if isinstance(self.covariates, str) else self.covariates
        return tuple(name for name in (self.outcome, self.weights, *listed) if name)

    @property
    def numerals(self) -> tuple[str, ...]:
        """Columns in which numbers may be written with other marks, doses and those of a formula too."""
        words = re.findall(r"`[^`]+`|\w+", self.covariates) if isinstance(self.covariates, str) else []
        return (*self.numbers, *(w.strip("`") for w in words), *((self.dose,) if self.dose else ()))
