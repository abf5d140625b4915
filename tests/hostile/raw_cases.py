"""The door of the raw record: `check` and `panel` on a spoilt copy of the toy country."""

from __future__ import annotations

import csv
import io

from hostile.form import Case, Place, Spoil, change, instead

from analysis.inputs.renew import renew_record

ANNUAL, LEDGER, ROLLOUT = "province_annual.csv", "published_figures.csv", "rollout.csv"
INCOME = "disposable_income_per_capita_all_residents"
TABLES = (
    "provinces.csv", "sources.csv", ROLLOUT, LEDGER, ANNUAL, "policies.csv", "platforms.csv",
    "contribution_rates.csv", "benefits.csv", "workers.csv",
)  # fmt: skip


def renewed(spoil: Spoil) -> Spoil:
    """Spoil, then let the record agree, as a contributor would."""

    def both(place: Place) -> None:
        spoil(place)
        renew_record(place.raw)

    return both


def cell(file: str, row: int, column: str, value: str) -> Spoil:
    """Set one cell, rows counted from 2 as in the message."""

    def edit(content: bytes) -> bytes:
        rows = list(csv.reader(io.StringIO(content.decode())))
        rows[row - 1][rows[0].index(column)] = value
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        return text.getvalue().encode()

    return renewed(change(file, edit, "raw"))


def rows_where(file: str, keep) -> Spoil:
    """Keep the rows for which ``keep`` holds, as dicts."""

    def edit(content: bytes) -> bytes:
        reader = csv.DictReader(io.StringIO(content.decode()))
        text = io.StringIO()
        writer = csv.DictWriter(text, reader.fieldnames, lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for row in reader if keep(row))
        return text.getvalue().encode()

    return renewed(change(file, edit, "raw"))


def multiplied(code: str, year: str, indicator: str, factor: float) -> Spoil:
    """One statistic times a factor."""

    def edit(content: bytes) -> bytes:
        reader = csv.DictReader(io.StringIO(content.decode()))
        text = io.StringIO()
        writer = csv.DictWriter(text, reader.fieldnames, lineterminator="\n")
        writer.writeheader()
        for row in reader:
            if (row["province_code"], row["year"], row["indicator"]) == (code, year, indicator):
                row["value"] = f"{float(row['value']) * factor:.6f}"
            writer.writerow(row)
        return text.getvalue().encode()

    return renewed(change(ANNUAL, edit, "raw"))


def text(file: str, old: str, new: str, times: int = 1) -> Spoil:
    """Replace text in a file."""
    return change(file, lambda content: content.replace(old.encode(), new.encode(), times), "raw")


def correction(line: str) -> Spoil:
    """Append a line to corrections.csv."""
    return renewed(change("corrections.csv", lambda content: content + line.encode() + b"\n", "raw"))


RECORD = "datapackage.yaml"
CHECK = "check --raw {raw}"
PANEL = "panel --raw {raw} --processed {made}"


def raw(name: str, words: tuple[str, ...], spoil: Spoil, command: str = CHECK, code: int = 2) -> Case:
    return Case(name, "raw", command, words, spoil, code)


