"""The command ``coverage``: exports of the statistics office's database into the coverage study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def coverage(
    exports: Annotated[Path | None, typer.Option(help="Folder with the exports, CSV or XLSX.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for the study.")] = Path("build/coverage"),
    template: Annotated[
        Path | None, typer.Option(help="Only write a template folder, to fill or compare.")
    ] = None,
    simulate: Annotated[bool, typer.Option(help="Also calibrate the laboratory to each outcome.")] = True,
    raw: Annotated[Path, typer.Option(help="Folder of the raw data package.")] = Path("data/raw"),
    processed: Annotated[Path, typer.Option(help="Folder of the products.")] = Path("data/processed"),
) -> None:
    """Study coverage by province on exported tables; without any, say what is missing."""
    from analysis.base.progress import say, step

    if template is not None:
        from analysis.exports.template import write_template
        from analysis.inputs.tables import load_provinces

        write_template(load_provinces(raw), template)
        say(f"coverage: a template of every table is in {template}")
        return
    from analysis.exports.study import load_inputs, study_exports

    with step("coverage"):
        study_exports(exports, load_inputs(raw, processed), out, simulate=simulate)
