"""The door of the engine: a user's panel file and the options of `did`."""

from __future__ import annotations

from hostile.form import Case, Spoil, change, instead, put

DID = "did --panel {here}/panel.csv --unit unit --time year --outcome y --cohort start --out {out}"
QUICK = f"{DID} --estimators twfe --randomization 0"
CHECKED = f"{DID} --estimators group_time --randomization 99 --checks"
EXPORT = "did export --for fixest --panel {here}/panel.csv --unit unit --time year --outcome y --cohort start --out {out}"


def panel_text(units: int = 8, first: int = 2015, years: int = 6, treated: bool = True) -> str:
    """Eight units over six years, half of them treated from the fourth on or none; SIMULATED by a rule."""
    lines = ["unit,year,y,start,x"]
    for unit in range(units):
        start = first + 3 if unit % 2 and treated else ""
        for t in range(years):
            effect = 2 if unit % 2 and t >= 3 else 0
            noise = ((unit * 7 + t * 3) % 5) / 10
            lines.append(
                f"u{unit},{first + t},{unit + 0.5 * t + effect + noise:.2f},{start},{(unit * t) % 3}"
            )
    return "\n".join(lines) + "\n"


GOOD = panel_text()


def did(name: str, command: str, *words: str, spoil: Spoil | None = None, code: int = 2) -> Case:
    return Case(name, "did", command, words, spoil, code)


def line(number: int, text: str) -> Spoil:
    """Put another line in the panel."""

    def edit(content: bytes) -> bytes:
        lines = content.decode().split("\n")
        lines[number - 1] = text
        return "\n".join(lines).encode()

    return change("panel.csv", edit)


def everywhere(old: str, new: str) -> Spoil:
    return change("panel.csv", lambda content: content.replace(old.encode(), new.encode()))


