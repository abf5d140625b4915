"""Commands of the records room; everything heavy is imported when a command runs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from analysis.did.command.typed import whole

app = typer.Typer(no_args_is_help=True, help="From orders and claims to the panel, on DuckDB or Spark.")


class Engine(StrEnum):
    """Where the rows are counted."""

    duckdb = "duckdb"
    spark = "spark"


class Preset(StrEnum):
    """A published practice."""

    opensafely = "opensafely"


class OrderIds(StrEnum):
    """Where an order id occurs once."""

    overall = "overall"
    per_platform = "per-platform"


@app.command("make")
def make(
    workers: Annotated[int, whole("People to invent.")],
    orders: Annotated[int, whole("Orders to invent, at least one per person.")],
    out: Annotated[Path, typer.Option(help="Folder for orders/, claims/, rollout.csv and truth.csv.")],
    seed: Annotated[int, whole("The same seed gives the same bytes.")] = 0,
    rollout: Annotated[
        Path | None, typer.Option(help="Starts by province; without it, the pilot's three waves.")
    ] = None,
    time_zone: Annotated[str, typer.Option(help="Zone whose calendar the scheme follows.")] = "Asia/Shanghai",
) -> None:
    """Make synthetic records, labelled so, whose truth is known."""
    from analysis.records.calendar import read_zone
    from analysis.records.synthetic import make_records

    zone = read_zone(time_zone)
    make_records(workers=workers, orders=orders, seed=seed, out=out, rollout=rollout, zone=zone)


@app.command("panel")
def panel(
    orders: Annotated[str, typer.Option(help="Parquet or CSV: a file, a folder or a glob.")],
    claims: Annotated[str, typer.Option(help="Parquet or CSV: a file, a folder or a glob.")],
    rollout: Annotated[Path, typer.Option(help="CSV with province_code, event (starts) and date.")],
    out: Annotated[Path, typer.Option(help="The panel, FILE.csv.")],
    engine: Annotated[Engine, typer.Option(help="DuckDB in this process, or Spark.")] = Engine.duckdb,
    min_cell: Annotated[int, whole("Fewest people a released cell may count; 3 or more.")] = 10,
    round_to: Annotated[
        int,
        whole("Round what is released to 5 or 10, parts still summing to totals; 0 for none."),
    ] = 0,
    preset: Annotated[
        Preset | None,
        typer.Option(help="opensafely: withhold 7 people and fewer, round the rest to 5."),
    ] = None,
    seed: Annotated[int, whole("Of the rounding; keep it from one release to the next.")] = 0,
    quarantine: Annotated[
        bool, typer.Option("--quarantine", help="Set faulty rows aside and count them instead of stopping.")
    ] = False,
    order_ids: Annotated[
        OrderIds, typer.Option(help="Whether an order id is unique overall or within each platform.")
    ] = OrderIds.overall,
    time_zone: Annotated[str, typer.Option(help="Zone whose calendar the scheme follows.")] = "Asia/Shanghai",
    memory: Annotated[str, typer.Option(help="Memory limit of DuckDB; beyond it, it spills.")] = "3GB",
    temporary: Annotated[
        Path | None, typer.Option(help="Folder for spilled data; encrypted there, removed at the end.")
    ] = None,
) -> None:
    """Count orders and claims into the panel of provinces and quarters."""
    from analysis.records.panel import build_panel
    from analysis.records.request import Request

    if preset is Preset.opensafely:
        # OpenSAFELY, updated disclosure control guidance: counts of 7 and fewer are redacted, others go to
        # the nearest 5.
        min_cell, round_to = 8, 5
    build_panel(
        Request(
            orders=orders,
            claims=claims,
            rollout=rollout,
            out=out,
            engine=engine.value,
            min_cell=min_cell,
            round_to=round_to,
            seed=seed,
            quarantine=quarantine,
            order_ids=order_ids.value,
            time_zone=time_zone,
            memory=memory,
            temporary=temporary,
        )
    )
