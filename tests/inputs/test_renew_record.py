"""Renewing the record after an edit changes hashes and sizes, and nothing else."""

import hashlib

import pytest

from analysis.base.errors import InputError
from analysis.inputs import check_package, load_workers
from analysis.inputs.renew import renew_record


def test_an_edit_passes_after_the_record_is_renewed(raw_copy):
    before = (raw_copy.folder / "datapackage.yaml").read_text(encoding="utf-8").splitlines()
    raw_copy.edit("workers.csv", {"count_id": "workers_01"}, "value", "84000001")
    check_package(raw_copy.folder)
    assert load_workers(raw_copy.folder).loc[0, "value"] == 84_000_001
    after = (raw_copy.folder / "datapackage.yaml").read_text(encoding="utf-8").splitlines()
    changed = [new for old, new in zip(before, after, strict=True) if old != new]
    digest = hashlib.sha256((raw_copy.folder / "workers.csv").read_bytes()).hexdigest()
    assert [line.strip() for line in changed] == [f"hash: sha256:{digest}"]  # same size, so one line


def test_renewing_an_unchanged_record_leaves_its_bytes(raw_copy):
    before = (raw_copy.folder / "datapackage.yaml").read_bytes()
    assert renew_record(raw_copy.folder) == []
    assert (raw_copy.folder / "datapackage.yaml").read_bytes() == before


def test_a_file_that_is_gone_cannot_be_renewed(raw_copy):
    (raw_copy.folder / "benefits.csv").unlink()
    with pytest.raises(InputError, match="raw file missing"):
        renew_record(raw_copy.folder)


def test_a_disagreement_of_grade_d_stays_on_record(raw_copy):
    # Grade D is contradicted by definition: the check of counts against counts passes over it.
    key = {"figure_id": "31_20250331_cumulative_participants"}
    raw_copy.edit("published_figures.csv", key, "value", "13800000")
    raw_copy.edit("published_figures.csv", key, "grade", "D")
    check_package(raw_copy.folder)


def test_the_simulated_country_is_a_valid_record(toy_raw):
    folder, truth = toy_raw
    check_package(folder)
    assert set(truth.residents) == {f"{number:02d}" for number in range(1, 9)}


def test_the_simulated_country_says_that_it_is_simulated(toy_raw):
    folder, _ = toy_raw
    assert "SIMULATED" in (folder / "datapackage.yaml").read_text(encoding="utf-8")


def test_the_true_path_is_a_tenth_of_residents_approached_by_a_fifth(toy_raw):
    _, truth = toy_raw
    path = truth.enrolled[truth.enrolled["province_code"] == "01"].set_index("quarter")["persons"]
    assert path["2022Q3"] == 200_000  # 10 million residents x 0.1 x (1 - 0.8)
    assert path["2022Q4"] == 360_000
    assert path.is_monotonic_increasing
