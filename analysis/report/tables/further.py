"""What else the record says: people of the pilot in mid-2026, waves, one platform's count."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from analysis import config
from analysis.report.results import HEADLINE
from analysis.report.tables.findings import interval_cell
from analysis.report.tables.markdown import Column, Table, translated
from analysis.report.tables.words import CONTRASTS, HEADS, STOCK_NAMES, STOCK_READINGS, WAVES
from analysis.report.text import FORMATS, date_text, plain

if TYPE_CHECKING:
    import pandas as pd

    from analysis.report.results import Results

SHOWN = "shown"  # the interval of a row, as `interval_cell` names its ends


def shown(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with the ends of their interval named as `interval_cell` wants them."""
    return rows.rename(columns={"lower": f"{SHOWN}_lower", "upper": f"{SHOWN}_upper"})


def cover(results: Results) -> Table:
    """What the ministry added for the pilot at the end of June 2026, by assumption."""
    rows = results.cover[results.cover["quantity"] == "pilot_2026"]
    order = {reading.name: number for number, reading in enumerate(config.STOCK_READINGS)}
    data = shown(rows).sort_values("assumptions", key=lambda names: names.map(order), ignore_index=True)
    reasons = {item.name: (item.reason, STOCK_READINGS[item.name]) for item in config.STOCK_READINGS}
    columns = [
        Column("Assumption", "假定", translated("assumptions", STOCK_NAMES)),
        Column("What is assumed", "内容", translated("assumptions", reasons)),
        Column("People counted", "计入人数", interval_cell(SHOWN, FORMATS["persons"]), True),
    ]
    return Table(data, columns)


def waves(results: Results) -> Table:
    """The first two waves compared, main reading."""
    rows = results.contrasts[results.contrasts["assumptions"] == HEADLINE]
    places = [rows[name].map(list(order).index) for name, order in (("contrast", CONTRASTS), ("wave", WAVES))]
    rows = rows.assign(place=places[0], wave_place=places[1])
    data = shown(rows.sort_values(["place", "event_time", "wave_place"], ignore_index=True))
    data = data.drop(columns=["place", "wave_place"])

    def ends(row: pd.Series, language: str) -> str:
        if math.isnan(row[f"{SHOWN}_lower"]):
            return ""
        return interval_cell(SHOWN, plain(1))(row, language)

    def quarters(row: pd.Series, _: str) -> str:  # event time 0 ends a quarter after the start
        time = str(row["event_time"])
        return str(int(time) + 1) if time else ""

    columns = [
        Column("What", "内容", translated("contrast", CONTRASTS)),
        Column("Quarters since the start", "启动后的季度数", quarters, True),
        Column("Wave", "批次", translated("wave", WAVES)),
        Column("Range", "区间", ends, True),
    ]
    return Table(data, columns)


def heads(results: Results) -> Table:
    """One platform's count beside the nation's, if both count heads."""
    columns = [
        Column("What", "内容", translated("quantity", HEADS)),
        Column("As of", "截至", lambda row, language: date_text(row["day"], language)),
        Column("People", "人数", interval_cell(SHOWN, FORMATS["persons"]), True),
    ]
    return Table(shown(results.heads), columns)
