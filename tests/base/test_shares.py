"""Work in shares gives what one process gives, in its order, and fails as one process does."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from analysis.base import shares
from analysis.base.errors import InputError
from analysis.base.shares import in_shares, split


@pytest.mark.parametrize("jobs", [1, 2, 3, 9])
def test_results_come_in_the_order_of_the_items(jobs):
    held = {"three": 3}  # by the process that asks; a copy has it too
    items = list(range(7))
    found = in_shares(lambda item: (item, held["three"] * item), items, [1.0] * 7, jobs)
    assert found == [(0, 0), (1, 3), (2, 6), (3, 9), (4, 12), (5, 15), (6, 18)]


@pytest.mark.parametrize("jobs", [0, -1])
def test_fewer_than_one_process_is_refused(jobs):
    with pytest.raises(InputError, match=f"{jobs} processes cannot be run"):
        in_shares(str, [1], [1.0], jobs)


def test_nothing_to_do_gives_nothing():
    assert in_shares(str, [], [], 2) == []


@pytest.mark.skipif(not shares.CAN_COPY, reason="this system makes no copies of a process")
def test_two_jobs_are_two_processes():
    found = in_shares(lambda _: os.getpid(), [0, 1, 2], [5.0, 1.0, 1.0], 2)
    assert found[0] == os.getpid()
    assert found[1] == found[2] != os.getpid()


def test_shares_end_together():
    # 5 | 4, then 3 to the 4, then 1 and 1 to the 5: seven on either side
    assert split([5, 1, 4, 3, 1], 2) == [[0, 1, 4], [2, 3]]


def fail_at(bad):
    def work(item):
        if item == bad:
            raise ValueError(f"item {item} cannot be made")
        return item

    return work


@pytest.mark.parametrize("bad", [0, 1])
def test_a_failure_is_raised_here_whichever_process_met_it(bad, capfd):
    with pytest.raises(ValueError, match=f"item {bad} cannot be made"):
        in_shares(fail_at(bad), [0, 1], [2.0, 1.0], 2)
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(not shares.CAN_COPY, reason="this system makes no copies of a process")
def test_the_share_of_a_killed_copy_is_made_here():
    here = os.getpid()

    def work(item):
        if os.getpid() != here:
            os.kill(os.getpid(), 9)
        return item

    assert in_shares(work, [0, 1], [2.0, 1.0], 2) == [0, 1]


ALONE = """
import os, time
from analysis.base.shares import in_shares

asked = os.getpid()

def work(item):
    if os.getpid() != asked:
        print(os.getpid(), flush=True)
    time.sleep(60)

in_shares(work, [0, 1], [1.0, 1.0], 2)
"""


@pytest.mark.skipif(not shares.CAN_COPY, reason="this system makes no copies of a process")
def test_a_copy_ends_with_the_process_that_asked():
    with subprocess.Popen([sys.executable, "-c", ALONE], stdout=subprocess.PIPE, text=True) as process:
        copy = int(process.stdout.readline())
        os.kill(copy, 0)  # it is there
        process.kill()
        # The copy holds the other end: it is read to its end when the copy is gone, long before a minute.
        start = time.monotonic()
        assert process.stdout.read() == ""
        assert time.monotonic() - start < 30
