"""The command ``did export``: a panel and a script for another package."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads it
from typing import Annotated, Any

import typer

from ..errors import InputError
from .choices import Base, Control, TimeGaps
from .cli import app


@app.command("export")
def export(
    package: Annotated[
        str,
        typer.Option(
            "--for",
            help="R: did, fixest, didimputation, did2s, DIDmultiplegtDYN, synthdid, HonestDiD. "
            "Stata: csdid-stata, did_imputation, reghdfe, xtdidregress. Python: linearmodels, statsmodels, "
            "pyfixest, csdid, moderndid, diff-diff.",
        ),
    ],
    panel: Annotated[
        Path, typer.Option(help="Long table, CSV, Parquet or Stata: a row per unit and period.")
    ],
    unit: Annotated[str, typer.Option(help="Column of units.")],
    time: Annotated[str, typer.Option(help="Column of periods.")],
    outcome: Annotated[str, typer.Option(help="Column of the outcome.")],
    cohort: Annotated[str, typer.Option(help="Column of the first treated period.")],
    out: Annotated[
        Path, typer.Option(help="Folder for panel.csv or panel.dta, and reproduce.R, .do or .py.")
    ],
    estimator: Annotated[
        str | None, typer.Option(help="What to reproduce.", show_default="the package's first")
    ] = None,
    cluster: Annotated[str | None, typer.Option(help="Column of clusters; without it, units.")] = None,
    control: Annotated[
        Control, typer.Option(help="Compare with units not yet, or never treated.")
    ] = Control.not_yet,
    base: Annotated[
        Base,
        typer.Option(help="Before treatment, compare with the last period before it or the period before."),
    ] = Base.universal,
    time_gaps: Annotated[
        TimeGaps, typer.Option(help="Periods at uneven distances: rank, keep or refuse.")
    ] = TimeGaps.rank,
    decimal: Annotated[str, typer.Option(help="Decimal mark: a point, or a comma.")] = ".",
    thousands: Annotated[str, typer.Option(help="Mark between thousands.", show_default="none")] = "",
) -> None:
    """Write your panel as another package reads it right, and a script that finds the same number there."""
    from ..export.script import first_estimator, recipe_of
    from ..export.write import write_export
    from ..options import Options
    from ..panel.panel import Panel
    from ..registry import estimate
    from .numerals import Marks
    from .tables import read_table

    name = first_estimator(package) if estimator is None else estimator
    recipe_of(package, name)  # a wrong name is no fault of the panel
    chosen = {"control": control.value, "base": base.value}
    default = Options()
    given: dict[str, Any] = {k: v for k, v in chosen.items() if v != getattr(default, k)}
    ids = [column for column in (unit, cluster) if column]
    table, notes = read_table(panel, ids, (time, cohort), (outcome,), Marks(decimal, thousands))
    try:
        read = Panel.from_frame(
            table, unit=unit, time=time, outcome=outcome, cohort=cohort, cluster=cluster,
            time_gaps=time_gaps.value,
        )  # fmt: skip
        written = write_export(estimate(read, name, **given), package, out)
    except InputError as error:
        raise InputError(
            error.problem, file=panel, row=error.row, column=error.column, value=error.value,
            expected=error.expected, action=error.action,
        ) from error  # fmt: skip
    for note in (*notes, *read.notes):
        typer.echo(note, err=True)
    for path in written:
        typer.echo(path)
