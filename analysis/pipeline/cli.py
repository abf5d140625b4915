"""Commands of the study's own pipeline: each reads, calls one function and writes.

All take ``--raw`` (facts in) and ``--processed`` (products out), so that the same steps run on
another record. Inputs are checked before anything is computed; products are renamed into place.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analysis.base.progress import step
from analysis.did.command.typed import whole
from analysis.pipeline.proof import AFTERWARDS, ROOT, Root, aside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from analysis.report.results import Results

Raw = Annotated[Path, typer.Option(help="Folder of the raw data package.")]
Processed = Annotated[Path, typer.Option(help="Folder of the products.")]
Jobs = Annotated[int, whole("Local processes.")]
Kept = Annotated[Path, typer.Option(help="List of what each figure was drawn from.")]
RAW, PROCESSED = Path("data/raw"), Path("data/processed")
REFERENCE = Path("data/reference/did")
DAY = r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}"  # written so, in the years that the record may speak of
DRAWN = Path("build/drawn.json")  # goes with `make clean`


@contextmanager
def plain_texts() -> Iterator[None]:
    """Texts as Python's own: thousands of selections from small tables are quicker than in Arrow's arrays."""
    import pandas as pd

    with pd.option_context("mode.string_storage", "python"):
        yield


def check(raw: Raw = RAW) -> None:
    """Check the raw record: files, hashes, schemas, and facts against each other."""
    from analysis import inputs

    with step("check"):
        inputs.check_package(raw)


def due(
    raw: Raw = RAW,
    day: Annotated[str, typer.Option(help="Day of asking, such as 2027-01-31; today by default.")] = "",
) -> None:
    """List the quarter-end figures that should be published by now and are not in the ledger."""
    import pandas as pd

    from analysis import inputs
    from analysis.base.errors import InputError
    from analysis.inputs.due import list_due

    try:
        if day and not re.fullmatch(DAY, day):
            raise ValueError(day)
        asked = pd.Timestamp(day) if day else pd.Timestamp.today().normalize()
    except ValueError as error:
        raise InputError("no such day", value=day, expected="a day such as 2027-01-31") from error
    inputs.check_package(raw)
    table = list_due(inputs.load_ledger(raw), inputs.load_sources(raw), asked)
    names = inputs.load_provinces(raw).set_index("code")["name_en"].to_dict() | {"00": "nation"}
    for row in table.itertuples():
        place, series = names[row.province_code], row.measure.replace("_", " ")
        typer.echo(f"{row.as_of:%Y-%m-%d}  {place}: {series}; usually in {row.usual_month} ({row.publisher})")
    typer.echo(f"{len(table)} figures were due by {asked:%Y-%m-%d} and are not in the ledger")


def panel(raw: Raw = RAW, processed: Processed = PROCESSED) -> None:
    """Check the raw record and build the province-by-quarter panel with its codebook."""
    from analysis.pipeline.steps import write_panel

    with step("panel"):
        write_panel(raw, processed)


def bounds(raw: Raw = RAW, processed: Processed = PROCESSED) -> None:
    """Turn published figures into intervals for enrolment."""
    from analysis.pipeline.steps import write_bounds

    with step("bounds"), plain_texts():
        write_bounds(raw, processed)


def estimate(processed: Processed = PROCESSED) -> None:
    """Estimate difference-in-differences effects on the statistical outcomes of the panel."""
    from analysis.pipeline.steps import write_estimates

    with step("estimate"):
        write_estimates(processed)


def before(raw: Raw = RAW, processed: Processed = PROCESSED) -> None:
    """Compare the first wave with the others on the insurance counts of 2008 and 2011."""
    from analysis.pipeline.steps import write_before

    with step("before"), plain_texts():
        write_before(raw, processed)


def inference(processed: Processed = PROCESSED, jobs: Jobs = 2) -> None:
    """Set the ways of inference beside each other and test what the estimates lean on."""
    from analysis.pipeline.steps import INFERENCE, share_steps

    with step("inference"):
        share_steps(INFERENCE, processed, jobs)


def reproduce(processed: Processed = PROCESSED) -> None:
    """Write scripts that find the main estimates in other software, beside the panels that they read."""
    from analysis.pipeline.steps import write_reproduce

    with step("reproduce"):
        write_reproduce(processed)


def study(processed: Processed = PROCESSED, jobs: Jobs = 2) -> None:
    """Do estimate, inference and reproduce side by side: all that is made from the panel alone."""
    from analysis.pipeline.steps import STUDY, share_steps

    with step("study"):
        share_steps(STUDY, processed, jobs)


def agreement(
    reference: Annotated[Path, typer.Option(help="Folder of values from other software.")] = REFERENCE,
    processed: Processed = PROCESSED,
) -> None:
    """Set every estimator beside independent software on two simulated panels."""
    from analysis.pipeline.steps import write_agreement

    with step("agreement"), plain_texts():
        write_agreement(reference, processed)


def lab(
    processed: Processed = PROCESSED,
    replications: Annotated[int, whole("Per experiment; a multiple of 50.")] = 2_000,
    jobs: Jobs = 2,
    scheduler: Annotated[str, typer.Option(help="Address of a Dask scheduler, in place of processes.")] = "",
) -> None:
    """Simulate panels like the real provinces and write what each method does with them."""
    from analysis.lab.run import write_lab

    with step("lab"):
        write_lab(processed, replications, jobs, scheduler)


def forecast(raw: Raw = RAW, processed: Processed = PROCESSED) -> None:
    """Score the committed forecasts against the figures printed since."""
    from analysis.study.forecast import write_scores

    write_scores(raw, processed)


def plan(
    processed: Processed = PROCESSED,
    registered: Annotated[Path, typer.Option(help="The committed plan.")] = Path(
        "paper/pre_analysis_plan.md"
    ),
) -> None:
    """Hold the study to its pre-analysis plan and name every deviation."""
    from analysis.study.plan import write_plan

    write_plan(processed, registered)


def exhibits(
    raw: Raw = RAW,
    processed: Processed = PROCESSED,
    kept: Kept = DRAWN,
    jobs: Jobs = 2,
) -> None:
    """Draw the figures of which something changed, and write the tables."""
    from analysis.report import exhibits as room

    with step("exhibits"), plain_texts():
        room.build(raw, processed, kept, jobs)


def numbers(raw: Raw = RAW, processed: Processed = PROCESSED, jobs: Jobs = 2) -> None:
    """Collect every number that the texts name, with its lineage."""
    from analysis.report.numbers import collect as room

    with step("numbers"), plain_texts():
        room.build(raw, processed, jobs)


def report(raw: Raw = RAW, processed: Processed = PROCESSED, kept: Kept = DRAWN, jobs: Jobs = 2) -> None:
    """Do numbers and exhibits, from results that are loaded once."""
    from analysis.report import exhibits as room
    from analysis.report.numbers.collect import write_numbers
    from analysis.report.results import load_results

    with step("report"), plain_texts():
        results = load_results(raw, processed)
        write_numbers(results, processed, jobs)
        room.write_exhibits(results, room.listed(processed), processed, kept, jobs)


def documents(root: Root = ROOT, jobs: Jobs = 2) -> None:
    """Fill the generated parts of README and paper; write the book's province pages and charts."""
    from analysis.base.shares import in_shares
    from analysis.report import documents as room
    from analysis.report.charts.build import build_charts
    from analysis.report.provinces import build_provinces
    from analysis.report.results import from_products, load_results

    def make(build: Callable[[Results, Path], None]) -> None:
        with from_products("a page or a chart"):
            build(results, root)

    with step("documents"), plain_texts():
        files = room.gather(root)
        results = load_results(root / RAW, root / PROCESSED)
        in_shares(make, (build_provinces, build_charts), (1, 1), jobs)
        room.write(files, root)


def site(
    root: Root = ROOT,
    out: Annotated[Path, typer.Option(help="Folder to make, replaced whole.")] = Path("site"),
    address: Annotated[str, typer.Option(help="Where it will be served; writes sitemap.xml.")] = "",
) -> None:
    """Put both editions, the paper and all data into one folder that opens anywhere."""
    from analysis.base.progress import say
    from analysis.report.site import build_site

    count = build_site(root, out, address)
    say(f"site: {out / 'index.html'} ({count} files)")


def add_commands(app: typer.Typer) -> None:
    """Register the commands on the application, in the order in which the pipeline runs them."""
    for command in (
        aside,
        check,
        due,
        panel,
        bounds,
        estimate,
        before,
        inference,
        lab,
        forecast,
        plan,
        reproduce,
        study,
        agreement,
        exhibits,
        numbers,
        report,
        documents,
        site,
        *AFTERWARDS,
    ):
        app.command()(command)
