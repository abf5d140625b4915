"""Do published counts agree with each other? Later against earlier, parts against wholes.

Figures of grade D are contradicted or second-hand by definition, so they are exempt: a disagreement
stays on record and never carries a result. Whether all figures together allow any panel at all is
asked by `analysis.bounds`, which names the smallest set that does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.base.errors import InputError
from analysis.inputs.descriptor import line_of
from analysis.inputs.ledger import CUMULATIVE, FILE

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


def check_counts_never_fall(folder: Path, figures: pd.DataFrame) -> None:
    """A cumulative count that held later is not below one that held earlier, in the same place."""
    rows = comparable(figures)
    for _, group in rows.groupby(["measure", "level", "province_code", "city"]):
        for position, late in group.iterrows():
            early = group[(group["as_of_last"] <= late["not_before"]) & (group["lower"] > late["upper"])]
            if not early.empty:
                other = early.iloc[0]
                raise disagreement(
                    folder, position, late, "cumulative count falls", f"{other['lower']:,.0f} or more", other
                )


def check_parts_within_wholes(folder: Path, figures: pd.DataFrame) -> None:
    """A province is not above the nation, nor a city above its province, that held then or later."""
    rows = comparable(figures)
    for position, part in rows[rows["level"] != "national"].iterrows():
        same = rows[rows["measure"] == part["measure"]]
        own_province = (same["level"] == "province") & (same["province_code"] == part["province_code"])
        wholes = same[(same["level"] == "national") | (own_province & (part["level"] == "city"))]
        wholes = wholes[(wholes["not_before"] >= part["as_of_last"]) & (wholes["upper"] < part["lower"])]
        if not wholes.empty:
            other = wholes.iloc[0]
            problem = f"{part['level']} figure contradicts the {other['level']} total"
            raise disagreement(folder, position, part, problem, f"{other['upper']:,.0f} or less", other)


def comparable(figures: pd.DataFrame) -> pd.DataFrame:
    """Cumulative counts that carry results, with the day ``not_before`` which each is compared.

    A count printed as "to date" is compared as of its print: one that is older than an earlier print
    says nothing new and belongs on record with grade D.
    """
    rows = figures[figures["measure"].isin(CUMULATIVE) & (figures["grade"] != "D")]
    return rows.assign(not_before=rows["as_of_first"].fillna(rows["as_of_last"]))


def disagreement(
    folder: Path, position: object, row: pd.Series, problem: str, expected: str, other: pd.Series
) -> InputError:
    """The error for two figures that cannot both be true."""
    return InputError(
        f"{problem}: {row['figure_id']} against {other['figure_id']} (line {line_of(other.name)})",
        file=folder / FILE,
        row=line_of(position),
        column="value",
        value=int(row["value"]),
        expected=expected,
        action="check both prints; if the disagreement is real, keep both and grade the weaker one D",
    )
