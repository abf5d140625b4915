"""Draw every figure and write every table that `exhibits.yml` lists, in both languages."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from typing import TYPE_CHECKING, Any

import matplotlib.figure  # noqa: F401 - before work is shared: each copy would load it again

from analysis.base.errors import InputError
from analysis.base.files import write_bytes, write_json
from analysis.base.products import read_product_json
from analysis.base.shares import in_shares
from analysis.did.digits import csv_text
from analysis.report.drawn import Drawn
from analysis.report.page import Page, rc, strict
from analysis.report.results import Results, from_products, load_results
from analysis.report.spec import LIST, Exhibit, check_evidence, check_numbers, load_exhibits
from analysis.report.text import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from analysis.report.figures.plot import Plot

SUFFIX = {"en": "", "zh": ".zh"}
TABLE_WEIGHT = 0.2  # time of a table, in that of an inch of a figure


def build(raw: Path, processed: Path, kept: Path | None = None, jobs: int = 1) -> None:
    """Write ``figures/``, ``tables/`` and ``exhibits.json`` into ``processed``.

    Parameters
    ----------
    raw, processed
        The record, and the computed tables with numbers.json; products go beside the latter.
    kept
        Where the list stands of what each figure was drawn from (`drawn`). Missing: all are drawn.
    jobs
        Processes that draw at a time; the bytes do not depend on it.

    Raises
    ------
    InputError
        A table or numbers.json is missing, or `exhibits.yml` is incomplete.
    """
    exhibits = listed(processed)
    write_exhibits(load_results(raw, processed), exhibits, processed, kept, jobs)


def listed(processed: Path) -> list[Exhibit]:
    """All exhibits, their texts with the numbers of numbers.json in ``processed``."""
    path = processed / "numbers.json"
    return load_exhibits(check_numbers(read_product_json(path), path))


def write_exhibits(
    results: Results, exhibits: list[Exhibit], folder: Path, kept: Path | None = None, jobs: int = 1
) -> None:
    """Make all files first, then write them, so that a failure leaves the old set whole."""
    for exhibit in exhibits:  # before anything is drawn
        maker(exhibit)
    plots: dict[str, Plot] = {}
    for exhibit in exhibits:
        if exhibit.kind == "figure":
            with from_products(exhibit.id):
                plots[exhibit.id] = plot_of(exhibit, results)
    drawn = Drawn(kept, folder)
    found = {
        exhibit.id: drawn.files(exhibit, plots[exhibit.id]) for exhibit in exhibits if exhibit.id in plots
    }
    wanted = [exhibit for exhibit in exhibits if not found.get(exhibit.id)]

    def make(exhibit: Exhibit) -> dict[str, bytes]:
        plot = plots.get(exhibit.id)
        if plot is not None:
            return draw_plot(exhibit, plot)
        with from_products(exhibit.id):
            return write_table(exhibit, results)

    weights = [plots[exhibit.id].height if exhibit.id in plots else TABLE_WEIGHT for exhibit in wanted]
    for exhibit, made in zip(wanted, in_shares(make, wanted, weights, jobs), strict=True):
        found[exhibit.id] = made
        drawn.note(exhibit, made)
    files = {name: content for made in found.values() for name, content in made.items()}
    for name, content in files.items():
        write_bytes(content, folder / name)
    remove_strangers(folder, set(files))
    write_json([exhibit.record() for exhibit in exhibits], folder / "exhibits.json")
    drawn.save()


def remove_strangers(folder: Path, names: set[str]) -> None:
    """Delete figures and tables that the list no longer has."""
    for place in ("figures", "tables"):
        for path in sorted((folder / place).glob("*-*.*")):
            if f"{place}/{path.name}" not in names:
                path.unlink()


def maker(exhibit: Exhibit) -> Callable[..., Any]:
    """The function that makes an exhibit, which takes the results and the exhibit's options.

    Raises
    ------
    InputError
        The list names one that there is not, or options that it does not take.
    """
    module, _, function = exhibit.function.partition(".")
    room = f"analysis.report.{exhibit.kind}s"
    known = find_spec(f"{room}.{module}") if module.isidentifier() else None
    found = getattr(import_module(f"{room}.{module}"), function, None) if known else None
    if not callable(found):
        raise InputError(
            f"{exhibit.id} names a function that does not exist", file=LIST.name, column="function",
            value=exhibit.function, expected=f"module.function of analysis/report/{exhibit.kind}s",
        )  # fmt: skip
    try:
        signature(found).bind(None, **exhibit.options)
    except TypeError as error:
        raise InputError(
            f"{exhibit.id} gives options that its function does not take: {error}", file=LIST.name,
            column="options", value=exhibit.options,
            expected=f"those of {exhibit.function}{signature(found)}",
        ) from None  # fmt: skip
    made: Callable[..., Any] = found
    return made


def draw_figure(exhibit: Exhibit, results: Results) -> dict[str, bytes]:
    """One figure as SVG and PNG in both languages, and its data as CSV, by file name."""
    return draw_plot(exhibit, plot_of(exhibit, results))


def plot_of(exhibit: Exhibit, results: Results) -> Plot:
    """What a figure shows, before it has a language."""
    plot: Plot = maker(exhibit)(results, **exhibit.options)
    check_evidence(exhibit, plot.data)
    return plot


def draw_plot(exhibit: Exhibit, plot: Plot) -> dict[str, bytes]:
    """The files of `draw_figure` for what it shows."""
    files = {f"figures/{exhibit.id}.csv": csv_text(plot.data).encode()}
    for language in LANGUAGES:
        texts = {name: words[language] for name, words in exhibit.texts.items()}
        with strict(), rc(exhibit.id):
            page = Page(language, plot.height)
            page.head(exhibit.evidence, texts["subtitle"])
            page.foot(texts["source"])
            plot.draw(page)
            for kind, content in page.save(exhibit.id, texts["title"], texts["alt"]).items():
                files[f"figures/{exhibit.id}{SUFFIX[language]}.{kind}"] = content
    return files


def write_table(exhibit: Exhibit, results: Results) -> dict[str, bytes]:
    """One table as Markdown in both languages, and its data as CSV, by file name."""
    table = maker(exhibit)(results, **exhibit.options)
    check_evidence(exhibit, table.data)
    files = {f"tables/{exhibit.id}.csv": csv_text(table.data).encode()}
    for language in LANGUAGES:
        files[f"tables/{exhibit.id}{SUFFIX[language]}.md"] = table.markdown(language).encode("utf-8")
    return files
