"""The pipeline's steps in full: load, process, check, save. Computation is in the rooms they call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis import config, inputs
from analysis.base.files import save_table
from analysis.base.products import read_product
from analysis.base.shares import in_shares
from analysis.did.digits import ESTIMATED
from analysis.panel.build import KEY, build_codebook, build_panel, build_skeleton, newest_quarter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    Steps = dict[Callable[[Path], None], float]  # with the seconds that each takes

BOUNDS_KEY = ("assumptions", "estimand", "scope", "unit", "quarter", "event_time", "province_code")


@dataclass(frozen=True)
class Record:
    """The checked raw record, as far as the panel and the bounds need it."""

    skeleton: pd.DataFrame
    rollout: pd.DataFrame
    ledger: pd.DataFrame
    statistics: pd.DataFrame


def load_record(raw: Path) -> Record:
    """Check the raw package and load it; raises `InputError` before anything is written."""
    inputs.check_package(raw)
    rollout, ledger = inputs.load_rollout(raw), inputs.load_ledger(raw)
    statistics = inputs.load_statistics(raw)
    skeleton = build_skeleton(inputs.load_provinces(raw), rollout, statistics, newest_quarter(ledger))
    return Record(skeleton, rollout, ledger, statistics)


def write_panel(raw: Path, processed: Path) -> None:
    """``panel.csv`` with its Parquet and Stata forms, and ``codebook.csv``."""
    from analysis.bounds import province_bounds
    from analysis.panel.formats import write_formats

    record = load_record(raw)
    enrolled = province_bounds(record.skeleton, record.rollout, record.ledger)
    panel = build_panel(record.skeleton, record.statistics, record.ledger, enrolled)
    codebook = build_codebook()
    undocumented = set(panel.columns) ^ set(codebook["column"])
    assert not undocumented, f"panel and codebook differ in {sorted(undocumented)}"
    save_table(panel, KEY, processed / "panel.csv")
    save_table(codebook, ["column"], processed / "codebook.csv")
    saved = read_product(processed / "panel.csv")
    write_formats(saved, codebook, processed)


def write_bounds(raw: Path, processed: Path) -> None:
    """``bounds.csv`` with what holds it and what is missing; the waves compared; two small programs."""
    from analysis.bounds import contrasts, current, platform_counts, solve_bounds

    record = load_record(raw)
    bounds = solve_bounds(record.skeleton, record.rollout, record.ledger)
    key = list(BOUNDS_KEY)
    save_table(bounds.intervals.pipe(blank_event_times), key, processed / "bounds.csv")
    support = bounds.support.pipe(blank_event_times)
    save_table(support, [*key, "side", "figure_id"], processed / "bounds_support.csv", ESTIMATED)
    missing = processed / "missing_figures.csv"
    save_table(bounds.missing, ["quarter", "province_code"], missing, ESTIMATED)
    save_table(bounds.contrasts, contrasts.KEY, processed / "wave_contrasts.csv")
    save_table(bounds.signing, ["quarter", "province_code"], processed / "wave_signing.csv")
    whole = bounds.intervals[bounds.intervals["assumptions"] == config.HEADLINE.name]
    whole = whole[(whole["estimand"] == "pooled") & (whole["unit"] == "persons")]
    cover = current.current_cover(record.ledger, float(whole["lower"].max()))
    save_table(cover, current.KEY, processed / "current_cover.csv")
    heads = platform_counts.others_only(record.ledger, inputs.load_platforms(raw))
    save_table(heads, platform_counts.KEY, processed / "platform_counts.csv")


def blank_event_times(table: pd.DataFrame) -> pd.DataFrame:
    """Event times as text, empty where a row has none, so that they can be part of the key."""
    text = table["event_time"].astype("string").fillna("")
    return table.assign(event_time=text)


def write_estimates(processed: Path) -> None:
    """``estimates.csv``."""
    from analysis.study.estimates import ESTIMATES_KEY, estimate_outcomes

    panel = read_product(processed / "panel.csv")
    estimates = estimate_outcomes(panel).pipe(blank_event_times)
    save_table(estimates, ESTIMATES_KEY, processed / "estimates.csv", ESTIMATED)


def write_before(raw: Path, processed: Path) -> None:
    """``coverage_before.csv``: real insurance counts of 2008 and 2011."""
    from analysis.study import before

    inputs.check_package(raw)
    provinces, rollout = inputs.load_provinces(raw), inputs.load_rollout(raw)
    starts = rollout[rollout["event"] == "starts"].set_index("province_code")["date"]
    units = provinces[provinces["kind"] != "corps"].set_index("code").index
    first = starts.reindex(units) == config.PILOT_START.start_time
    table = before.coverage_before(inputs.load_statistics(raw), first)
    save_table(table, before.KEY, processed / "coverage_before.csv", ESTIMATED)


def write_judgements(processed: Path) -> None:
    """``inference.csv``: all ways of inference."""
    from analysis.study import inference

    judged = inference.infer_outcomes(read_product(processed / "panel.csv"))
    save_table(judged, inference.KEY, processed / "inference.csv", ESTIMATED)


def write_reassigned(processed: Path) -> None:
    """``randomization_distribution.csv``: the distribution under reassignment."""
    from analysis.study import reassignment

    drawn = reassignment.distributions(read_product(processed / "panel.csv"))
    save_table(drawn, reassignment.KEY, processed / "randomization_distribution.csv", ESTIMATED)


def write_sensitivity(processed: Path) -> None:
    """``sensitivity.csv`` and ``specification_curve.csv``: what the estimates lean on."""
    from analysis.study import sensitivity, specification_curve

    table, curve = sensitivity.study_sensitivity(read_product(processed / "panel.csv"))
    save_table(table, sensitivity.KEY, processed / "sensitivity.csv", ESTIMATED)
    choices = ("outcome", *specification_curve.COLUMNS)
    save_table(curve, choices, processed / "specification_curve.csv", ESTIMATED)


INFERENCE: Steps = {write_judgements: 9.0, write_reassigned: 2.0, write_sensitivity: 16.0}


def write_reproduce(processed: Path) -> None:
    """``reproduce/``: scripts that find the main estimates in other software, with their panels."""
    from analysis.study.reproduce import write_scripts

    panel = read_product(processed / "panel.csv")
    write_scripts(panel, processed / "reproduce")


STUDY: Steps = {
    write_estimates: 8.0,
    **INFERENCE,
    write_reproduce: 4.0,
}  # all that is made from the panel alone


def share_steps(steps: Steps, processed: Path, jobs: int) -> None:
    """Run steps side by side, by the seconds of each, in copies of a process that loaded what they use."""
    import linearmodels.panel  # noqa: F401 - before work is shared: each copy would load it again
    import statsmodels.stats.diagnostic  # noqa: F401

    def run(step: Callable[[Path], None]) -> None:
        step(processed)

    in_shares(run, list(steps), list(steps.values()), jobs)


def write_agreement(reference: Path, processed: Path) -> None:
    """``agreement.csv``: every estimator beside independent software on the simulated panels."""
    from analysis.verify.agreement import build_agreement

    table = build_agreement(reference)
    table.insert(0, "evidence", "simulated")
    key = ["estimator", "dataset", "software", "version", "method"]
    # Ten digits: the exhibit prints six decimals, and a number rounded twice may be printed wrong.
    save_table(table, key, processed / "agreement.csv")
