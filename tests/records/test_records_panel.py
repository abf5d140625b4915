"""The panel against counts made with pandas, row by row, and against the known truth."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.records.calendar import read_rollout, read_zone
from analysis.records.columns import MEASURES, PANEL_COLUMNS
from analysis.records.disclosure import Release
from analysis.records.panel import _in_force, build_panel, count_records
from analysis.records.release import lay_out
from analysis.records.synthetic import make_records
from tests.records.deliveries import frame_of

PEOPLE = ["province_code", "quarter"]


def unsuppressed(request) -> pd.DataFrame:
    """The panel before the disclosure rule."""
    plan = read_rollout(request.rollout)
    count = count_records(request, plan, read_zone(request.time_zone))
    in_force = _in_force(count, plan)
    nothing = Release(np.zeros_like(in_force), np.zeros_like(in_force))
    return (
        frame_of(lay_out(count, in_force, dict.fromkeys(MEASURES, nothing))[0]).set_index(PEOPLE).sort_index()
    )


def brute_force(folder: Path) -> pd.DataFrame:
    """Every measure with pandas, from the rows, one plain definition after the other."""
    orders, claims = (pq.read_table(folder / name).to_pandas() for name in ("orders", "claims"))
    local = orders["completed_at"].dt.tz_convert("Asia/Shanghai").dt.tz_localize(None)
    orders["quarter"] = local.dt.to_period("Q").astype(str)
    claims["quarter"] = pd.to_datetime(claims["accident_date"]).dt.to_period("Q").astype(str)
    days = pd.to_datetime(claims["decided_date"]) - pd.to_datetime(claims["filed_date"])
    claims["days"] = days.dt.days
    orders["nation"], claims["nation"] = "00", "00"
    quarters = sorted(orders["quarter"].unique())
    spread = orders.groupby(["worker_id", "quarter"])["province_code"].nunique()
    rows = []
    for level in ("province_code", "nation"):
        for code, own in orders.groupby(level):
            own_claims = claims[claims[level] == code]
            ever: set[int] = set()
            before: set[int] = set()
            for quarter in quarters:
                now = own[own["quarter"] == quarter]
                people = set(now["worker_id"])
                ever |= people
                filed = own_claims[own_claims["quarter"] == quarter]
                several = sum(spread[worker, quarter] > 1 for worker in people)
                mixed = (now.groupby("worker_id")["platform_id"].nunique() > 1).sum()
                rows.append(
                    {
                        "province_code": code,
                        "quarter": quarter,
                        "enrolled": len(ever),
                        "active": len(people),
                        "orders": len(now),
                        "contributions_yuan": now["contribution_yuan"].sum(),
                        "claims": len(filed),
                        "confirmed": int(filed["confirmed"].fillna(False).astype(bool).sum()),
                        "paid_yuan": filed["paid_yuan"].sum(),
                        "median_decision_days": filed["days"].median(),
                        "multi_province_share": several / len(people) if people else np.nan,
                        "multi_platform_share": mixed / len(people) if people else np.nan,
                        "persistence": len(people & before) / len(before) if before else np.nan,
                    }
                )
                before = people
    return pd.DataFrame(rows).set_index(PEOPLE).sort_index()


def agree(found: pd.DataFrame, truth: pd.DataFrame, **options: object) -> None:
    pd.testing.assert_frame_equal(
        found[list(MEASURES)].astype(float), truth.loc[found.index, list(MEASURES)].astype(float), **options
    )


@pytest.fixture(scope="module")
def plain_count(made):
    return brute_force(made)


def test_every_measure_is_what_pandas_counts_row_by_row_and_the_truth_of_the_invented_people(
    made, plain_count, request_for
):
    found = unsuppressed(request_for(made))
    agree(found, plain_count, rtol=1e-12)
    truth = pd.read_csv(made / "truth.csv", dtype={"province_code": str}).set_index(PEOPLE)
    agree(found, truth, rtol=1e-9)  # truth.csv prints ten digits


def test_the_panel_has_the_columns_of_the_contract_in_order(published):
    assert tuple(pd.read_csv(published, nrows=0).columns) == PANEL_COLUMNS


def test_published_cells_are_the_truth_and_empty_ones_are_listed(published, plain_count):
    panel = pd.read_csv(published, dtype={"province_code": str}).set_index(PEOPLE)
    listed = pd.read_csv(published.with_name("panel.suppressed.csv"), dtype={"province_code": str})
    truth = plain_count.loc[panel.index]
    for measure in MEASURES:
        published = panel[measure].notna()
        assert np.allclose(
            panel.loc[published, measure], truth.loc[published, measure].astype(float), rtol=1e-9
        )
        empty = set(panel.index[~published & truth[measure].notna()])
        cells = listed[listed["measure"] == measure]
        assert empty <= set(zip(cells["province_code"], cells["quarter"], strict=True))
        assert (
            not panel.loc[list(zip(cells["province_code"], cells["quarter"], strict=True)), measure]
            .notna()
            .any()
        )


def test_no_published_count_of_people_is_below_the_minimum(made, request_for):
    request = request_for(made, min_cell=25)
    panel = frame_of(build_panel(request))
    assert panel[["enrolled", "active"]].min().min() >= 25


def test_two_runs_give_the_same_bytes_whatever_the_clock_of_the_machine(
    made, published, request_for, tmp_path, monkeypatch
):
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    second = request_for(made, out=tmp_path / "b" / "panel.csv", memory="500MB")
    build_panel(second)
    monkeypatch.undo()
    time.tzset()
    for file in sorted(published.parent.iterdir()):
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()


def test_csv_and_partition_folders_give_the_panel_of_plain_parquet(made, published, request_for, tmp_path):
    texts, folders = tmp_path / "texts", tmp_path / "folders"
    for name in ("orders", "claims"):
        (texts / name).mkdir(parents=True)
        table = pq.read_table(made / name)
        table.to_pandas().to_csv(texts / name / "all.csv", index=False, sep=";")
        pq.write_to_dataset(table, folders / name, partition_cols=["province_code"])
    for folder in (texts, folders):
        (folder / "rollout.csv").write_bytes((made / "rollout.csv").read_bytes())
        out = tmp_path / folder.name / "panel.csv"  # a ledger beside it would let earlier numbers stand
        build_panel(request_for(folder, out=out))
        assert out.read_bytes() == published.read_bytes()


def test_an_order_just_before_midnight_in_utc_belongs_to_the_next_local_quarter(copy, request_for, rewrite):
    late = pd.Timestamp("2022-09-30T16:00:00Z")  # midnight in Shanghai, 1 October
    rewrite(copy / "orders" / "all.parquet", "completed_at", lambda times: [late, *times[1:]])
    rewrite(copy / "orders" / "all.parquet", "province_code", lambda codes: ["11", *codes[1:]])
    found = unsuppressed(request_for(copy))
    agree(found, brute_force(copy), rtol=1e-12)
    just_before = late - pd.Timedelta(microseconds=1)
    rewrite(copy / "orders" / "all.parquet", "completed_at", lambda times: [just_before, *times[1:]])
    moved = unsuppressed(request_for(copy))
    assert moved.loc[("11", "2022Q3"), "orders"] == found.loc[("11", "2022Q3"), "orders"] + 1


def test_identifiers_stored_as_numbers_meet_identifiers_stored_as_text(copy, request_for, rewrite):
    before = unsuppressed(request_for(copy))
    rewrite(copy / "claims" / "all.parquet", "worker_id", lambda ids: [str(i) for i in ids], pa.string())
    pd.testing.assert_frame_equal(unsuppressed(request_for(copy)), before)


def test_synthetic_files_keep_their_class_into_the_run_record(published, copy, request_for, tmp_path):
    assert json.loads(published.with_name("panel.run.json").read_text())["evidence"] == "simulated"
    for name in ("orders", "claims"):
        file = copy / name / "all.parquet"
        pq.write_table(pq.read_table(file).replace_schema_metadata(None), file)
    request = request_for(copy, out=tmp_path / "real" / "panel.csv")
    build_panel(request)
    assert json.loads(request.out.with_name("panel.run.json").read_text())["evidence"] == "records"


def test_the_same_seed_makes_the_same_bytes_and_another_seed_other_ones(made, tmp_path):
    make_records(workers=1500, orders=30_000, seed=3, out=tmp_path / "again")
    make_records(workers=1500, orders=30_000, seed=4, out=tmp_path / "other")
    for file in sorted(path for path in made.rglob("*") if path.is_file()):
        assert file.read_bytes() == (tmp_path / "again" / file.relative_to(made)).read_bytes()
    assert (made / "truth.csv").read_bytes() != (tmp_path / "other" / "truth.csv").read_bytes()


@pytest.mark.parametrize("orders", [1500, 4000, 12_345])
def test_exactly_as_many_orders_are_made_as_were_asked_for(orders, tmp_path):
    make_records(workers=1000, orders=orders, seed=0, out=tmp_path / "few")
    assert pq.read_table(tmp_path / "few" / "orders").num_rows == orders


def test_synthetic_claims_recover_the_known_effect(tmp_path, request_for):
    make_records(workers=20_000, orders=200_000, seed=5, out=tmp_path / "many")
    found = unsuppressed(request_for(tmp_path / "many"))
    truth = pd.read_csv(tmp_path / "many" / "truth.csv", dtype={"province_code": str}).set_index(PEOPLE)
    nation = truth.loc["00"]
    surprise = found.loc["00", "claims"].sum() - nation["claims_expected"].sum()
    # Claims are nearly Poisson; one in twenty claimants files twice, which adds a tenth to the variance.
    assert abs(surprise) < 4 * np.sqrt(1.15 * nation["claims_expected"].sum())