CELLS = {
    "time-huge": ("u0,99999999999999999999,1,,0", ("period", "year")),
    "time-fullwidth": ("u0,２０１５x,1,,0", ("period", "year")),
    "time-word": ("u0,soon,1,,0", ("period", "soon")),
    "time-float": ("u0,2015.5,1,,0", ("period", "2015.5")),
    "time-infinite": ("u0,inf,1,,0", ("period",)),
    "time-empty": ("u0,,1,,0", ("period", "row 2")),
    "outcome-infinite": ("u0,2015,inf,,0", ("infinite", "row 2", "column y")),
    "outcome-word": ("u0,2015,much,,0", ("not a number", "row 2", "column y", "much")),
    "outcome-comma": ('u0,2015,"1,5",,0', ("not a number", "row 2", "column y")),
    "outcome-beyond-floats": ("u0,2015,1e999,,0", ("infinite", "row 2")),
    "cohort-word": ("u0,2015,1,later,0", ("start", "later")),
    "cohort-huge": ("u0,2015,1,99999999999999999999,0", ("start",)),
    "unit-empty": (",2015,1,,0", ("no unit", "row 2")),
    "unit-period-twice": ("u0,2016,1,,0", ("more than once", "u0 in 2016")),
    "cells-too-many": ("u0,2015,1,,0,9,9", ("panel",)),
    "cells-too-few": ("u0,2015", ("row 2", "cells")),
    "covariate-infinite": ("u0,2015,1,,inf", ("infinite", "column x")),
}
CASES = [
    *(did(name, QUICK + (" --covariates x" if "covariate" in name else ""), *words, spoil=line(2, text))
      for name, (text, words) in CELLS.items()),
    did("empty", QUICK, "panel", spoil=put("panel.csv", "")),
    did("header-only", QUICK, "no rows", spoil=put("panel.csv", "unit,year,y,start,x\n")),
    did("one-row", QUICK, "one period", spoil=put("panel.csv", "unit,year,y,start,x\nu0,2015,1,,0\n")),
    did("nul", QUICK, "NUL", "row 2", spoil=put("panel.csv", GOOD.replace("u0,2015", "u0\0,2015"))),
    did("gbk", QUICK, "GBK", "iconv", spoil=put("panel.csv", GOOD.replace("unit", "单位").encode("gbk"))),
    did("utf-16", QUICK, "UTF-8", spoil=put("panel.csv", GOOD.encode("utf-16"))),
    did("tabs-below-commas", QUICK, "panel.csv", spoil=put("panel.csv", "\n".join([GOOD.splitlines()[0], *GOOD.replace(",", "\t").splitlines()[1:]]))),
    did("column-twice", QUICK, "twice", "y", spoil=everywhere("start,x\n", "start,y\n")),
    did("random-bytes", QUICK, "panel.csv", spoil=put("panel.csv", bytes(range(256)))),
    did("open-quote", QUICK, "panel.csv", spoil=put("panel.csv", GOOD + '"open')),
    did("folder", QUICK, "folder", spoil=instead("panel.csv", "folder")),
    did("dangling", QUICK, "link", spoil=instead("panel.csv", "dangling")),
    did("loop", QUICK, "panel.csv", spoil=instead("panel.csv", "loop")),
    did("absent", QUICK.replace("panel.csv", "nothing.csv"), "nothing.csv", "--panel"),
    *(did(f"not-{ending}", QUICK.replace("panel.csv", f"panel.{ending}"), f"panel.{ending}", spoil=put(f"panel.{ending}", GOOD))
      for ending in ("parquet", "feather", "dta", "xlsx", "rds", "sav")),
    did("column-absent", QUICK.replace("--outcome y", "--outcome z"), "no column 'z'"),
    did("outcome-all-empty", QUICK, "outcome", spoil=put("panel.csv", "unit,year,y,start,x\n" + "".join(f"u{k},{y},,2016,0\n" for k in range(4) for y in (2015, 2016)))),
    did("all-treated-together", QUICK, "start", spoil=everywhere(",,", ",2018,")),
    did("nobody-treated", QUICK, "no unit is treated", spoil=put("panel.csv", panel_text(treated=False))),
    did("covariates-of-commas", f"{QUICK} --covariates ,,", "--covariates names no column"),
    did("estimators-of-commas", f"{DID} --estimators ,,", "--estimators names no estimator"),
    did("estimators-empty", f"{DID} --estimators=", "--estimators names no estimator"),
    did("estimator-unknown", f"{DID} --estimators twfee", "did you mean 'twfe'"),
    did("covariate-is-the-outcome", f"{QUICK} --covariates y", "named as a covariate too", "column y"),
    did("balance-beyond-the-panel", f"{DID} --estimators group_time --randomization 0 --balance 999", "no event time is left", "balance is 999"),
    did("balance-beyond-another", f"{DID} --estimators imputation --randomization 0 --balance 5", "no event time is left", "balance is 5"),
    did("window-beyond-the-panel", f"{DID} --estimators group_time --randomization 0 --window 50,60", "no event time is left", "window is (50, 60)"),
    did("covariate-absent", f"{QUICK} --covariates nothing", "nothing"),
    did("draws-billions", f"{DID} --estimators group_time --draws 99999999999", "--draws", "at most"),
    did("draws-few", f"{DID} --estimators group_time --draws 7", "--draws 7"),
    did("draws-negative", f"{DID} --estimators group_time --draws=-5", "draws is -5"),
    did("randomization-billions", f"{DID} --estimators twfe --randomization 99999999999", "--randomization", "at most"),
    did("randomization-negative", f"{DID} --estimators twfe --randomization=-1", "--randomization"),
    did("seed-negative", f"{QUICK} --seed=-1", "seed is -1"),
    did("seed-word", f"{QUICK} --seed x", "--seed"),
    did("anticipation-negative", f"{QUICK} --anticipation=-1", "anticipation is -1"),
    did("anticipation-huge", f"{DID} --estimators group_time --randomization 0 --anticipation 99999", ""),
    did("control-unknown", f"{QUICK} --control sometimes", "--control"),
    did("evidence-unknown", f"{QUICK} --evidence rumour", "--evidence"),
    did("out-is-a-file", f"{QUICK} --out {{here}}/panel.csv", "is a file, not a folder"),
    did("out-under-a-file", f"{QUICK} --out {{here}}/panel.csv/deep/er", "panel.csv"),
    did("out-is-a-loop", f"{QUICK} --out {{here}}/loop", "loop", spoil=instead("loop", "loop")),
    did("inference-without-checks", f"{QUICK} --inference wild_rademacher", "add --checks"),
    did("inference-unknown", f"{CHECKED} --inference magic", "magic"),
    did("strata-absent", f"{CHECKED} --strata nothing", "nothing"),
    did("cluster-absent", f"{QUICK} --cluster nothing", "nothing"),
    did("weights-negative", f"{QUICK} --weights w", "weight", spoil=change("panel.csv", lambda c: c.replace(b"start,x\n", b"start,x,w\n").replace(b"\n", b",-1\n").replace(b"w,-1\n", b"w\n"))),
    did("time-gaps-refused", f"{QUICK} --time-gaps refuse", "not equally spaced", spoil=everywhere(",2020,", ",2030,")),
    did("names-with-markup", QUICK.replace("--outcome y", "--outcome $y$|`{{<|include|x|>}}`[b](c)"), code=0,
        spoil=change("panel.csv", lambda c: c.replace(b",y,", b",$y$ `{{< include x >}}`[b](c),", 1))),
    did("names-in-chinese", QUICK.replace("--outcome y", "--outcome 收入"), code=0,
        spoil=change("panel.csv", lambda c: c.replace(b",y,", ",收入,".encode(), 1))),
    Case("export-package-unknown", "did", EXPORT.replace("fixest", "spss"), ("spss",)),
    Case("export-estimator-unknown", "did", f"{EXPORT} --estimator magic", ("magic",)),
    Case("export-out-is-a-file", "did", f"{EXPORT} --out {{here}}/panel.csv", ("panel.csv",)),
    Case("export-empty", "did", EXPORT, ("panel",), put("panel.csv", "")),
    Case("export-outcome-infinite", "did", EXPORT, ("infinite", "row 2"), line(2, "u0,2015,inf,,0")),
    Case("no-options", "did", "did", ("--panel",)),
]  # fmt: skip
