"""``--by`` and ``--eligible``: effects in groups of units, and the triple difference, from a user's table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import InputError
from ..notebook.subgroups import subgroups, triple_difference
from ..panel import gate
from ..panel.names import read_names
from ..results import to_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..notebook.results import Results
    from ..options import Options
    from ..panel.panel import Panel

YES, NO = ("1", "1.0", "true", "yes"), ("0", "0.0", "false", "no")


def read_by_unit(table: pd.DataFrame, unit: str, panel: Panel, column: str) -> list[Any]:
    """Value of a column for each unit of a panel that was read from the table.

    Raises
    ------
    InputError
        There is no such column, or it changes within a unit.
    """
    gate.check_columns(table, [column])
    rows, units = gate.number_units(read_names(table[unit], unit)[0], unit)
    values = read_names(table[column], column)[0]
    codes, distinct = pd.factorize(values)
    gate.check_no_blank(codes < 0, column, "group")
    found = gate.constant_by_unit(codes, rows, units, "the group", column=column, written=table[column])
    own = dict(zip(units, found.tolist(), strict=True))
    return [gate.plain(distinct[own[name]]) for name in panel.units]


def triple_rows(table: pd.DataFrame, unit: str, panel: Panel, column: str, options: Options) -> Results:
    """Results of the triple difference, eligibility read from a column of yes and no."""
    texts = [str(value).strip().lower() for value in read_by_unit(table, unit, panel, column)]
    wrong = sorted({text for text in texts if text not in (*YES, *NO)})
    if wrong:
        raise InputError(
            "eligibility is neither yes nor no", column=column, value=wrong[0],
            expected=f"{', '.join(YES)}, or {', '.join(NO)}",
        )  # fmt: skip
    given = {
        name: getattr(options, name)
        for name in ("control", "base", "anticipation", "method", "draws", "multiplier", "window", "balance",
                     "level", "seed")
    }  # fmt: skip
    return triple_difference(panel, np.array([text in YES for text in texts]), **given)


def group_table(
    table: pd.DataFrame, unit: str, panel: Panel, column: str, estimators: Sequence[str] | str,
    options: Options, *, outcome: str, evidence: str, specification: str,
) -> pd.DataFrame:  # fmt: skip
    """Table of estimates within each group, with the column of groups first."""
    found = subgroups(panel, read_by_unit(table, unit, panel, column), estimators, options)
    parts = []
    for label, result in found.results.items():
        own = to_frame(result, evidence=evidence, outcome=outcome, specification=specification)
        own.insert(0, "group", str(label))
        parts.append(own)
    lost = pd.DataFrame(
        [{"group": str(label), "note": f"Not computed: {why}."} for label, why in found.refused.items()]
    )
    return pd.concat([*parts, lost], ignore_index=True)[["group", *parts[0].columns[1:]]]
