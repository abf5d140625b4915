"""Which records a result holds, and how to pick some of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, overload

import pandas as pd

from ..errors import InputError
from ..panel.gate import suggestion
from ..results import Estimate, critical_value

if TYPE_CHECKING:
    from typing import Self

    from ..fitted import Fitted
    from ..options import Options
    from ..panel.panel import Panel

NUMBERS = [
    "estimate", "std_error", "ci_low", "ci_high", "band_low", "band_high", "p_value", "n_treated",
]  # fmt: skip
LABELS = {
    "event": ["event_time"],
    "cohort": ["cohort"],
    "calendar": ["period"],
    "group_time": ["cohort", "period"],
}


@dataclass(frozen=True, eq=False, repr=False)
class Records(Sequence[Estimate]):
    """A sequence of `Estimate` with the panel and the choices behind it; see `Results`."""

    panel: Panel
    options: Options
    names: tuple[str, ...]
    parts: tuple[Fitted, ...]
    unread: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @overload
    def __getitem__(self, place: int) -> Estimate: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Estimate]: ...
    def __getitem__(self, place: int | slice) -> Estimate | Sequence[Estimate]:
        return self.rows[place]

    def __iter__(self) -> Iterator[Estimate]:
        return iter(self.rows)

    def __len__(self) -> int:
        return sum(len(part) for part in self.parts)

    @property
    def rows(self) -> list[Estimate]:
        """All records, one estimator after the other."""
        return [row for part in self.parts for row in part]

    def of(self, name: str) -> Self:
        """Results of one of several estimators.

        Raises
        ------
        InputError
            It is not among them.
        """
        if name not in self.names:
            raise InputError(
                f"{name} is not among these results",
                expected=f"one of {', '.join(self.names)}",
                action=suggestion(name, self.names, "name one of these"),
            )
        k = self.names.index(name)
        unread = {name: self.unread.get(name, ())}
        return replace(self, names=(name,), parts=(self.parts[k],), unread=unread)

    @property
    def name(self) -> str:
        """The estimator, where there is one.

        Raises
        ------
        InputError
            These are the results of several.
        """
        if len(self.names) != 1:
            raise InputError(
                "these are results of several estimators",
                value=", ".join(self.names),
                action=f'take one out first: result.of("{self.names[0]}")',
            )
        return self.names[0]

    def frame(self) -> pd.DataFrame:
        """One row per record, with the fields of `Estimate` as columns."""
        rows = self.rows
        table = pd.DataFrame({f.name: [getattr(row, f.name) for row in rows] for f in fields(Estimate)})
        return table.astype({"event_time": "Int64", "cohort": object, "period": object})

    def conf_int(self, level: float | None = None) -> pd.DataFrame:
        """Pointwise intervals of all records at a level; missing: that of the options.

        Returns
        -------
        DataFrame
            What identifies the record, and ``lower`` and ``upper``; missing where there is no error.
            Normal or Student as in the record, whatever the level.

        Raises
        ------
        InputError
            The level is not between 0 and 1.
        """
        level = self.options.level if level is None else level
        if not 0 < level < 1:
            raise InputError(f"level is {level}", expected="a number between 0 and 1")
        table = self.frame()
        reach = [critical_value(level, row.freedom) * row.std_error for row in self.rows]
        return table[["estimator", "term", "cohort", "period", "event_time"]].assign(
            lower=table["estimate"] - reach, upper=table["estimate"] + reach
        )

    @property
    def part(self) -> Fitted:
        """What the one estimator returned; `name` refuses several."""
        return dict(zip(self.names, self.parts, strict=True))[self.name]

    def rows_of(self, term: str) -> list[tuple[int, Estimate]]:
        """Position and record of each record of a term, events in order of time."""
        found = [(k, row) for k, row in enumerate(self.part) if row.term == term]
        if not found:
            terms = list(dict.fromkeys(row.term for row in self.part))
            raise InputError(
                f"{self.name} has no {term} on this panel",
                expected=f"one of {', '.join(terms)}",
                action=suggestion(term, terms, "ask for one of these"),
            )
        return sorted(found, key=lambda pair: pair[1].event_time or 0) if term == "event" else found

    def table_of(self, term: str) -> pd.DataFrame:
        """Numbers of the records of a term, with its labels as index."""
        rows = [row for _, row in self.rows_of(term)]
        return pd.DataFrame(
            {name: [getattr(row, name) for row in rows] for name in NUMBERS}, index=labels_of(term, rows)
        )


def labels_of(term: str, rows: Sequence[Estimate]) -> pd.Index:
    """Labels of the records of a term."""
    names = LABELS.get(term, ["term"])
    columns = [[getattr(row, name) for row in rows] for name in names]
    if len(columns) == 1:
        return pd.Index(columns[0], name=names[0])
    return pd.MultiIndex.from_arrays(columns, names=names)
