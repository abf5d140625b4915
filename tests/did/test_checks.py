"""The checks of ``did --checks``: against plain sums, against the study's tables, and on bad input."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from did.peers import with_outcome
from typer.testing import CliRunner

from analysis.__main__ import app
from analysis.base.errors import InputError
from analysis.did import Options, Panel
from analysis.did.command.checks import METHODS, Checks, Groups, run_checks
from analysis.did.command.checks_writeup import checks_sections
from analysis.did.inference.variation import check_noise
from analysis.did.panel.comparison import affected
from analysis.did.panel.panel import NEVER
from analysis.did.sensitivity import borne_event_study

FILES = ["estimates.csv", "event_study.svg", "inference.csv", "report.md", "run.json", "sensitivity.csv"]
UNITS, TIMES, TREATED, START = 16, 6, 3, 4


def frame(effect: float = 2.0, seed: int = 1) -> pd.DataFrame:
    """Three of 16 units treated from period 4 of 0..5; a stratum of two letters and a size."""
    noise = np.random.default_rng(seed).normal(size=(UNITS, TIMES))
    rows = [
        {
            "unit": f"u{i:02d}", "time": t, "g": START if i < TREATED else "",
            "y": noise[i, t] + effect * (i < TREATED and t >= START),
            "region": "north" if i % 2 else "south", "people": 10.0 * (1 + i % 4),
        }
        for i in range(UNITS) for t in range(TIMES)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def run(table: pd.DataFrame, folder: Path, *flags: str) -> Path:
    """Run the command in this process; refusals surface as InputError."""
    table.to_csv(folder / "panel.csv", index=False)
    words = ["did", "--panel", str(folder / "panel.csv"), "--out", str(folder / "out"), "--unit", "unit"]
    words += ["--time", "time", "--outcome", "y", "--cohort", "g", "--randomization", "199", "--draws", "0"]
    words += ["--estimators", "twfe,event_study_twfe,group_time", *flags]
    result = CliRunner().invoke(app, words)
    if result.exception is not None:
        raise result.exception
    return folder / "out"


@pytest.fixture(scope="module")
def checked(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("checked")
    return run(frame(), folder, "--checks", "--strata", "region", "--sizes", "people")


@pytest.fixture(scope="module")
def inference(checked) -> pd.DataFrame:
    return pd.read_csv(checked / "inference.csv")


@pytest.fixture(scope="module")
def sensitivity(checked) -> pd.DataFrame:
    return pd.read_csv(checked / "sensitivity.csv", dtype={"variant": str}, keep_default_na=False)


def panel(kind: str = "noise", **choices) -> Panel:
    rng = np.random.default_rng(3)
    outcome = {
        "noise": rng.normal(size=(UNITS, TIMES)),
        "zero": np.zeros((UNITS, TIMES)),
        "additive": rng.normal(size=(UNITS, 1)) + rng.normal(size=TIMES),
        "gap": np.where(np.eye(UNITS, TIMES, dtype=bool), np.nan, rng.normal(size=(UNITS, TIMES))),
    }[kind]
    starts = np.where(np.arange(UNITS) < TREATED, START, NEVER)
    return Panel.from_arrays(outcome, starts, **choices)


def put_through(data: Panel, **flags):
    nothing = Groups(None, None)
    return run_checks(
        data, Options(), Checks(draws=99, **flags), nothing, estimators=["twfe"], outcome="y",
        evidence="simulated",
    )  # fmt: skip


def test_checks_add_two_files_to_the_four(checked):
    assert sorted(path.name for path in checked.iterdir()) == FILES


def test_every_method_judges_the_regressions_once(inference):
    overall = inference[(inference["term"] == "att") & (inference["estimator"] == "twfe")]
    assert sorted(overall["method"]) == sorted(METHODS)
    assert overall["estimate"].notna().all()


def test_the_permutation_p_value_is_the_share_of_all_choices_of_three_units(inference):
    table = frame().pivot(index="unit", columns="time", values="y").to_numpy()
    change = table[:, START:].mean(axis=1) - table[:, START - 1]  # what group_time compares

    def effect(chosen: tuple[int, ...]) -> float:
        inside = np.isin(np.arange(UNITS), chosen)
        return abs(change[inside].mean() - change[~inside].mean())

    effects = np.array([effect(chosen) for chosen in combinations(range(UNITS), TREATED)])
    expected = (effects >= effect((0, 1, 2)) - 1e-12).mean()
    found = inference[(inference["estimator"] == "group_time") & (inference["method"] == "randomization")]
    assert found["p_value"].item() == pytest.approx(expected, rel=1e-9)
    assert found["comparisons"].item() == 560


def test_strata_allow_the_assignments_counted_by_hand(inference):
    # Units 0 and 2 are treated in the south, unit 1 in the north, 8 units in each: 28 x 8.
    found = inference[inference["method"] == "randomization_strata"]
    assert set(found["comparisons"]) == {28 * 8}


def test_only_the_method_named_in_advance_is_marked(inference):
    marked = inference.loc[inference["named_in_advance"] == "yes", "method"]
    assert set(marked) == {"randomization"}


def test_a_method_that_does_not_apply_keeps_its_row_and_says_why(inference):
    row = inference[(inference["estimator"] == "group_time") & (inference["method"] == "CR2")]
    assert row["estimate"].isna().item()
    assert row["assumes"].item() == "Not computed: group_time is not a two-way regression"


def test_leaving_a_unit_out_is_a_difference_of_means_without_it(sensitivity):
    table = frame().pivot(index="unit", columns="time", values="y")
    change = table.loc[:, START:].mean(axis=1) - table[START - 1]
    treated = change.index.str[1:].astype(int) < TREATED
    found = sensitivity[sensitivity["analysis"] == "leave_one_unit_out"].set_index("variant")["estimate"]
    assert sorted(found.index) == sorted(change.index)
    for unit in ("u01", "u09"):
        kept = change.index != unit
        expected = change[treated & kept].mean() - change[~treated & kept].mean()
        assert float(found[unit]) == pytest.approx(expected)


def test_placebo_dates_lie_before_the_start(sensitivity):
    rows = sensitivity[sensitivity["analysis"] == "placebo_date"]
    assert rows["variant"].tolist() == ["1", "2", "3"]


def test_the_report_names_the_units_at_both_ends_of_the_range(checked, sensitivity):
    report = (checked / "report.md").read_text(encoding="utf-8")
    rows = sensitivity[sensitivity["analysis"] == "leave_one_unit_out"]
    effect = rows["estimate"].astype(float)
    for place in (effect.idxmin(), effect.idxmax()):
        assert f"(without {rows.loc[place, 'variant']})" in report


def test_the_report_marks_the_method_named_in_advance_and_puts_it_first(tmp_path):
    out = run(frame(), tmp_path, "--checks", "--inference", "CR3")
    lines = (out / "report.md").read_text(encoding="utf-8").split("## Is it chance?")[1].splitlines()
    methods = [line for line in lines if line.startswith("| ")]
    assert methods[2].startswith("| **CR3** (named in advance) |")
    assert "3 of 16 units are treated" in "\n".join(lines)
    assert json.loads((out / "run.json").read_text(encoding="utf-8"))["checks"]["named"] == "CR3"


def test_the_breakdown_value_stands_in_the_report_in_words(checked, sensitivity):
    report = (checked / "report.md").read_text(encoding="utf-8")
    value = sensitivity.query("analysis == 'relative_breakdown' and variant == 'average'")["estimate"].item()
    if float(value) == 0:
        assert "average effect: zero is inside its interval even if trends are parallel" in report
    else:
        times = f"a violation of {float(value):.2g} times the largest before the start on"
        assert f"average effect: zero is inside its interval from {times}" in report


def test_two_runs_give_the_same_bytes(checked, tmp_path):
    again = run(frame(), tmp_path, "--checks", "--strata", "region", "--sizes", "people")
    for name in FILES:
        assert (again / name).read_bytes() == (checked / name).read_bytes()


def test_a_run_without_checks_takes_away_those_of_an_earlier_run(tmp_path):
    run(frame(), tmp_path, "--checks")
    out = run(frame(), tmp_path)
    assert sorted(path.name for path in out.iterdir()) == [
        name for name in FILES if name not in ("inference.csv", "sensitivity.csv")
    ]


BAD = {
    "no such strata": (lambda f: f, ["--strata", "area"], "no column 'area'"),
    "no such sizes": (lambda f: f, ["--sizes", "area"], "no column 'area'"),
    "strata change": (
        lambda f: f.assign(region=np.where(f["time"] == 2, "west", f["region"])),
        ["--strata", "region"],
        r"stratum changes within a unit: u00(.|\n)*row 4, column region, value 'west'",
    ),
    "strata have a gap": (
        lambda f: f.assign(region=f["region"].where(f.index != 7)), ["--strata", "region"], "column region"
    ),
    "a size is zero": (
        lambda f: f.assign(people=f["people"].where(f["unit"] != "u05", 0)),
        ["--sizes", "people"],
        r"a size in column 'people'.*u05 \(0\)",
    ),
    "a size is negative": (
        lambda f: f.assign(people=f["people"].where(f["unit"] != "u05", -3)),
        ["--sizes", "people"],
        r"a size in column 'people'.*u05 \(-3\)",
    ),
    "a size is a word": (lambda f: f.assign(people="many"), ["--sizes", "people"], "size is not a number"),
    "a size changes": (
        lambda f: f.assign(people=f["people"] + f["time"]), ["--sizes", "people"],
        r"changes within a unit(.|\n)*row 3, column people, value 11.0(.|\n)*as in row 2 of that unit: 10.0",
    ),
    "unknown method": (lambda f: f, ["--inference", "magic"], "no method 'magic'"),
    "strata named, not given": (
        lambda f: f, ["--inference", "randomization_strata"], "without --strata"
    ),
    "sizes named, not given": (lambda f: f, ["--inference", "ferman_pinto"], "without --sizes"),
    "each unit its own stratum, and named": (
        lambda f: f.assign(region=f["unit"]),
        ["--strata", "region", "--inference", "randomization_strata"],
        "named in advance and cannot be computed: only 1 admissible",
    ),
    "no variance, and a method named": (
        lambda f: f.assign(y=1.0), ["--inference", "CR2"], "does not vary between units"
    ),
    "no estimator that can be judged": (
        lambda f: f, ["--estimators", "imputation"], "none of them is among the estimators asked for"
    ),
    "too few draws": (lambda f: f, ["--randomization", "5"], "5 are too few"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_and_earlier_outputs_stay(case, tmp_path):
    spoil, flags, words = BAD[case]
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "inference.csv").write_text("earlier", encoding="utf-8")
    with pytest.raises(InputError, match=words):
        run(spoil(frame()), tmp_path, "--checks", *flags)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["inference.csv"]
    assert (tmp_path / "out" / "inference.csv").read_text(encoding="utf-8") == "earlier"


def test_a_fault_in_a_column_names_the_file(tmp_path):
    with pytest.raises(InputError, match=r"panel\.csv"):
        run(frame().assign(people=0), tmp_path, "--checks", "--sizes", "people")


@pytest.mark.parametrize("flags", [["--strata", "region"], ["--sizes", "people"], ["--inference", "CR1"]])
def test_a_flag_of_the_checks_without_the_checks_is_refused(flags, tmp_path):
    with pytest.raises(InputError, match=f"^{flags[0]} says how to check(.|\n)*add --checks"):
        run(frame(), tmp_path, *flags)


def test_two_flags_of_the_checks_say_and_do_not_says(tmp_path):
    with pytest.raises(InputError, match=r"^--strata, --sizes say how to check"):
        run(frame(), tmp_path, "--strata", "region", "--sizes", "people")


def test_strata_too_small_are_a_row_with_the_reason_if_nobody_named_them(tmp_path):
    out = run(frame().assign(region=lambda f: f["unit"]), tmp_path, "--checks", "--strata", "region")
    found = pd.read_csv(out / "inference.csv")
    rows = found[found["method"] == "randomization_strata"]
    assert rows["estimate"].isna().all()
    assert rows["assumes"].str.startswith("Not computed: only 1 admissible assignments").all()


@pytest.mark.parametrize("kind", ["zero", "additive"])
def test_without_noise_nothing_is_judged_and_every_row_says_why(kind):
    found = put_through(panel(kind))
    assert found.inference["estimate"].isna().all()
    assert found.inference["assumes"].str.contains("untreated units all change alike").all()
    left_out = found.sensitivity[found.sensitivity["analysis"] == "leave_one_unit_out"]
    assert left_out["estimate"].notna().all()
    assert left_out["p_value"].isna().all()
    assert left_out["note"].str.startswith("no p-value: untreated units all change alike").all()


def test_noise_in_one_untreated_cell_is_noise():
    data = with_outcome(panel("zero"), (9, 2), 1.0)
    check_noise(data, Options())


def test_noise_in_treated_cells_alone_is_none():
    noise = np.random.default_rng(0).normal(size=(TREATED, TIMES - START))
    data = with_outcome(panel("zero"), np.s_[:TREATED, START:], noise)
    with pytest.raises(InputError, match="change alike"):
        check_noise(data, Options())


AWKWARD = {
    "covariates": panel(covariates=np.random.default_rng(1).normal(size=(UNITS, TIMES, 1))),
    "weights": panel(weights=np.arange(1.0, UNITS + 1)),
    "gaps": panel("gap"),
    "two clusters": panel(cluster=(np.arange(UNITS) < TREATED).astype(int)),
    "one treated": Panel.from_arrays(panel().outcome, np.where(np.arange(UNITS) < 1, START, NEVER)),
    "one control": Panel.from_arrays(panel().outcome, np.where(np.arange(UNITS) < UNITS - 1, START, NEVER)),
    "no unit never treated": Panel.from_arrays(panel().outcome, np.where(np.arange(UNITS) < 5, 2, 4)),
    "first period only before": Panel.from_arrays(panel().outcome, np.where(np.arange(UNITS) < 5, 1, NEVER)),
    "always treated": Panel.from_arrays(panel().outcome, np.repeat([0, 3, NEVER, NEVER], 4)),
}


@pytest.mark.parametrize("case", AWKWARD)
def test_an_awkward_panel_has_a_number_or_a_reason_in_every_row_and_a_report(case):
    found = put_through(AWKWARD[case])
    tables = ((found.inference, "assumes"), (found.sensitivity, "note"))
    assert any(table["estimate"].isna().any() for table, _ in tables)
    for table, words in tables:
        empty = table["estimate"].isna()
        assert table.loc[empty, words].str.startswith("Not computed: ").all()
    report = "\n\n".join(checks_sections(AWKWARD[case], found, Options(), {}, named=False))
    for reason in found.inference.loc[found.inference["estimate"].isna(), "assumes"]:
        assert reason.removeprefix("Not computed: ") in report


def test_too_many_event_times_are_cut_to_those_the_clusters_bear():
    rng = np.random.default_rng(5)
    starts = np.where(np.arange(9) < 3, 15, NEVER)
    data = Panel.from_arrays(rng.normal(size=(9, 30)), starts)
    study, window = borne_event_study(data, Options())
    first, last = (int(word) for word in window.split()[2:5:2])
    assert (len(study.before), len(study.after)) == (-1 - first, last + 1)
    assert window.endswith("of -15 to 14")
    assert np.linalg.matrix_rank(study.covariance) == len(study.coefficients)


def test_periods_of_anticipation_are_no_effects():
    data = panel()
    moved = Options(anticipation=1)
    found = run_checks(
        data, moved, Checks(draws=99), Groups(None, None), estimators=["twfe"], outcome="y",
        evidence="simulated",
    ).sensitivity  # fmt: skip
    change = data.outcome[:, START] - data.outcome[:, START - 2]
    expected = change[:TREATED].mean() - change[TREATED:].mean()
    rows = found[(found["analysis"] == "relative_magnitude") & (found["variant"] == "first")]
    assert rows["estimate"].to_numpy(dtype=float) == pytest.approx(expected)


def test_more_than_two_hundred_units_are_not_left_out_one_by_one():
    starts = np.where(np.arange(201) < 20, 3, NEVER)
    data = Panel.from_arrays(np.random.default_rng(0).normal(size=(201, 4)), starts)
    found = put_through(data).sensitivity
    row = found[found["analysis"] == "leave_one_unit_out"]
    assert row["note"].item() == "Not computed: 201 units need as many refits; at most 200 are made"


def test_a_last_cohort_that_only_serves_as_control_does_not_count_as_treated():
    # One, two and seventeen units start in periods 2, 3 and 5: the effect on three is identified.
    starts = np.repeat([2, 3, 5], [1, 2, 17])
    data = Panel.from_arrays(np.random.default_rng(4).normal(size=(20, 7)), starts)
    assert affected(data, Options()).tolist() == [True] * 3 + [False] * 17
    report = "\n\n".join(checks_sections(data, put_through(data), Options(), {}, named=False))
    assert "3 of 20 units are treated with an effect that is identified. With so few treated" in report
    assert "Each of the 3 treated units is 33 % of them." in report
    assert "few treated units are not the question" not in report


def test_few_units_to_compare_with_are_as_bad_as_few_treated():
    data = AWKWARD["one control"]
    report = "\n\n".join(checks_sections(data, put_through(data), Options(), {}, named=False))
    assert "With so few to compare with no method is safe" in report


def test_effects_that_no_method_can_judge_still_stand_in_the_table():
    data, effects = AWKWARD["gaps"], dict.fromkeys(("group_time", "event_study_twfe", "twfe"), 0.7643)
    report = "\n\n".join(checks_sections(data, put_through(data), Options(), effects, named=False))
    assert "| Effect | 0.7643 |" in report
    assert f"{int((~data.observed).sum())} outcomes missing" in report


def test_outcomes_too_large_to_be_squared_are_a_reason_and_no_traceback():
    data = panel()
    found = put_through(Panel.from_arrays(data.outcome * 1e150, data.starts))
    assert found.inference["assumes"].str.contains("too large to be squared").all()
