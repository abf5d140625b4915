"""Counts of replications to rows of ``lab.csv``, each with its Monte Carlo error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.lab.block import GRID, Counts, effect_grid, power_methods, truth_of
from analysis.lab.catalogue import FEW, Experiment
from analysis.lab.design import effect_path, true_effect
from analysis.lab.precision import spreads

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from analysis.did.numerics.types import Array
    from analysis.lab.forms import Form

COLUMNS = (
    "evidence",
    "calendar",
    "design",
    "outcome",
    "estimator",
    "term",
    "event_time",
    "inference",
    "metric",
    "parameter",
    "value",
    "mc_error",
    "replications",
    "failures",
    "note",
)
KEY = ("calendar", "design", "outcome", "estimator", "term", "event_time", "inference", "metric", "parameter")
POWER = 0.8
FAILURE_LIMIT = 0.01  # above this share of failed replications nothing is reported
EXACT_DECIMALS = 8  # of a bias in percent: beyond, it is the rounding of the processor
DIGITS = 6  # significant: Monte Carlo error stands in the third
OTHER_AVERAGE = (
    "Averages event times or windows of its own choice; its distance from the target, the mean over treated "
    "cells, is a different question and no error of the method."
)
Row = dict[str, object]


def share_error(share: float, replications: int) -> float:
    """Monte Carlo standard error of a share."""
    return float(np.sqrt(share * (1 - share) / replications))


def accuracy(estimates: Array, truth: float) -> Iterator[tuple[str, float, float]]:
    r"""Bias, standard deviation and root mean squared error, each with its Monte Carlo error.

    Notes
    -----
    With B estimates: :math:`sd/\sqrt B` for the bias, :math:`sd\{(k-1)/(4B)\}^{1/2}` for the standard
    deviation with k the kurtosis, and the delta method on the mean of squares for the last.
    """
    number, sd = len(estimates), float(estimates.std(ddof=1))
    deviation, square = estimates - estimates.mean(), (estimates - truth) ** 2
    kurtosis = float((deviation**4).mean() / max(float((deviation**2).mean()) ** 2, 1e-300))
    rmse = float(np.sqrt(square.mean()))
    yield "bias", float(estimates.mean()) - truth, sd / np.sqrt(number)
    yield "sd", sd, sd * np.sqrt(max(kurtosis - 1, 0.0) / (4 * number))
    yield "rmse", rmse, float(square.std(ddof=1)) / (2 * max(rmse, 1e-300) * np.sqrt(number))


def minimum_detectable(grid: Array, power: Array, replications: int) -> tuple[float, float]:
    """Smallest effect found with power `POWER`, interpolated, and its Monte Carlo error.

    Returns
    -------
    tuple of float
        Not a number where the grid does not reach that power.
    """
    above = np.flatnonzero(power >= POWER)
    if not above.size or above[0] == 0:
        return float("nan"), float("nan")
    k = int(above[0])
    slope = float((power[k] - power[k - 1]) / (grid[k] - grid[k - 1]))
    value = float(grid[k - 1] + (POWER - power[k - 1]) / slope)
    return value, share_error(POWER, replications) / slope


def summarise(
    experiment: Experiment, blocks: Sequence[Counts], names: Sequence[tuple[Form, int]]
) -> pd.DataFrame:
    """Rows of one experiment.

    Parameters
    ----------
    experiment
        With its different forms.
    blocks
        From `block.run_block`.
    names
        Every estimate asked for and which of the forms it is.
    """
    counts = {}
    for item in blocks[0]:
        parts = [block[item] for block in blocks if item in block]
        by_replication = item.startswith(("estimate", "direct_", "failure_"))
        counts[item] = np.concatenate(parts, axis=-1) if by_replication else np.sum(parts, axis=0)
    number = counts["estimate"].shape[-1]
    rows = [row | {"replications": number, "failures": 0} for row in calibration_rows(experiment)]
    for k, form in enumerate(experiment.forms):
        others = [other.estimator for other, same in names if same == k and other.estimator != form.estimator]
        place = {"estimator": form.estimator, "term": form.term, "event_time": form.event_time}
        place |= {"replications": number, "failures": 0}
        notes = {"truth": f"The same estimate here: {', '.join(others)}."} if others else {}
        if len(form.weights) > 2 and form.term == "att" and form.estimator != "twfe":
            notes["bias"] = OTHER_AVERAGE
        for row in form_rows(form, k, experiment, counts, number):
            rows.append({"note": notes.get(str(row["metric"]), "")} | place | row)
    rows += direct_rows(experiment, counts)
    return as_table(rows, experiment)


def as_table(rows: list[Row], experiment: Experiment) -> pd.DataFrame:
    """Rows with the columns of `COLUMNS`; numbers rounded to `DIGITS` significant digits."""
    design = experiment.design
    table = pd.DataFrame(rows).reindex(columns=list(COLUMNS))
    table["evidence"], table["outcome"] = "simulated", experiment.model.outcome
    table["calendar"], table["design"] = design.calendar.name, design.name
    for name in ("estimator", "term", "inference", "parameter", "note"):
        table[name] = table[name].astype(object).fillna("")
    table["event_time"] = table["event_time"].map(lambda e: "" if pd.isna(e) else str(int(e)))
    for name in ("value", "mc_error"):
        table[name] = [float(f"{value:.{DIGITS}g}") for value in table[name].astype(float)]
    return table


def calibration_rows(experiment: Experiment) -> list[Row]:
    """Return what the simulated provinces are like, and how precise; once for each outcome."""
    if experiment.name != f"annual-null_random-{experiment.model.outcome}":
        return []
    model, first = experiment.model, experiment.model.first_wave
    values = {
        "rho": model.rho,
        "rho_uncorrected": model.rho_uncorrected,
        "innovation_sd": model.noise_sd,
        "innovation_sd_smallest": float(model.sigma.min()),
        "innovation_sd_largest": float(model.sigma.max()),
        "trend_sd": model.drift_sd,
        "trend_per_income_sd": model.income_slope,
        "first_wave_trend_gap": float(model.trends[first].mean() - model.trends[~first].mean()),
        "first_wave_income_sds": float(model.income[first].mean()),
        "selection_strength": experiment.strength,
    }
    rows: list[Row] = [
        {"metric": f"calibration_{name}", "value": value, "mc_error": 0.0} for name, value in values.items()
    ]
    calendar = experiment.design.calendar
    found = spreads(model, calendar.starts[0], (calendar.sizes[0], calendar.sizes[1]))
    for (name, after), value in found.items():
        rows.append({"metric": f"sd_{name}", "parameter": f"{after} years", "value": value, "mc_error": 0.0})
    return rows


def form_rows(form: Form, k: int, experiment: Experiment, counts: Counts, number: int) -> Iterator[Row]:
    """Accuracy, rejection, coverage and power of one estimate."""
    truth = truth_of(form, experiment)
    yield {"metric": "truth", "value": truth, "mc_error": 0.0}
    for metric, value, error in accuracy(counts["estimate"][k], truth):
        yield {"metric": metric, "value": value, "mc_error": error}
    path = effect_path(experiment.design, experiment.model.noise_sd)
    if path.any():
        exact = float((form.weights * path).sum())
        bias = round(100 * (exact / truth - 1), EXACT_DECIMALS)
        yield {"metric": "exact_bias_percent", "value": bias, "mc_error": 0.0}
    if len(form.weights) > 2:
        on = np.arange(form.weights.shape[1]) >= np.array(experiment.design.calendar.starts)[:, None]
        lost = -float(np.minimum(form.weights, 0)[on].sum())
        yield {"metric": "negative_weight_on_treated", "value": lost, "mc_error": 0.0}
    for kind, metric in (("reject", "power" if truth else "size"), ("cover", "coverage")):
        for item in sorted(counts):
            if item.startswith(f"{kind}_"):
                share = float(counts[item][k]) / number
                how = item.removeprefix(f"{kind}_")
                error = share_error(share, number)
                yield {"inference": how, "metric": metric, "value": share, "mc_error": error}
    if "power" in counts and form.estimator in FEW:
        yield from power_rows(form, k, experiment, counts["power"], number)


def power_rows(form: Form, k: int, experiment: Experiment, counts: Array, number: int) -> Iterator[Row]:
    """Minimum detectable effects, and the power curve of the overall effect.

    ``k`` counts forms; those of `FEW` come first, so it also counts the curves.
    """
    grid = effect_grid(form, experiment)
    for m, how in enumerate(power_methods(experiment.design.calendar)):
        curve = counts[k, :, m] / number
        value, error = minimum_detectable(grid, curve, number)
        yield {"inference": how, "metric": "minimum_detectable_effect", "value": value, "mc_error": error}
        if form.event_time is None and experiment.design.calendar.name == "annual" and how == "randomization":
            for size, multiple, share in zip(grid, GRID, curve, strict=True):
                yield {
                    "inference": how, "metric": "power_at_effect", "parameter": f"{float(f'{size:.4g}')}",
                    "value": float(share), "mc_error": share_error(float(share), number),
                    "note": f"{multiple:g} standard errors",
                }  # fmt: skip


def direct_rows(experiment: Experiment, counts: Counts) -> list[Row]:
    """Estimators run panel by panel, judged by their own intervals; failures are counted and named."""
    rows: list[Row] = []
    truth = true_effect(experiment.design, experiment.model.noise_sd)
    for name in experiment.direct:
        estimates, reject, cover = counts[f"direct_{name}"]
        worked = counts[f"failure_{name}"] == ""
        number, failed = int(worked.sum()), int((~worked).sum())
        note = failure_note(name, counts[f"failure_{name}"])
        place: Row = {"estimator": name, "term": "att_simple", "replications": number, "failures": failed}
        if failed > FAILURE_LIMIT * len(estimates):
            note = f"Not reported, above {100 * FAILURE_LIMIT:g} %: {note}"
            rows.append(place | {"metric": "bias", "value": np.nan, "mc_error": np.nan, "note": note})
            continue
        place["note"] = note
        for metric, value, error in accuracy(estimates[worked], truth):
            rows.append(place | {"metric": metric, "value": value, "mc_error": error})
        for hits, metric in ((reject, "power" if truth else "size"), (cover, "coverage")):
            share = float(hits[worked].mean())
            judged = {"inference": "own_interval", "metric": metric, "value": share}
            rows.append(place | judged | {"mc_error": share_error(share, number)})
    return rows


def failure_note(name: str, messages: NDArray[np.str_]) -> str:
    """Who failed how often, and the first message; nothing if none did."""
    failed = np.flatnonzero(messages != "")
    if not failed.size:
        return ""
    first = int(failed[0])
    return (
        f"{name} failed in {len(failed)} of {len(messages)} replications; "
        f"first in replication {first}: {messages[first]}"
    )
