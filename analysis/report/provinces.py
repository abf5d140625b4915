"""A page for each province and the Corps, in both languages, from the record alone.

A page holds the province's own rows: nothing stands on it whose evidence is another province's, but for
the ends of its interval, and the page says which kinds of published figures decide them.
Parts without a row are left out, and a page with little of its own says that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analysis.base.files import write_text
from analysis.did.digits import csv_text
from analysis.report.path_chart import draw_path
from analysis.report.province_limits import folded, limits, published, second_hand
from analysis.report.province_words import WAVES, WORDS
from analysis.report.tables import record
from analysis.report.text import LANGUAGES, date_text, quarter_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from analysis.report.results import Results
    from analysis.report.tables.markdown import Table

UNIT, RESIDENTS = "per_1000_residents", 1000
INTERVALS = "intervals"  # name of the CSV of a province's path
FEW = 5  # rows of its own below which a page says that little is known
# The exhibit whose chart sets any two provinces beside each other.
EXPLORER = "../provinces.html?place={}#fig-province-intervals"
OWN = ("ledger", "policies", "rates", "benefits", "platforms", "workers")  # files with rows of one province
COLOURS = ("narrow", "middling", "broad", "later")
KNOWN, WIDE = 2.0, 50.0  # widths in people per 1,000 residents that part the colours of the map


@dataclass(frozen=True)
class Atlas:
    """What the pages share: the results, the newest bounded quarter, every province's path to it.

    ``paths`` holds, by code, headline intervals: quarter, lower, upper in people per 1,000 residents.
    """

    results: Results
    newest: str
    paths: dict[str, pd.DataFrame]

    def bounded(self, code: str) -> bool:
        """Whether the province has an interval at the newest bounded quarter."""
        return code in self.paths and self.newest in set(self.paths[code]["quarter"])


def read_atlas(results: Results) -> Atlas:
    """Take the provinces' intervals out of the results."""
    rows = results.headline("province", UNIT)
    paths = {
        str(code): path[["quarter", "lower", "upper"]].reset_index(drop=True)
        for code, path in rows.groupby("scope")
    }
    return Atlas(results, results.newest_bounded(), paths)


def build_provinces(results: Results, root: Path) -> None:
    """Write ``book/{en,zh}/province/`` under ``root``: the map, a page and a CSV for each province."""
    atlas = read_atlas(results)
    folders = {language: root / "book" / language / "province" for language in LANGUAGES}
    texts = {folder / "index.md": map_page(atlas, language) for language, folder in folders.items()}
    for code in atlas.results.by_code.index:
        own = restricted(atlas.results, code)
        tables = own_tables(own)
        data = {f"{code}-{k}.csv": csv_text(rows) for k, rows in data_of(atlas, code, tables).items()}
        for language, folder in folders.items():
            files = {f"{code}.md": page(atlas, code, own, tables, language), **data}
            texts |= {folder / name: text for name, text in files.items()}
    for path, text in texts.items():
        write_text(text, path)
    for folder in folders.values():
        for path in folder.iterdir():
            if path not in texts:  # of an earlier record
                path.unlink()


def data_of(atlas: Atlas, code: str, tables: dict[str, Table]) -> dict[str, pd.DataFrame]:
    """Every row that a province's page shows, by part of the page."""
    path = {INTERVALS: atlas.paths[code].assign(evidence="bounds")} if code in atlas.paths else {}
    return path | {key: table.data for key, table in tables.items()}


def restricted(results: Results, code: str) -> Results:
    """The record with the rows of one province."""

    def own(table: pd.DataFrame) -> pd.DataFrame:
        return table[table["province_code"] == code]

    return replace(
        results, rollout=own(results.rollout), **{name: own(getattr(results, name)) for name in OWN}
    )


def facts(own: Results) -> int:
    """Rows of the record that speak of this province alone; the register of events has rows for all."""
    return sum(len(getattr(own, name)) for name in OWN)


