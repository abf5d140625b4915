"""Every public name has an example that runs and prints what it says.

Examples call the engine by the name under which it is installed alone.
"""

from __future__ import annotations

import doctest
import inspect
import sys

import pytest

import analysis.did as did
from analysis.did import Panel, Results

PUBLIC = [name for name in did.__all__ if callable(getattr(did, name))]
METHODS = [Panel.from_frame, Panel.from_arrays]


def examples(thing: object) -> list[doctest.DocTest]:
    """Examples in the docstring of a class or function, not in its members."""
    module = sys.modules[thing.__module__]
    found = doctest.DocTestFinder(recurse=False).find(thing, module=module, globs=dict(vars(module)))
    return [test for test in found if test.examples]


@pytest.mark.parametrize(
    "thing", [*(getattr(did, name) for name in PUBLIC), *METHODS], ids=lambda t: t.__qualname__
)
def test_example_of_every_public_name_runs_as_printed(thing, monkeypatch):
    monkeypatch.setitem(sys.modules, "rollout_did", did)
    tests = examples(thing)
    assert tests, "has no example"
    said: list[str] = []
    for test in tests:
        doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    assert not said, "".join(said)


def test_every_public_name_is_one_of_the_module():
    assert len(PUBLIC) >= 30
    assert all(hasattr(did, name) for name in did.__all__)


def test_every_public_method_of_a_result_says_what_it_does():
    for name, member in inspect.getmembers(Results):
        if not name.startswith("_") and name not in ("index", "count"):
            assert (getattr(member, "__doc__", None) or "").strip() or name in Results.__dataclass_fields__, (
                name
            )