NUMBERS = [
    ("fullwidth", "２９００００", "no integer"), ("no-break-space", "29\u00a0000", "character that nobody sees"),
    ("401-digits", "1" + "0" * 400, "too large"), ("plus-exponent", "1e5", "no integer"),
    ("infinity", "INF", "no integer"), ("minus-infinity", "-inf", "no integer"), ("nan", "NaN", "no integer"),
    ("arabic-digits", "١٢٣", "no integer"), ("thousands", "1,234,567", "no integer"),
    ("underscore", "1_000", "no integer"), ("hex", "0x10", "no integer"), ("blank-inside", "12 000", "no integer"),
    ("zero-width", "29\u200b000", "character that nobody sees"), ("nul", "29\x00000", "character that nobody sees"),
    ("wan", "29万", "no integer"), ("decimal-comma", "29,5", "no integer"), ("int64", "9" * 25, "too large"),
]  # fmt: skip
CASES = [
    *(raw(f"ledger-value-{name}", (words, LEDGER, "row 2", "column"), cell(LEDGER, 2, "value", value))
      for name, value, words in NUMBERS),
    *(raw(f"annual-value-{name}", (words, ANNUAL, "row 5"), cell(ANNUAL, 5, "value", value))
      for name, value, words in (
          ("infinity", "INF", "no number"), ("fullwidth", "１２.５", "no number"), ("huge", "1" * 30, "too large"),
          ("exponent", "3.5E4", "no number"), ("word", "n.a.", "no number"), ("bell", "12\x07", "nobody sees"))),
    *(raw(f"year-{name}", (words, ANNUAL, "row 5", "column year"), cell(ANNUAL, 5, "year", value))
      for name, value, words in (
          ("fullwidth", "２０１５", "no integer"), ("zero", "0000", "minimum"), ("five-digits", "20155", "no such date"),
          ("negative", "-2015", "minimum"))),
    raw("date-fullwidth", ("ASCII", ROLLOUT, "row 3", "column date"), cell(ROLLOUT, 3, "date", "２０２２-07-01")),
    raw("date-year-zero", ("before the record", "sources.csv", "row 2", "0000-01-01"),
        cell("sources.csv", 2, "date_published", "0000-01-01")),
    raw("date-american", ("rollout.csv", "row 3", "column date"), cell(ROLLOUT, 3, "date", "07/01/2022")),
    raw("code-one-digit", ("province_code", ROLLOUT, "row 2", "'1'"), cell(ROLLOUT, 2, "province_code", "1")),
    raw("code-fullwidth", ("ASCII", ROLLOUT, "row 2"), cell(ROLLOUT, 2, "province_code", "０１")),
    raw("code-float", (ROLLOUT, "row 2", "'1.0'"), cell(ROLLOUT, 2, "province_code", "1.0")),
    raw("zero-width-in-title", ("nobody sees", "zero width space", "sources.csv", "row 2"),
        cell("sources.csv", 2, "title", "Simulated\u200brecord")),
    raw("direction-mark", ("nobody sees", "sources.csv"), cell("sources.csv", 2, "title", "a\u202eb")),
    raw("nul-in-id", ("nobody sees", "sources.csv", "row 2"), cell("sources.csv", 2, "publisher", "No\x00body")),
    raw("line-separator", ("nobody sees", "sources.csv"), cell("sources.csv", 2, "title", "a\u2028b")),
    raw("mark-inside", ("nobody sees", "sources.csv"), cell("sources.csv", 2, "title", "a\ufeffb")),
    raw("tabs", ("a tab", ROLLOUT, "commas"), renewed(change(ROLLOUT, lambda c: c.replace(b",", b"\t"), "raw"))),
    raw("semicolons", ("separated by ';'", ROLLOUT), renewed(change(ROLLOUT, lambda c: c.replace(b",", b";"), "raw"))),
    raw("cr-only", ("nobody sees", ROLLOUT, "line ends"), renewed(change(ROLLOUT, lambda c: c.replace(b"\n", b"\r"), "raw"))),
    raw("utf-16", ("not UTF-8", ROLLOUT), renewed(change(ROLLOUT, lambda c: c.decode().encode("utf-16"), "raw"))),
    raw("latin-1", ("not UTF-8", "sources.csv"), renewed(change("sources.csv", lambda c: c.replace(b"Nobody", b"N\xf6body"), "raw"))),
    raw("random-bytes", (ROLLOUT,), renewed(change(ROLLOUT, lambda _: bytes(range(256)), "raw"))),
    raw("open-quote", (ROLLOUT, "no table"), renewed(change(ROLLOUT, lambda c: c + b'"open', "raw"))),
    raw("windows-line-ends", ("done",), renewed(change("sources.csv", lambda c: c.replace(b"\n", b"\r\n"), "raw")), code=0),
    *(raw(f"header-only-{name}", ("no rows", name), renewed(change(name, lambda c: c.split(b"\n")[0] + b"\n", "raw")))
      for name in TABLES),
    *(raw(f"{how}-for-{name}", (what, name), instead(name, how, "raw"))
      for name in (ROLLOUT, ANNUAL)
      for how, what in (("folder", "is a folder"), ("dangling", "is a link"), ("loop", "is a link"), ("link", "is a link"))),
    raw("folder-for-record", ("no data package",), instead(RECORD, "folder", "raw")),
    raw("loop-for-record", ("no data package",), instead(RECORD, "loop", "raw")),
    raw("record-empty", ("names no files",), change(RECORD, lambda _: b"", "raw")),
    raw("record-binary", ("cannot be read",), change(RECORD, lambda _: b"\xff\xfe\x00", "raw")),
    raw("record-broken-yaml", ("cannot be read",), text(RECORD, "resources:", "resources: [")),
    raw("record-name-twice", ("the name 'resources' stands twice", "datapackage.yaml", "row"), change(RECORD, lambda c: c + b"resources: []\n", "raw")),
    raw("record-file-described-twice", ("the name 'title' stands twice", "datapackage.yaml", "row"), text(RECORD, "  title:", "  title: x\n  title:")),
    raw("record-tab", ("no YAML", "datapackage.yaml", "row"), text(RECORD, "resources:\n", "resources:\n\t- a\n")),
    *(raw(f"{command}-on-a-changed-{name[:-4]}", ("differs from its record", name, "python -m analysis.inputs.renew"),
          change(name, lambda c: c + b" ", "raw"), f"{command} --raw {{raw}}{rest}")
      for command, name, rest in (
          ("bounds", LEDGER, " --processed {made}"), ("before", ANNUAL, " --processed {made}"), ("panel", "provinces.csv", " --processed {made}"),
          ("due", "sources.csv", " --day 2027-01-31"), ("policy build", "contribution_rates.csv", " --processed {made} --static {out}"))),
    raw("record-list", ("names no files",), change(RECORD, lambda _: b"- a\n- b\n", "raw")),
    raw("record-resources-word", ("names no files",), change(RECORD, lambda _: b"resources: many\n", "raw")),
    raw("record-broken-pattern", ("regular expression", "constraints.pattern"), text(RECORD, "pattern: ^\\d{2}$", "pattern: ^(\\d{2}$")),
    raw("record-pattern-list", ("regular expression",), text(RECORD, "pattern: ^\\d{2}$", "pattern: [a, b]")),
    raw("record-no-primary-key", ("primaryKey", "provinces.csv"), text(RECORD, "primaryKey: code\n", "title: x\n")),
    raw("record-other-primary-key", ("primaryKey", "provinces.csv"), text(RECORD, "primaryKey: code\n", "primaryKey: nothing\n")),
    raw("record-unknown-type", ("type", "one of string"), text(RECORD, "type: integer", "type: whole")),
    raw("record-no-type", ("schema.fields.type",), text(RECORD, "      type: string\n", "", 1)),
    raw("record-fields-word", ("schema.fields",), change(RECORD, lambda c: c.replace(b"fields:\n", b"fields: none\n    was:\n", 1), "raw")),
    raw("record-climbs-out", ("path", "../rollout.csv"), text(RECORD, "path: rollout.csv", "path: ../rollout.csv")),
    raw("record-absolute-path", ("path", "/etc/passwd"), text(RECORD, "path: rollout.csv", "path: /etc/passwd")),
    raw("record-file-twice", ("each file once",), text(RECORD, "path: workers.csv", "path: benefits.csv")),
    raw("record-loses-a-file", ("an entry for each",), text(RECORD, "path: workers.csv", "path: workmen.csv")),
    raw("record-hash-word", ("differs from its record", "provinces.csv"), text(RECORD, "hash: sha256:", "hash: md5:")),
    raw("record-no-search-day", ("day of the last search",), text(RECORD, "record_searched:", "record_lost:")),
    raw("record-search-day-word", ("day of the last search", "soon"), change(RECORD, lambda c: c.replace(b"record_searched: '2026-11-28'", b"record_searched: soon"), "raw")),
    raw("record-no-indicators", ("lists no indicators",), text(RECORD, "indicators:", "series:")),
    raw("record-indicator-without-change", ("does not describe an indicator", "largest_change"), text(RECORD, "largest_change: 1.3\n", "largest_change: often\n")),
    raw("extra-column", ("a column too many", "extra", ROLLOUT), renewed(change(ROLLOUT, lambda c: c.replace(b"\n", b",extra\n", 1), "raw"))),
    raw("column-twice", (ROLLOUT, "header"), renewed(change(ROLLOUT, lambda c: c.replace(b"event_id,province_code", b"event_id,event_id", 1), "raw"))),
    raw("columns-swapped", ("another order", ROLLOUT), renewed(change(ROLLOUT, lambda c: c.replace(b"event_id,province_code", b"province_code,event_id", 1), "raw"))),
    raw("no-unit-column", ("no column unit", ANNUAL), renewed(change(ANNUAL, lambda c: c.replace(b",unit,", b",", 1), "raw"))),
    raw("unit-ten-thousand", ("another unit", ANNUAL, "row 5"), cell(ANNUAL, 5, "unit", "10,000 yuan")),
    raw("unit-misspelt", ("another unit", ANNUAL, "column unit"), cell(ANNUAL, 700, "unit", "Yuan")),
    raw("indicator-misspelt", ("unknown indicator", ANNUAL, "row 5"), cell(ANNUAL, 5, "indicator", "gdp_per_capitas")),
    raw("unit-of-count", ("is counted in", LEDGER, "row 2", "column unit"), cell(LEDGER, 2, "unit", "cases")),
    raw("province-without-series", ("provinces without", "03"),
        rows_where(ANNUAL, lambda row: not (row["province_code"] == "03" and row["indicator"] == INCOME))),
    raw("province-without-a-year", ("provinces without", "in 2018: 05"),
        rows_where(ANNUAL, lambda row: (row["province_code"], row["year"], row["indicator"]) != ("05", "2018", INCOME))),
    raw("province-without-newest-year", ("provinces without", "in 2025: 05"),
        rows_where(ANNUAL, lambda row: (row["province_code"], row["year"], row["indicator"]) != ("05", "2025", "gdp_per_capita"))),
    raw("province-without-statistics", ("provinces without", "08"), rows_where(ANNUAL, lambda row: row["province_code"] != "08")),
    raw("province-without-start", ("no start date for 08",), rows_where(ROLLOUT, lambda row: row["event_id"] != "08_starts"), PANEL),
    raw("province-not-in-register", ("unknown province", "'08'"), rows_where("provinces.csv", lambda row: row["code"] != "08")),
    raw("income-ten-times", ("warning", ANNUAL, "row", "goes from", "2018", "largest_change"), multiplied("03", "2018", INCOME, 10), code=0),
    raw("income-a-tenth", ("warning", ANNUAL, "2018"), multiplied("03", "2018", INCOME, 0.1), code=0),
    raw("income-negative", ("minimum", ANNUAL, "column value"), multiplied("03", "2018", INCOME, -1)),
    raw("correction-of-no-file", ("names a file", "corrections.csv", "row 2", "absent.csv"), correction("c99,replace,absent.csv,a=b,c,d,e,why,still d")),
    raw("correction-of-itself", ("names a file", "corrections.csv"), correction("c99,replace,corrections.csv,a=b,c,d,e,why,still d")),
    raw("correction-of-no-column", ("names a column", "corrections.csv", "row 2", "nothing"), correction("c99,replace,rollout.csv,event_id=01_starts,nothing,d,e,why,still d")),
    raw("correction-without-condition", ("correction", "corrections.csv", "row 2"), correction("c99,replace,rollout.csv,starts,date,d,e,why,still d")),
    raw("correction-of-no-row", ("no longer fits", "corrections.csv", "row 2"), correction("c99,replace,rollout.csv,event_id=none,date,2022-07-01,2022-07-02,why,still")),
    raw("correction-of-unknown-kind", ("corrections.csv", "column kind"), correction("c99,drop,rollout.csv,event_id=01_starts,date,2022-07-01,2022-07-02,why,still")),
    raw("corrected-to-infinity", ("corrections.csv",), correction("c99,replace,province_annual.csv,province_code=03;year=2018;indicator=gdp_per_capita,value,absent,INF,why,still")),
    raw("hidden-half-file", ("not in the record", "rollout.csv.swp"), lambda place: (place.raw / "rollout.csv.swp").write_bytes(b"x")),
    raw("folder-beside", ("not in the record", "old"), lambda place: (place.raw / "old").mkdir()),
    Case("raw-folder-absent", "raw", "check --raw {here}/nowhere", ("no data package", "--raw")),
    Case("raw-folder-is-file", "raw", "check --raw {raw}/rollout.csv", ("no data package",)),
    Case("due-on-no-day", "raw", "due --raw {raw} --day 2026-02-30", ("no such day", "2026-02-30")),
    Case("due-in-year-zero", "raw", "due --raw {raw} --day 0000-01-01", ("no such day", "0000-01-01")),
    Case("due-full-width", "raw", "due --raw {raw} --day ２０２６-01-01", ("no such day", "2027-01-31")),
    Case("due-far-away", "raw", "due --raw {raw} --day 99999-01-01", ("no such day",)),
    Case("panel-into-file", "raw", "panel --raw {raw} --processed {made}/panel.csv/x", ("panel.csv",)),
]  # fmt: skip
