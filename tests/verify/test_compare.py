"""The comparison notices what a reviewer would, and forgives only rounding and pixels.

The same in a git checkout, where the last commit is the reference, and in an unpacked archive, where it
is the manifest.
"""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from analysis.base.errors import InputError
from analysis.verify import compare, preflight
from analysis.verify.reference import MANIFEST, set_aside, stale, write_manifest
from analysis.verify.sources import is_checkout, source_files
from analysis.verify.stable import copy_sources

# What steps and tools leave behind, none of it a source.
BUILT = (
    "analysis/did/build/lib/x.py", "a/__pycache__/x.pyc", "book/en/_build/html/x.html", "build/x.md",
    "own/lib/x.py", "own/pyvenv.cfg", "paper/_output/x.pdf", "x.egg-info/PKG-INFO",
)  # fmt: skip
TABLE = "a,b\nx,1.0\ny,2.5\n"


ROOT = Path(__file__).resolve().parents[2]
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not on this machine")


def commit(folder):
    git = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run([*git[:3], "init", "--quiet"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "reference"], check=True)


def checksums(folder):
    """The manifest of the products of a folder, as ``sha256sum`` prints it."""
    paths = sorted(path for path in (folder / "data/processed").iterdir() if path.suffix != ".yaml")
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  data/processed/{path.name}\n" for path in paths
    )


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """An unpacked archive with one table, one JSON file and one picture; no run record of its own."""
    for name in ("GIT_DIR", "GIT_WORK_TREE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(compare, "write_record", lambda raw, processed: None)
    folder = tmp_path / "data/processed"
    folder.mkdir(parents=True)
    (folder / "table.csv").write_text(TABLE)
    (folder / "numbers.json").write_text('{"key": {"value": 1.5, "sha256": "a"}}')
    (folder / "picture.svg").write_text("<svg/>")
    (tmp_path / ".gitignore").write_text("build/\n*.pyc\n")
    (tmp_path / MANIFEST).write_text(checksums(tmp_path))
    set_aside(tmp_path)
    return tmp_path


@pytest.fixture(params=["archive", pytest.param("commit", marks=needs_git)])
def checkout(archive, request):
    """The same project as an archive, and committed."""
    if request.param == "commit":
        shutil.rmtree(archive / "build", ignore_errors=True)
        (archive / MANIFEST).unlink()
        commit(archive)
    return archive


def report(checkout):
    return (checkout / "build/verification.md").read_text()


def test_an_untouched_build_agrees_and_the_last_line_says_so(checkout, capsys):
    compare.run(checkout, strict=True)
    assert "- same bytes: 3" in report(checkout)
    assert report(checkout).splitlines()[-1] == "same bytes, 3 of 3"
    assert capsys.readouterr().err.splitlines()[-1] == "same bytes, 3 of 3"


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
    assert report(checkout).splitlines()[-1] == "same bytes, 2 of 3"


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
    assert "in the reference and not built: 1" in report(checkout)
    verdict = "new" if (checkout / ".git").exists() else "unlisted"
    assert f"| data/processed/other.csv | {verdict} |" in report(checkout)


def test_a_manifest_that_was_cut_off_vouches_for_nothing_it_does_not_list(archive):
    lines = (archive / MANIFEST).read_text().splitlines(keepends=True)
    (archive / MANIFEST).write_text("".join(lines[:1]))
    with pytest.raises(InputError, match="2 products differ"):
        compare.run(archive, strict=True)
    assert report(archive).splitlines()[-1] == "same bytes, 1 of 1"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b'a,b\n"open', b"{", b'{"key": 1, "key": 2}'])
@pytest.mark.parametrize("name", ["table.csv", "numbers.json"])
def test_a_damaged_product_differs_and_the_others_are_still_compared(checkout, name, content):
    (checkout / "data/processed" / name).write_bytes(content)
    with pytest.raises(InputError, match=name):
        compare.run(checkout, strict=True)
    assert report(checkout).splitlines()[-1] == "same bytes, 2 of 3"


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("manifest", [None, ""])
def test_comparing_with_nothing_is_an_error(archive, strict, manifest):
    (archive / MANIFEST).unlink()
    if manifest is not None:
        (archive / MANIFEST).write_text(manifest)
    with pytest.raises(InputError, match="nothing to compare"):
        compare.run(archive, strict=strict)
    assert not (archive / "build/verification.md").exists()


