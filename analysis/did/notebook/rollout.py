"""A picture of the roll-out: who is treated when, and where outcomes are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..panel.panel import NEVER

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ..panel.panel import Panel

STATUS = ("no outcome", "not yet treated", "never treated", "treated")
COLOURS = ("#ffffff", "#9ec7d1", "#dcdcdc", "#00505f")
MOST_NAMED = 40  # units whose names have room at the side


def status(panel: Panel) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Order of units by start, and the status of each unit-period in that order.

    Returns
    -------
    tuple
        (N,) positions of units, earliest start first and never treated last, then as in the panel; (N, T)
        positions in `STATUS`.
    """
    order = np.argsort(panel.starts, kind="stable")
    treated = np.arange(panel.n_periods) >= panel.starts[:, None]
    never = np.broadcast_to((panel.starts >= NEVER)[:, None], treated.shape)
    code = np.where(treated, 3, np.where(never, 2, 1))
    return order, np.where(panel.observed, code, 0)[order]


def plot_rollout(panel: Panel, axes: Axes | None = None) -> Axes:
    """Draw units by periods, coloured by status, sorted by start; missing outcomes are white.

    Parameters
    ----------
    panel
        Any panel.
    axes
        Where to draw; missing: a new figure.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import rollout_did as did
    >>> axes = did.plot_rollout(did.example_panel())
    >>> [text.get_text() for text in axes.get_legend().get_texts()]
    ['not yet treated', 'never treated', 'treated']
    """
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    if axes is None:
        from matplotlib import pyplot as plt

        _, axes = plt.subplots(layout="constrained")
    order, code = status(panel)
    colours = ListedColormap(COLOURS)
    axes.imshow(code, cmap=colours, vmin=-0.5, vmax=3.5, aspect="auto", interpolation="nearest")
    step = -(-panel.n_periods // 12)
    axes.set_xticks(range(0, panel.n_periods, step), [str(t) for t in panel.times[::step]])
    edges = np.flatnonzero(np.diff(panel.starts[order])) + 1
    for edge in edges.tolist():
        axes.axhline(edge - 0.5, color="white", linewidth=1.2)
    if panel.n_units <= MOST_NAMED:
        axes.set_yticks(range(panel.n_units), [str(panel.units[k]) for k in order.tolist()], fontsize=6)
    else:
        blocks = np.split(order, edges)
        middles = np.cumsum([len(block) for block in blocks]) - np.array([len(block) for block in blocks]) / 2
        named = [panel.cohort_labels[block[0]] or "never" for block in blocks]
        axes.set_yticks(
            middles - 0.5, [f"{name} ({len(block)})" for name, block in zip(named, blocks, strict=True)],
            fontsize=8,
        )  # fmt: skip
        axes.set_ylabel("First treated (units)")
    present = [k for k in range(4) if (code == k).any()]
    patches = [Patch(facecolor=COLOURS[k], edgecolor="#5f5f5f", label=STATUS[k]) for k in present]
    axes.legend(
        handles=patches, loc="upper left", bbox_to_anchor=(0, -0.08), ncols=4, frameon=False, fontsize=8
    )
    axes.set_title("Who is treated when", loc="left", fontsize=10)
    return axes
