"""Results as a table: in a terminal, a notebook, Markdown and LaTeX."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..results import Estimate
    from .results import Results

DIGITS = 4
LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{",
    "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


@dataclass(frozen=True)
class Table:
    """A header and rows of as many cells; the first two columns are words."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def shown(result: Results) -> Table:
    """The records that a reader looks at first.

    Overall effects, event times and the joint pre-test of one estimator; the overall effects of several.
    """
    header = (
        "estimator", "term", "estimate", "error", f"{100 * result.options.level:g} % interval", "p",
        "treated units",
    )  # fmt: skip
    single = len(result.names) == 1
    rows = [
        row
        for row in result
        if row.term == "att"
        or (single and (row.term.startswith("att") or row.term in ("event", "pretrend_joint")))
    ]
    rows = rows or list(result)
    return Table(header, tuple(_cells(row) for row in rows))


def _cells(row: Estimate) -> tuple[str, ...]:
    parts = [str(label) for label in (row.cohort, row.period) if label is not None]
    label = [str(row.event_time)] if row.event_time is not None and not parts else parts
    interval = "" if row.ci_low != row.ci_low else f"[{_number(row.ci_low)}, {_number(row.ci_high)}]"
    treated = str(row.n_treated) if row.n_treated else ""
    return (
        row.estimator, " ".join([row.term, *label]), _number(row.estimate), _number(row.std_error), interval,
        "< 0.001" if row.p_value < 0.001 else _number(row.p_value, 2), treated,
    )  # fmt: skip


def _number(value: float, digits: int = DIGITS) -> str:
    return "" if value != value else f"{value:.{digits}g}"


def remarks(result: Results) -> list[str]:
    """How errors were made, who is compared with, and what to know, each sentence once."""
    found = []
    for name, part in zip(result.names, result.parts, strict=True):
        row = next((row for row in part if row.term == "att"), part[0] if len(part) else None)
        if row is None:
            continue
        said = [f"{name}: errors {row.inference}" if row.inference else name]
        said += [f"control {row.control_group}"] if row.control_group else []
        found.append("; ".join(said) + f". {row.note}".rstrip())
        if ignored := result.unread.get(name):
            found.append(f"{name} does not use {', '.join(ignored)}.")
    return found


def text(table: Table) -> str:
    """Columns of even width, numbers to the right."""
    lines = [table.header, *table.rows]
    widths = [max(len(line[k]) for line in lines) for k in range(len(table.header))]

    def line(cells: Sequence[str]) -> str:
        words = [
            c.ljust(w) if k < 2 else c.rjust(w) for k, (c, w) in enumerate(zip(cells, widths, strict=True))
        ]
        return "  ".join(words).rstrip()

    return "\n".join(line(cells) for cells in lines)


def markdown(table: Table) -> str:
    """Pipes; a pipe inside a cell is escaped."""
    rule = ["---", "---", *["---:"] * (len(table.header) - 2)]
    rows = [[cell.replace("|", "\\|") for cell in row] for row in (table.header, *table.rows)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (rows[0], rule, *rows[1:]))


def latex(table: Table) -> str:
    """A ``tabular``; it needs the package booktabs."""
    rows = [" & ".join(_for_latex(cell) for cell in row) + r" \\" for row in (table.header, *table.rows)]
    columns = "ll" + "r" * (len(table.header) - 2)
    body = [r"\toprule", rows[0], r"\midrule", *rows[1:], r"\bottomrule"]
    return "\n".join([f"\\begin{{tabular}}{{{columns}}}", *body, r"\end{tabular}"])


def _for_latex(cell: str) -> str:
    words = "".join(LATEX.get(letter, letter) for letter in cell)
    return words.replace("< ", "$<$ ")


def html(table: Table, below: Sequence[str]) -> str:
    """A table with its remarks below, for notebooks."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in table.header)
    rows = "".join(
        "<tr>"
        + "".join(
            f'<td style="text-align:{"left" if k < 2 else "right"}">{escape(cell)}</td>'
            for k, cell in enumerate(row)
        )
        + "</tr>"
        for row in table.rows
    )
    notes = "".join(f"<p>{escape(sentence)}</p>" for sentence in below)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{notes}"
