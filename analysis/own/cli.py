"""The command ``own``: a user's records or panel into a folder of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analysis.base.errors import InputError
from analysis.did.command.typed import whole
from analysis.records.cli import Engine


def own(
    rollout: Annotated[Path, typer.Option(help="CSV with province_code, event (starts) and date.")],
    out: Annotated[Path, typer.Option(help="Folder for the panel, the estimates and report.md.")],
    panel: Annotated[Path | None, typer.Option(help="A panel with the columns of `records panel`.")] = None,
    records: Annotated[Path | None, typer.Option(help="Folder with orders/ and claims/.")] = None,
    orders: Annotated[str | None, typer.Option(help="Orders, if they lie elsewhere.")] = None,
    claims: Annotated[str | None, typer.Option(help="Claims, if they lie elsewhere.")] = None,
    engine: Annotated[Engine, typer.Option(help="DuckDB in this process, or Spark.")] = Engine.duckdb,
    min_cell: Annotated[int, whole("Fewest people a released cell may count.")] = 10,
    quarantine: Annotated[bool, typer.Option("--quarantine", help="Set faulty rows aside.")] = False,
    time_zone: Annotated[str, typer.Option(help="Zone whose calendar the scheme follows.")] = "Asia/Shanghai",
) -> None:
    """Estimate on your own records or panel; nothing of ours is read or changed."""
    from analysis.own.run import own_from_panel, own_from_records
    from analysis.records.request import Request

    if panel is not None:
        own_from_panel(panel, rollout, out)
        return
    if records is not None:
        orders, claims = orders or str(records / "orders"), claims or str(records / "claims")
    if orders is None or claims is None:
        raise InputError(
            "nothing to study", expected="--panel FILE, or --records FOLDER, or --orders and --claims"
        )
    own_from_records(
        Request(
            orders=orders,
            claims=claims,
            rollout=rollout,
            out=out / "panel.csv",
            engine=engine.value,
            min_cell=min_cell,
            quarantine=quarantine,
            time_zone=time_zone,
        )
    )
