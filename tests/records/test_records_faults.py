"""Bad deliveries: one clear error, exit code 2, no output, no temporary file, no identifier."""

from __future__ import annotations

import datetime as dt
import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from analysis.base.errors import InputError
from analysis.records import release
from analysis.records.cli import app
from analysis.records.engine import EngineError, guarded, workspace
from analysis.records.panel import build_panel

ROOT = Path(__file__).parents[2]


def drop(name: str, column: str):
    def spoil(folder: Path, rewrite) -> None:
        file = folder / name / "all.parquet"
        pq.write_table(pq.read_table(file).drop_columns([column]), file)

    return spoil


def change(name: str, column: str, value: object, kind: pa.DataType | None = None, count: int = 4):
    def spoil(folder: Path, rewrite) -> None:
        file = folder / name / "all.parquet"
        rewrite(file, column, lambda old: [value] * count + old[count:], kind)

    return spoil


def retype(name: str, column: str, kind: pa.DataType):
    def spoil(folder: Path, rewrite) -> None:
        file = folder / name / "all.parquet"
        table = pq.read_table(file)
        place = table.schema.get_field_index(column)
        pq.write_table(table.set_column(place, column, table.column(column).cast(kind)), file)

    return spoil


def repeat_orders(folder: Path, rewrite) -> None:
    table = pq.read_table(folder / "orders" / "all.parquet")
    pq.write_table(table.slice(0, 5), folder / "orders" / "again.parquet")


def cut(folder: Path, rewrite) -> None:
    file = folder / "orders" / "all.parquet"
    file.write_bytes(file.read_bytes()[:-100])


def garble(folder: Path, rewrite) -> None:
    file = folder / "orders" / "all.parquet"
    content = bytearray(file.read_bytes())
    content[2000:200_000] = b"\xff" * 198_000
    file.write_bytes(bytes(content))


def empty_partition(folder: Path, rewrite) -> None:
    table = pq.read_table(folder / "orders" / "all.parquet")
    pq.write_table(table.slice(0, 0), folder / "orders" / "none.parquet")


def no_files(folder: Path, rewrite) -> None:
    (folder / "orders" / "all.parquet").unlink()


def as_csv(folder: Path, separators: str = ",", name: str = "orders") -> list[Path]:
    file = folder / name / "all.parquet"
    frame = pq.read_table(file).to_pandas()
    file.unlink()
    paths = []
    for number, separator in enumerate(separators):
        paths.append(folder / name / f"{number}.csv")
        frame.iloc[number :: len(separators)].to_csv(paths[-1], index=False, sep=separator)
    return paths


def mixed_inside(folder: Path, rewrite) -> None:
    file = as_csv(folder)[0]
    lines = file.read_text().splitlines()
    lines[30] = lines[30].replace(",", ";")
    file.write_text("\n".join(lines))


def csv_without_zone(folder: Path, rewrite) -> None:
    file = as_csv(folder)[0]
    file.write_text(file.read_text().replace("+00:00", ""))


def csv_with_words(folder: Path, rewrite) -> None:
    file = as_csv(folder, name="claims")[0]
    frame = pd.read_csv(file, dtype=str)
    frame.loc[:2, "paid_yuan"] = "much"
    frame.to_csv(file, index=False)


def stranger(folder: Path, rewrite) -> None:
    rewrite(folder / "claims" / "all.parquet", "worker_id", lambda ids: [7, 8, *ids[2:]])


