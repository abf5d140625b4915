"""The text of a script that reproduces one estimate in another package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import InputError
from ..panel.gate import suggestion
from ..panel.sections import Sections
from . import in_python, in_r, in_stata
from .form import Form, form_of
from .recipe import LANGUAGES, Recipe

if TYPE_CHECKING:
    from ..notebook.results import Results

    Compared = tuple[str, float, float]  # term, estimate, error

RECIPES = (*in_r.RECIPES, *in_stata.RECIPES, *in_python.RECIPES)
PACKAGES = tuple(dict.fromkeys(recipe.package for recipe in RECIPES))

_PYTHON_END = """
print(f"{'term':10} {'found':>14} {'engine':>14} {'error':>14} {'engine':>14}")
apart = []
for term, numbers in engine.items():
    print(f"{term:10} {found[term][0]:14.9f} {numbers[0]:14.9f} {found[term][1]:14.9f} {numbers[1]:14.9f}")
    pairs = zip(found[term], numbers, strict=True)
    if any(not abs(a - b) <= @tolerance@ * max(1.0, abs(b)) for a, b in pairs if b == b):
        apart.append(term)
if apart:
    raise SystemExit(f"not equal: {', '.join(apart)}")
"""
_R_END = """
engine$found <- found[engine$term]
engine$found_error <- errors[engine$term]
print(engine, digits = 9, row.names = FALSE)
close <- function(a, b) all(is.na(b) | abs(a - b) <= @tolerance@ * pmax(1, abs(b)))
stopifnot(close(engine$found, engine$estimate), close(engine$found_error, engine$std_error))
"""
_STATA_END = """
display "found  " %14.9f scalar(found) %14.9f scalar(found_error)
display "engine " %14.9f scalar(engine) %14.9f scalar(engine_error)
assert reldif(scalar(found), scalar(engine)) < @tolerance@
"""


def recipe_of(package: str, estimator: str) -> Recipe:
    """Recipe of an estimator in a package.

    Raises
    ------
    InputError
        No such package, or it does not have the estimator.
    """
    known = [recipe for recipe in RECIPES if recipe.package == package]
    if not known:
        raise InputError(
            f"there is no script for {package!r}",
            expected=f"one of {', '.join(PACKAGES)}",
            action=suggestion(package, PACKAGES, "name one of these"),
        )
    for recipe in known:
        if recipe.estimator == estimator:
            return recipe
    raise InputError(
        f"there is no script for {estimator} in {package}",
        expected=f"one of {', '.join(recipe.estimator for recipe in known)}",
        action=_elsewhere(estimator),
    )


def first_estimator(package: str) -> str:
    """The estimator that a package's name alone asks for."""
    return next((r.estimator for r in RECIPES if r.package == package), RECIPES[0].estimator)


def _elsewhere(estimator: str) -> str:
    others = [recipe.package for recipe in RECIPES if recipe.estimator == estimator]
    return f"{estimator} is in {', '.join(others)}" if others else f"no package has a script for {estimator}"


def compared(result: Results, recipe: Recipe) -> list[Compared]:
    """What the script compares: the overall effect and event times that have an error."""
    found = [("att", row) for _, row in result.rows_of(recipe.overall)]
    if recipe.overall != "att":
        found = [(recipe.overall, row) for _, row in found]
    if recipe.events != "none":
        first = 0 if recipe.events == "after" else -result.panel.n_periods
        found += [
            (f"event_{row.event_time}", row)
            for _, row in result.rows_of("event")
            if row.std_error == row.std_error and row.event_time is not None and row.event_time >= first
        ]
    error = float("nan")
    return [
        (name, float(row.estimate), float(row.std_error) if recipe.errors else error) for name, row in found
    ]


