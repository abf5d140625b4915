"""One block of replications of one experiment: simulate, estimate, test, count."""

from __future__ import annotations

import zlib

import numpy as np

from analysis import config
from analysis.did.results import Estimate
from analysis.errors import InputError
from analysis.lab import methods
from analysis.lab.calibrate import Array
from analysis.lab.catalogue import FEW, SLOW, SLOW_REPLICATIONS, Experiment
from analysis.lab.design import Calendar, Draws, effect_path, simulate, true_effect
from analysis.lab.forms import Form, apply_estimator, effect_scores, own_scores, scores

Counts = dict[str, Array]
# Effects of the power curve, in standard errors of each estimate (`Calibration.contrast_sd`).
GRID = np.concatenate([np.arange(0.5, 4.01, 0.25), np.arange(4.5, 8.01, 0.5)])
POWER_METHODS = ("randomization", "cr1_t", "cr2_satterthwaite")
EXPECTED_FAILURES = (InputError, np.linalg.LinAlgError, FloatingPointError)


def run_block(experiment: Experiment, first: int, count: int) -> Counts:
    """Replications ``first`` to ``first + count - 1``.

    Returns
    -------
    dict of arrays
        ``estimate`` (F, B); ``reject_METHOD`` and ``cover_METHOD`` (F,) counts; ``power`` (F', K, M)
        counts; ``direct_NAME`` (3, B) estimate, rejection and coverage of an estimator without a form,
        not a number where it failed.
    """
    design, model = experiment.design, experiment.model
    panels = simulate(design, model, range(first, first + count), experiment.strength)
    seed = [config.SEED, zlib.crc32(experiment.name.encode()), first]
    drawn = methods.draw_block(design.calendar, seed)
    forms = list(experiment.forms)
    values = scores(forms, panels.outcome, design.calendar.sizes)
    found: Counts = {"estimate": own_scores(values, panels.member).sum(axis=-1)}
    for name, hit in methods.rejections(values, panels.member, design.calendar, drawn).items():
        found[f"reject_{name}"] = hit.sum(axis=-1).astype(float)
    if effect_path(design, model.noise_sd).any():
        shift = [effect_of_size(f, design.calendar, panels, truth_of(f, experiment)) for f in forms]
        left = values - np.stack(shift)
        for name, hit in methods.rejections(left, panels.member, design.calendar, drawn).items():
            found[f"cover_{name}"] = (~hit).sum(axis=-1).astype(float)
    if experiment.power:
        found["power"] = np.stack([
            power_curve(form, own, experiment, panels, drawn)
            for form, own in zip(forms, values, strict=True)
            if form.estimator in FEW
        ])  # fmt: skip
    if experiment.direct:
        names = [n for n in experiment.direct if n not in SLOW or first < SLOW_REPLICATIONS]
        found |= run_direct(names, experiment, panels)
    return found


def truth_of(form: Form, experiment: Experiment) -> float:
    """Return the true effect that a form is compared with."""
    return true_effect(experiment.design, experiment.model.noise_sd, form.event_time)


def effect_of_size(form: Form, calendar: Calendar, panels: Draws, size: float) -> Array:
    """(B, H, N) scores of an effect of ``size`` in every treated province and period."""
    on = np.arange(calendar.periods) >= np.array(calendar.starts)[:, None]
    return size * effect_scores(form, calendar, panels.member, on.astype(float))


def effect_grid(form: Form, experiment: Experiment) -> Array:
    """(K,) effects of the power curve of one form, in units of the outcome."""
    sizes = experiment.design.calendar.sizes
    return np.asarray(GRID * experiment.model.contrast_sd(form.weights[0], (sizes[0], sizes[1])))


def power_curve(
    form: Form, values: Array, experiment: Experiment, panels: Draws, drawn: methods.Drawn
) -> Array:
    """(K, M) rejections of no effect when a constant effect of each size of the grid is added.

    A constant effect moves every statistic linearly, so the panels are simulated once. Errors of the
    Student tests do not move: the effect is the same in all treated provinces.
    """
    calendar, alpha = experiment.design.calendar, 1 - config.CONFIDENCE_LEVEL
    unit = effect_of_size(form, calendar, panels, 1.0)[None]
    plain, moved = methods.permuted_estimates(values[None], drawn), methods.permuted_estimates(unit, drawn)
    own = own_scores(values[None], panels.member)
    reach = methods.student_reach(methods.spread_of(own, panels.member, 2), calendar, config.CONFIDENCE_LEVEL)
    seen, step = own.sum(axis=-1), own_scores(unit, panels.member).sum(axis=-1)
    curve = np.empty((len(GRID), len(POWER_METHODS)))
    for k, size in enumerate(effect_grid(form, experiment)):
        value = np.abs(seen + size * step)
        p_values = methods.share(np.abs(plain + size * moved), value)
        hits = [p_values <= alpha, *(value > reach[name] for name in POWER_METHODS[1:])]
        curve[k] = [hit.sum() for hit in hits]
    return curve


def run_direct(names: list[str], experiment: Experiment, panels: Draws) -> Counts:
    """Estimators without a linear form, with their own intervals."""
    truth = true_effect(experiment.design, experiment.model.noise_sd)
    found = {}
    for name in names:
        rows = np.full((3, len(panels.outcome)), np.nan)
        for k, (outcome, member) in enumerate(zip(panels.outcome, panels.member, strict=True)):
            try:
                row: Estimate = apply_estimator(name, outcome, member, experiment.design.calendar)
            except EXPECTED_FAILURES:
                continue
            reject = row.ci_low > 0 or row.ci_high < 0
            rows[:, k] = row.estimate, reject, row.ci_low <= truth <= row.ci_high
        found[f"direct_{name}"] = rows
    return found
