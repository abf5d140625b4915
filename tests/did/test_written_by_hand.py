"""Periods and numbers as people write them in China and where a comma is the decimal mark: values by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from did.survey import NAMES, slow_overall, survey
from typer.testing import CliRunner

from analysis.__main__ import app
from analysis.did import Panel, estimate
from analysis.did.command.numerals import Marks, with_numbers
from analysis.did.errors import InputError

# Four units, two treated from the second period on: changes 4 and 6, against 1 and 2.
OUTCOMES = [1, 5, 2, 8, 3, 4, 4, 6]
EFFECT = 3.5


def four(times: list[str], start: str, never: str = "") -> pd.DataFrame:
    starts = [start] * 4 + [never] * 4
    return pd.DataFrame({"id": list("aabbccdd"), "t": times * 4, "y": OUTCOMES, "g": starts})


@pytest.mark.parametrize(
    ("times", "start", "labels"),
    [
        (["2001年", "2002年"], "2002年", (2001, 2002)),
        (["2001年度", "2002 年"], "2002", (2001, 2002)),
        (["2001年12月", "2002年1月"], "2002年1月", ("2001-12", "2002-01")),
        (["2001年12月", "2002年01月"], "2002年1月15日", ("2001-12", "2002-01")),
        (["2001年第四季度", "2002年第一季度"], "2002年1季度", ("2001Q4", "2002Q1")),
        (["2001年4季度", "2002年第1季度"], "2002年第一季度", ("2001Q4", "2002Q1")),
        (["２００１年", "２００２年"], "2002", (2001, 2002)),
        (["2001年1月5日", "2001年1月6日"], "2001-01-06", ("2001-01-05", "2001-01-06")),
    ],
)
@pytest.mark.parametrize("never", ["", "从未处理", "0"])
def test_chinese_periods_are_years_quarters_months_and_days(times, start, labels, never) -> None:
    panel = Panel.from_frame(four(times, start, never), **NAMES)
    assert panel.times == labels
    assert estimate(panel, "group_time").att.estimate == EFFECT
    assert panel.cohorts == (1,)


@pytest.mark.parametrize("odd", ["2001年13月", "2001年第五季度", "2001年上半年", "01年", "2001年2月30日"])
def test_other_chinese_words_are_refused_as_written(odd) -> None:
    with pytest.raises(InputError, match="period") as refusal:
        Panel.from_frame(four([odd, "2002年"], "2002年"), **NAMES)
    assert refusal.value.value in (odd, "2001-02-30", "2002年")


def test_chinese_quarters_among_years_are_refused() -> None:
    with pytest.raises(InputError, match="unlike the others"):
        Panel.from_frame(four(["2001年第四季度", "2002年"], "2002年"), **NAMES)


def continental(path: Path, decimal: str, thousands: str, split: str = ";") -> pd.DataFrame:
    """The survey in thousands, written with other marks; weights of half units, a covariate with a comma."""
    frame = survey().assign(y=lambda f: (f["y"] * 1234.5).round(2), w=lambda f: 0.5 + f["id"] % 3)

    def written(value: float) -> str:
        return f"{value:,.2f}".replace(",", "T").replace(".", decimal).replace("T", thousands)

    texts = frame.assign(**{name: frame[name].map(written) for name in ("y", "x", "w")})
    texts.to_csv(path, index=False, sep=split)
    return frame.assign(x=frame["x"].round(2))


def run(path: Path, out: Path, *words: str) -> dict[str, float]:
    columns = [w for k, v in NAMES.items() for w in (f"--{k}", v)]
    fixed = ["--out", str(out), "--draws", "0", "--randomization", "0", "--estimators", "group_time,twfe"]
    answer = CliRunner().invoke(app, ["did", "--panel", str(path), *columns, *fixed, *words])
    if answer.exception is not None:
        raise answer.exception
    table = pd.read_csv(out / "estimates.csv").query("term == 'att'")
    return dict(zip(table["estimator"], table["estimate"], strict=True))


@pytest.mark.parametrize("thousands", [".", " ", "\u00a0", "'", ""])
def test_a_decimal_comma_gives_the_numbers_that_were_meant(tmp_path, thousands) -> None:
    plain = continental(tmp_path / "panel.csv", ",", thousands)
    mark = " " if thousands == "\u00a0" else thousands
    words = ["--decimal", ",", "--thousands", mark, "--weights", "w"]
    found = run(tmp_path / "panel.csv", tmp_path / "out", *words, "--covariates", "x")
    panel = Panel.from_frame(plain, **NAMES, weights="w", covariates=["x"])
    for name, value in found.items():
        assert value == pytest.approx(estimate(panel, name).att.estimate, rel=1e-6)
    assert json.loads((tmp_path / "out" / "run.json").read_text())["marks"]["decimal"] == ","


def test_commas_between_thousands_are_read_in_quoted_cells_and_in_a_formula(tmp_path) -> None:
    plain = continental(tmp_path / "panel.csv", ".", ",", split=",")
    words = ["--thousands", ",", "--covariates", "~ I(x**2)"]
    found = run(tmp_path / "panel.csv", tmp_path / "out", *words)
    panel = Panel.from_frame(plain, **NAMES, covariates="~ I(x**2)")
    assert found["twfe"] == pytest.approx(estimate(panel, "twfe").att.estimate, rel=1e-6)


def test_without_a_word_other_marks_are_refused_and_the_option_is_named(tmp_path) -> None:
    continental(tmp_path / "panel.csv", ",", ".")
    with pytest.raises(InputError, match="the outcome is not a number") as refusal:
        run(tmp_path / "panel.csv", tmp_path / "out")
    assert "--decimal ," in refusal.value.action
    frame = survey().assign(x=lambda f: f["x"].map(lambda v: f"{v:.2f}".replace(".", ",")))
    with pytest.raises(InputError, match="the covariate is not a number"):  # and not a factor of 24 groups
        Panel.from_frame(frame, **NAMES, covariates=["x"])


@pytest.mark.parametrize(
    ("marks", "cell"),
    [
        (Marks(","), "1.234,5"), (Marks(","), "1.5"), (Marks(",", "."), "1.5"), (Marks(",", "."), "12.34,5"),
        (Marks(",", "."), "1,234.5"), (Marks(".", ","), "1,5"), (Marks(".", ","), "1234,567"),
        (Marks(",", "."), "1.234.56"), (Marks(",", " "), "1 23"), (Marks(","), "about 3,5"),
    ],
)  # fmt: skip
def test_a_cell_written_with_other_marks_is_refused_and_not_guessed(marks, cell) -> None:
    table = pd.DataFrame({"y": ["7", "8", cell]})
    with pytest.raises(InputError, match="not written with the marks given") as refusal:
        with_numbers(table, ["y"], marks)
    assert (refusal.value.row, refusal.value.value) == (4, cell)


def test_cells_by_hand() -> None:
    cells = ["1.234.567,25", "-12,5", "+3", "", None, "1e3", 4.5]
    read = with_numbers(pd.DataFrame({"y": cells}, dtype=object), ["y"], Marks(",", "."))["y"]
    np.testing.assert_array_equal(read, [1234567.25, -12.5, 3, np.nan, np.nan, 1000, 4.5])
    names = pd.DataFrame({"region": ["north", "south"]})
    assert with_numbers(names, ["region", "absent"], Marks(",")).equals(names)


@pytest.mark.parametrize(
    ("decimal", "thousands"), [(".", "."), (",", ","), ("x", ""), (".", "00"), (".", "-")]
)
def test_marks_that_cannot_be_are_refused(decimal, thousands) -> None:
    with pytest.raises(InputError, match=r"--decimal|--thousands|cannot be the decimal mark"):
        Marks(decimal, thousands)


@pytest.mark.parametrize("split", [";", "\t"])
def test_semicolons_and_tabs_between_cells_are_read(tmp_path, split) -> None:
    survey().to_csv(tmp_path / "panel.csv", index=False, sep=split)
    found = run(tmp_path / "panel.csv", tmp_path / "out")
    assert found["group_time"] == pytest.approx(slow_overall(survey())["att"], rel=1e-6)
