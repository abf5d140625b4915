"""Company programmes on record, and the published cases of Meituan's subsidy against its rule.

A city's floor is used only where a source prints it, or prints the contribution it follows from. Hangzhou's
case prints the subsidy alone: it cannot check the rule, and its floor is not on record.
"""

from __future__ import annotations

import pandas as pd

from analysis.base.errors import InputError
from analysis.policy.money import BASIS_POINTS, FEN_PER_YUAN, half_up, whole_units
from analysis.policy.subsidy import MEITUAN, subsidy_amounts

CITIES_EN = {"泉州": "Quanzhou", "南通": "Nantong", "深圳": "Shenzhen", "南京": "Nanjing", "杭州": "Hangzhou"}


def published_cases(platforms: pd.DataFrame) -> pd.DataFrame:
    """Each published case beside what the rule gives.

    Returns
    -------
    DataFrame
        ``record_id, city, province_code, date, checks`` (what the print allows to check: floor, contribution
        or nothing), ``floor_fen`` (printed, or implied by the printed contribution; missing in a case that
        prints neither), ``printed_fen`` and ``computed_fen`` (subsidy), ``source_id, grade``.
    """
    rows = []
    cases = platforms[platforms["record_type"] == "programme_example"]
    for row in cases.to_dict("records"):
        printed = {name: _fen(row[f"{name}_yuan"], name) for name in ("base", "contribution", "subsidy")}
        floor, checks = printed["base"], "floor"
        if floor is None and printed["contribution"] is not None:
            floor = half_up(printed["contribution"] * BASIS_POINTS, MEITUAN.contribution_rate)
            checks = "contribution"
        rows.append(
            {
                "record_id": row["record_id"],
                "city": row["scope"],
                "province_code": row["province_code"],
                "date": row["start_date"],
                "checks": checks if floor is not None else "nothing",
                "floor_fen": floor,
                "printed_fen": printed["subsidy"],
                "computed_fen": None if floor is None else subsidy_amounts(floor).subsidy,
                "source_id": row["source_id"],
                "grade": row["grade"],
            }
        )
    table = pd.DataFrame(rows)
    fen = ["floor_fen", "printed_fen", "computed_fen"]
    table[fen] = table[fen].astype("Int64")
    return table


def city_floor(platforms: pd.DataFrame, city: str) -> int:
    """Floor of a city in fen.

    Raises
    ------
    InputError
        The city has no floor on record; the message lists the cities that have one.
    """
    cases = published_cases(platforms)
    names = cases["city"].map(lambda name: CITIES_EN.get(name, name)).str.lower()
    found = cases[(cases["city"] == city.strip()) | (names == city.strip().lower())]
    known = cases[cases["floor_fen"].notna()]
    if found.empty or found["floor_fen"].isna().all():
        listed = ", ".join(
            f"{CITIES_EN.get(row.city, row.city)} {row.city} {row.floor_fen / FEN_PER_YUAN:g}"
            for row in known.itertuples()
        )
        why = "its case prints the subsidy alone" if len(found) else "no case of it is on record"
        raise InputError(
            f"the contribution-base floor of this city is missing: {why}",
            value=city,
            expected=f"one of {listed}; or the floor itself in yuan",
        )
    return int(found["floor_fen"].iloc[0])


def _fen(value: object, name: str) -> int | None:
    return None if pd.isna(value) else whole_units(value, FEN_PER_YUAN, name)
