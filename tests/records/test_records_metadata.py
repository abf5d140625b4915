"""What stands around the panel (reasons, run record, inventory, messages) tells no more than the panel."""

from __future__ import annotations

import json
import re

import pandas as pd
import pyarrow.parquet as pq
import pytest

from analysis.base.errors import InputError
from analysis.records.panel import build_panel
from analysis.records.release import magnitude
from tests.records.deliveries import save


def test_the_list_does_not_tell_small_cells_from_those_that_protect_them(published):
    listed = pd.read_csv(published.with_name("panel.suppressed.csv"), dtype=str)
    record = json.loads(published.with_name("panel.run.json").read_text())
    assert set(listed["reason"]) == {"confidential"}
    for measure, cells in record["suppressed"].items():
        rows = listed[listed["measure"] == measure]
        assert sorted(cells) == sorted(rows["province_code"] + " " + rows["quarter"])
    assert "primary" not in json.dumps(record)


def test_the_run_record_counts_what_the_released_panel_counts(published):
    panel = pd.read_csv(published, dtype={"province_code": str})
    record = json.loads(published.with_name("panel.run.json").read_text())
    nation = panel[panel["province_code"] == "00"]
    for name in ("orders", "claims"):
        whole = nation[name].notna().all()
        assert record["rows"][name] == (nation[name].sum() if whole else None)
    said = record["enrolled_in_several_provinces"]
    for quarter, rows in panel.groupby("quarter"):
        own, whole = rows["province_code"] != "00", rows["enrolled"].notna().all()
        over = rows.loc[own, "enrolled"].sum() - rows.loc[~own, "enrolled"].sum()
        near = f"about {int(over) // 10 * 10}" if over >= 10 else "fewer than 10"
        assert said[quarter] == (near if whole else "withheld")
    assert "withheld" in said.values()  # a range of ten that the panel does not give


@pytest.mark.parametrize("last", [1, 3, 9])
def test_totals_do_not_tell_how_many_rows_a_small_file_has(last, copy, request_for, capfd):
    file = copy / "orders" / "all.parquet"
    orders = pq.read_table(file).to_pandas()
    file.unlink()
    save(orders[:-last], copy / "orders" / "a.parquet")
    save(orders[-last:], copy / "orders" / "b.parquet")
    request = request_for(copy)
    build_panel(request)
    said = "\n".join(
        line for line in capfd.readouterr().err.splitlines() if "parquet" in line or "orders:" in line
    )
    assert f"2 files read, {len(orders) - last} rows" in said and "1 files of fewer than 10 rows" in said
    assert "b.parquet, fewer than 10 rows" in said and str(len(orders)) not in said
    small = (copy / "orders" / "b.parquet").stat().st_size
    assert str(small) not in said
    listed = json.loads(request.out.with_name("panel.run.json").read_text())["files"]["orders"]["list"]
    assert [item["rows"] for item in listed] == ["10000 to 99999", "fewer than 1000"]


def test_an_empty_file_looks_in_the_run_record_as_one_of_few_rows(copy, request_for):
    file = copy / "orders" / "all.parquet"
    orders = pq.read_table(file).to_pandas()
    file.unlink()
    seen = []
    for rows in (0, 1):
        save(orders[:-1], copy / "orders" / "a.parquet")
        pq.write_table(pq.read_table(copy / "orders" / "a.parquet")[:rows], copy / "orders" / "b.parquet")
        save(orders[rows:], copy / "orders" / "a.parquet")
        request = request_for(copy, quarantine=True)
        build_panel(request)
        record = json.loads(request.out.with_name("panel.run.json").read_text())["files"]["orders"]["list"]
        seen.append([(item["name"], item["status"], item["rows"], item.get("note")) for item in record])
    assert seen[0] == seen[1]


def test_a_file_with_one_withheld_cell_is_given_by_its_power_of_ten():
    # The p % rule asks for 10 %: a sum known to the next thousand would be known far better.
    assert [magnitude(number) for number in (0, 999, 1000, 123_456, 999_999)] == [
        "fewer than 1000",
        "fewer than 1000",
        "1000 to 9999",
        "100000 to 999999",
        "100000 to 999999",
    ]


@pytest.mark.parametrize("parts", [(40, 3), (40, 30, 20, 2), (9, 9)])
def test_a_refusal_does_not_tell_how_few_rows_of_a_file_are_at_fault(parts, copy, request_for):
    file = copy / "orders" / "all.parquet"
    orders = pq.read_table(file).to_pandas()
    file.unlink()
    for number, few in enumerate(parts):
        part = orders[number :: len(parts)].copy()
        part.loc[part.index[:few], "contribution_yuan"] = -1.0
        save(part, copy / "orders" / f"{number}.parquet")
    with pytest.raises(InputError) as caught:
        build_panel(request_for(copy))
    said = str(caught.value)
    assert f"{sum(parts)} rows" in said and "0.parquet" in said
    assert not re.search(r"parquet \(\d+\)", said) and not re.search(r"fewer than 10\)", said)


def test_a_refusal_tells_the_rows_of_files_where_these_are_many(copy, request_for):
    file = copy / "orders" / "all.parquet"
    orders = pq.read_table(file).to_pandas()
    orders.loc[orders.index[:40], "contribution_yuan"] = -1.0
    save(orders, file)
    with pytest.raises(InputError, match=r"all\.parquet \(40\)"):
        build_panel(request_for(copy))


def test_rows_set_aside_are_counted_so_that_one_more_changes_nothing(copy, tmp_path, request_for):
    file = copy / "orders" / "all.parquet"
    orders = pq.read_table(file).to_pandas()
    said = []
    for few in (23, 24):
        orders.loc[orders.index[:few], "contribution_yuan"] = -1.0
        save(orders, file)
        request = request_for(copy, quarantine=True, out=tmp_path / str(few) / "panel.csv")
        build_panel(request)
        said.append(json.loads(request.out.with_name("panel.run.json").read_text())["set_aside"][0]["rows"])
    assert said == ["about 20", "about 20"]