def own_tables(own: Results) -> dict[str, Table]:
    """Tables of a province's rows, without the column that would name it; absent where it has none."""
    makers: dict[str, tuple[pd.DataFrame, Callable[[], Table]]] = {
        "counts": (own.ledger, lambda: record.ledger(own)),
        "events": (own.rollout, lambda: record.rollout(replace(own, rollout=folded(own.rollout)))),
        "documents": (own.policies, lambda: record.policies(own, record.LOCAL)),
        "rates": (own.rates, lambda: record.rates(own)),
        "benefits": (own.benefits, lambda: record.benefits(own)),
        "platforms": (own.platforms, lambda: record.platforms(own)),
        "workers": (own.workers, lambda: record.workers(own)),
    }
    made = {key: make() for key, (rows, make) in makers.items() if not rows.empty}
    return {
        key: replace(table, columns=[column for column in table.columns if column.english != "Province"])
        for key, table in made.items()
    }


def page(atlas: Atlas, code: str, own: Results, tables: dict[str, Table], language: str) -> str:
    """One province's page as Markdown."""
    words, name = WORDS[language], atlas.results.name(code, language)
    start = own.rollout[own.rollout["event"] == "starts"].iloc[0]
    wave = int(start["wave"])
    parts = [
        f"# {heading(atlas.results, code, language)}",
        words["start_reported" if second_hand(atlas.results, start) else "start"].format(
            name=name,
            day=date_text(start["date"], language),
            wave=WAVES[language][wave],
            count=len(same_wave(atlas.results, wave)),
            grade=start["grade"],
        ),
        *what_is_known(atlas, code, language),
    ]
    if facts(own) < FEW:
        parts.append(words["few" if facts(own) else "nothing"].format(count=facts(own), name=name))
    for key, table in tables.items():
        parts += [f"## {words[key]}", evidence("published", language), table.markdown(language)]
    parts += missing(atlas, code, language)
    links = [f"{{download}}`{words[name]} <{code}-{name}.csv>`" for name in data_of(atlas, code, tables)]
    if links:
        parts += [f"## {words['csv']}", (", " if language == "en" else "、").join(links)]
    parts += beside(atlas, code, wave, language)
    return "\n\n".join(part.strip() for part in parts) + "\n"


def heading(results: Results, code: str, language: str) -> str:
    """Name of the place; the English page also says it in Chinese, as its documents do."""
    name = results.name(code, language)
    return name if language == "zh" else f"{name} {results.name(code, 'zh')}"


def same_wave(results: Results, wave: int) -> list[str]:
    """Codes of the provinces of a wave, without the Corps."""
    waves = results.waves
    return list(waves[waves == wave].index.intersection(results.units.index))


def evidence(name: str, language: str) -> str:
    """The evidence class of what follows, as exhibits carry it."""
    return f'<p><span class="evidence evidence-{name}">{WORDS[language][name]}</span></p>'


def key_of(code: str, quarter: str) -> str:
    """Key of a province's interval in ``numbers.json``."""
    return f"province_{code}_{quarter.lower()}_{UNIT}"


def what_is_known(atlas: Atlas, code: str, language: str) -> list[str]:
    """The newest bounded interval in a sentence, then its path; or why there is none."""
    words, name = WORDS[language], atlas.results.name(code, language)
    quarter = quarter_text(atlas.newest, language)
    if not atlas.bounded(code):
        why = "none" if code in atlas.results.units.index else "corps"
        return [words[why].format(name=name, quarter=quarter)]
    path = atlas.paths[code]
    rows = list(zip(path["quarter"], path["lower"], path["upper"], strict=True))
    number = f"{{num}}`{key_of(code, atlas.newest)}`"
    return [
        f"## {words['known']}",
        evidence("bounds", language),
        words["interval"].format(
            name=name, quarter=quarter, number=number, sure=number.replace("num", "sure", 1)
        ),
        f'```{{raw}} html\n<div class="wide" tabindex="0">{draw_path(rows, name, language)}</div>\n```',
        words["chart"].format(limits=limits(atlas.results, code, language)),
        *([words["wide"]] if far(atlas, code) else []),
        *([words["absurd"]] if (path["upper"] > RESIDENTS).any() else []),
        f'```{{raw}} html\n<p><a href="{EXPLORER.format(code)}">{words["explore"]}</a></p>\n```',
    ]


def far(atlas: Atlas, code: str) -> bool:
    """Whether the newest upper end lies so far above the lower one that a reader may take it for a value."""
    return width_class(atlas, code) == "broad"