def test_without_the_original_a_changed_table_cannot_be_called_close(archive):
    shutil.rmtree(archive / "build")
    (archive / "data/processed/table.csv").write_text("a,b\nx,1.0000000001\ny,2.5\n")
    set_aside(archive)  # too late: what the manifest does not vouch for is no reference
    with pytest.raises(InputError, match="1 products differ"):
        compare.run(archive, strict=True)
    assert "other checksum" in report(archive)


def test_an_original_that_was_changed_is_no_reference(archive):
    for folder in ("build/reference/data/processed", "data/processed"):
        (archive / folder / "table.csv").write_text("a,b\nx,1.0\ny,9.5\n")
    with pytest.raises(InputError, match=r"table\.csv"):
        compare.run(archive, strict=True)


@pytest.mark.parametrize(
    "line",
    ["0" * 63 + "  data/processed/table.csv", "0" * 64 + " data/processed/table.csv",
     "0" * 64 + "  data/processed/../../x", "0" * 64 + "  data/raw/x.csv"],
)  # fmt: skip
def test_a_line_that_is_no_checksum_of_a_product_is_named(archive, line):
    with (archive / MANIFEST).open("a") as stream:
        stream.write(line + "\n")
    with pytest.raises(InputError, match="row 4"):
        compare.run(archive, strict=True)


@needs_git
def test_a_manifest_is_renewed_in_a_checkout_only_and_is_stale_until_then(archive):
    with pytest.raises(InputError, match="not a git checkout"):
        write_manifest(archive)
    commit(archive)
    assert stale(archive) == []
    (archive / "data/processed/table.csv").write_text("a,b\nx,3.0\n")
    assert stale(archive) == []  # another processor's bytes: the last commit's manifest is right
    commit(archive)
    assert stale(archive) == ["data/processed/table.csv"]
    write_manifest(archive)
    assert (archive / MANIFEST).read_text() == checksums(archive)
    assert stale(archive) == []
    (archive / MANIFEST).unlink()
    assert stale(archive) == ["data/MANIFEST.sha256 is absent or empty"]


def test_the_manifest_of_the_project_lists_its_products():
    assert stale(ROOT) == []


@needs_git
def test_a_folder_inside_somebody_elses_checkout_is_an_archive(archive, tmp_path):
    outer = archive.parent / "outer"
    shutil.copytree(archive, outer / "inner")
    (outer / "theirs.txt").write_text("theirs")
    commit(outer)
    assert is_checkout(outer)
    assert not is_checkout(outer / "inner")
    compare.run(outer / "inner", strict=True)


@needs_git
@pytest.mark.skipif(not is_checkout(ROOT), reason="this tree is an archive itself")
def test_an_archive_has_the_files_that_git_would_list(tmp_path):
    there = tmp_path / "copy"
    copy_sources(ROOT, there)
    for built in BUILT:
        (there / built).parent.mkdir(parents=True, exist_ok=True)
        (there / built).touch()
    listed = {path.relative_to(ROOT) for path in source_files(ROOT, untracked=True)}
    assert {path.relative_to(there) for path in source_files(there, untracked=True)} == listed
    assert Path("analysis/verify/sources.py") in listed


def test_a_tree_without_git_and_without_its_hidden_files_is_refused(archive):
    (archive / ".gitignore").unlink()
    with pytest.raises(InputError, match="hidden files"):
        source_files(archive, untracked=True)


def test_preflight_reads_an_archive(archive):
    personal = "/".join(("see ", "home", "somebody"))
    (archive / "notes.md").write_text(personal)
    (archive / "build/notes.md").write_text(personal)
    assert preflight.check_personal_paths(archive) == ["notes.md:1"]
    assert preflight.check_manifest(archive) == []
    (archive / MANIFEST).unlink()
    assert preflight.check_manifest(archive) == ["data/MANIFEST.sha256 is absent or empty"]


def test_the_second_build_starts_from_the_sources_of_an_archive(archive, tmp_path_factory):
    there = tmp_path_factory.mktemp("second")
    copy_sources(archive, there)
    assert (there / MANIFEST).read_bytes() == (archive / MANIFEST).read_bytes()
    assert not (there / "build").exists()
