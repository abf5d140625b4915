"""What people type: numbers in other digits, paths that are no files, outputs on inputs, formulas that compute."""

from __future__ import annotations

from hostile.did_cases import DID, GOOD, QUICK
from hostile.form import Case, Place, Spoil, change, put
from hostile.own_cases import ORDERS, OWN, PANEL, RECORDS, ROLLOUT
from hostile.policy_cases import RIDER

FORMULA = f"{DID} --estimators group_time --randomization 0 --covariates ~|"
MAKE = "records make --out {here}/made-records"
PEOPLE = " --workers 10 --orders 100"
NO_NUMBER = "is not a whole number in the digits 0 to 9"
# Every option that takes a number: door, command without it, option.
NUMBERS = (
    ("policy", RIDER, "--orders"), ("policy", f"{RIDER} --orders 4", "--days"),
    ("policy", f"{RIDER} --orders 4", "--months"), ("policy", f"{RIDER} --orders 4", "--workers"),
    ("policy", f"{RIDER} --orders 4", "--float-steps"), ("did", QUICK, "--draws"), ("did", QUICK, "--seed"),
    ("did", QUICK, "--anticipation"), ("did", QUICK, "--balance"), ("did", DID, "--randomization"),
    ("own", OWN, "--min-cell"), ("own", RECORDS, "--min-cell"), ("own", RECORDS, "--round-to"),
    ("own", RECORDS, "--seed"), ("own", f"{MAKE} --orders 100", "--workers"),
    ("own", f"{MAKE} --workers 10", "--orders"), ("own", MAKE + PEOPLE, "--seed"),
    ("empty", "lab", "--replications"), ("empty", "lab", "--jobs"), ("empty", "faults", "--moments"),
    ("empty", "faults", "--seed"),
)  # fmt: skip


def named(door: str, command: str, option: str) -> str:
    words = command.split()
    return f"{words[0]}-{words[1]}{option}" if door in ("own", "policy") else f"{words[0]}{option}"


def did(name: str, command: str, *words: str, spoil: Spoil | None = None, code: int = 2) -> Case:
    return Case(f"did-{name}", "did", command, words, spoil, code)


def own(name: str, command: str, *words: str, spoil: Spoil | None = None, code: int = 2) -> Case:
    return Case(f"typed-{name}", "own", command, words, spoil, code)


def text(name: str, old: str, new: str, whole: str) -> Spoil:
    assert old in whole
    return put(name, whole.replace(old, new, 1))


def linked(place: Place) -> None:
    (place.out / "o.csv").symlink_to(place.here / "orders.csv")


def quoted(place: Place) -> None:
    folder = place.here / "it's %20[1]"
    folder.mkdir()
    (folder / "orders.csv").write_text(ORDERS, encoding="utf-8")


