"""Write every chart for both editions: its marks as a script that a page can load from a folder, its CSV.

``book/_charts`` holds them, with a list of the exhibits that open a chart and the choices they start from.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from analysis.base.files import write_json, write_text
from analysis.did.digits import csv_text
from analysis.report.charts import estimates, levers, paths
from analysis.report.text import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from analysis.report.charts.chart import Chart
    from analysis.report.results import Results

CHARTS: dict[str, Callable[[Results, str], Chart]] = {
    "national-path": paths.national,
    "provinces": paths.provinces,
    "event-study": estimates.events,
    "specifications": estimates.curve,
    "contribution": levers.contribution,
    "sharing": levers.sharing,
}
# The exhibits that open a chart: its name and the choices that it starts with.
OPENS: dict[str, tuple[str, dict[str, str]]] = {
    "fig-national-path": ("national-path", {}),
    "fig-province-intervals": ("provinces", {}),
    "fig-event-formal-employment": ("event-study", {"outcome": "formal_employment_rate"}),
    "fig-event-income": ("event-study", {"outcome": "log_income_per_head"}),
    "fig-event-gdp": ("event-study", {"outcome": "log_gdp_per_head"}),
    "fig-specification-employment": ("specifications", {"outcome": "formal_employment_rate"}),
    "fig-specification-income": ("specifications", {"outcome": "log_income_per_head"}),
    "fig-specification-gdp": ("specifications", {"outcome": "log_gdp_per_head"}),
    "fig-policy-contribution": ("contribution", {}),
    "fig-policy-sharing": ("sharing", {}),
}


def build_charts(results: Results, root: Path) -> None:
    """Write ``book/_charts`` under ``root``."""
    folder, texts = root / "book" / "_charts", {}
    for name, make in CHARTS.items():
        for language in LANGUAGES:
            chart = make(results, language)
            record = json.dumps(chart.record(results, language), ensure_ascii=False, separators=(",", ":"))
            texts[f"{name}.{language}.js"] = f'BookCharts.take("{name}",{record});\n'
        texts[f"{name}.csv"] = csv_text(chart.table)
    for file, text in texts.items():
        write_text(text, folder / file)
    write_json(
        {key: {"chart": name, "view": view} for key, (name, view) in OPENS.items()}, folder / "charts.json"
    )
