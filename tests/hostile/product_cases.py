"""The doors between steps: damaged or absent intermediate files, commands out of order, folders that are no project."""

from __future__ import annotations

import json
import re
from pathlib import Path

from hostile.form import Case, Place, Spoil, both, change, instead, put

from analysis.base.products import MADE_BY

NUMBERS = "numbers --raw {raw} --processed {made}"
PLAN = (Path(__file__).resolve().parents[2] / "paper/pre_analysis_plan.md").read_bytes()
EXHIBITS = "exhibits --raw {raw} --processed {made}"
READ_BY_NUMBERS = tuple(sorted(set(MADE_BY) - {"panel", "numbers", "exhibits"}))


def product(name: str, command: str, *words: str, spoil: Spoil | None = None) -> Case:
    return Case(name, "products", command, words, spoil)


def cut(name: str, at: int) -> Spoil:
    return change(name, lambda content: content[:at], "made")


def header(old: str, new: str, name: str) -> Spoil:
    def edit(content: bytes) -> bytes:
        first, _, rest = content.partition(b"\n")
        return first.replace(old.encode(), new.encode()) + b"\n" + rest

    return change(name, edit, "made")


def last_cell(name: str, column: str, value: str) -> Spoil:
    """Set a column's cell in the first row."""

    def edit(content: bytes) -> bytes:
        lines = content.split(b"\n")
        place = lines[0].decode().split(",").index(column)
        cells = lines[1].split(b",")
        cells[place] = value.encode()
        lines[1] = b",".join(cells)
        return b"\n".join(lines)

    return change(name, edit, "made")


def entry(name: str, edit) -> Spoil:
    def spoil(place: Place) -> None:
        path = place.made / name
        content = json.loads(path.read_text(encoding="utf-8"))
        edit(content)
        path.write_text(json.dumps(content), encoding="utf-8")

    return spoil