DAY = dt.date(2020, 1, 1)
FAULTS = {
    "missing column": (drop("orders", "platform_id"), ["all.parquet", "platform_id"]),
    "missing claims column": (drop("claims", "filed_date"), ["filed_date"]),
    "wrong type": (retype("orders", "contribution_yuan", pa.string()), ["contribution_yuan", "number"]),
    "code as number": (
        change("orders", "province_code", 11, pa.int64(), 30_000),
        ["province_code", "string"],
    ),
    "unknown province": (
        change("orders", "province_code", "99"),
        ["province_code", "fewer than 10 rows", "99", "all.parquet"],
    ),
    "empty province": (
        change("orders", "province_code", None),
        ["province_code", "empty", "fewer than 10 rows"],
    ),
    "empty worker": (change("orders", "worker_id", None), ["worker_id", "fewer than 10 rows", "****"]),
    "order before the start": (
        change("orders", "completed_at", pd.Timestamp("2022-06-30T15:59:59Z")),
        ["completed_at", "before the start", "fewer than 10 rows", "examples: 2022-06"],
    ),
    "duplicate order ids": (repeat_orders, ["order_id", "duplicate", "fewer than 10 rows", "****"]),
    "clock without time zone": (
        retype("orders", "completed_at", pa.timestamp("us")),
        ["completed_at", "time zone"],
    ),
    "CSV clock without time zone": (csv_without_zone, ["completed_at", "time zone", "30000 rows"]),
    "words for money in CSV": (csv_with_words, ["paid_yuan", "not a number", "fewer than 10 rows"]),
    "negative contribution": (
        change("orders", "contribution_yuan", -0.06),
        ["contribution_yuan", "negative", "fewer than 10 rows", "-9.99"],
    ),
    "claim without orders": (stranger, ["worker_id", "claim without orders", "fewer than 10 rows", "****"]),
    "accident before the start": (
        change("claims", "accident_date", DAY),
        ["accident_date", "fewer than 10 rows", "examples: 2020-01"],
    ),
    "grade out of range": (
        change("claims", "disability_grade", 11),
        ["disability_grade", "fewer than 10 rows", "examples: 99"],
    ),
    "empty partition": (empty_partition, ["none.parquet", "empty"]),
    "truncated Parquet": (cut, ["all.parquet", "truncated"]),
    "garbled Parquet": (garble, ["could not read"]),
    "delimiters mixed inside a file": (
        mixed_inside,
        ["0.csv (fewer than 10)", "fields than the header", "fewer than 10 rows", "row 31: 1 fields, not 7"],
    ),
    "directory without files": (no_files, ["no Parquet or CSV file", "orders"]),
}


def identifiers(folder: Path) -> set[str]:
    found: set[str] = set()
    for name in ("orders", "claims"):
        for file in sorted((folder / name).glob("all.parquet")):
            try:
                table = pq.read_table(file)
            except (pa.ArrowException, OSError):
                continue
            found |= {
                str(value)
                for column in ("worker_id", "order_id")
                if column in table.column_names
                for value in table.column(column).to_pylist()[:2000]
            }
    return found - {"None"}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_with_its_place_and_leaves_nothing_behind(name, copy, request_for, rewrite, capfd):
    spoil, words = FAULTS[name]
    secret = identifiers(copy)
    spoil(copy, rewrite)
    request = request_for(copy)
    with pytest.raises(InputError) as caught:
        build_panel(request)
    said = str(caught.value) + "".join(capfd.readouterr())
    for word in words:
        assert word in said
    assert not any(value in said for value in secret if len(value) > 3)
    assert not request.out.parent.exists()
    assert list(request.temporary.iterdir()) == []


QUARANTINED = {
    "unknown province": 4,
    "duplicate order ids": 5,
    "order before the start": 4,
    "negative contribution": 4,
    "claim without orders": 2,
    "accident before the start": 4,
    "words for money in CSV": 3,
}


@pytest.mark.parametrize("name", QUARANTINED)
def test_the_quarantine_counts_what_it_sets_aside(name, copy, request_for, rewrite, capfd):
    FAULTS[name][0](copy, rewrite)
    build_panel(request_for(copy, quarantine=True, min_cell=3))
    number = QUARANTINED[name] if QUARANTINED[name] >= 3 else "fewer than 3"
    assert f"set aside: {number} " in capfd.readouterr().err


