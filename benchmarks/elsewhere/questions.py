"""What is asked of each package: a panel written in another way, or one that lacks something.

The design: 31 units in 10 quarters, 7 start in the 5th, 10 in the 8th, 14 never. The right number of each
question is the engine's for the same estimator, average and controls, on the panel as the engine reads it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

UNITS, PERIODS = 31, 10
FIRST, SECOND, LAST = 5, 8, 10  # starts; LAST is that of the never-treated where nobody is never treated
QUARTERS = pd.period_range("2020Q3", periods=PERIODS, freq="Q")


def design() -> pd.DataFrame:
    """Columns y, id, t (1 to 10), g (0: never)."""
    rng = np.random.default_rng(20220701)
    start = np.repeat([FIRST, SECOND, 0], [7, 10, 14])
    unit, period = np.divmod(np.arange(UNITS * PERIODS), PERIODS)
    own = start[unit]
    effect = np.where(
        (own > 0) & (period + 1 >= own), 0.5 + 0.2 * (period + 1 - own) + 0.3 * (own == FIRST), 0
    )
    outcome = rng.normal(size=UNITS)[unit] * 2 + rng.normal(size=PERIODS)[period] + effect
    outcome = outcome + rng.normal(size=UNITS * PERIODS) * 0.4
    return pd.DataFrame({"y": outcome, "id": unit + 1, "t": period + 1, "g": own.astype(float)})


def never_as(code: float) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda panel: panel.assign(g=panel["g"].replace(0, code))


def _relabelled(panel: pd.DataFrame, labels: list[object], never: object) -> pd.DataFrame:
    names = dict(enumerate(labels, 1))
    start = [names[int(g)] if 0 < g < math.inf else never for g in panel["g"].fillna(0)]
    return panel.assign(t=panel["t"].map(names), g=start)


def as_periods(panel: pd.DataFrame) -> pd.DataFrame:
    table = _relabelled(panel, list(QUARTERS), pd.NaT)
    return table.assign(t=pd.PeriodIndex(table["t"], freq="Q"), g=pd.PeriodIndex(table["g"], freq="Q"))


def as_text(panel: pd.DataFrame) -> pd.DataFrame:
    return _relabelled(panel, [str(q) for q in QUARTERS], None)


def as_numbers(never: float) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Year and quarter in one number: 20204 is followed by 20211."""
    return lambda panel: _relabelled(panel, [float(10 * q.year + q.quarter) for q in QUARTERS], never)


def everybody(panel: pd.DataFrame) -> pd.DataFrame:
    return panel.assign(g=panel["g"].fillna(LAST).replace(0, LAST))


def _gap(panel: pd.DataFrame) -> pd.Series:
    return (panel["id"] == UNITS) & (panel["t"] == 3)  # a never-treated unit, a period before any start


def row_absent(panel: pd.DataFrame) -> pd.DataFrame:
    return panel[~_gap(panel)].reset_index(drop=True)


def row_empty(panel: pd.DataFrame) -> pd.DataFrame:
    return panel.assign(y=panel["y"].where(~_gap(panel)))


def one_treated(panel: pd.DataFrame) -> pd.DataFrame:
    """Unit 1 alone stays treated; its outcomes stay as they are, the others' lose their effects."""
    return panel[(panel["id"] == 1) | (panel["id"] > 17)].reset_index(drop=True)


@dataclass(frozen=True)
class Question:
    """One column of the page.

    Attributes
    ----------
    change
        From the panel as the package documents it to the panel that is asked about.
    right
        The panel on which the engine gives the right number: ``same``, or that of ``change``.
    about
        ``starts`` questions say nothing to a regression whose user makes the treatment column.
    """

    name: str
    english: str
    chinese: str
    change: Callable[[pd.DataFrame], pd.DataFrame]
    right: str = "same"
    about: str = "all"
    options: tuple[tuple[str, object], ...] = ()


QUESTIONS = (
    Question("as_documented", "as documented", "按其文档", lambda panel: panel),
    Question("never_0", "never treated: 0", "从未处理：0", never_as(0.0), about="starts"),
    Question("never_nan", "never treated: NaN", "从未处理：NaN", never_as(math.nan), about="starts"),
    Question("never_inf", "never treated: infinity", "从未处理：无穷", never_as(math.inf), about="starts"),
    Question("periods", "quarters as periods, never NaT", "季度为Period，从未为NaT", as_periods),
    Question("text", "quarters as text", "季度为文本", as_text),
    Question("numbers", "quarters as 20221", "季度为20221", as_numbers(0.0)),
    Question("everybody", "nobody never treated", "无从未处理单位", everybody, "changed",
             options=(("everybody", True),)),
    Question("row_absent", "one row absent", "缺一行", row_absent, "changed"),
    Question("row_empty", "one outcome empty", "一处结果为空", row_empty, "changed"),
)  # fmt: skip
