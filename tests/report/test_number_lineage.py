"""numbers.json: every number leads back to rows that exist, and weak sources show."""

from __future__ import annotations

import dataclasses
import math
import re
from pathlib import Path

import pytest

from analysis.base.errors import InputError
from analysis.report.figures.national import decompose
from analysis.report.lineage import Lineage, Number
from analysis.report.numbers.collect import check_number, collect
from analysis.report.numbers.inference import inference_numbers
from analysis.report.numbers.lab import lab_numbers
from analysis.report.numbers.policy import policy_numbers
from analysis.report.results import from_products

ROOT = Path(__file__).resolve().parents[2]
ONE = Number("one", 1.0, "percent", "1.0", "1.0", "bounds", Lineage("row", "spec", (), (), "C"))


def raw_rows(number):
    """Pairs of file and key of a number's lineage."""
    for entry in number["lineage"]["raw_rows"]:
        file, _, keys = entry.partition(":")
        yield from ((file, key) for key in keys.split("+"))


@pytest.fixture(scope="module")
def grades(results):
    """Grade and source of every raw row by file and key."""
    found = {}
    for file, table, column in (
        ("published_figures.csv", results.ledger, "figure_id"),
        ("rollout.csv", results.rollout, "event_id"),
        ("contribution_rates.csv", results.rates, "rate_id"),
        ("platforms.csv", results.platforms, "record_id"),
        ("policies.csv", results.policies, "policy_id"),
        ("benefits.csv", results.benefits, "benefit_id"),
        ("workers.csv", results.workers, "count_id"),
    ):
        rows = zip(table[column], table["grade"], table["source_id"], strict=True)
        found |= {(file, key): (grade, source) for key, grade, source in rows}
    key = ["province_code", "year", "indicator"]
    for row in results.statistics[[*key, "grade", "source_id"]].itertuples(index=False):
        found["province_annual.csv", f"{row[0]},{row[1]},{row[2]}"] = (row[3], row[4])
    return found


def test_every_number_has_words_in_both_languages_and_a_lineage(numbers):
    for key, number in numbers.items():
        assert number["text_en"] and number["text_zh"], key
        assert number["lineage"]["result"] and number["lineage"]["specification"], key


def test_the_chinese_words_of_a_percentage_have_the_sign_and_no_other_words_have(numbers):
    for key, number in numbers.items():
        ends = number["text_zh"].removeprefix("至少").split("至")
        signed = [end.endswith("%") for end in ends]
        assert all(signed) if number["unit"] == "percent" else not any(signed), key


def test_keys_are_flat_and_lower_case(numbers):
    assert [key for key in numbers if not re.fullmatch(r"[a-z0-9_]+", key)] == []


def test_every_raw_row_of_a_lineage_exists_and_gives_its_source(numbers, grades):
    for key, number in numbers.items():
        for row in raw_rows(number):
            if "*" not in row[1]:
                assert row in grades, (key, row)
                assert grades[row][1] in number["lineage"]["sources"], (key, row)


def test_a_star_stands_for_every_province_whose_row_the_record_holds(numbers, results, grades):
    begun = results.rollout[results.rollout["event"] == "starts"]
    for key, number in numbers.items():
        for file, name in raw_rows(number):
            if file == "rollout.csv" and name.startswith("*"):
                ids = set(begun.loc[begun["event_id"].str.endswith(name[1:]), "event_id"])
                assert {grades[file, row][1] for row in ids} <= set(number["lineage"]["sources"]), key
                assert len(ids) == {"*_starts_20220701": 7, "*_starts_20250701": 10}[name], key


def test_no_raw_file_is_named_twice_in_one_lineage(numbers):
    for key, number in numbers.items():
        files = [entry.partition(":")[0] for entry in number["lineage"]["raw_rows"]]
        assert len(files) == len(set(files)), key


def test_the_source_of_the_deciding_figure_stands_first(numbers, results):
    # One printed total fixes the pooled count: both ends are its printed value, less and plus half a digit.
    (count,) = results.ledger[
        results.ledger["figure_id"] == "00_20250630_cumulative_participants"
    ].itertuples()
    number = numbers["pooled_in_force_2025q2_persons"]
    assert number["lineage"]["sources"][0] == count.source_id
    assert abs(sum(number["value"]) / 2 - count.value) <= count.printed_unit
    # Guangdong printed its own count for the end of 2025, which fixes its rate to within a tenth.
    own = results.ledger.set_index("figure_id").loc["44_20251231_cumulative_participants"]
    assert numbers["province_44_2025q4_per_1000_residents"]["lineage"]["sources"][0] == own["source_id"]


def test_every_source_is_registered(numbers, results):
    named = {source for number in numbers.values() for source in number["lineage"]["sources"]}
    assert named <= set(results.sources["source_id"])


def test_the_grade_is_the_worst_of_the_rows(numbers, grades):
    for key, number in numbers.items():
        known = [grades[row][0] for row in raw_rows(number) if row in grades]
        if known and not any("*" in name for _, name in raw_rows(number)):
            assert number["lineage"]["grade"] == max(known), key


def test_a_weak_number_says_so_and_a_strong_one_does_not(numbers):
    for key, number in numbers.items():
        guess = number["lineage"]["specification"].startswith("committed on that day; assumes")  # a forecast
        weak = number["lineage"]["grade"] in ("C", "D")
        assert bool(number["caveat_en"]) == bool(number["caveat_zh"]) == (weak or guess), key
        assert ("forecast" in number["caveat_en"]) == guess, key


