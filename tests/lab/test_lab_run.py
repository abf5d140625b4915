"""The run as a whole: processes, cache, resumption and refusals."""

import pandas as pd
import pytest

from analysis.base.errors import InputError
from analysis.lab import run as room
from analysis.lab.block import run_block
from analysis.lab.cache import PACKAGE, Cache, content_key, import_closure
from analysis.lab.catalogue import Experiment
from analysis.lab.design import Design


@pytest.fixture
def wanted(model, calendar) -> list[Experiment]:
    designs = (Design("null", calendar), Design("constant", calendar, effect="constant", size=1.0))
    return [Experiment(design, model, ("twfe", "group_time", "imputation")) for design in designs]


@pytest.fixture
def counted(monkeypatch) -> list[int]:
    """First replications of the blocks that were really computed."""
    seen: list[int] = []

    def run(experiment, first, count):
        seen.append(first)
        return run_block(experiment, first, count)

    monkeypatch.setattr(room, "run_block", run)
    return seen


def test_two_processes_give_the_table_of_one(wanted, tmp_path) -> None:
    one = room.run(wanted, 100, 1, Cache(tmp_path / "one", "k"))
    with room.workers(2, ""):
        two = room.run(wanted, 100, 2, Cache(tmp_path / "two", "k"))
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_a_second_run_computes_nothing(wanted, tmp_path, counted) -> None:
    first = room.run(wanted, 100, 1, Cache(tmp_path, "k"))
    counted.clear()
    second = room.run(wanted, 100, 1, Cache(tmp_path, "k"))
    assert counted == []
    pd.testing.assert_frame_equal(first, second, check_exact=True)


def test_an_interrupted_run_goes_on_where_it_stopped(wanted, tmp_path, counted, monkeypatch) -> None:
    whole = room.run(wanted, 150, 1, Cache(tmp_path / "whole", "k"))
    cache, save, stored = Cache(tmp_path / "broken", "k"), Cache.save, []

    def stop(self, name, arrays):
        if len(stored) == 7:  # four forms of three estimators and some blocks
            raise KeyboardInterrupt
        stored.append(name)
        save(self, name, arrays)

    monkeypatch.setattr(Cache, "save", stop)
    with pytest.raises(KeyboardInterrupt):
        room.run(wanted, 150, 1, cache)
    monkeypatch.setattr(Cache, "save", save)
    counted.clear()
    resumed = room.run(wanted, 150, 1, Cache(tmp_path / "broken", "k"))
    done = [name for name in stored if not name.startswith("form-")]
    assert done
    assert len(counted) == 6 - len(done)
    pd.testing.assert_frame_equal(whole, resumed, check_exact=True)


def test_results_of_other_code_are_refused(wanted, tmp_path, counted, capsys) -> None:
    room.run(wanted, 100, 1, Cache(tmp_path, "old"))
    counted.clear()
    room.run(wanted, 100, 1, Cache(tmp_path, "new"))
    assert len(counted) == 4
    assert "refused" in capsys.readouterr().err


def test_a_damaged_result_is_made_again(wanted, tmp_path, counted) -> None:
    room.run(wanted, 100, 1, Cache(tmp_path, "k"))
    counted.clear()
    (tmp_path / "toy-null-toy-000050.npz").write_bytes(b"PK torn")
    room.run(wanted, 100, 1, Cache(tmp_path, "k"))
    assert counted == [50]


def test_the_key_changes_with_input_and_with_any_code_that_is_imported(tmp_path) -> None:
    package = tmp_path / "analysis"
    (package / "did").mkdir(parents=True)
    (package / "start.py").write_text("from analysis.did import near\n")
    (package / "did" / "near.py").write_text("from .far import A\n")
    (package / "did" / "far.py").write_text("A = 1\n")
    (package / "apart.py").write_text("A = 1\n")
    before = content_key([b"panel"], ["start.py"], package)
    (package / "apart.py").write_text("A = 2\n")
    assert content_key([b"panel"], ["start.py"], package) == before
    assert content_key([b"other panel"], ["start.py"], package) != before
    (package / "did" / "far.py").write_text("A = 2\n")
    assert content_key([b"panel"], ["start.py"], package) != before


def test_a_module_named_for_the_key_that_was_moved_is_an_error(tmp_path) -> None:
    with pytest.raises(FileNotFoundError, match=r"gone\.py"):
        content_key([], ["gone.py"], tmp_path)


def test_the_key_covers_the_estimators_and_what_they_stand_on() -> None:
    covered = {path.relative_to(PACKAGE).as_posix() for path in import_closure()}
    assert {"lab/design.py", "config.py", "did/estimators/synthetic.py", "did/panel/gate.py"} <= covered
    assert not [name for name in covered if name.startswith(("report/", "did/command/", "own/"))]


@pytest.mark.parametrize("replications", [0, 50, 120])
def test_replications_that_are_no_whole_blocks_are_refused(tmp_path, replications) -> None:
    with pytest.raises(InputError, match="replications"):
        room.write_lab(tmp_path, replications)


def test_a_missing_panel_is_named(tmp_path) -> None:
    with pytest.raises(InputError, match=r"panel\.csv"):
        room.write_lab(tmp_path, 100)
