"""The registered forecast of enrolment in the third wave, and its score once figures are printed.

A forecast is an interval from stated assumptions about what earlier waves imply, written down before
the figures exist. It is no evidence about the pilot. The register is a file with its date as its name;
it is never recomputed, so that later data cannot improve it.

Assumptions, each on what was printed at grade C or better:

- ``as_second_wave``: two quarters after its start the third wave, taken together, has as many people
  per 1,000 residents as the bounds allow the second wave at the same distance.
- ``half_to_one_and_a_half``: a third-wave province lies between half the lowest and one and a half
  times the highest rate of the second-wave provinces whose count of that quarter is pinned.
- ``steady_or_double``: the provinces already in the pilot add, each quarter, between nothing and twice
  what the first wave added between the ends of 2024 and of June 2025. The national forecast adds
  ``as_second_wave``.

Left out: the 25 platforms since July 2026 (known only second-hand), people counted in two provinces.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from analysis import inputs
from analysis.base.errors import InputError
from analysis.base.files import save_table
from analysis.base.progress import say
from analysis.base.reading import read_csv

FOLDER = Path("data/forecasts")
MEASURE = "cumulative_participants"
COLUMNS = ("forecast_id", "province_code", "measure", "as_of_date", "lower", "upper", "unit", "assumptions")
NATION, THIRD_WAVE = "00", "2026Q3"
TARGET, TARGET_QUARTERS = "2026-12-31", 4  # quarters from the last national count, year-end 2025
SAME_DISTANCE = "2025Q4"  # as far from the second wave's start as the target from the third's
PINNED = 0.1  # people per 1,000 residents: a province with a narrower interval has a printed count
MARGIN = (0.5, 1.5)
ROUND = 1_000  # persons: finer than any assumption


def make_forecast(bounds: pd.DataFrame, panel: pd.DataFrame) -> pd.DataFrame:
    """Intervals for the nation, the third wave and its provinces at the end of 2026.

    Parameters
    ----------
    bounds, panel
        ``bounds.csv`` and ``panel.csv`` with text codes and quarters.

    Returns
    -------
    DataFrame
        `COLUMNS`; persons. Code 00 is the nation; the wave as a whole has a blank code.

    Raises
    ------
    InputError
        A bound that an assumption rests on is missing or open.
    """
    now = panel[panel["quarter"] == SAME_DISTANCE].set_index("province_code")
    residents, third = now["residents_last_year_end"], now["cohort"] == THIRD_WAVE
    second = _interval(bounds, "cohort_pooled", "2025Q3", SAME_DISTANCE)
    wave = [end / 1e3 * residents[third].sum() for end in second]

    before, after = (_interval(bounds, "cohort_pooled", "2022Q3", q) for q in ("2024Q4", "2025Q2"))
    fastest = (after[1] - before[0]) / 2  # two quarters between the two counts
    base = _interval(bounds, "pooled", "in_force", SAME_DISTANCE)
    grown = base[1] + 2 * TARGET_QUARTERS * fastest
    old = residents[~third].sum()
    nation = [base[0] / 1e3 * old + wave[0], grown / 1e3 * old + wave[1]]

    rows = [(NATION, *nation, "steady_or_double; as_second_wave"), ("", *wave, "as_second_wave")]
    rates = _headline(bounds)
    members = now.index[now["cohort"] == "2025Q3"]
    rates = rates[(rates["estimand"] == "province") & (rates["quarter"] == SAME_DISTANCE)]
    rates = rates[rates["province_code"].isin(members)]
    pinned = rates[rates["upper"] - rates["lower"] < PINNED]
    if pinned.empty:
        raise InputError(
            "no second-wave province has a printed count", file="bounds.csv", value=SAME_DISTANCE
        )
    low, high = MARGIN[0] * pinned["lower"].min(), MARGIN[1] * pinned["upper"].max()
    rows += [
        (code, low / 1e3 * count, high / 1e3 * count, "half_to_one_and_a_half")
        for code, count in residents[third].items()
    ]
    table = pd.DataFrame(rows, columns=["province_code", "lower", "upper", "assumptions"])
    table["lower"] = np.floor(table["lower"] / ROUND) * ROUND
    table["upper"] = np.ceil(table["upper"] / ROUND) * ROUND
    names = table["province_code"].where(table["province_code"] != "", "third_wave")
    table["forecast_id"] = names + "_" + TARGET.replace("-", "")
    return table.assign(measure=MEASURE, as_of_date=TARGET, unit="persons")[list(COLUMNS)]


def score(forecast: pd.DataFrame, registered: str, ledger: pd.DataFrame) -> pd.DataFrame:
    """Compare a register with the figures printed since.

    Parameters
    ----------
    forecast
        With `COLUMNS`.
    registered
        Day of the register; figures published on that day or before are not used.
    ledger
        From `analysis.inputs.load_ledger`.

    Returns
    -------
    DataFrame
        The forecast and ``registered``, ``result``, ``figure_ids``, ``printed_lower``,
        ``printed_upper``. ``result``: ``inside``, ``outside``, ``undecided`` (what was printed reaches
        across an end of the interval, or figures contradict each other) or ``no_figure``. Figures of
        grade D, and figures not as of the day forecast, do not count. The wave as a whole has a figure
        when all its provinces have one.
    """
    new = ledger[ledger["measure"].eq(MEASURE) & ledger["grade"].isin(["A", "B", "C"])]
    new = new[new["level"].isin(["national", "province"])]
    new = new[new["date_published"] > pd.Timestamp(registered)]
    rows = []
    for row in forecast.itertuples():
        day = pd.Timestamp(row.as_of_date)
        same = new[(new["as_of_first"] == day) & (new["as_of_last"] == day)]
        found = same[same["province_code"] == row.province_code]
        if row.province_code == "":
            members = set(forecast["province_code"]) - {"", NATION}
            found = same[same["province_code"].isin(members)]
            found = found if set(found["province_code"]) == members else found.iloc[:0]
        ends = found.groupby("province_code").agg({"lower": "max", "upper": "min"})
        low, high = ends.sum() if len(found) else (np.nan, np.nan)
        agree = bool((ends["lower"] <= ends["upper"]).all())
        result = _verdict(low, high, float(row.lower), float(row.upper)) if agree else "undecided"
        rows.append((registered, result, ";".join(sorted(found["figure_id"])), low, high))
    names = ["registered", "result", "figure_ids", "printed_lower", "printed_upper"]
    return forecast.assign(**dict(zip(names, zip(*rows, strict=True), strict=True)))


def write_scores(raw: Path, processed: Path, folder: Path = FOLDER) -> None:
    """Score every register of ``folder`` against the ledger and write ``forecast_scores.csv``."""
    if folder.exists() and not folder.is_dir():
        raise InputError("the registers are no folder", file=folder, expected="a folder of YYYY-MM-DD.csv")
    registers = [load_register(path) for path in sorted(folder.glob("*.csv"))]
    if not registers:
        raise InputError("there is no registered forecast", file=folder, expected="YYYY-MM-DD.csv")
    inputs.check_package(raw)
    ledger = inputs.load_ledger(raw)
    scores = pd.concat([score(table, day, ledger) for day, table in registers], ignore_index=True)
    scores.insert(0, "evidence", "bounds")  # an interval from figures; the assumptions are beside it
    save_table(scores, ["registered", "forecast_id"], processed / "forecast_scores.csv")
    decided = scores["result"].isin(["inside", "outside"])
    failed = scores[scores["result"] == "outside"]["forecast_id"].tolist()
    say(f"forecast: {int(decided.sum())} of {len(scores)} intervals can be scored, {len(failed)} failed")
    for name in failed:
        say(f"forecast: FAILED: {name}")


def load_register(path: Path) -> tuple[str, pd.DataFrame]:
    """Date and rows of one register.

    Raises
    ------
    InputError
        The name is no day, the table cannot be read, a column is absent, a day or a measure is none, an id
        is not unique, or an interval has no length.
    """
    try:
        registered = pd.Timestamp(path.stem).date().isoformat()
    except ValueError as error:
        raise InputError("a register is named after its day", file=path, expected="YYYY-MM-DD.csv") from error
    table = read_csv(
        path, "the register", "restore it: a register is never changed", COLUMNS,
        dtype={"province_code": str}, keep_default_na=False,
    )  # fmt: skip
    for column in ("lower", "upper"):
        values = pd.to_numeric(table[column], errors="coerce")
        wrong = table.index[~np.isfinite(values)]
        if len(wrong):
            raise InputError(
                "an end of an interval is no number", file=path, row=int(wrong[0]) + 2, column=column,
                value=str(table.at[wrong[0], column]), expected="persons",
            )  # fmt: skip
    days = pd.to_datetime(table["as_of_date"], format="%Y-%m-%d", errors="coerce")
    for column, wrong in (
        ("as_of_date", days.isna()),
        ("measure", table["measure"] != MEASURE),
        ("forecast_id", table["forecast_id"].duplicated() | (table["forecast_id"] == "")),
    ):
        if wrong.any():
            row = table.index[wrong][0]
            raise InputError(
                "a forecast cannot be scored", file=path, row=int(row) + 2, column=column,
                value=str(table.at[row, column]), expected=f"a day, the measure {MEASURE}, an id of its own",
            )  # fmt: skip
    empty = table.index[~(table["lower"] < table["upper"])]
    if len(empty):
        raise InputError("an interval has no length", file=path, row=int(empty[0]) + 2)
    return registered, table


def _verdict(low: float, high: float, lower: float, upper: float) -> str:
    if np.isnan(low):
        return "no_figure"
    if low > upper or high < lower:
        return "outside"
    return "inside" if lower <= low and high <= upper else "undecided"


def _headline(bounds: pd.DataFrame) -> pd.DataFrame:
    return bounds[(bounds["assumptions"] == "headline") & (bounds["unit"] == "per_1000_residents")]


def _interval(bounds: pd.DataFrame, estimand: str, scope: str, quarter: str) -> tuple[float, float]:
    """Ends of one bound of the headline reading, per 1,000 residents."""
    rows = _headline(bounds)
    rows = rows[(rows["estimand"] == estimand) & (rows["scope"] == scope) & (rows["quarter"] == quarter)]
    if len(rows) != 1 or rows[["lower", "upper"]].isna().to_numpy().any():
        raise InputError(
            f"the forecast needs a closed bound of {estimand}, {scope}, {quarter}", file="bounds.csv"
        )
    return float(rows["lower"].iloc[0]), float(rows["upper"].iloc[0])
