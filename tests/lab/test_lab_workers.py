"""The same blocks on a Dask cluster, and clusters that cannot be used."""

import builtins
import os
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from analysis.base.errors import InputError
from analysis.lab import run as room
from analysis.lab import workers
from analysis.lab.block import run_block
from analysis.lab.cache import Cache
from analysis.lab.catalogue import Experiment
from analysis.lab.design import Design


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Scheduler on the loopback device with two worker processes."""
    import dask
    from distributed import LocalCluster

    quiet = {"distributed.admin.system-monitor.interval": "10s", "distributed.comm.timeouts.connect": "20s"}
    with (
        dask.config.set(quiet),
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1",
            dashboard_address="127.0.0.1:0", worker_dashboard_address=None, memory_limit=0, silence_logs=50,
        ) as cluster,
    ):  # fmt: skip
        cluster.wait_for_workers(2, timeout=60)
        yield cluster.scheduler_address


def test_a_dask_cluster_gives_the_table_of_one_process(model, calendar, tmp_path, address) -> None:
    designs = (Design("null", calendar), Design("constant", calendar, effect="constant", size=1.0))
    wanted = [Experiment(design, model, ("twfe", "group_time"), ("efficient",)) for design in designs]
    one = room.run(wanted, 100, 1, Cache(tmp_path / "one", "k"))
    with workers.workers(2, address):
        two = room.run(wanted, 100, 2, Cache(tmp_path / "two", "k"))
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_the_cluster_computes_the_blocks_itself(model, calendar, tmp_path, address, monkeypatch) -> None:
    def signed(experiment, first, count):
        return run_block(experiment, first, count) | {"process": np.array([os.getpid()])}

    monkeypatch.setattr(room, "run_block", signed)
    cache = Cache(tmp_path, "k")
    with workers.workers(1, address):
        room.run([Experiment(Design("null", calendar), model, ("twfe",))], 100, 1, cache)
    blocks = [cache.load(f"toy-null-toy-{first:06d}") for first in (0, 50)]
    assert all(block["process"][0] != os.getpid() for block in blocks)


def test_workers_with_other_code_are_refused(address, monkeypatch) -> None:
    monkeypatch.setattr(workers, "PACKAGE_KEY", "of another commit")
    with pytest.raises(InputError, match="2 Dask workers run other code"), workers.workers(1, address):
        pytest.fail("work began on workers of another version")


def test_a_cluster_without_workers_is_the_users_error(monkeypatch) -> None:
    from distributed import LocalCluster

    monkeypatch.setattr(workers, "PATIENCE", 0.5)
    with (
        LocalCluster(
            n_workers=0, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=50
        ) as cluster,
        pytest.raises(InputError, match="no workers"),
        workers.workers(1, cluster.scheduler_address),
    ):
        pytest.fail("work began without workers")


def test_a_scheduler_that_does_not_answer_is_the_users_error(monkeypatch) -> None:
    monkeypatch.setattr(workers, "PATIENCE", 0.5)
    with pytest.raises(InputError, match="no Dask scheduler"), workers.workers(1, "tcp://127.0.0.1:1"):
        pytest.fail("work began without a cluster")


def test_a_scheduler_without_dask_is_the_users_error(monkeypatch) -> None:
    real = builtins.__import__

    def absent(name, *given, **more):
        if name.split(".")[0] in ("dask", "distributed"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *given, **more)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(InputError, match="not installed"), workers.workers(1, "tcp://127.0.0.1:1"):
        pytest.fail("work began without a cluster")