def missing(atlas: Atlas, code: str, language: str) -> list[str]:
    """What one more published count of this province would bring."""
    rows = atlas.results.missing
    here = (rows["province_code"] == code) & (rows["quarter"] == atlas.newest) & (rows["unit"] == UNIT)
    rows = rows[here & (rows["estimand"] == "province_average")]
    if rows.empty:
        return []
    words, row = WORDS[language], rows.iloc[0]
    sure = float(row["reduction"]) >= 0.1
    known = published(atlas.results, code, atlas.newest)
    sentence = words["worth" if sure else "published_already" if known else "worthless"]
    return [
        f"## {words['missing']}",
        sentence.format(
            name=atlas.results.name(code, language),
            quarter=quarter_text(str(row["quarter"]), language),
            reduction=f"{int(float(row['reduction']) * 10) / 10:.1f}",
            width=f"{float(row['width_before']):.1f}",
        ),
    ]


def beside(atlas: Atlas, code: str, wave: int, language: str) -> list[str]:
    """The provinces that began on the same day, with their newest intervals."""
    words, results = WORDS[language], atlas.results

    def place(other: str) -> str:
        name = results.name(other, language)
        return f"**{name}**" if other == code else f"[{name}]({other}.md)"

    others = same_wave(results, wave)
    if not any(atlas.bounded(other) for other in others):
        listed = (", " if language == "en" else "、").join(place(other) for other in others)
        return [f"## {words['beside']}", listed]
    keys = {other: key_of(other, atlas.newest) for other in others}
    lines = [
        f"| {words['province']} | {words['rate']} | {words['sure']} |",
        "|:---|---:|:---|",
        *(f"| {place(other)} | {{num}}`{key}` | {{sure}}`{key}` |" for other, key in keys.items()),
    ]
    title = words["beside_rates"].format(quarter=quarter_text(atlas.newest, language))
    said = far(atlas, code)  # under the drawing already
    notes = [words["wide"]] if not said and any(far(atlas, other) for other in others) else []
    paths = [atlas.paths[other] for other in others if other != code]
    if any((path.loc[path["quarter"] == atlas.newest, "upper"] > RESIDENTS).any() for path in paths):
        notes.append(words["absurd_beside"])
    return [f"## {words['beside']}", evidence("bounds", language), title, "\n".join(lines), *notes]


def map_page(atlas: Atlas, language: str) -> str:
    """A map of tiles that leads to each page; its colours say how well a province is known."""
    words, results = WORDS[language], atlas.results
    tiles = "\n".join(tile(atlas, code, language) for code in results.units.index)
    legend = "".join(f'<li class="tile {name}">{words[name]}</li>' for name in COLOURS)
    (corps,) = results.by_code.index.difference(results.units.index)
    parts = [
        f"# {words['map']}",
        words["map_text"].format(quarter=quarter_text(atlas.newest, language)),
        evidence("bounds", language),
        f'```{{raw}} html\n<nav class="tiles" aria-label="{words["map"]}">\n{tiles}\n</nav>\n'
        f'<ul class="tile-legend">{legend}</ul>\n```',
        f"[{results.name(corps, language)}]({corps}.md)",
    ]
    return "\n\n".join(parts) + "\n"


def tile(atlas: Atlas, code: str, language: str) -> str:
    """One province on the map, at its place; read aloud with its full name and its colour in words."""
    row = atlas.results.by_code.loc[code]
    place = f"grid-column:{row['tile_column']};grid-row:{row['tile_row']}"
    name = atlas.results.name(code, language)
    kind = width_class(atlas, code)
    full = name if language == "en" else row["name_zh"]
    said = f"{full}{WORDS[language]['colon']}{WORDS[language][kind]}"  # the colour in words
    return f'<a class="tile {kind}" href="{code}.html" style="{place}" aria-label="{said}">{name}</a>'


def width_class(atlas: Atlas, code: str) -> str:
    """How well the newest interval is known, one of `COLOURS`."""
    if not atlas.bounded(code):
        return "later"
    row = atlas.paths[code].set_index("quarter").loc[atlas.newest]
    width = float(row["upper"] - row["lower"])
    return "narrow" if width <= KNOWN else "middling" if width <= WIDE else "broad"