def script_of(result: Results, package: str) -> tuple[str, Form, Recipe]:
    """Text of the script, the panel that it reads, and the recipe behind both.

    Raises
    ------
    InputError
        The package cannot give the engine's number on this panel with these options.
    """
    if isinstance(result.panel, Sections):
        raise InputError("scripts are written for panels, and here every row is another person")
    recipe = recipe_of(package, result.name)
    form = form_of(result.panel, result.options, recipe)
    rows = compared(result, recipe)
    events = [int(name.removeprefix("event_")) for name, _, _ in rows if name.startswith("event_")]
    control, base = result.options.control, result.options.base
    places = {
        "control": recipe.words.get(control, control),
        "base": recipe.words.get(base, base),
        "reference": str(form.reference),
        "events": ", ".join(str(e) for e in sorted(set(form.table["event"]) - {form.reference})),
        "after": ", ".join(str(e) for e in events if e >= 0),
        "horizons": str(1 + max(events, default=0)),
        "tolerance": f"{recipe.tolerance:g}",
    }
    if "@study@" in recipe.code:
        places |= _robust(result, form.reference)
    parts = [_head(form, recipe), _begin(recipe, rows), recipe.code, _end(recipe)]
    text = "\n".join(part.strip("\n") for part in parts) + "\n"
    for name, value in places.items():
        text = text.replace(f"@{name}@", value)
    return text, form, recipe


def _robust(result: Results, reference: int) -> dict[str, str]:
    """The engine's robust sets of the mean effect, and the event times that they rest on."""
    from ..notebook.honesty import honest

    slope = honest(result, bound=0.0, violation="smoothness")
    change = honest(result, bound=1.0)
    return {
        "study": ", ".join(str(time + reference) for time in slope.study.times),
        "before": str(len(slope.study.before)),
        "lows": f"{slope.low:.5g}, {change.low:.5g}",
        "highs": f"{slope.high:.5g}, {change.high:.5g}",
    }


def _head(form: Form, recipe: Recipe) -> str:
    sign = LANGUAGES[recipe.language][1]
    table = form.table
    never = "missing" if recipe.never != recipe.never else f"{recipe.never:g}"
    lines = [
        f"{recipe.estimator} in {recipe.version} ({recipe.language}).",
        f"{data_name(recipe)}: {table['id'].nunique()} units, {table['t'].nunique()} periods, "
        f"{len(table)} rows; never treated is {never} in g.",
    ]
    if form.note:
        lines.append(form.note)
    equal = "estimates and standard errors" if recipe.errors else "estimates"
    lines.append(f"Equal by definition: {equal}, to a relative difference of @tolerance@.")
    lines += [f"Differs: {sentence}." for sentence in recipe.differs]
    lines.append(
        "This script is run by the tests of the engine, or by make peers."
        if recipe.run
        else f"This script was not run: the engine is tested without {recipe.language}."
    )
    return "\n".join(f"{sign} {line}" for line in lines)


def _begin(recipe: Recipe, rows: list[Compared]) -> str:
    if recipe.language == "Python":
        numbers = "\n".join(f'    "{name}": ({_written(a)}, {_written(b, "np.nan")}),' for name, a, b in rows)
        return (
            "import numpy as np\nimport pandas as pd\n\n"
            f'panel = pd.read_csv("{data_name(recipe)}")\nengine = {{\n{numbers}\n}}'
        )
    if recipe.language == "R":
        lines = "\n".join(f"{name},{_written(a)},{_written(b, 'NA')}" for name, a, b in rows)
        return (
            f'panel <- read.csv("{data_name(recipe)}")\n'
            f'engine <- read.csv(text = "term,estimate,std_error\n{lines}")'
        )
    _, estimate, error = rows[0]
    return (
        f'use "{data_name(recipe)}", clear\nscalar engine = {_written(estimate)}\n'
        f"scalar engine_error = {_written(error, '.')}"
    )


def _written(number: float, missing: str = "") -> str:
    """Eight digits: more than any comparison looks at, and the same on every processor."""
    return missing if number != number else f"{number:.8g}"


def _end(recipe: Recipe) -> str:
    if recipe.language == "Python":
        return _PYTHON_END
    if recipe.language == "R":
        return _R_END
    errors = "assert reldif(scalar(found_error), scalar(engine_error)) < @tolerance@\n"
    return _STATA_END + (errors if recipe.errors else "")


def data_name(recipe: Recipe) -> str:
    """Name of the file with the panel."""
    return "panel.dta" if recipe.language == "Stata" else "panel.csv"
