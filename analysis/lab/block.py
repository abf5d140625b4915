"""One block of replications of one experiment: simulate, estimate, test, count."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis import config
from analysis.base.errors import InputError
from analysis.did.numerics.p_values import p_values
from analysis.lab import methods, permute
from analysis.lab.catalogue import FEW, SLOW, SLOW_REPLICATIONS, Experiment
from analysis.lab.design import Calendar, Draws, effect_path, simulate, true_effect
from analysis.lab.forms import Form, apply_estimator, effect_scores, own_scores, scores

if TYPE_CHECKING:
    from analysis.did.numerics.types import Array
    from analysis.did.results import Estimate

Counts = dict[str, NDArray[Any]]
# Effects of the power curve, in standard errors of each estimate (`Calibration.contrast_sd`).
GRID = np.concatenate([np.arange(0.5, 4.01, 0.25), np.arange(4.5, 8.01, 0.5)])
POWER_METHODS = ("randomization", "cr1_t", "cr2_satterthwaite")
EXPECTED_FAILURES = (InputError, np.linalg.LinAlgError, FloatingPointError)
MESSAGE_LENGTH = 120  # of a failure's message: the first words name the cause
KEPT_MEMORY = 31 * 2**20  # bytes; an allocator that learns from frees learns up to 32 MiB


def run_block(experiment: Experiment, first: int, count: int) -> Counts:
    """Replications ``first`` to ``first + count - 1``.

    Returns
    -------
    dict of arrays
        ``estimate`` (F, B); ``reject_METHOD`` and ``cover_METHOD`` (F,) counts; ``power`` (F', K, M)
        counts; ``direct_NAME`` (3, B) estimate, rejection and coverage of an estimator without a form,
        not a number where it failed; ``failure_NAME`` (B,) why it failed, empty where it did not.
    """
    keep_memory()
    design, model = experiment.design, experiment.model
    panels = simulate(design, model, range(first, first + count), experiment.strength)
    seed = [config.SEED, zlib.crc32(experiment.name.encode()), first]
    drawn = methods.draw_block(design.calendar, model, panels, seed)
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


def keep_memory() -> None:
    """Let freed memory stay with the process: returning it after each array costs a quarter of the time.

    The C library of Linux keeps blocks up to the largest one it has seen freed; elsewhere nothing changes.
    """
    np.empty(KEPT_MEMORY, dtype=np.uint8)


def truth_of(form: Form, experiment: Experiment) -> float:
    """Return the true effect that a form is compared with."""
    return true_effect(experiment.design, experiment.model.noise_sd, form.event_time)


def effect_of_size(form: Form, calendar: Calendar, panels: Draws, size: float) -> Array:
    """(B, H, N) scores of an effect of ``size`` in every treated province and period."""
    on = np.arange(calendar.periods) >= np.array(calendar.starts)[:, None]
    return size * effect_scores(form, calendar, panels.member, on.astype(float))


def effect_grid(form: Form, experiment: Experiment) -> Array:
    """(K,) effects of the power curve of one form, in units of the outcome."""
    calendar = experiment.design.calendar
    return np.asarray(GRID * experiment.model.contrast_sd(form.weights, calendar.sizes, calendar.year))


def power_methods(calendar: Calendar) -> tuple[str, ...]:
    """Those of `POWER_METHODS` that hold on a calendar: permutation alone for more than one cohort."""
    return POWER_METHODS if len(calendar.sizes) == 2 else POWER_METHODS[:1]


def power_curve(
    form: Form, values: Array, experiment: Experiment, panels: Draws, drawn: methods.Drawn
) -> Array:
    """(K, M) rejections of no effect when a constant effect of each size of the grid is added.

    A constant effect, the same in all treated cells, moves every statistic linearly, so the panels are
    simulated once. It does not move errors of the Student tests.
    """
    calendar, level = experiment.design.calendar, config.CONFIDENCE_LEVEL
    unit = effect_of_size(form, calendar, panels, 1.0)[None]
    plain, moved = (permute.permuted_estimates(part, drawn.groups) for part in (values[None], unit))
    own = own_scores(values[None], panels.member)
    spread = methods.spread_of(own, panels.member, len(calendar.sizes))
    error, reach = np.sqrt(spread.sum(axis=0)), methods.student_reach(spread, calendar, level)
    student = [reach[name] for name in power_methods(calendar)[1:]]
    seen, step = own.sum(axis=-1), own_scores(unit, panels.member).sum(axis=-1)
    curve = np.empty((len(GRID), 1 + len(student)))
    for k, size in enumerate(effect_grid(form, experiment)):
        value = np.abs(seen + size * step)
        shares = p_values(np.abs(plain + size * moved), value, error)
        curve[k] = [(shares <= 1 - level).sum(), *((value > half).sum() for half in student)]
    return curve


def run_direct(names: list[str], experiment: Experiment, panels: Draws) -> Counts:
    """Estimators without a linear form, with their own intervals; failures are kept by their message."""
    truth = true_effect(experiment.design, experiment.model.noise_sd)
    found: Counts = {}
    for name in names:
        rows, why = np.full((3, len(panels.outcome)), np.nan), [""] * len(panels.outcome)
        for k, (outcome, member) in enumerate(zip(panels.outcome, panels.member, strict=True)):
            try:
                row: Estimate = apply_estimator(name, outcome, member, experiment.design.calendar)
            except EXPECTED_FAILURES as error:
                why[k] = failure_message(error)
                continue
            reject = row.ci_low > 0 or row.ci_high < 0
            rows[:, k] = row.estimate, reject, row.ci_low <= truth <= row.ci_high
        found |= {f"direct_{name}": rows, f"failure_{name}": np.array(why)}
    return found


def failure_message(error: Exception) -> str:
    """Kind and first line of an error, in at most `MESSAGE_LENGTH` characters."""
    first = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {first}"[:MESSAGE_LENGTH]
