"""The tables that may be exported: which there are, and which of them a file holds.

The list is ``catalogue.yml``. An indicator is recognised by its words and its unit, never by the name of
the file: a browser calls every export by the same name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from analysis.base.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

LIST = Path(__file__).with_name("catalogue.yml")
UNIT = re.compile(r"[（(]([^()（）]*)[)）]\s*$")
DATABASES = {"year": "分省年度数据", "quarter": "分省季度数据"}
PAGES = {"year": "fsYearData", "quarter": "fsQuarterData"}  # on data.stats.gov.cn, by its address


@dataclass(frozen=True)
class Series:
    """One table of the catalogue; the fields are explained at the top of ``catalogue.yml``."""

    name: str
    code: str
    frequency: str
    path: str
    indicator: str
    english: str
    has: tuple[str, ...]
    lacks: tuple[str, ...]
    unit: str
    per: float
    total: str
    seen: str

    @property
    def title(self) -> str:
        """The indicator as the export prints it, with its unit."""
        return f"{self.indicator}({self.unit})"

    def fits(self, name: str) -> bool:
        """Whether an indicator's name, without its unit, is that of this table."""
        return all(word in name for word in self.has) and not any(word in name for word in self.lacks)


@cache
def load_catalogue() -> tuple[Series, ...]:
    """All tables in the order of the list."""
    entries: list[Mapping[str, object]] = yaml.safe_load(LIST.read_text(encoding="utf-8"))
    return tuple(
        Series(**{k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()})  # type: ignore[arg-type]
        for entry in entries
    )


def identify(printed: str, file: Path, row: int) -> Series:
    """Return the table that an indicator line names.

    Parameters
    ----------
    printed
        What stands after 指标：, such as ``年末参加工伤保险人数(万人)``.
    file, row
        Where it stands, for messages.

    Raises
    ------
    InputError
        No table fits, or the unit is another than the table's.
    """
    unit = UNIT.search(printed)
    name = re.sub(r"\s", "", UNIT.sub("", printed))
    found = [series for series in load_catalogue() if series.fits(name)]
    if len(found) != 1:
        raise InputError(
            "the indicator is not one of those that the study reads",
            file=file,
            row=row,
            column="指标",
            value=printed,
            expected="one of " + "; ".join(series.title for series in load_catalogue()),
            action="export one of these, or take the file out of the folder",
        )
    (series,) = found
    given = "" if unit is None else unit[1].strip()
    if given != series.unit:
        raise InputError(
            "the indicator stands in another unit",
            file=file,
            row=row,
            column="指标",
            value=printed,
            expected=f"{series.unit}, as in {series.title}",
            action="export the table again without changing its unit; a unit is never guessed",
        )
    return series
