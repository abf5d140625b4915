"""The toy country as exports: known effects are found; without exports the chapter says so."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from toy import build_toy
from typer.testing import CliRunner

from analysis.__main__ import app
from analysis.base.errors import InputError
from analysis.did import Options
from analysis.exports.catalogue import load_catalogue
from analysis.exports.outcomes import OUTCOMES
from analysis.exports.sensitivity import write_sensitivity
from analysis.exports.study import load_inputs, read_panel, study_exports
from analysis.lab.precision import in_innovations
from analysis.pipeline.steps import write_panel

EFFECT, NOISE = 1.5, 0.01  # participants per 100 urban employees, from the first year-end on
GROWTH = -0.02  # log points of quarterly income


@pytest.fixture(scope="module")
def country(tmp_path_factory):
    folder = tmp_path_factory.mktemp("country")
    truth = build_toy(folder / "raw")
    (folder / "processed").mkdir()
    write_panel(folder / "raw", folder / "processed")
    lab = "outcome,calendar,design,estimator,inference,metric,event_time,value\n"
    for name, noise, effect in (("a", 2.0, 5.0), ("b", 1.0, 1.5)):
        lab += f"{name},annual,null_random,group_time,randomization,minimum_detectable_effect,,{effect}\n"
        lab += f"{name},annual,,,,calibration_innovation_sd,,{noise}\n"
    (folder / "processed" / "lab.csv").write_text(lab, encoding="utf-8")
    return folder, truth


def employees(folder):
    panel = pd.read_csv(folder / "processed" / "panel.csv", dtype={"province_code": str})
    now = panel[panel["quarter"] == "2021Q4"].set_index("province_code")
    return now["urban_nonprivate_employment"], now["province_zh"], now["cohort"]


def export(path, title, database, periods, names, values):
    lines = [f"数据库：{database}", f"指标：{title}", "时间：最近20年", ",".join(["地区", *periods])]
    lines += [",".join([names[code], *(f"{v:.6f}" for v in values[code])]) for code in names.index]
    path.write_text("\n".join([*lines, "数据来源：国家统计局"]) + "\n", encoding="gbk")


@pytest.fixture(scope="module")
def studied(country):
    folder, truth = country
    base, names, cohort = employees(folder)
    rng = np.random.default_rng(5)
    exports = folder / "exports"
    exports.mkdir()
    years, treated = range(2024, 2014, -1), cohort == "2022Q3"
    title, database = "年末参加工伤保险人数(万人)", "分省年度数据"
    labels = [f"{year}年" for year in years]
    counts, income = {}, {}
    for k, code in enumerate(names.index):
        effect = [EFFECT * (treated[code] and year >= 2022) for year in years]
        rate = 40 + k + 0.8 * (np.array(years) - 2015) + effect + NOISE * rng.normal(size=len(years))
        counts[code] = rate * base[code] / 100 / 1e4
    export(exports / "分省年度数据.csv", title, database, labels, names, counts)
    parcels = {code: [50.0 + 10 * k] * len(years) for k, code in enumerate(names.index)}
    export(exports / "分省年度数据 (1).csv", "快递量(万件)", database, labels, names, parcels)
    quarters = pd.period_range("2014Q1", "2025Q2", freq="Q")[::-1]
    for code in names.index:
        drop = np.array([GROWTH * (treated[code] and quarter >= pd.Period("2022Q3")) for quarter in quarters])
        path = 0.02 * np.arange(len(quarters))[::-1] + 0.2 * quarters.quarter.to_numpy() + drop
        income[code] = 1e4 * np.exp(path + 0.0005 * rng.normal(size=len(quarters)))
    labels = [f"{q.year}年第{'一二三四'[q.quarter - 1]}季度" for q in quarters]
    title, database = "居民人均可支配收入_累计值(元)", "分省季度数据"
    export(exports / "分省季度数据.csv", title, database, labels, names, income)
    given = replace(load_inputs(folder / "raw", folder / "processed"), totals=())  # China's, not the toy's
    study_exports(exports, given, folder / "out", simulate=False)
    table = pd.read_csv(folder / "out" / "coverage.csv").set_index(["outcome", "estimand"])
    return folder, truth, given, table


def test_the_effect_on_insurance_is_found(studied):
    row = studied[3].loc[("work_injury_rate", "effect")]
    assert row["estimate"] == pytest.approx(EFFECT, abs=5 * NOISE)
    assert EFFECT - 10 * NOISE < row["ci_low"] < row["estimate"] < row["ci_high"] < EFFECT + 10 * NOISE
    assert row["p_value"] == pytest.approx(1 / 28)  # 8 choose 2 assignments, the actual one the most extreme
    assert (row["first_period"], row["last_period"], row["treated"]) == ("2015", "2024", 2)


def test_with_enrolment_the_true_sum_lies_in_the_set(studied):
    folder, truth, _, table = studied
    base, _, cohort = employees(folder)
    enrolled = truth.enrolled[
        truth.enrolled["quarter"].map(lambda q: q.quarter == 4 and 2022 <= q.year <= 2024)
    ]
    enrolled = enrolled[enrolled["province_code"].map(cohort) == "2022Q3"]
    share = 100 * enrolled["persons"] / enrolled["province_code"].map(base)
    wanted = EFFECT + share.mean()  # mean over two provinces and three year-ends
    row = table.loc[("work_injury_rate", "effect_with_pilot")]
    assert row["lower"] - 5 * NOISE <= wanted <= row["upper"] + 5 * NOISE
    assert row["ci_low"] < row["lower"] <= row["upper"] < row["ci_high"]
    assert share.mean() > 1 and np.isnan(row["p_value"])


def test_quarterly_growth_falls_in_the_year_after_the_start_only(studied):
    """A level that drops once drops growth in four quarters of twelve: the mean effect is a third."""
    row = studied[3].loc[("quarterly_income_growth", "effect")]
    assert row["estimate"] == pytest.approx(GROWTH * 4 / 12, abs=0.001)
    assert row["last_period"] == "2025Q2"


def test_what_the_study_does_for_its_own_outcomes_is_done_for_these(studied):
    out = studied[0] / "out"
    written = "estimates.csv inference.csv sensitivity.csv event_study.svg report.md did_panel.csv"
    for name in written.split():
        assert (out / "work_injury_rate" / name).is_file(), name
    assert set(pd.read_csv(out / "work_injury_rate" / "estimates.csv")["evidence"]) == {"statistics"}
    numbers = json.loads((out / "numbers.json").read_text(encoding="utf-8"))
    assert numbers["work_injury_rate_effect"]["evidence"] == "statistics"
    assert len(numbers["work_injury_rate_effect_with_pilot"]["value"]) == 2
    english = (out / "coverage.en.md").read_text(encoding="utf-8")
    chinese = (out / "coverage.zh.md").read_text(encoding="utf-8")
    for text in (english, chinese):
        assert "A0S04" in text and "| A0S06 |" not in text  # what is missing, and what is not
        assert "(work_injury_rate/report.md)" in text and "-0.00" not in text.split("## ")[0]
    assert english.count("\n|") == chinese.count("\n|")


def test_every_specification_finds_the_effect_per_fully_treated_year(studied):
    """Trends are straight and common, so no choice matters but one: as half a year, 2022 counts too little.

    Effects of three years then stand for two and a half, or of two years for one and a half.
    """
    out = studied[0] / "out" / "work_injury_rate"
    table = pd.read_csv(out / "specification_curve.csv", dtype={"left_out": str}, keep_default_na=False)
    plain = table[(table["covariate"] == "none") & (table["estimator"] != "twfe")]
    dose = np.where(plain["rule"] == "share_of_days", np.where(plain["end"] == 2024, 3 / 2.5, 2 / 1.5), 1.0)
    assert np.abs(plain["estimate"] - EFFECT * dose).max() < 10 * NOISE
    assert set(plain["control"]) == {"all", "second_wave", "third_wave"} and len(plain) > 100
    assert set(table["evidence"]) == {"statistics"}
    joint = pd.read_csv(out / "specification_joint.csv").set_index("variant")
    assert joint.loc["median", "p_value"] < 0.1  # of few ways to choose two provinces of eight


def test_a_curve_that_lacks_years_is_said_and_an_old_one_goes(studied, tmp_path, capsys):
    folder, _, given, _ = studied
    frame = pd.read_csv(folder / "out" / "work_injury_rate" / "did_panel.csv", dtype=str)
    frame = frame.astype({"work_injury_rate": float})
    late = frame[frame["period"] >= "2017"]
    (tmp_path / "specification_curve.csv").write_text("old\n", encoding="utf-8")
    outcome = next(o for o in OUTCOMES if o.name == "work_injury_rate")
    options = Options(draws=0, base="universal")
    write_sensitivity(outcome.name, late, read_panel(late, outcome), given.panel, options, tmp_path)
    assert "2015, 2016" in capsys.readouterr().err
    assert not (tmp_path / "specification_curve.csv").exists()


def test_without_exports_the_chapter_says_so_and_shows_design_and_detectable_effect(country, tmp_path):
    folder, _ = country
    study_exports(None, load_inputs(folder / "raw", folder / "processed"), tmp_path)
    text = (tmp_path / "coverage.en.md").read_text(encoding="utf-8")
    assert "No exports were given" in text and "1.5 to 2.5 times" in text
    assert all(series.code in text and series.title in text for series in load_catalogue())
    assert "未提供导出表" in (tmp_path / "coverage.zh.md").read_text(encoding="utf-8")


def test_detectable_effects_are_in_units_of_the_yearly_noise(country):
    lab = pd.read_csv(country[0] / "processed" / "lab.csv")
    assert in_innovations(lab) == (1.5, 2.5)


def test_a_blank_inside_the_window_is_refused_and_earlier_results_stay(studied, tmp_path):
    folder, _, given, _ = studied
    lines = (folder / "exports" / "分省年度数据.csv").read_text(encoding="gbk").splitlines()
    cells = lines[5].split(",")
    lines[5] = ",".join([*cells[:4], "", *cells[5:]])
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text("\n".join(lines) + "\n", encoding="gbk")
    before = {p: p.read_bytes() for p in (folder / "out").rglob("*") if p.is_file()}
    with pytest.raises(InputError, match="02 has no value in 2021"):
        study_exports(tmp_path / "in", given, folder / "out", simulate=False)
    assert before == {p: p.read_bytes() for p in (folder / "out").rglob("*") if p.is_file()}


def test_the_template_is_the_form_that_is_read_and_validates(tmp_path, places):
    from frictionless import Package

    from analysis.exports.table import read_export

    result = CliRunner().invoke(app, ["coverage", "--template", str(tmp_path)])
    assert result.exit_code == 0
    files = sorted(tmp_path.glob("*.csv"))
    assert [p.name.split("_")[0] for p in files] == sorted(s.code for s in load_catalogue())
    for path in files:
        with pytest.raises(InputError, match="holds no value"):  # the form is right, the values are to come
            read_export(path, places)
    report = Package(str(tmp_path / "datapackage.yaml")).validate()
    assert report.valid, report.flatten(["type", "message"])
    path = tmp_path / "A0S06_work_injury_participants.csv"
    text = path.read_text(encoding="utf-8")
    assert text.count("市,") + text.count("省,") + text.count("区,") >= 31
    path.write_text(text.replace("北京市,", "北京,"), encoding="utf-8")
    assert not Package(str(tmp_path / "datapackage.yaml")).validate().valid
