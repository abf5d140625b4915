"""The second release: what its difference from the first would tell is not released."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from analysis.base.errors import InputError
from analysis.own.release import release_section
from analysis.records import revisions
from analysis.records.audit import audit
from analysis.records.ledger import read_ledger
from analysis.records.panel import build_panel
from tests.records.deliveries import save
from tests.records.test_records_concentration import country

KEY = ["province_code", "quarter"]


@pytest.fixture
def records(tmp_path):
    """Six provinces of 60 people in two quarters, nothing withheld but small sides of shares."""
    folder = tmp_path / "records"
    country(folder)
    return folder


def add_claims(
    folder, people: int, quarter: str = "2025-11-20", paid: float = 87_654.32, province: str = "31"
) -> None:
    """More claims of the first ``people`` of a province, delivered later."""
    file = folder / "claims" / "a.parquet"
    claims = pq.read_table(file).to_pandas()
    day = pd.Timestamp(quarter).date()
    more = claims[claims["province_code"] == province].drop_duplicates("worker_id")[:people]
    more = more.assign(accident_date=day, filed_date=day, decided_date=day, confirmed=True, paid_yuan=paid)
    save(pd.concat([claims, more]), file)


def released(request) -> pd.DataFrame:
    build_panel(request)
    return pd.read_csv(request.out, dtype={"province_code": str}).set_index(KEY).sort_index()


def run_of(request) -> dict:
    return json.loads(request.out.with_name("panel.run.json").read_text())


def test_one_more_claim_leaves_the_earlier_numbers_of_its_quarter(records, request_for, capfd):
    request = request_for(records)
    first = released(request)
    assert first.loc[("31", "2025Q4"), "claims"] == 60
    add_claims(records, 1)
    second = released(request)
    pd.testing.assert_frame_equal(first, second)
    said = capfd.readouterr().err
    assert "revised: no quarter" in said
    assert "other numbers than were released for 2025Q4;" in said
    assert "2025Q4" not in json.dumps({name: run_of(request)[name] for name in ("audit", "revised_quarters")})
    assert "revised_quarters" in run_of(request) and not run_of(request)["revised_quarters"]
    add_claims(records, 10)  # with the one before: eleven people
    third = released(request)
    assert third.loc[("31", "2025Q4"), "claims"] == 71
    assert third.loc[("00", "2025Q4"), "claims"] == 371
    assert run_of(request)["revised_quarters"] == ["2025Q4"]
    assert "other numbers than were released" not in capfd.readouterr().err
    assert any("revised: 2025Q4" in line for line in release_section(request.out))


@pytest.mark.parametrize(("people", "revised"), [(9, False), (10, True)])
def test_no_difference_of_two_releases_counts_fewer_than_k_people(people, revised, records, request_for):
    request = request_for(records)
    first = released(request)
    add_claims(records, people)
    second = released(request)
    change = (second["claims"] - first["claims"]).dropna()
    assert set(change[change != 0].unique()) == ({people} if revised else set())
    assert (second["paid_yuan"] != first["paid_yuan"]).any() == revised


@pytest.mark.parametrize("people", [1, 9, 10])
def test_the_withheld_rest_of_the_nation_changes_by_no_few_people_either(people, records, request_for):
    file = records / "claims" / "a.parquet"
    claims = pq.read_table(file).to_pandas()
    late = (claims["province_code"] == "31") & (pd.to_datetime(claims["accident_date"]).dt.quarter == 4)
    save(claims.drop(index=claims.index[late][4:]), file)  # four claims: withheld, with a partner
    request = request_for(records)
    first = released(request).xs("2025Q4", level="quarter")
    assert first.loc["31", ["claims", "paid_yuan"]].isna().all()
    provinces = first.index.drop("00")
    shown = provinces[first.loc[provinces, "claims"].notna()]
    assert 2 <= len(shown) <= 4 and not np.isnan(first.loc["00", "claims"])
    add_claims(records, 12, province=shown[0], paid=1234.5)
    add_claims(records, people, paid=1234.5)
    second = released(request).xs("2025Q4", level="quarter")
    shown = shown[second.loc[shown, "claims"].notna()]
    rest = [panel.loc["00", "claims"] - panel.loc[shown, "claims"].sum() for panel in (first, second)]
    assert rest[1] - rest[0] == (people if people >= 10 else 0)
    paid = [panel["paid_yuan"].filter([*shown, "00"]) for panel in (first, second)]
    if not any(values.isna().any() for values in paid):
        change = [2 * values["00"] - values.sum() for values in paid]
        assert change[1] - change[0] == pytest.approx(1234.5 * people if people >= 10 else 0, abs=1e-3)


@pytest.mark.parametrize("emptied", [False, True])
def test_a_quarter_of_which_the_audit_would_empty_a_released_cell_stands(
    emptied, records, request_for, monkeypatch
):
    file = records / "claims" / "a.parquet"

    def drop(province: str, kept: int) -> None:
        claims = pq.read_table(file).to_pandas()
        quarter = pd.to_datetime(claims["accident_date"]).dt.quarter == 4
        there = claims.index[(claims["province_code"] == province) & quarter]
        save(claims.drop(index=there[kept:]), file)

    drop("31", 4)  # withheld, with a partner
    request = request_for(records)
    first = released(request).xs("2025Q4", level="quarter")
    shown, other = first.index.drop("00")[first["claims"].drop("00") == 60][:2]
    for province, people in ((other, 30), (shown, 22)):
        add_claims(records, people, province=province, paid=1234.5)

    def audit_that_empties(totals, in_force, k, releases, standing=None):
        found, result = audit(totals, in_force, k, releases, standing)
        place = totals.units.index(shown), -1
        for release in found.values():
            release.hidden[place] |= emptied and not standing[place]
        return found, result

    monkeypatch.setattr(revisions, "audit", audit_that_empties)
    second = released(request).xs("2025Q4", level="quarter")
    assert second.loc["00", "claims"] - first.loc["00", "claims"] == (0 if emptied else 52)
    assert second.loc[shown, "claims"] == (60 if emptied else 82)


def test_a_corrected_payment_alone_stays_in_the_dark(records, request_for):
    request = request_for(records)
    first = released(request)
    file = records / "claims" / "a.parquet"
    claims = pq.read_table(file).to_pandas()
    claims.loc[claims.index[0], "paid_yuan"] += 5000.0
    save(claims, file)
    pd.testing.assert_frame_equal(first, released(request))


def test_what_was_withheld_stays_withheld_under_a_smaller_k(records, request_for, made):
    for folder, out in ((records, "a"), (made, "b")):
        request = request_for(folder, min_cell=10)
        large = request.out.parent.with_name(out) / "panel.csv"
        first = released(request_for(folder, min_cell=10, out=large))
        second = released(request_for(folder, min_cell=5, out=large))
        assert (first.isna() & second.notna()).sum().sum() == 0
        alone = released(request_for(folder, min_cell=5, out=large.with_name("alone.csv")))
        if folder == made:
            assert (first.isna() & alone.notna()).sum().sum() > 0  # without the ledger they would open


def test_a_new_quarter_is_added_while_old_ones_stand(records, request_for):
    request = request_for(records)
    first = released(request)
    file = records / "orders" / "a.parquet"
    orders = pq.read_table(file).to_pandas()
    later = orders.assign(
        order_id=orders["order_id"] + 10**6, completed_at=orders["completed_at"] + pd.Timedelta("184D")
    )
    save(pd.concat([orders, later]), file)
    add_claims(records, 2)
    second = released(request)
    assert {"2026Q1", "2026Q2"} <= set(second.index.get_level_values("quarter"))
    again = second.loc[first.index].astype(float)
    stands = again.xs("2025Q4", level="quarter", drop_level=False)
    pd.testing.assert_frame_equal(stands, first.loc[stands.index].astype(float))
    # A longer panel may need more cells to be empty, but these are known from the first release.
    pd.testing.assert_frame_equal(again, first.astype(float))
    # The share of those active before would tell how many they are now in a quarter that stands.
    assert second.xs("2026Q1", level="quarter")["persistence"].isna().all()


def test_a_rounded_release_is_revised_without_telling_one_claim(records, request_for):
    request = request_for(records, round_to=5, seed=2)
    first = released(request)
    add_claims(records, 1)
    change = (released(request)["claims"] - first["claims"]).dropna()
    assert set(np.abs(change.unique())) <= {0, 5}


@pytest.mark.parametrize(
    ("first", "second"),
    [({}, {"round_to": 5}), ({"round_to": 5}, {}), ({"round_to": 5, "seed": 1}, {"round_to": 5, "seed": 2})],
)
def test_one_panel_is_not_rounded_in_two_ways(first, second, records, request_for):
    # Exact, rounded, exact again: the third would be compared with the second, which hides one claim.
    request = request_for(records, **first)
    build_panel(request)
    before = request.out.read_bytes()
    add_claims(records, 1)
    with pytest.raises(InputError, match="rounded in another way"):
        build_panel(request_for(records, **second))
    assert request.out.read_bytes() == before


def test_the_run_record_does_not_tell_how_few_rows_were_set_aside(records, request_for):
    file = records / "orders" / "a.parquet"
    orders = pq.read_table(file).to_pandas()
    orders.loc[orders.index[0], "contribution_yuan"] = -1.0
    save(orders, file)
    request = request_for(records, quarantine=True)
    panel = released(request)
    record = json.loads(request.out.with_name("panel.run.json").read_text())
    assert panel.loc["00", "orders"].sum() == len(orders) - 1
    assert record["set_aside"][0]["rows"] == "fewer than 10"
    assert str(len(orders)) not in json.dumps(record["rows"])


def test_the_same_release_again_adds_no_entry(records, request_for):
    request = request_for(records)
    build_panel(request)
    ledger = request.out.with_name("panel.releases.jsonl")
    before = {path.name: path.read_bytes() for path in request.out.parent.iterdir()}
    build_panel(request)
    assert {path.name: path.read_bytes() for path in request.out.parent.iterdir()} == before
    assert len(read_ledger(ledger).lines) == 1
    assert read_ledger(ledger).head == json.loads(before["panel.run.json"])["ledger"]["head"]


@pytest.mark.parametrize("change", ["first", "last", "cut", "gone"])
def test_an_altered_ledger_stops_the_run_and_leaves_the_products(change, records, request_for):
    request = request_for(records)
    build_panel(request)
    add_claims(records, 12)
    build_panel(request)
    ledger = request.out.with_name("panel.releases.jsonl")
    lines = ledger.read_text().splitlines()
    assert len(lines) == 2
    lines = {
        "first": [lines[0].replace("60", "61", 1), lines[1]],
        "last": [lines[0], lines[1].replace("60", "61", 1)],
        "cut": lines[:1],
        "gone": [],
    }[change]
    ledger.write_text("".join(f"{line}\n" for line in lines))
    panel = request.out.read_bytes()
    with pytest.raises(InputError, match="ledger"):
        build_panel(request)
    assert request.out.read_bytes() == panel


@pytest.mark.parametrize("renamed", [1, 2, 3])
def test_a_release_that_was_killed_between_its_files_counts_as_released(
    renamed, records, request_for, monkeypatch
):
    request = request_for(records)
    released(request)
    add_claims(records, 12)
    done = []
    rename = Path.replace

    def stop(self, target):
        if Path(target).parent == request.out.parent:
            if len(done) == renamed:
                raise KeyboardInterrupt
            done.append(target)
        return rename(self, target)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "replace", stop)
        build_panel(request)
    ledger = request.out.with_name("panel.releases.jsonl")
    assert len(done) == renamed and len(read_ledger(ledger).lines) == 2
    released(request)
    record = json.loads(request.out.with_name("panel.run.json").read_text())
    assert record["ledger"]["releases"] == 2
    assert request.out.read_text() == json.loads(read_ledger(ledger).lines[-1])["panel"]


def test_another_rollout_or_invented_records_need_another_panel(records, made, request_for):
    request = request_for(records)
    build_panel(request)
    rollout = records / "rollout.csv"
    rollout.write_text(rollout.read_text().replace("53,starts,2025-07-01", "54,starts,2025-07-01"))
    orders, claims = (
        pq.read_table(records / name / "a.parquet").to_pandas() for name in ("orders", "claims")
    )
    for name, frame in (("orders", orders), ("claims", claims)):
        frame["province_code"] = frame["province_code"].replace("53", "54")
        save(frame, records / name / "a.parquet")
    with pytest.raises(InputError, match="rows of release 1"):
        build_panel(request)
    with pytest.raises(InputError, match="release 1"):
        build_panel(request_for(made))