CELLS = ("1_000", "TRUE", "５", "#DIV/0!", "5%", "−5", "1|000")
CASES = [
    *(Case(f"number-{named(door, command, option)}-{name}", door, f"{command} {option}={value}", (NO_NUMBER,))
      for k, (door, command, option) in enumerate(NUMBERS) for name, value in (("underscore", "4_0"), ("fullwidth", "４０"))[k % 2 :][:1]),
    did("level-underscore", f"{QUICK} --level=0.9_5", "is not a number in the digits 0 to 9"),
    did("level-percent", f"{QUICK} --level=95%", "is not a number in the digits 0 to 9"),
    did("level-nan", f"{QUICK} --level=nan", "is not a number in the digits 0 to 9"),
    *(did(f"level-{level}", f"{QUICK} --level={level}", "level is", "between 0 and 1") for level in ("0", "1", "95", "-0.5")),
    did("window-falls", f"{DID} --estimators group_time --window=4,-6", "window is", "first event time"),
    did("window-one-end", f"{QUICK} --window=4", "--window is '4'"),
    did("window-fullwidth", f"{QUICK} --window=０,１", "--window is"),
    did("cohort-fullwidth", QUICK, "digits 0 to 9", "'２０１８'", spoil=text("panel.csv", ",2018,", ",２０１８,", GOOD)),
    *(did(f"cell-{k}", QUICK, "the outcome is not a number", "row 6", "column y",
          spoil=text("panel.csv", "u0,2019,2.20,", f"u0,2019,{cell.replace('|', ' ')},", GOOD)) for k, cell in enumerate(CELLS)),
    did("panel-device", QUICK.replace("{here}/panel.csv", "/dev/null"), "is no file but a device, a pipe or a socket"),
    did("panel-address", QUICK.replace("{here}/panel.csv", "https://example.org/p.csv"), "is an address", "nothing is fetched"),
    did("panel-bucket", QUICK.replace("{here}/panel.csv", "s3://bucket/p.csv"), "is an address"),
    did("panel-long-name", QUICK.replace("panel.csv", "p" * 300 + ".csv"), "File name too long"),
    did("out-long-name", QUICK.replace("{out}", "{out}/" + "p" * 300), "File name too long"),
    did("out-empty", QUICK.replace("--out {out}", "--out="), "--out is empty"),
    *(did(f"out-holds-{name}", QUICK.replace("{here}/panel.csv", "{out}/" + name), "would be overwritten", name,
          spoil=put(name, GOOD, "out")) for name in ("estimates.csv", "sensitivity.csv", "tables.md")),
    did("out-has-a-namesake", QUICK, spoil=put("subgroups.csv", "mine\n", "out"), code=0),
    did("formula-import", FORMULA + "__import__('os').getcwd()", "'__import__'"),
    did("formula-open", FORMULA + "open('{here}/made','w')", "'open'"),
    did("formula-load", FORMULA + "np.load('x')", "'np.load'"),
    did("formula-attribute", FORMULA + "x.__class__", "the formula is"),
    did("formula-huge-power", FORMULA + "x**9999999", "powers of one digit"),
    did("formula-tower", FORMULA + "I(9**9**9**9)", "powers of one digit"),
    did("formula-the-outcome", FORMULA + "x|+|log(y)", "the outcome is named as a covariate too"),
    did("formula-open-bracket", FORMULA + "log(x", "cannot be computed"),
    did("formula-log-of-zero", FORMULA + "log(x)", "is infinite"),
    did("formula-nothing", FORMULA, "has no covariate"),
    did("cluster-comma", f"{QUICK} --cluster ,", "names no column"),
    did("header-with-a-blank", QUICK, "did you mean 'y '?", spoil=text("panel.csv", ",y,", ",y ,", GOOD)),
    did("header-below-a-line", QUICK, "cells in a row", spoil=put("panel.csv", "# made today\n" + GOOD)),
    did("page-for-a-table", QUICK, "there is no column 'unit'", spoil=put("panel.csv", "<html></html>\n")),
    did("total-row", QUICK, "1 row has no period", "row 50", spoil=change("panel.csv", lambda c: c + b"Total,,100,,\n")),
    did("unit-is-the-time", QUICK.replace("--unit unit", "--unit year"), "occur more than once"),
    did("cohort-is-the-outcome", QUICK.replace("--cohort start", "--cohort y"), "a cohort is no period"),
    did("names-alike", QUICK, "names that look the same are one", spoil=text("panel.csv", "u1,2015", "u1\u200b,2015", GOOD), code=0),
    own("nothing-to-study", "own --rollout {here}/rollout.csv --out {out}", "nothing to study"),
    own("panel-device", OWN.replace("{here}/panel.csv", "/dev/null"), "is no file but a device"),
    *(own(f"code-{name}", OWN, "province_code cannot be used", code, spoil=text("panel.csv", "11,2022Q1", f"{code},2022Q1", PANEL))
      for name, code in (("float", "11.0"), ("word", "北京"), ("long", "011"))),
    own("total-in-chinese", OWN, "province_code cannot be used", "全国", spoil=put("panel.csv", PANEL + "全国,2022Q1,9\n")),
    *(own(f"rollout-{name}", OWN, "province_code cannot be used", "'11'", spoil=text("rollout.csv", "11,starts", new, ROLLOUT))
      for name, new in (("other-event", "11,begins"), ("other-code", "99,starts"), ("name", "北京,starts"))),
    own("rollout-no-day", OWN, "a start is not a day", spoil=text("rollout.csv", "2022-07-01", "2022-02-30", ROLLOUT)),
    *(own(f"quarter-{k}", OWN, "quarter cannot be used", spoil=text("panel.csv", "2022Q1", quarter, PANEL))
      for k, quarter in enumerate(("2022q1", "2022-Q1", "2022-03-31"))),
    *(own(f"count-{k}", OWN, "enrolled cannot be used", "row 2", spoil=text("panel.csv", ",111\n", f",{count}\n", PANEL))
      for k, count in enumerate(("111.5", '"1,111"', "11%", "1_1", "***", "<10"))),
    own("out-is-the-orders", RECORDS.replace("{out}/panel.csv", "{here}/orders.csv"), "would overwrite what it is counted from"),
    own("out-is-the-rollout", RECORDS.replace("{out}/panel.csv", "{here}/rollout.csv"), "would overwrite"),
    own("out-is-a-link-to-the-orders", RECORDS.replace("panel.csv", "o.csv"), "would overwrite", spoil=linked),
    own("out-is-a-folder", RECORDS.replace("panel.csv", "x.csv"), "a folder stands where",
        spoil=lambda place: (place.out / "x.csv").mkdir()),
    own("seed-negative", f"{RECORDS} --round-to 5 --seed=-1", "the seed is out of range"),
    own("seed-huge", f"{RECORDS} --round-to 5 --seed=99999999999999999999", "the seed is out of range"),
    own("min-cell-huge", f"{RECORDS} --min-cell 99999999999", "the smallest cell is out of range"),
    own("round-to-seven", f"{RECORDS} --round-to 7", "5 or 10"),
    own("ledger-binary", RECORDS, "the ledger of releases", "not UTF-8", spoil=put("panel.releases.jsonl", b"\xff\xfe\0", "out")),
    own("ledger-forged", RECORDS, "does not hold together", spoil=put("panel.releases.jsonl", '{"a": 1}\n', "out")),
    *(own(f"orders-at-{name}", RECORDS.replace("{here}/orders.csv", where), *words) for name, where, *words in (
        ("a-bucket", "s3://bucket/x.csv", "local files only"), ("an-address", "http://example.org/x.csv", "local files only"),
        ("no-file", "{here}/*.nothing", "no Parquet or CSV file"), ("half-a-pattern", "{here}/[", "no Parquet or CSV file"),
        ("a-device", "/dev/zero", "cannot be looked into"))),
    own("orders-in-a-quoted-folder", RECORDS.replace("{here}/orders.csv", "{here}/it's|%20[1]/orders.csv"), spoil=quoted, code=0),
    *(own(f"memory-{k}", f"{RECORDS} --memory={size}", "the memory limit is not a size") for k, size in enumerate(("0GB", "-1GB", "1e9GB", "3", "３GB", "3GB;DROP"))),
    *(own(f"zone-{name}", f"{RECORDS} --time-zone={zone}", "the time zone is not known") for name, zone in (("empty", ""), ("path", "/etc/localtime"))),
]  # fmt: skip
