"""Where the laboratory's blocks are computed: this process, local processes, or a Dask cluster.

Blocks do not know where they run. What could make a difference is the code and the numpy that run
them, so a cluster is asked for both before it gets any work.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import joblib

from analysis.base.errors import InputError
from analysis.lab.cache import content_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distributed import Client

PACKAGE_KEY = content_key([])  # of the code that this process has
PATIENCE = 20.0  # seconds for a scheduler to answer and for a first worker to come


@contextmanager
def workers(jobs: int, scheduler: str) -> Iterator[None]:
    """Where `joblib.Parallel` sends its work: this process, local processes, or a Dask cluster.

    Raises
    ------
    InputError
        Dask is not installed, the scheduler does not answer, or its workers cannot be used.
    """
    if not scheduler:
        place = joblib.parallel_config(backend="loky", inner_max_num_threads=1)
        with nullcontext() if jobs == 1 else place:
            yield
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError(
            "a scheduler was given, but dask.distributed is not installed",
            value=scheduler,
            action='install the extra "cluster" of this package, or leave out --scheduler',
        ) from error
    try:
        client = Client(scheduler, timeout=PATIENCE)
    except (OSError, ValueError) as error:  # a time-out is an OSError
        raise InputError(f"no Dask scheduler answers: {error}", value=scheduler) from error
    with client:
        check_workers(client, scheduler)
        with joblib.parallel_config(backend="dask", client=client):
            yield


def check_workers(client: Client, scheduler: str) -> None:
    """Refuse a cluster without workers, or with workers whose blocks would not be those of this program.

    Raises
    ------
    InputError
        No worker comes in time, or one has other code, another numpy or not this package.
    """
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
        # One BLAS thread a worker, as in this program: set before the package loads numpy there.
        client.run(os.environ.setdefault, "OPENBLAS_NUM_THREADS", "1")
        keys = client.run(content_key, [])
    except TimeoutError as error:
        raise InputError(
            "the Dask scheduler has no workers", value=scheduler, action="start some: dask worker ADDRESS"
        ) from error
    except ImportError as error:
        raise InputError(f"a Dask worker cannot load this package: {error}", value=scheduler) from error
    other = sorted(worker for worker, key in keys.items() if key != PACKAGE_KEY)
    if other:
        raise InputError(
            f"{len(other)} Dask workers run other code or another numpy: {', '.join(other)}",
            value=scheduler,
            action="start them from the same commit and the same lock",
        )
