"""The comparison notices what a reviewer would, and forgives only rounding and pixels."""

import subprocess

import pytest

from analysis.base.errors import InputError
from analysis.verify import compare

TABLE = "a,b\nx,1.0\ny,2.5\n"


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A committed project with one table, one JSON file and one picture; no run record of its own."""
    for name in ("GIT_DIR", "GIT_WORK_TREE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(compare, "write_run", lambda raw, processed: None)
    monkeypatch.setattr(compare, "write_package", lambda processed: None)
    folder = tmp_path / "data/processed"
    folder.mkdir(parents=True)
    (folder / "table.csv").write_text(TABLE)
    (folder / "numbers.json").write_text('{"key": {"value": 1.5, "sha256": "a"}}')
    (folder / "picture.svg").write_text("<svg/>")
    git = ["git", "-C", str(tmp_path), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run([*git[:3], "init", "--quiet"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "reference"], check=True)
    return tmp_path


def report(checkout):
    return (checkout / "build/verification.md").read_text()


def test_an_untouched_build_agrees(checkout):
    compare.run(checkout, strict=True)
    assert "same bytes: 3" in report(checkout)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("table.csv", "a,b\nx,1.0000000001\ny,2.5\n"),
        ("numbers.json", '{"key": {"value": 1.50000000001, "sha256": "b"}}'),
        ("picture.svg", "<svg><g/></svg>"),
    ],
)
def test_rounding_in_the_last_digits_and_other_pixels_are_forgiven(checkout, name, content):
    (checkout / "data/processed" / name).write_text(content)
    compare.run(checkout, strict=True)


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("table.csv", "a,b\nx,1.0\ny,2.6\n", "row 3, column b: '2.5' became '2.6'"),
        ("table.csv", "a,b\nx,1.0\nz,2.5\n", "row 3, column a"),
        ("table.csv", "a,b\nx,1.0\n", "2 rows became 1"),
        ("table.csv", "a,c\nx,1.0\ny,2.5\n", "columns"),
        ("numbers.json", '{"key": {"value": 1.6, "sha256": "a"}}', "$.key.value: 1.5 became 1.6"),
    ],
)
def test_another_number_text_or_shape_is_named_with_its_place(checkout, name, content, place):
    (checkout / "data/processed" / name).write_text(content)
    with pytest.raises(InputError, match=name):
        compare.run(checkout, strict=True)
    assert place in report(checkout)


def test_a_missing_product_and_a_new_one_are_reported(checkout):
    (checkout / "data/processed/table.csv").rename(checkout / "data/processed/other.csv")
    compare.run(checkout, strict=False)
    assert "committed and not built: 1" in report(checkout)
    assert "| data/processed/other.csv | new |" in report(checkout)


def test_outside_a_checkout_there_is_nothing_to_compare(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(compare, "write_run", lambda raw, processed: None)
    monkeypatch.setattr(compare, "write_package", lambda processed: None)
    compare.run(tmp_path, strict=True)
    assert "nothing to compare" in capsys.readouterr().err