def test_no_result_rests_on_grade_d(numbers):
    assert [
        key
        for key, number in numbers.items()
        if number["evidence"] in ("bounds", "statistics") and number["lineage"]["grade"] == "D"
    ] == []


def test_a_result_on_grade_d_stops_the_build():
    with pytest.raises(AssertionError, match="grade D"):
        check_number(dataclasses.replace(ONE, lineage=Lineage("row", "spec", (), (), "D")))
    check_number(dataclasses.replace(ONE, evidence="published", lineage=Lineage("row", "spec", (), (), "D")))


def test_a_simulated_number_stops_the_build():
    with pytest.raises(AssertionError, match="simulated"):
        check_number(dataclasses.replace(ONE, evidence="simulated"))


def test_an_infinite_number_stops_the_build():
    with pytest.raises(AssertionError, match="finite"):
        check_number(dataclasses.replace(ONE, value=[1.0, math.inf]))


def test_a_figure_of_grade_d_in_the_headline_support_stops_the_build(results):
    ledger = results.ledger.copy()
    ledger.loc[ledger["figure_id"] == "00_20250630_cumulative_participants", "grade"] = "D"
    with pytest.raises(AssertionError, match="grade D"):
        collect(dataclasses.replace(results, ledger=ledger))


def test_the_words_of_an_interval_contain_its_value(numbers):
    for key, number in numbers.items():
        if (
            number["evidence"] == "bounds"
            and number["unit"].startswith("per_")
            and isinstance(number["value"], list)
        ):
            words = number["text_en"].replace(",", "").replace("−", "-")
            ends = [float(end) for end in re.findall(r"-?[\d.]+", words)]
            half = 0.05 if len(ends) == 1 and "least" not in words else 0.0
            low, high = number["value"]
            assert ends[0] - half <= low + 1e-6, key
            assert (high is None) == ("at least" in words), key
            assert high is None or ends[-1] + half >= high - 1e-6, key


def test_the_counts_are_the_counts_of_the_rollout(numbers):
    waves = [numbers[f"n_{ordinal}_wave"]["value"] for ordinal in ("first", "second", "third")]
    assert waves == [7, 10, 14] and numbers["n_provinces"]["value"] == 31


class Intervals:
    """Stands in for the results: intervals of a country whose sums can be checked by hand."""

    known = {  # noqa: RUF012
        ("pooled", "2025Q2", "in_force"): (100.0, 102.0),
        ("pooled", "2025Q3", "in_force"): (180.0, 190.0),
        ("cohort_pooled", "2025Q3", "2025Q3"): (20.0, 90.0),
        ("cohort_pooled", "2025Q3", "2022Q3"): (100.0, 165.0),
        ("pooled", "2025Q4", "in_force"): (200.0, 200.0),
        ("cohort_pooled", "2025Q4", "2025Q3"): (50.0, 90.0),
        ("cohort_pooled", "2025Q4", "2022Q3"): (110.0, 150.0),
    }

    def interval(self, estimand, quarter, unit, scope="in_force"):
        assert unit == "persons"
        return self.known[estimand, quarter, scope]


def test_the_decomposition_takes_the_least_favourable_base():
    table = decompose(Intervals()).set_index(["to_quarter", "part"])
    total = table.loc[("2025Q3", "total")]
    assert (total["lower_persons"], total["upper_persons"]) == (78.0, 90.0)  # 180 - 102, 190 - 100
    assert total["lower_percent"] == pytest.approx(7800 / 102) and total["upper_percent"] == pytest.approx(
        90.0
    )
    scope = table.loc[("2025Q3", "scope")]
    assert scope["lower_percent"] == pytest.approx(2000 / 102) and scope["upper_percent"] == pytest.approx(
        90.0
    )
    uptake = table.loc[("2025Q3", "uptake")]
    assert uptake["lower_persons"] == 0.0  # 100 - 102, but a cumulative count never falls
    assert uptake["upper_percent"] == pytest.approx(65.0)


def test_the_two_parts_can_make_up_the_total(numbers):
    for head in ("decomposition", "decomposition_2025q4"):
        scope, uptake, total = (
            numbers[f"{head}_{part}_percent"]["value"] for part in ("scope", "uptake", "total_growth")
        )
        assert scope[0] + uptake[0] <= total[1] and scope[1] + uptake[1] >= total[0]


def test_data_to_is_the_day_that_the_record_declares(numbers):
    declared = re.search(
        r"^record_searched: '(.*)'$",
        (ROOT / "data/raw/datapackage.yaml").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert numbers["record_searched"]["value"] == declared[1]


@pytest.mark.parametrize(
    ("field", "makers"),
    [
        ("policy", policy_numbers), ("inference", inference_numbers), ("sensitivity", inference_numbers),
        ("curve", inference_numbers), ("lab", lab_numbers),
    ],
)  # fmt: skip
def test_half_a_table_stops_with_what_to_make_anew(results, field, makers):
    table = getattr(results, field)
    half = dataclasses.replace(results, **{field: table.head(len(table) // 2)})
    with pytest.raises(InputError, match="cannot be computed") as refusal, from_products("a number"):
        list(makers(half))
    assert "make them anew" in str(refusal.value)
