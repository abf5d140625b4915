"""The Monte Carlo run: experiments in blocks, in parallel, cached; then one table.

Blocks are independent and seeded by their own numbers, so one process, many, or a Dask cluster give
the same table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import joblib
import numpy as np
import pandas as pd

from analysis.base.errors import InputError
from analysis.base.files import save_table
from analysis.base.products import read_product
from analysis.base.progress import say, track
from analysis.lab.block import Counts, run_block
from analysis.lab.cache import Cache, content_key
from analysis.lab.catalogue import EVENTS, Experiment, experiments
from analysis.lab.forms import Form, find_forms
from analysis.lab.summary import KEY, summarise
from analysis.lab.workers import workers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.did.numerics.types import Array
    from analysis.lab.design import Calendar

BLOCK = 50  # replications; part of the seeds of drawn assignments, so changing it changes the table
MOST, PROCESSES = 1_000_000, 512  # a run of more would not end, or not begin
CACHE = Path("build/lab")


@dataclass(frozen=True)
class Task:
    """One block of one experiment."""

    experiment: int
    first: int
    count: int
    name: str


def write_lab(
    processed: Path, replications: int = 2_000, jobs: int = 2, scheduler: str = "", cache: Path = CACHE
) -> None:
    """Run every experiment on ``panel.csv`` and write ``lab.csv``.

    Parameters
    ----------
    processed
        Folder of ``panel.csv`` and of the result.
    replications
        Per experiment; at least two blocks of `BLOCK`, in whole blocks.
    jobs
        Local processes.
    scheduler
        Address of a Dask scheduler, used in place of local processes.
    cache
        Folder of finished blocks.

    Raises
    ------
    InputError
        No panel, too few replications, or Dask is asked for and not there.
    """
    if not 2 * BLOCK <= replications <= MOST or replications % BLOCK:
        raise InputError(
            f"{replications} replications cannot be run",
            expected=f"a multiple of {BLOCK}, from {2 * BLOCK} to {MOST}",
        )
    if not 1 <= jobs <= PROCESSES:
        raise InputError(f"{jobs} processes cannot be run", expected=f"one to {PROCESSES}")
    path = processed / "panel.csv"
    panel = read_product(path)
    with workers(jobs, scheduler):
        table = run(experiments(panel), replications, jobs, Cache(cache, content_key([path.read_bytes()])))
    save_table(table, KEY, processed / "lab.csv")


def run(wanted: list[Experiment], replications: int, jobs: int, cache: Cache) -> pd.DataFrame:
    """Run experiments and return the rows of ``lab.csv``."""
    plans = read_forms(wanted, jobs, cache)
    ready, names = [], []
    for experiment in wanted:
        calendar = experiment.design.calendar
        forms = [form for name in experiment.estimators for form in plans[calendar, name]]
        forms = [form for form in forms if form.event_time is None or experiment.by_event]
        unique, place = different(forms)
        ready.append(replace(experiment, forms=tuple(unique)))
        names.append([(form, k) for form, k in zip(forms, place, strict=True)])
    tasks = [
        Task(k, first, BLOCK, f"{experiment.name}-{first:06d}")
        for first in range(0, replications, BLOCK)
        for k, experiment in enumerate(ready)
    ]
    blocks: list[list[Counts]] = [[] for _ in ready]
    for task, counts in track(finished(tasks, ready, jobs, cache), len(tasks), "lab"):
        blocks[task.experiment].append(counts)
    if cache.refused:
        say(f"lab: {cache.refused} stored results of other code or inputs were refused and made again")
    tables = [
        summarise(experiment, found, aliases)
        for experiment, found, aliases in zip(ready, blocks, names, strict=True)
    ]
    return pd.concat(tables, ignore_index=True)


def finished(
    tasks: list[Task], ready: list[Experiment], jobs: int, cache: Cache
) -> Iterator[tuple[Task, Counts]]:
    """Blocks in the order of the tasks, from the cache or computed and then stored."""
    stored = {task.name: cache.load(task.name) for task in tasks}
    missing = [task for task in tasks if stored[task.name] is None]
    if len(missing) < len(tasks):
        say(f"lab: {len(tasks) - len(missing)} of {len(tasks)} blocks were done before")
    computed = joblib.Parallel(n_jobs=jobs, return_as="generator")(
        joblib.delayed(run_block)(ready[task.experiment], task.first, task.count) for task in missing
    )
    for task in tasks:
        counts = stored.pop(task.name)
        if counts is None:
            counts = next(computed)
            cache.save(task.name, counts)
        yield task, counts


def read_forms(wanted: list[Experiment], jobs: int, cache: Cache) -> dict[tuple[Calendar, str], list[Form]]:
    """Linear forms by calendar and estimator; an estimator without one is named and has none.

    Effects by event time are those of `EVENTS`, on calendars where an experiment asks for them.
    """
    by_event = {experiment.design.calendar for experiment in wanted if experiment.by_event}
    pairs = list(
        dict.fromkeys(
            (experiment.design.calendar, name) for experiment in wanted for name in experiment.estimators
        )
    )
    found: dict[tuple[Calendar, str], list[Form]] = {}
    missing = []
    for calendar, name in pairs:
        stored = cache.load(f"form-{calendar.name}-{name}")
        if stored is None:
            missing.append((calendar, name))
        else:
            found[calendar, name] = unpack(name, stored)
    computed = joblib.Parallel(n_jobs=jobs)(
        joblib.delayed(find_forms)(calendar, name, events=name == EVENTS and calendar in by_event)
        for calendar, name in missing
    )
    for (calendar, name), (forms, problem) in zip(missing, computed, strict=True):
        if problem:
            say(f"lab: {name} is left out on {calendar.name}: {problem}")
        found[calendar, name] = forms
        cache.save(f"form-{calendar.name}-{name}", pack(forms))
    return found


def pack(forms: list[Form]) -> dict[str, Array]:
    """Forms as arrays, for the cache."""
    events = [np.nan if form.event_time is None else form.event_time for form in forms]
    terms = np.array([form.term for form in forms], dtype=str)
    weights = np.stack([form.weights for form in forms]) if forms else np.empty((0, 0, 0))
    return {"weights": weights, "event": np.array(events, dtype=float), "term": terms}


def unpack(name: str, stored: dict[str, Array]) -> list[Form]:
    """Undo `pack`."""
    rows = zip(stored["term"], stored["event"], stored["weights"], strict=True)
    return [Form(name, str(term), None if np.isnan(e) else int(e), weights) for term, e, weights in rows]


def different(forms: list[Form]) -> tuple[list[Form], list[int]]:
    """Forms with different weights, and for each form which of these it is.

    With one cohort most estimators are one of two forms; each is computed once.
    """
    unique: list[Form] = []
    place = []
    for form in forms:
        same = [k for k, other in enumerate(unique) if np.allclose(form.weights, other.weights, atol=1e-7)]
        place.append(same[0] if same else len(unique))
        if not same:
            unique.append(form)
    return unique, place
