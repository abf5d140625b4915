"""One person, platform or order under two spellings, and many under one: what other programs make of them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from analysis.records.concentration import check_platforms
from tests.records.deliveries import count_right, save, to_text, write_csv
from tests.records.test_records_deliveries import counted, refused

ZEROS = "some identifiers differ in zeros at the start"
REWRITTEN = "a float or a spreadsheet has rewritten the identifier"
SPELLINGS = {  # of a person whose identifier is 1000 or more, in the second of two files
    "thousands": ("{:,}", REWRITTEN),
    "formula": ('="{}"', REWRITTEN),
    "mark of a text": ("'{}", REWRITTEN),
    "quotes": ('"{}"', REWRITTEN),
    "plus": ("+{}", REWRITTEN),
    "decimal comma": ("{},00", REWRITTEN),
    "nothing behind the point": ("{}.", REWRITTEN),
    "float of Java": ("1.{}E7", REWRITTEN),
    "zeros at the start": ("00{}", ZEROS),
    "wide digits": ("wide {}", ZEROS),
}
WIDE = {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}


def write_both(folder: Path, form: str, first: pd.DataFrame, second: pd.DataFrame) -> None:
    if form == "csv":
        write_csv(folder, "orders", to_text(first))
        (folder / "orders" / "b.csv").write_text(to_text(second), encoding="utf-8")
        return
    save(first, folder / "orders" / "a.parquet")
    save(second, folder / "orders" / "b.parquet")


@pytest.mark.parametrize("form", ["parquet", "csv"])
@pytest.mark.parametrize("name", SPELLINGS)
def test_a_person_who_is_written_in_two_ways_is_not_two(name, form, delivered, request_for):
    folder, orders, claims = delivered
    for frame in (orders, claims):
        frame["worker_id"] = (frame["worker_id"] + 1000).astype(str)
    save(claims, folder / "claims" / "a.parquet")
    how, word = SPELLINGS[name]
    spelt = orders["worker_id"][70:].map(
        lambda who: who.translate(WIDE) if how == "wide {}" else how.format(int(who))
    )
    write_both(folder, form, orders[:70], orders[70:].assign(worker_id=spelt))
    assert word in refused(request_for(folder))


def test_numbers_with_zeros_at_the_start_in_every_file_are_people(delivered, request_for):
    folder, orders, claims = delivered
    for frame in (orders, claims):
        frame["worker_id"] = frame["worker_id"].map("{:06d}".format)
    write_both(folder, "csv", orders[:70], orders[70:])
    save(claims, folder / "claims" / "a.parquet")
    _count, found = counted(request_for(folder))
    pd.testing.assert_frame_equal(found, count_right(orders, claims))


def test_a_negative_identifier_that_became_a_float_is_a_fault(delivered, request_for):
    folder, orders, claims = delivered
    save(claims, folder / "claims" / "a.parquet", worker_id=pa.string())
    write_both(folder, "csv", orders[:70], orders[70:].assign(worker_id="-17.0"))
    assert f"{REWRITTEN}, 50 rows" in refused(request_for(folder))


@pytest.mark.parametrize("other", ["p1", "\uff30\uff11", "P1 "])
def test_a_platform_that_is_written_in_two_ways_is_refused(other):
    names = pa.table({"platform_id": ["P1", "P2", other]})
    if other == "P1 ":  # blanks are taken off before
        check_platforms(names)
        return
    with pytest.raises(ValueError, match="some platform ids differ"):
        check_platforms(names)


def test_platforms_that_lost_their_zeros_in_one_file_are_refused(delivered, request_for):
    folder, orders, _claims = delivered
    codes = orders["platform_id"].str.replace("P", "0")
    lost = codes[70:].str.lstrip("0")
    write_both(
        folder, "csv", orders[:70].assign(platform_id=codes[:70]), orders[70:].assign(platform_id=lost)
    )
    assert "platform ids differ in wide letters or in zeros at the start only" in refused(request_for(folder))


EMPTY = ["\\N", "(null)", "[NULL]", "undefined", "Unknown", "-", "?", ".", "无", "未知", "#REF!"]
HASHED = [  # of no text: MD5, SHA-1 and SHA-256, by coreutils
    "d41d8cd98f00b204e9800998ecf8427e",
    "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
]


@pytest.mark.parametrize("form", ["parquet", "csv"])
@pytest.mark.parametrize("column", ["worker_id", "platform_id"])
def test_a_word_or_a_hash_of_nothing_is_nobody(column, form, delivered, request_for):
    folder, orders, claims = delivered
    orders = orders.assign(worker_id=orders["worker_id"].astype(str))
    broken = orders.copy()
    places = [5 * number for number in range(len(EMPTY + HASHED))]
    broken.loc[places, column] = EMPTY + HASHED
    write_both(folder, form, broken[:70], broken[70:])
    said = refused(request_for(folder))
    assert f"column {column}: a word for nothing, {len(places)} rows" in said
    _count, found = counted(request_for(folder, quarantine=True))
    pd.testing.assert_frame_equal(found, count_right(orders.drop(index=places), claims))


@pytest.mark.parametrize("form", ["parquet", "csv"])
@pytest.mark.parametrize("again", ["{}", "C{:04d}", "c{:04d}"])
def test_a_claim_that_came_again_under_another_spelling_is_not_two(again, form, delivered, request_for):
    folder, _orders, claims = delivered
    first = "{:04d}" if again == "{}" else "C{:04d}"
    early = claims.assign(claim_id=[first.format(number) for number in range(1, 25)])
    later = claims.assign(claim_id=[again.format(number) for number in range(1, 25)])
    if form == "csv":
        write_csv(folder, "claims", to_text(early))
        (folder / "claims" / "b.csv").write_text(to_text(later))
    else:
        save(early, folder / "claims" / "a.parquet")
        save(later, folder / "claims" / "b.parquet")
    if again == first:
        count, _found = counted(request_for(folder))
        assert [fault.rows for fault in count.faults] == [24]
    else:
        assert f"{ZEROS}, in the width of letters and digits or in capitals" in refused(request_for(folder))
