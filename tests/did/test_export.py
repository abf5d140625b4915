"""Panels and scripts for other software: locked packages find the digits, the rest is well formed."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from did.peers import expected, reference_panel, small_panel, with_outcome
from typer.testing import CliRunner

import analysis.did as did
from analysis.__main__ import app
from analysis.did import Options, Panel, Results, estimate
from analysis.did.command.export import export
from analysis.did.errors import InputError
from analysis.did.export.form import LABELS
from analysis.did.export.recipe import Recipe
from analysis.did.export.script import PACKAGES, RECIPES, recipe_of, script_of
from analysis.did.export.write import write_export

LOCKED = ("linearmodels", "statsmodels")
IDS = [f"{recipe.package}-{recipe.estimator}" for recipe in RECIPES]


def result_of(recipe: Recipe, panel: Panel | None = None, **choices: object) -> Results:
    return estimate(did.example_panel() if panel is None else panel, recipe.estimator, **choices)


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "reproduce.py"], cwd=folder, capture_output=True, text=True, check=False
    )


def everybody_treated(gaps: bool = False) -> Panel:
    """The simulated panel of 31 units in which nobody is never treated."""
    panel = reference_panel("sim_nyt")
    return with_outcome(panel, (3, 6), np.nan) if gaps else panel


@pytest.mark.parametrize("package", LOCKED)
@pytest.mark.parametrize("estimator", ["twfe", "event_study_twfe"])
def test_locked_packages_find_the_engines_digits_where_everybody_is_treated_and_a_row_is_absent(
    package, estimator, tmp_path
):
    write_export(estimate(everybody_treated(gaps=True), estimator), package, tmp_path)
    done = run(tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1].startswith("att ")


def test_a_script_fails_where_the_panel_is_not_the_one_estimated(tmp_path):
    data, _ = write_export(did.twfe(did.example_panel()), "linearmodels", tmp_path)
    table = pd.read_csv(data)
    table.loc[0, "y"] += 1
    table.to_csv(data, index=False)
    done = run(tmp_path)
    assert done.returncode == 1
    assert "not equal: att" in done.stderr


def test_clusters_larger_than_units_reach_the_script(tmp_path):
    panel = replace(did.example_panel(), cluster=np.arange(60) // 4)
    write_export(did.twfe(panel), "statsmodels", tmp_path)
    assert run(tmp_path).returncode == 0
    assert pd.read_csv(tmp_path / "panel.csv")["cluster"].nunique() == 15


@pytest.mark.parametrize(
    ("package", "method", "software", "parameter"),
    [
        ("did", "CS_nevertreated_dr_none_universal", "did", "group_overall"),
        ("didimputation", "BJS", "didimputation (fixef.rm=none)", "att"),
        ("did2s", "did2s", "did2s", "att"),
    ],
)
def test_numbers_in_r_scripts_are_those_that_r_gave(package, method, software, parameter):
    recipe = next(r for r in RECIPES if r.package == package)
    choices = {"control": "never"} if package == "did" else {}
    text = script_of(result_of(recipe, reference_panel("sim_never"), **choices), package)[0]
    stated = re.search(r"^att,([^,]+),([^\n]+)$", text, re.M)
    theirs = expected(method, software, "sim_never").loc[parameter]
    assert float(stated[1]) == pytest.approx(theirs["estimate"], rel=recipe.tolerance)
    assert float(stated[2]) == pytest.approx(theirs["se"], rel=recipe.tolerance)


def test_error_of_fixest_times_the_factor_in_the_script_is_the_engines():
    theirs = expected("TWFE", "fixest", "sim_never").loc["att"]
    left = 31 * 30 - 1 - 30
    ours = did.twfe(reference_panel("sim_never")).att
    assert "sqrt(left / (left + 1))" in recipe_of("fixest", "twfe").code
    assert ours.std_error == pytest.approx(theirs["se"] * np.sqrt(left / (left + 1)), rel=1e-9)


@pytest.mark.parametrize("recipe", RECIPES, ids=IDS)
def test_script_is_closed_filled_in_and_names_columns_of_its_file(recipe, tmp_path):
    result = result_of(recipe)
    data, script = write_export(result, recipe.package, tmp_path)
    text = script.read_text(encoding="utf-8")
    assert text == result.reproduce(recipe.package)
    assert not re.findall(r"@\w+@", text)
    for left, right in ("()", "[]", "{}"):
        assert text.count(left) == text.count(right)
    assert text.count('"') % 2 == 0
    assert ("was not run" in text) is not recipe.run
    assert data.name in text
    if recipe.language == "Python":
        compile(text, str(script), "exec")
    table = pd.read_stata(data) if data.suffix == ".dta" else pd.read_csv(data)
    code = "\n".join(line for line in recipe.code.splitlines() if "library" not in line)
    columns = set(LABELS) & set(table)
    named = {word for word in re.findall(r'panel\$(\w+)|panel\["(\w+)"\]', code) for word in word if word}
    named |= set(re.findall(r'(?:name|unit|time|outcome|group|treatment|first_treat) ?= ?"(\w+)"', code))
    named |= set(re.findall(r"(?:ivar|time|gvar|absorb|cluster|group)\((\w+)", code))
    assert named <= columns | {"since"}
    assert named or recipe.language == "Stata" or "~" in code


@pytest.mark.parametrize(
    ("package", "estimator", "never"),
    [("did", "group_time", 0), ("fixest", "sun_abraham", 10_000), ("did_imputation", "imputation", None)],
)
def test_never_treated_is_written_as_each_package_wants_it(package, estimator, never, tmp_path):
    panel = did.example_panel()
    data, _ = write_export(estimate(panel, estimator), package, tmp_path)
    table = pd.read_stata(data, convert_categoricals=False) if never is None else pd.read_csv(data)
    # District k starts in 2018, 2020 or never as k is 0, 1 or 2 modulo 3; 2015 is period 1.
    first = table.groupby("id")["g"].first()
    assert first[1] == 4
    assert first[2] == 6
    assert np.isnan(first[3]) if never is None else first[3] == never
    assert table["d"].sum() == 20 * 5 + 20 * 3


def test_where_everybody_is_treated_the_last_cohort_is_never_treated_in_the_file(tmp_path):
    data, script = write_export(estimate(everybody_treated(), "group_time"), "did", tmp_path)
    table = pd.read_csv(data)
    assert table["t"].max() == 23  # the last cohort starts in period 24
    assert sorted(table["g"].unique()) == [0, 11, 17]
    assert "Nobody is never treated" in script.read_text(encoding="utf-8")


def test_stata_reads_names_of_units_and_periods_as_labels_and_twice_the_same_bytes(tmp_path):
    result = did.twfe(did.example_panel())
    data, _ = write_export(result, "reghdfe", tmp_path / "a")
    again, _ = write_export(result, "reghdfe", tmp_path / "b")
    assert data.read_bytes() == again.read_bytes()
    table = pd.read_stata(data)
    assert table.loc[0, "id"] == "district 00"
    assert table.loc[0, "t"] == "2015"
    with pd.io.stata.StataReader(data) as reader:
        assert reader.variable_labels() == {n: LABELS[n] for n in table}


@pytest.mark.parametrize(
    ("package", "panel", "choices", "words"),
    [
        ("did", everybody_treated(gaps=True), {}, "drops units without some outcomes, here 1"),
        ("did", replace(did.example_panel(), cluster=np.arange(60) // 4), {}, "15 clusters of 60 units"),
        ("fixest", did.example_panel(), {"anticipation": 1}, "does not carry anticipation"),
        ("fixest", did.example_panel(), {"count_effects": True}, "does not carry count_effects"),
        ("fixest", small_panel(3, weighted=True), {}, "does not carry weights"),
        ("DIDmultiplegtDYN", did.example_panel(), {"control": "never"}, "no comparison group never"),
    ],
)
def test_what_would_give_another_number_is_refused(package, panel, choices, words, tmp_path):
    recipe = next(r for r in RECIPES if r.package == package)
    with pytest.raises(InputError, match=words):
        write_export(result_of(recipe, panel, **choices), package, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_unknown_packages_and_estimators_are_named():
    result = did.twfe(did.example_panel())
    with pytest.raises(InputError, match="fixest"):
        result.reproduce("fixst")
    with pytest.raises(InputError, match="twfe is in fixest, reghdfe"):
        result.reproduce("csdid")
    with pytest.raises(InputError, match="several estimators"):
        did.estimate(did.example_panel(), ["twfe", "bacon"], Options()).reproduce("fixest")


def call(*words: str) -> object:
    result = CliRunner().invoke(app, ["did", *words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_command_writes_the_panel_and_a_script_that_runs(tmp_path):
    did.example_frame().to_csv(tmp_path / "mine.csv", index=False)
    columns = ["--unit", "unit", "--time", "year", "--outcome", "income", "--cohort", "start"]
    done = call(
        "export", "--for", "linearmodels", "--panel", str(tmp_path / "mine.csv"), *columns,
        "--out", str(tmp_path / "out"),
    )  # fmt: skip
    assert done.exit_code == 0
    assert [Path(line).name for line in done.stdout.split()] == ["panel.csv", "reproduce.py"]
    assert run(tmp_path / "out").returncode == 0
    with pytest.raises(InputError, match=r"there is no script for 'fixst'") as caught:
        call("export", "--for", "fixst", "--panel", str(tmp_path / "mine.csv"), *columns, "--out", "x")
    assert "mine.csv" not in str(caught.value)


def test_help_names_every_package_and_the_other_command():
    words = re.sub(r"[\s│|]+", " ", call("export", "--help").stdout)
    assert [name for name in PACKAGES if name not in words] == []
    assert "did export --help" in re.sub(r"[\s│|]+", " ", call("--help").stdout)
    assert export.__doc__.split(",")[0] in words


def test_the_engines_distribution_lists_every_folder_of_modules():
    import tomllib

    engine = Path(did.__file__).parent
    listed = tomllib.loads((engine / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    folders = [
        p.parent.relative_to(engine).parts for p in engine.rglob("__init__.py") if "build" not in p.parts
    ]
    assert sorted(listed["packages"]) == sorted(".".join(("rollout_did", *parts)) for parts in folders)
