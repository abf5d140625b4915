"""The commands: bad input ends with exit code 2 and a message; JSON and CSV hold the table's figures."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analysis.base.errors import InputError
from analysis.policy.cli import app

ROOT = Path(__file__).parents[2]
RIDER = ["contribution", "--industry", "instant_delivery", "--date", "2025-07-01", "--province", "Chongqing"]
RIDER += [
    "--group",
    "first_pilot",
    "--tier",
    "lower",
    "--compare",
    "higher",
    "--orders",
    "40",
    "--days",
    "26",
]
SCHEME = ["sharing", "--total", "0.2", "--platform", "0.1", "--tier", "0:0.02:0.08"]


def run(*arguments):
    return CliRunner().invoke(app, [*arguments], catch_exceptions=True)


def with_raw(arguments, raw):
    return [*arguments, "--raw", str(raw)] if arguments[0] != "sharing" else arguments


def test_json_and_csv_hold_the_same_figures(raw):
    shown = json.loads(run(*with_raw(RIDER, raw), "--json").stdout)
    month = next(row for row in shown["sections"][0]["rows"] if row["item"] == "a month")
    assert (month["lower base"], month["higher base"], month["difference"]) == ("72.80", "260.00", "187.20")
    rows = list(csv.DictReader(io.StringIO(run(*with_raw(RIDER, raw), "--csv").stdout)))
    assert ("a month", "difference", "187.20") in [(r["item"], r["measure"], r["value"]) for r in rows]


def test_figures_for_programs_have_no_commas(raw):
    shown = json.loads(run(*with_raw(RIDER, raw), "--json").stdout)
    assert next(r for r in shown["sections"][0]["rows"] if r["item"] == "a year")["higher base"] == "3120.00"


def test_weak_points_and_sources_stand_under_the_table(raw):
    ratio = [part for part in RIDER if part not in ("--tier", "lower")]
    text = run(*with_raw([*ratio, "--support-ratio", "2"], raw)).stdout
    assert "weak:" in text
    assert "grade D" in text


def write(folder, text):
    path = folder / "incomes.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("month,income\n2025-01,5000\n2025-03,5000\n", "2025-02"),
        ("month,income\n2025-01,5000\n2025-01,5000\n", "row 3"),
        ("month,income\n2025-13,5000\n", "row 2, column month"),
        ("month,income\n2025-01,-5\n", "row 2, column income"),
        ("month,income\n2025-01,five\n", "row 2, column income"),
        ("month,income\n2025-01,0.001\n", "row 2, column income"),
        ("worker,month,income\na,2025-01,1\na,2025-02,1\nb,2025-01,1\n", "worker b has no row for 2025-02"),
        ("date,income\n2025-01,5\n", "column month"),
        ("", "cannot be read"),
    ],
)
def test_a_file_of_incomes_at_fault_is_refused_with_its_place(tmp_path, raw, text, wanted):
    options = ["subsidy", "--floor", "5000", "--incomes", write(tmp_path, text), "--raw", str(raw)]
    result = run(*options)
    assert isinstance(result.exception, InputError)
    assert wanted in str(result.exception)
    assert result.stdout == ""


@pytest.mark.parametrize(
    "arguments",
    [
        [*RIDER[:-4], "--orders", "-1"],
        [*RIDER[:3], "--date", "July", "--orders", "1"],
        [*RIDER, "--json", "--csv"],
        ["subsidy"],
        ["subsidy", "--city", "Quanzhou", "--floor", "5000"],
        ["subsidy", "--city", "Hangzhou"],
        ["subsidy", "--floor", "5000", "--income", "1,,2"],
        ["subsidy", "--floor", "-5"],
        ["subsidy", "--floor", "5000", "--income", "1", "--window", "both"],
        ["sharing"],
        ["sharing", "--example", "--total", "0.2"],
        [*SCHEME],
        [*SCHEME[:-1], "0:0.02", "--incomes", "x.csv"],
        [*SCHEME[:-1], "0:0.02:0.07", "--incomes", "x.csv"],
        [*SCHEME, "--incomes", "absent.csv"],
        ["sharing", "--total", "1.2", "--platform", "0.1", "--tier", "0:0.02:0.08"],
    ],
)
def test_bad_arguments_are_the_users_error_and_print_no_result(arguments, raw):
    result = run(*with_raw(arguments, raw))
    assert isinstance(result.exception, InputError)
    assert "{" not in result.stdout


def test_the_users_incomes_are_shared_as_calculated_by_hand(tmp_path):
    path = write(tmp_path, "worker,month,income,orders\na,2025-01,5000,500\nb,2025-01,1000,100\n")
    # 20 % of 6,000 = 1,200; benefits 600 orders at 1.50 = 900; 900 / 1,200 = 75 %
    result = run(*SCHEME, "--incomes", path, "--benefit-per-order", "1.5", "--json")
    sections = {section["title"]: section["rows"] for section in json.loads(result.stdout)["sections"]}
    fund = {row["item"]: row["yuan"] for row in sections["The fund"]}
    assert (fund["contributions"], fund["benefits"], fund["support ratio"]) == ("1200.00", "900.00", "75.0%")
    paid = {row["party"]: row["yuan"] for row in sections["Each party's budget"]}
    assert (paid["platform"], paid["government"], paid["individual"]) == ("600.00", "480.00", "120.00")


def test_the_program_exits_with_two_and_one_message_on_bad_input():
    command = [sys.executable, "-m", "analysis", "policy", "subsidy", "--city", "Hangzhou"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Quanzhou" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["contribution", "subsidy", "sharing"])
def test_help_teaches_with_an_example(command):
    shown = run(command, "--help").stdout
    assert f"python -m analysis policy {command}" in " ".join(shown.replace("│", " ").split())
