"""The study's main estimates as scripts for other software, each beside the panel that it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from analysis import config
from analysis.base.files import write_bytes, write_text
from analysis.did import estimate
from analysis.did.export.recipe import LANGUAGES, Recipe
from analysis.did.export.script import RECIPES, data_name, script_of
from analysis.did.export.write import panel_bytes
from analysis.study.outcomes import read_outcome, study_options

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

HEADS = {
    "": ("Estimate", "Package", *(outcome.label_en for outcome in config.OUTCOMES)),
    ".zh": ("估计", "软件", *(outcome.label_zh for outcome in config.OUTCOMES)),
}


PLACE = "../../data/processed/reproduce"  # from a page of the book
PANELS = ("panel.csv", "panel.dta")


class Script(NamedTuple):
    """One script of one outcome: its recipe and its path in the folder."""

    recipe: Recipe
    outcome: str
    name: str


def write_scripts(panel: pd.DataFrame, folder: Path) -> None:
    """Write a folder for each outcome, and ``links.md`` and ``links.zh.md`` for the book.

    Parameters
    ----------
    panel
        ``panel.csv``.
    folder
        Receives ``OUTCOME/panel.csv``, ``OUTCOME/panel.dta`` and ``OUTCOME/PACKAGE_ESTIMATOR.R``, ``.do`` or
        ``.py`` for every estimator of `config.ESTIMATORS` that a named package can compute.
    """
    scripts = []
    for outcome in config.OUTCOMES:
        data = read_outcome(panel, outcome)
        results = {name: estimate(data, name, study_options()) for name in config.ESTIMATORS}
        written: dict[str, bytes] = {}
        for recipe in RECIPES:
            if recipe.estimator not in results:
                continue
            text, form, _ = script_of(results[recipe.estimator], recipe.package)
            table = panel_bytes(form, recipe)
            if written.setdefault(data_name(recipe), table) != table:
                raise AssertionError(f"{recipe.package} needs a panel of its own for {recipe.estimator}")
            name = f"{recipe.package}_{recipe.estimator}.{LANGUAGES[recipe.language][0]}"
            write_text(text, folder / outcome.name / name)
            scripts.append(Script(recipe, outcome.name, name))
        for name, table in written.items():
            write_bytes(table, folder / outcome.name / name)
    for ending, head in HEADS.items():
        write_text(_links(scripts, head), folder / f"links{ending}.md")


def _links(scripts: list[Script], head: tuple[str, ...]) -> str:
    """A table of links, as seen from a page of the book: a row for each estimator and package."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for estimator in config.ESTIMATORS:
        for recipe in dict.fromkeys(s.recipe.version for s in scripts if s.recipe.estimator == estimator):
            own = [s for s in scripts if (s.recipe.estimator, s.recipe.version) == (estimator, recipe)]
            links = [_link(s.outcome, s.name, s.recipe.language) for s in own]
            lines.append("| " + " | ".join([f"`{estimator}`", recipe, *links]) + " |")
    panels = [
        " ".join(_link(outcome.name, file, file.split(".")[1]) for file in PANELS)
        for outcome in config.OUTCOMES
    ]
    return "\n".join([*lines, "| " + " | ".join(["", "", *panels]) + " |"]) + "\n"


def _link(outcome: str, file: str, text: str) -> str:
    return f"{{download}}`{text} <{PLACE}/{outcome}/{file}>`"