COMMANDS_ON_PANEL = {
    "estimate": "estimate --processed {made}",
    "inference": "inference --processed {made}",
    "lab": "lab --processed {made} --replications 100",
}
DAMAGE = {
    "absent": (instead("panel.csv", "absent", "made"), "does not exist"),
    "empty": (put("panel.csv", "", "made"), "empty"),
    "header-only": (change("panel.csv", lambda c: c.split(b"\n")[0] + b"\n", "made"), "no rows"),
    "cut": (cut("panel.csv", 3000), "cut off"),
    "gbk": (put("panel.csv", "省份,季度\n北京,1\n".encode("gbk"), "made"), "UTF-8"),
    "no-column": (header("cohort", "group", "panel.csv"), "cohort"),
    "word": (last_cell("panel.csv", "treated", "yes"), "treated"),
    "infinite": (last_cell("panel.csv", "income_per_head", "inf"), "income_per_head"),
    "folder": (instead("panel.csv", "folder", "made"), "folder"),
    "treated-twice": (last_cell("panel.csv", "treated", "2"), "column treated"),
    "share-of-seven": (last_cell("panel.csv", "exposure_share", "7"), "column exposure_share"),
    "no-cohort": (last_cell("panel.csv", "cohort", ""), "column cohort"),
    "cohort-of-no-quarter": (last_cell("panel.csv", "cohort", "2022Q9"), "column cohort"),
    "two-rows-of-a-quarter": (
        change("panel.csv", lambda c: c.replace(b"2015Q2", b"2015Q1", 1), "made"),
        "panel.csv",
    ),
    "quarter-as-a-month": (
        change("panel.csv", lambda c: c.replace(b"Q1,", b"-03,"), "made"),
        "column quarter",
    ),
    "nation-as-a-province": (
        change("panel.csv", lambda c: c.replace(b"\n11,", b"\n00,"), "made"),
        "column province_code",
    ),
}
PROJECT = {
    "verify": ("nothing to compare", "MANIFEST"),
    "preflight": ("README.md",),
    "stable": ("gitignore",),
    "kernels": ("",),
    "manifest": ("git checkout",),
    "moved": ("",),
    "documents": ("numbers.json", "make"),
    "site": ("",),
}
CASES = [
    *(product(f"{step}-panel-{name}", command, word, "panel.csv", "python -m analysis panel", spoil=spoil)
      for step, command in COMMANDS_ON_PANEL.items()
      for name, (spoil, word) in DAMAGE.items()
      if step == "estimate" or name in ("absent", "empty", "cut", "no-column")),
    *(product(f"numbers-without-{name}", NUMBERS, f"{name}.csv", "does not exist", f"python -m analysis {MADE_BY[name]}", spoil=instead(f"{name}.csv", "absent", "made"))
      for name in READ_BY_NUMBERS),
    *(product(f"numbers-{name}-cut", NUMBERS, f"{name}.csv", "cut off" if name != "codebook" else "codebook", spoil=cut(f"{name}.csv", 203))
      for name in READ_BY_NUMBERS),
    product("numbers-estimates-cut-at-3000", NUMBERS, "estimates.csv", "cut off", spoil=cut("estimates.csv", 3000)),
    product("numbers-estimates-empty", NUMBERS, "estimates.csv", "empty", spoil=put("estimates.csv", "", "made")),
    product("numbers-estimates-header-only", NUMBERS, "estimates.csv", "no rows", spoil=change("estimates.csv", lambda c: c.split(b"\n")[0] + b"\n", "made")),
    product("numbers-estimates-word", NUMBERS, "estimates.csv", "row 2", "column estimate", "nan0232455006", spoil=last_cell("estimates.csv", "estimate", "nan0232455006")),
    product("numbers-estimates-nul", NUMBERS, "estimates.csv", "NUL", spoil=change("estimates.csv", lambda c: c[:900] + b"\0" + c[901:], "made")),
    product("numbers-estimates-gbk", NUMBERS, "estimates.csv", "UTF-8", spoil=change("estimates.csv", lambda c: c[:-2] + "好".encode("gbk") + b"\n", "made")),
    product("numbers-lab-no-metric", NUMBERS, "lab.csv", "metric", spoil=header("metric", "measure", "lab.csv")),
    product("numbers-bounds-ragged", NUMBERS, "bounds.csv", "row 2", spoil=change("bounds.csv", lambda c: c.replace(b"\n", b"\nx,", 1), "made")),
    product("numbers-bounds-infinite", NUMBERS, "bounds.csv", "column lower", spoil=last_cell("bounds.csv", "lower", "inf")),
    product("numbers-raw-nowhere", "numbers --raw {here}/nowhere --processed {made}", "no data package"),
    product("numbers-nothing-built", "numbers --raw {raw} --processed {here}/nowhere", "does not exist", "make"),
    product("exhibits-without-numbers", EXHIBITS, "numbers.json", "does not exist", spoil=instead("numbers.json", "absent", "made")),
    product("exhibits-numbers-empty", EXHIBITS, "numbers.json", spoil=put("numbers.json", "", "made")),
    product("exhibits-numbers-cut", EXHIBITS, "numbers.json", "no JSON", spoil=cut("numbers.json", 5000)),
    product("exhibits-numbers-list", EXHIBITS, "numbers.json", "by name", spoil=put("numbers.json", "[1]", "made")),
    product("exhibits-numbers-without-lineage", EXHIBITS, "numbers.json", "no number", spoil=put("numbers.json", '{"a": {"value": 1}}', "made")),
    product("exhibits-numbers-folder", EXHIBITS, "folder", spoil=instead("numbers.json", "folder", "made")),
    product("plan-without-estimates", "plan --processed {made} --registered {here}/plan.md", "estimates.csv", spoil=instead("estimates.csv", "absent", "made")),
    product("plan-cut-estimates", "plan --processed {made} --registered {here}/plan.md", "estimates.csv", "cut off", spoil=cut("estimates.csv", 3000)),
    *(product(f"plan-{name}", "plan --processed {made} --registered {here}/plan.md", words, "plan.md", spoil=both(put("plan.md", PLAN), change("plan.md", edit)))
      for name, words, edit in (
          ("outcomes-word", "the plan's outcomes is no list", lambda c: re.sub(rb"outcomes: *\n(  ?- .*\n)+|outcomes: \[.*\]", b"outcomes: all\n", c, count=1)),
          ("choice-twice", "stands twice", lambda c: c.replace(b"```yaml\n", b"```yaml\ninference: a\n", 1)),
          ("no-inference", "does not state inference", lambda c: re.sub(rb"\ninference:.*", b"", c, count=1)))),
    product("plan-absent", "plan --processed {made} --registered {here}/nowhere.md", "nowhere.md"),
    product("plan-without-choices", "plan --processed {made} --registered {here}/plan.md", "0 blocks", spoil=put("plan.md", "# Plan\n")),
    product("plan-broken-choices", "plan --processed {made} --registered {here}/plan.md", "no YAML", spoil=put("plan.md", "```yaml\na: [\n```\n")),
    product("plan-list-of-choices", "plan --processed {made} --registered {here}/plan.md", "no list of names", spoil=put("plan.md", "```yaml\n- a\n```\n")),
    product("plan-gbk", "plan --processed {made} --registered {here}/plan.md", "UTF-8", spoil=put("plan.md", "计划".encode("gbk"))),
    *(product(f"{step}-{name}", f"{step} --processed {{made}}", word, "panel.csv", "python -m analysis panel", spoil=spoil)
      for step in ("reproduce",) for name, (spoil, word) in DAMAGE.items() if name in ("absent", "cut", "gbk", "no-column", "no-cohort", "quarter-as-a-month")),
    product("before-without-record", "before --raw {here}/nowhere --processed {made}", "no data package", "--raw"),
    product("agreement-nowhere", "agreement --reference {here}/nowhere --processed {made}", "nowhere"),
    product("agreement-is-a-file", "agreement --reference {made}/panel.csv --processed {made}", "panel.csv"),
    product("agreement-empty-values", "agreement --reference {here} --processed {made}", "reference_values.csv", spoil=put("reference_values.csv", "")),
    product("lab-no-replications", "lab --processed {made} --replications 7", "7 replications"),
    product("lab-replications-without-end", "lab --processed {made} --replications 99999999950", "cannot be run", "1000000"),
    product("lab-a-million-processes", "lab --processed {made} --replications 100 --jobs 99999999", "99999999 processes", "512"),
    product("lab-no-processes", "lab --processed {made} --replications 100 --jobs 0", "0 processes"),
    *(Case(f"forecast-{name}", "forecast", "forecast --raw {raw} --processed {made}", words, spoil)
      for name, spoil, words in (
          ("none", None, ("no registered forecast",)),
          ("is-a-file", put("data/forecasts", "x"), ("no folder",)),
          ("register-is-a-folder", lambda p: (p.here / "data/forecasts/2026-11-28.csv").mkdir(parents=True), ("folder",)),
          ("no-day", put("data/forecasts/soon.csv", "a\n1\n"), ("named after its day",)),
          ("empty", put("data/forecasts/2026-11-28.csv", ""), ("empty",)),
          ("no-columns", put("data/forecasts/2026-11-28.csv", "a,b\n1,2\n"), ("lacks a column",)),
      )),
    *(Case(f"forecast-{name}", "forecast", "forecast --raw {raw} --processed {made}", words,
           put("data/forecasts/2026-11-28.csv",
               "forecast_id,province_code,measure,as_of_date,lower,upper,unit,assumptions\n" + row + "\n"))
      for name, row, words in (
          ("no-length", "a,00,cumulative_participants,2026-12-31,5,5,persons,x", ("no length", "row 2")),
          ("infinite", "a,00,cumulative_participants,2026-12-31,5,inf,persons,x", ("no number", "row 2", "upper")),
          ("word", "a,00,cumulative_participants,2026-12-31,few,9,persons,x", ("no number", "row 2", "lower")),
          ("no-date", "a,00,cumulative_participants,2026-13-31,5,9,persons,x", ("row 2", "as_of_date")),
          ("other-measure", "a,00,orders,2026-12-31,5,9,persons,x", ("row 2", "measure")),
          ("twice", "a,00,cumulative_participants,2026-12-31,5,9,persons,x\na,00,cumulative_participants,2026-12-31,5,9,persons,x", ("row 3", "forecast_id")),
      )),
    *(Case(f"{step}-outside-a-project", "empty", f"{step} --root {{here}}/empty", words) for step, words in PROJECT.items()),
    Case("verify-broken-manifest", "empty", "verify --root {here}/empty", ("MANIFEST", "row 1"), put("empty/data/MANIFEST.sha256", "no checksum\n")),
    Case("verify-manifest-climbs", "empty", "verify --root {here}/empty", ("MANIFEST", "row 1"), put("empty/data/MANIFEST.sha256", "0" * 64 + "  data/processed/../../x\n")),
    Case("verify-manifest-binary", "empty", "verify --root {here}/empty", ("MANIFEST",), put("empty/data/MANIFEST.sha256", b"\xff\xfe\x00")),
    Case("verify-raw-absent", "empty", "verify --root {here}/empty", ("",), put("empty/data/MANIFEST.sha256", "0" * 64 + "  data/processed/panel.csv\n")),
    Case("unknown-command", "empty", "estimates", ("estimates",)),
    Case("unknown-option", "empty", "check --loud", ("--loud",)),
]  # fmt: skip
