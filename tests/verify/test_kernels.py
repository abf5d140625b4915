"""The comparison over kernels sees every byte, runs each kernel once and never succeeds with nothing."""

import pytest

from analysis.base.errors import InputError
from analysis.verify import kernels
from analysis.verify.kernels import Combination


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A built project of two tables, whose copies are built by writing the same tables again."""
    root = tmp_path / "project"
    write(root, "table.csv", "a\n1\n")
    write(root, "figures/figure.svg", "<svg/>")
    write(root, "lab.csv", "simulated elsewhere\n")
    (root / ".gitignore").write_text("/build/\n")
    monkeypatch.setattr(kernels, "core_of", lambda variables: variables.get("OPENBLAS_CORETYPE", "Haswell"))
    monkeypatch.setattr(kernels, "copy_sources", lambda here, there: write(there, "table.csv", "committed"))
    monkeypatch.setattr(kernels, "build", lambda there, combination: made(there))
    return root


def write(root, name, text):
    path = root / kernels.PRODUCTS / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def made(there, value="1"):
    assert kernels.products(there) == [], "a committed product would be compared with itself"
    write(there, "table.csv", f"a\n{value}\n")
    write(there, "figures/figure.svg", "<svg/>")


def test_equal_builds_are_counted(project, capsys):
    kernels.run(project)
    said = capsys.readouterr().err.splitlines()
    assert said[-1] == "kernels: same bytes, 16 of 16"  # two products, eight combinations
    assert "kernels: Prescott, 1 thread: same bytes, 2 of 2" in said


def test_one_other_byte_under_one_kernel_is_named(project, monkeypatch, capsys):
    def build(there, combination):
        made(there, "2" if combination.name.startswith("Nehalem") else "1")

    monkeypatch.setattr(kernels, "build", build)
    with pytest.raises(InputError, match=r"1 of 16 products .*") as caught:
        kernels.run(project)
    assert caught.value.value == "Nehalem, 1 thread: table.csv"
    assert "kernels: Nehalem, 1 thread: same bytes, 1 of 2: table.csv" in capsys.readouterr().err


def test_a_product_on_one_side_only_differs(project, monkeypatch):
    monkeypatch.setattr(kernels, "build", lambda there, combination: write(there, "table.csv", "a\n1\n"))
    with pytest.raises(InputError, match="8 of 16"):
        kernels.run(project)


def test_nothing_compared_is_a_failure(project, monkeypatch):
    for name in kernels.products(project):
        (project / kernels.PRODUCTS / name).unlink()
    monkeypatch.setattr(kernels, "build", lambda there, combination: None)
    with pytest.raises(InputError, match="0 of 0"):
        kernels.run(project)


def test_a_failed_build_says_what_make_said(tmp_path):
    (tmp_path / "Makefile").write_text("data:\n\t@echo the disk is full; exit 3\n")
    with pytest.raises(InputError, match="Prescott, 1 thread failed") as caught:
        kernels.build(tmp_path, Combination("Prescott, 1 thread", {}))
    assert "the disk is full" in caught.value.value


def test_a_build_gets_its_variables_and_threads(tmp_path):
    shell = '\t@echo "$$OPENBLAS_CORETYPE $$OPENBLAS_NUM_THREADS $$OMP_NUM_THREADS" >> said\n'
    (tmp_path / "Makefile").write_text(
        "export OPENBLAS_NUM_THREADS := 1\nexport OMP_NUM_THREADS := 1\n"
        + "".join(f"{target}:\n{shell}" for target in kernels.TARGETS)
    )
    kernels.build(tmp_path, Combination("two", {"OPENBLAS_CORETYPE": "Nehalem"}, threads=2))
    assert (tmp_path / "said").read_text().splitlines() == ["Nehalem 2 2"] * len(kernels.TARGETS)


def test_each_kernel_runs_once_and_those_this_processor_lacks_are_said(monkeypatch, capsys):
    answers = {"Prescott": "Katmai", "Nehalem": "Nehalem", "Sandybridge": "Katmai", "Haswell": "Haswell"}
    monkeypatch.setattr(kernels, "core_of", lambda variables: answers.get(variables["OPENBLAS_CORETYPE"], ""))
    found = kernels.combinations("Haswell")
    assert [item.name for item in found] == [
        "Haswell (own), 2 threads",
        "Katmai, 1 thread",
        "Nehalem, 1 thread",
        "Haswell (own), numpy without AVX2",
        "Haswell (own), C library without FMA",
        "the oldest of all three, 2 threads",
    ]
    assert found[-1].variables["OPENBLAS_CORETYPE"] == "Prescott"
    said = capsys.readouterr().err
    assert "Sandybridge: not run, answers as Katmai" in said
    assert "SkylakeX: not run, not on this processor" in said


def test_a_kernel_that_the_processor_cannot_run_has_no_name(monkeypatch):
    assert kernels.core_of({})
    monkeypatch.setattr(kernels, "PROBE", "import os, signal; os.kill(os.getpid(), signal.SIGILL)")
    assert kernels.core_of({}) == ""
