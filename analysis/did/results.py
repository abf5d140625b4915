"""One record per estimate and the tidy table made of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from itertools import repeat
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS = (
    "evidence",
    "outcome",
    "estimator",
    "term",
    "cohort",
    "period",
    "event_time",
    "estimate",
    "std_error",
    "ci_low",
    "ci_high",
    "band_low",
    "band_high",
    "p_value",
    "p_randomization",
    "inference",
    "control_group",
    "n_units",
    "n_treated",
    "n_observations",
    "specification",
    "note",
)
EVIDENCE = ("published", "bounds", "statistics", "simulated", "records")
NAN = math.nan
GAP = "Not computed: "  # how a note begins that says why a row has no number
NO_ERROR = "No error: "  # how a sentence begins that says why a number has no error
NO_NOISE = "units have no noise to take it from."  # how it ends where the error is zero or rounding


@dataclass(frozen=True)
class Estimate:
    """One estimated number with its uncertainty and the data behind it.

    Parameters
    ----------
    estimator
        Name in the registry.
    term
        ``att`` (the estimator's own overall effect), ``att_simple`` (group-time cells averaged by
        cohort size), ``cohort``, ``calendar``, ``event``, ``group_time``, ``pretrend_joint``
        (estimate: the Wald statistic; p_value: its p-value) or ``weight``.
    cohort, period
        Labels as in the user's data; empty where the term has none.
    event_time
        Periods since the start of treatment; missing where the term has none.
    std_error, ci_low, ci_high, band_low, band_high, p_value, p_randomization
        Not a number where not computed. ``band`` is simultaneous over the rows of one term.
    inference
        How errors and intervals were made, in a few words.
    control_group
        Who is compared with: ``not_yet``, ``never``, ``last_cohort`` or ``all``.
    n_units, n_treated, n_observations
        Units, treated units among them, and unit-periods behind this estimate.
    note
        Limitations, in words.
    freedom
        Degrees of freedom of the Student quantile behind interval and p-value; infinite: normal.

    Examples
    --------
    >>> import rollout_did as did
    >>> row = did.twfe(did.example_panel()).att
    >>> row.term, row.n_units, row.n_treated, row.freedom
    ('att', 60, 40, 59)
    """

    estimator: str
    term: str
    estimate: float
    cohort: int | str | None = None
    period: int | str | None = None
    event_time: int | None = None
    std_error: float = NAN
    ci_low: float = NAN
    ci_high: float = NAN
    band_low: float = NAN
    band_high: float = NAN
    p_value: float = NAN
    p_randomization: float = NAN
    inference: str = ""
    control_group: str = ""
    n_units: int = 0
    n_treated: int = 0
    n_observations: int = 0
    note: str = ""
    freedom: float = math.inf

    def changed(self, **fields: Any) -> Estimate:
        """Return a copy with other values of some fields: `dataclasses.replace` at a tenth of its time."""
        found = object.__new__(Estimate)
        found.__dict__.update(self.__dict__, **fields)
        return found


FIELDS = tuple(field.name for field in fields(Estimate))


def of_columns(alike: Estimate, **columns: Sequence[Any]) -> list[Estimate]:
    """Records that are as one but for the fields whose values are given, one for each record.

    Sooner than a call of `Estimate.changed` for each.
    """
    fixed, count = alike.__dict__, len(next(iter(columns.values())))
    values = [columns[name] if name in columns else repeat(fixed[name], count) for name in FIELDS]
    found = []
    # One assignment to each key, because Python then keeps the keys of all records once.
    for row in zip(*values, strict=True):
        record = object.__new__(Estimate)
        own = record.__dict__
        (
            own["estimator"], own["term"], own["estimate"], own["cohort"], own["period"], own["event_time"],
            own["std_error"], own["ci_low"], own["ci_high"], own["band_low"], own["band_high"],
            own["p_value"], own["p_randomization"], own["inference"], own["control_group"], own["n_units"],
            own["n_treated"], own["n_observations"], own["note"], own["freedom"],
        ) = row  # fmt: skip
        found.append(record)
    return found


def critical_value(level: float, freedom: float) -> float:
    """Two-sided quantile of an interval: normal where ``freedom`` is infinite, else Student."""
    tail = 0.5 + level / 2
    if math.isinf(freedom):
        return NormalDist().inv_cdf(tail) if tail < 1 else math.inf
    from scipy.special import stdtrit  # loading it takes 20 MB

    return float(stdtrit(freedom, tail))


def to_frame(
    estimates: Sequence[Estimate], *, evidence: str, outcome: str, specification: str
) -> pd.DataFrame:
    """Table of estimates with the columns of `COLUMNS`, in that order, rows in the order given.

    Raises
    ------
    ValueError
        ``evidence`` is not one of `EVIDENCE`.

    Examples
    --------
    >>> import rollout_did as did
    >>> rows = did.twfe(did.example_panel())
    >>> table = did.to_frame(rows, evidence="simulated", outcome="income", specification="")
    >>> table.loc[0, ["evidence", "estimator", "term"]].tolist()
    ['simulated', 'twfe', 'att']
    """
    if evidence not in EVIDENCE:
        raise ValueError(f"evidence is {evidence!r}, expected one of {EVIDENCE}")
    rows = {name: [getattr(row, name) for row in estimates] for name in FIELDS}
    frame = pd.DataFrame(rows).assign(evidence=evidence, outcome=outcome, specification=specification)
    frame["event_time"] = frame["event_time"].astype("Int64")
    for name in ("cohort", "period"):
        text = ["" if value is None else str(value) for value in rows[name]]
        frame[name] = pd.Series(text, index=frame.index, dtype="str")
    return frame.loc[:, list(COLUMNS)]
