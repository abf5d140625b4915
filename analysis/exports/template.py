"""A folder in the form of the exports, without values: what to export, and a schema that checks it.

The files have the office's title rows and all 31 names; the values are blank. ``datapackage.yaml`` says of
each file which code, unit and periods it holds, and lists the national counts that sums are held against.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import yaml

from analysis import config
from analysis.base.files import write_text
from analysis.exports.catalogue import DATABASES, PAGES, Series, load_catalogue
from analysis.exports.folder import load_totals
from analysis.exports.outcomes import LAST_QUARTER, LAST_YEAR

if TYPE_CHECKING:
    from pathlib import Path

NUMBERS = "一二三四"


def write_template(provinces: pd.DataFrame, out: Path) -> None:
    """Write one CSV for each table of the catalogue, and ``datapackage.yaml``.

    Parameters
    ----------
    provinces
        The register; the Corps is left out.
    out
        Folder.
    """
    names = provinces[provinces["kind"] != "corps"]["name_zh"].tolist()
    for series in load_catalogue():
        write_text(template(series, names), out / f"{series.code}_{series.name}.csv")
    text = yaml.safe_dump(package(names), allow_unicode=True, sort_keys=False, width=110)
    write_text(text, out / "datapackage.yaml")


def periods(series: Series) -> list[str]:
    """Periods asked for, newest first, as the export prints them."""
    if series.frequency == "year":
        return [f"{year}年" for year in range(LAST_YEAR, config.ESTIMATION_START - 1, -1)]
    quarters = pd.period_range(config.PANEL_START - 4, LAST_QUARTER, freq="Q")[::-1]
    return [f"{q.year}年第{NUMBERS[q.quarter - 1]}季度" for q in quarters]


def template(series: Series, names: list[str]) -> str:
    """One table without values."""
    asked = periods(series)
    head = [
        f"数据库：{DATABASES[series.frequency]}",
        f"指标：{series.title}",
        "时间：" + f"{asked[-1]}-{asked[0]}",
    ]
    body = [name + "," * len(asked) for name in names]
    return "\n".join([*head, ",".join(["地区", *asked]), *body, "数据来源：国家统计局"]) + "\n"


def package(names: list[str]) -> dict[str, object]:
    """Descriptor of the template: an ordinary Data Package whose tables begin in the fourth row."""
    totals = load_totals()
    resources = []
    for series in load_catalogue():
        fields: list[dict[str, object]] = [
            {
                "name": "地区",
                "type": "string",
                "constraints": {"required": True, "unique": True, "enum": names},
            }
        ]
        fields += [
            {"name": period, "type": "number", "groupChar": ",", "constraints": {"minimum": 0}}
            for period in periods(series)
        ]
        resources.append(
            {
                "name": series.name.replace("_", "-"),
                "path": f"{series.code}_{series.name}.csv",
                "title": f"{series.english} ({series.unit})",
                "description": f"{DATABASES[series.frequency]} > {series.path} ({PAGES[series.frequency]})",
                "dialect": {"headerRows": [4], "commentRows": [len(names) + 5]},
                "schema": {"fields": fields, "missingValues": ["", "-", "—"]},
                "unit": series.unit,
                "indicator_name_seen": series.seen,
                "national_totals": [dict(t) for t in totals if t["table"] == series.name],
            }
        )
    return {
        "name": "coverage-exports",
        "title": "Exports of the statistics office's database by province: the form that is read",
        "resources": resources,
    }