def test_a_quarantined_duplicate_and_an_empty_partition_leave_the_panel_as_without_them(
    copy, published, request_for, rewrite, capfd
):
    repeat_orders(copy, rewrite)
    empty_partition(copy, rewrite)
    request = request_for(copy, quarantine=True)
    build_panel(request)
    assert request.out.read_bytes() == published.read_bytes()
    assert "left out: 1 files" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"min_cell": 2}, "smallest cell"),
        ({"time_zone": "Mars/Base"}, "time zone"),
        ({"memory": "much"}, "memory"),
        ({"orders": "s3a://bucket/orders"}, "local files"),
        ({"rollout": Path("nowhere.csv")}, "rollout"),
        ({"out": Path("panel.txt")}, "CSV"),
    ],
)
def test_an_impossible_request_is_refused(changes, word, made, request_for):
    with pytest.raises(InputError, match=word):
        build_panel(request_for(made, **changes))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("province_code,event\n11,starts\n", "date"),
        ("province_code,event,date\n11,starts,2022-07\n", "not a day"),
        ("province_code,event,date\n11,starts,2022-07-01\n11,starts,2023-07-01\n", "twice"),
        ("province_code,event,date\n11,announced,2022-07-01\n", "starts"),
        ("province_code,event,date\n00,starts,2022-07-01\n", "nation"),
    ],
)
def test_a_faulty_rollout_is_refused(text, word, made, request_for, tmp_path):
    file = tmp_path / "rollout.csv"
    file.write_text(text)
    with pytest.raises(InputError, match=word):
        build_panel(request_for(made, rollout=file))


def test_a_full_disk_while_writing_leaves_earlier_products_alone(made, published, request_for, monkeypatch):
    request = request_for(made)
    shutil.copytree(published.parent, request.out.parent)
    before = {file.name: file.read_bytes() for file in request.out.parent.iterdir()}

    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(release, "write_text", full)
    with pytest.raises(InputError, match="no space left"):
        build_panel(request_for(made, min_cell=20))
    assert {file.name: file.read_bytes() for file in request.out.parent.iterdir()} == before


def test_a_full_disk_while_spilling_is_the_users_to_mend():
    def full() -> None:
        raise duckdb.IOException("could not write block: No space left on device, id 4711")

    with pytest.raises(InputError, match="no space left") as caught:
        guarded(full)
    assert "4711" not in str(caught.value)


@pytest.mark.parametrize(
    "words",
    [
        "ModuleNotFoundError: No module named 'analysis'",
        'Cannot run program "python3": error=2, No such file or directory',
        "[PYTHON_VERSION_MISMATCH] Python in worker has different version: 3.8 than that in driver: 3.12",
    ],
)
def test_a_worker_without_our_python_is_the_users_to_mend(words):
    def fail() -> None:
        raise RuntimeError(f"Job aborted due to stage failure: {words}")

    with pytest.raises(InputError, match="a worker of Spark cannot run the Python") as caught:
        guarded(fail)
    assert "PYSPARK_PYTHON" in str(caught.value)


def test_the_words_of_an_engine_never_reach_the_user():
    def fail() -> None:
        raise RuntimeError("worker 330106199001011234 is odd")

    with pytest.raises(EngineError) as caught:
        guarded(fail)
    assert "330106" not in str(caught.value) and caught.value.__context__ is None


def test_spilled_rows_are_not_readable_on_disk(tmp_path):
    from analysis.records.engine import Session

    session = Session("duckdb", "60MB", tmp_path)
    session.connection.execute("CREATE TEMP TABLE t AS SELECT 'WORKER' || i AS w FROM range(4000000) r(i)")
    spilled = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    session.close()
    assert sum(map(len, spilled)) > 1_000_000
    assert not any(b"WORKER" in content for content in spilled)


SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def test_an_interrupt_in_the_middle_removes_the_temporary_files(made, tmp_path):
    # One start of Python; a child for each signal, before any engine has threads.
    program = (
        "import os, time; from pathlib import Path\n"
        "from analysis.records import panel\n"
        "def slow(*given):\n"
        "    print('counting', flush=True); time.sleep(60)\n"
        "panel.assemble = slow\n"
        f"folder = Path({str(made)!r}); place = Path({str(tmp_path)!r})\n"
        f"for number in {[int(number) for number in SIGNALS]!r}:\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        temporary = place / str(number) / 'temporary'; temporary.mkdir(parents=True)\n"
        "        panel.build_panel(panel.Request(str(folder / 'orders'), str(folder / 'claims'),"
        " folder / 'rollout.csv', place / str(number) / 'out' / 'panel.csv', temporary=temporary))\n"
        "        os._exit(0)\n"
        "    print(child, flush=True)\n"
        "for _number in range(3):\n"
        "    child, status = os.wait(); print(child, os.waitstatus_to_exitcode(status), flush=True)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    said = [process.stdout.readline().strip() for _line in range(6)]
    children = dict(zip((int(word) for word in said if word != "counting"), SIGNALS, strict=True))
    assert said.count("counting") == 3
    for child, number in children.items():
        assert list((tmp_path / str(int(number)) / "temporary").iterdir())
        os.kill(child, number)
    ended = [tuple(map(int, process.stdout.readline().split())) for _line in range(3)]
    assert {child for child, code in ended if code != 0} == set(children)
    assert process.wait(timeout=30) == 0
    for number in SIGNALS:
        assert list((tmp_path / str(int(number)) / "temporary").iterdir()) == []
        assert not (tmp_path / str(int(number)) / "out").exists()


def test_an_interrupt_reaches_a_running_query(tmp_path):
    program = (
        "from pathlib import Path\nfrom analysis.records.engine import Session, workspace\n"
        f"with workspace(Path({str(tmp_path)!r})) as folder:\n"
        "    session = Session('duckdb', '1GB', folder); print('ready', flush=True)\n"
        "    session.run(lambda: session.connection.execute("
        "'SELECT count(*) FROM range(100000000000) a(i) WHERE i % 7 = 3').fetchall())\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None and process.stdout.readline().strip() == "ready"
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) != 0
    assert list(tmp_path.iterdir()) == []


def test_the_workspace_is_removed_when_the_work_fails(tmp_path):
    with pytest.raises(ZeroDivisionError), workspace(tmp_path) as folder:
        (folder / "spill").write_text("rows")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_the_command_makes_and_counts(tmp_path):
    folder = tmp_path / "made"
    run = CliRunner().invoke
    made = run(app, ["make", "--workers", "300", "--orders", "4000", "--seed", "1", "--out", str(folder)])
    assert made.exit_code == 0, made.output
    paths = [f"--{name}={folder / name}" for name in ("orders", "claims")]
    counted = run(
        app, ["panel", *paths, f"--rollout={folder / 'rollout.csv'}", f"--out={tmp_path / 'p.csv'}"]
    )
    assert counted.exit_code == 0, counted.output
    assert (tmp_path / "p.suppressed.csv").exists() and (tmp_path / "p.run.json").exists()


def test_an_interrupted_making_leaves_nothing_and_can_be_run_again(tmp_path, monkeypatch):
    from analysis.records import synthetic

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    out = tmp_path / "records"
    with monkeypatch.context() as patch:
        patch.setattr(synthetic, "write_truth", stop)
        with pytest.raises(KeyboardInterrupt):
            synthetic.make_records(workers=10, orders=200, seed=0, out=out)
    assert list(tmp_path.iterdir()) == []
    out.mkdir()  # an empty folder of the user's stays the same folder
    before = out.stat().st_ino
    synthetic.make_records(workers=10, orders=200, seed=0, out=out)
    assert out.stat().st_ino == before
    assert {path.name for path in out.iterdir()} == {
        "orders",
        "claims",
        "rollout.csv",
        "truth.csv",
        "README.md",
    }
    assert [path.name for path in tmp_path.iterdir()] == ["records"]


def test_records_are_never_made_into_a_folder_that_holds_something(made):
    with pytest.raises(InputError, match="not empty"):
        from analysis.records.synthetic import make_records

        make_records(workers=10, orders=100, seed=0, out=made)
