"""Files for a paper and for work that goes on: tables, covariances, influence functions, the roll-out."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pandas as pd

from ..digits import csv_text
from ..errors import InputError
from ..notebook.rollout import plot_rollout
from .figure import STYLE, drawing_is_possible, empty_figure

if TYPE_CHECKING:
    from ..notebook.results import Results
    from ..panel.panel import Panel

FILES = ("tables.md", "tables.tex", "covariance.csv", "influence.csv", "rollout.svg")
TERMS = ("event", "cohort", "calendar", "group_time")


def appendix_files(results: Results) -> dict[str, bytes]:
    """Contents of `FILES` by name.

    Parameters
    ----------
    results
        Of any estimators. ``tables`` hold overall effects, then each estimator's event study;
        ``covariance.csv`` has a row for each pair of records of a term; ``influence.csv`` one for each unit
        or cluster and record of the estimators that have influence functions, whose squares add up to the
        squared error.
    """
    single = [results.of(name) for name in results.names]
    parts = [results, *([] if len(single) == 1 else single)]
    contents = (
        "\n\n".join(part.to_markdown() for part in parts) + "\n",
        "\n\n".join(part.to_latex() for part in parts) + "\n",
        csv_text(pd.concat([_pairs(result) for result in single], ignore_index=True)),
        csv_text(pd.concat([_influence(result) for result in single], ignore_index=True)),
    )
    found = dict(zip(FILES, (text.encode() for text in contents), strict=False))
    return found | {"rollout.svg": _rollout(results.panel)}


def _pairs(result: Results) -> pd.DataFrame:
    """Covariances of the records of each term, one row a pair, the lower triangle and the diagonal."""
    rows = []
    for term in TERMS:
        try:
            matrix = result.covariance(term)
        except InputError:
            continue
        labels, values = [_text(label) for label in matrix.index], matrix.to_numpy()
        rows += [
            (result.name, term, labels[i], labels[j], float(values[i, j]))
            for i in range(len(labels))
            for j in range(i + 1)
        ]
    return pd.DataFrame(rows, columns=["estimator", "term", "first", "second", "covariance"])


def _influence(result: Results) -> pd.DataFrame:
    """Influence of each unit or cluster on each record, one row each."""
    parts = []
    for term in ("att", *TERMS):
        try:
            table = result.influence(term)
        except InputError:
            continue
        table = table.set_axis([_text(label) for label in table.columns], axis=1)
        long = table.rename_axis("unit").reset_index().melt("unit", var_name="label", value_name="influence")
        parts.append(long.assign(estimator=result.name, term=term))
    columns = ["estimator", "term", "label", "unit", "influence"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _text(label: object) -> str:
    return " ".join(map(str, label)) if isinstance(label, tuple) else str(label)


def _rollout(panel: Panel) -> bytes:
    if not drawing_is_possible():
        return empty_figure("Not drawn: matplotlib is not installed.")
    from matplotlib import pyplot as plt
    from matplotlib import rc_context

    with rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")
        plot_rollout(panel, axes)
        stream = io.BytesIO()
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None}, bbox_inches="tight")
        plt.close(figure)
    return stream.getvalue()
