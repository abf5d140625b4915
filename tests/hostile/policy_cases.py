"""The door of the policy commands: options and files of incomes."""

from __future__ import annotations

from hostile.form import Case, Spoil, instead, put

RIDER = (
    "policy contribution --raw {raw} --industry instant_delivery --date 2025-07-01 --province Chongqing "
    "--group first_pilot --tier lower"
)
SUBSIDY = "policy subsidy --raw {raw}"
FLOOR = f"{SUBSIDY} --floor 4000"
PATH = "--income 5200,4100,4600,3900,4500,5000"
SCHEME = "policy sharing --total 0.2 --platform 0.1 --tier 0:0.02:0.08 --tier 3000:0.05:0.05 --incomes {here}/incomes.csv"
GOOD = "worker,month,income,orders\na,2025-01,5000,500\nb,2025-01,1000,100\n"
HUGE = "9" * 400


def policy(name: str, command: str, *words: str, spoil: Spoil | None = None, code: int = 2) -> Case:
    return Case(name, "policy", command, words, spoil, code)


def incomes(name: str, text: str | bytes, *words: str) -> Case:
    return policy(
        f"incomes-{name}", f"{FLOOR} --incomes {{here}}/incomes.csv", *words, spoil=put("incomes.csv", text)
    )


BAD_NUMBERS = {
    "infinity": "1e309", "400-digits": HUGE, "nan": "nan", "inf": "inf", "fullwidth": "４０００", "word": "many",
    "underscore": "4_000", "empty": "", "hex": "0x20",
}  # fmt: skip
CASES = [
    *(policy(f"floor-{name}", f"{SUBSIDY} --floor={value} {PATH}", "floor is") for name, value in BAD_NUMBERS.items()),
    *(policy(f"insured-floor-{name}", f"{FLOOR} --insured-floor={BAD_NUMBERS[name]} {PATH}", "insured floor is")
      for name in ("infinity", "400-digits", "fullwidth")),
    *(policy(f"income-{name}", f"{FLOOR} --income 5200,{BAD_NUMBERS[name]},4600", "income of month 2")
      for name in ("infinity", "400-digits", "nan", "fullwidth", "word")),
    *(policy(f"fund-ratio-{name}", f"{RIDER} --orders 40 --fund-ratio={BAD_NUMBERS[name]}", "fund ratio is")
      for name in ("infinity", "400-digits", "nan", "word", "fullwidth")),
    *(policy(f"support-ratio-{name}", f"{RIDER.replace(' --tier lower', '')} --orders 40 --support-ratio={value}", "support ratio is")
      for name, value in (("infinity", "1e309"), ("negative", "-1"), ("huge", "1e9"))),
    *(policy(f"income-per-order-{name}", f"{RIDER} --orders 40 --income-per-order={BAD_NUMBERS[name]}", "income per order is")
      for name in ("infinity", "400-digits", "word")),
    policy("orders-400-digits", f"{RIDER} --orders {HUGE}", "orders per day is out of range", "digits"),
    policy("orders-trillions", f"{RIDER} --orders 999999999999999", "orders per day is out of range"),
    policy("orders-word", f"{RIDER} --orders many", "--orders"),
    policy("orders-float", f"{RIDER} --orders 4.5", "--orders"),
    policy("workers-400-digits", f"{RIDER} --orders 4 --workers {HUGE}", "workers is out of range"),
    policy("workers-none", f"{RIDER} --orders 4 --workers 0", "workers is out of range"),
    policy("days-too-many", f"{RIDER} --orders 4 --days 32", "days per month is out of range"),
    policy("months-too-many", f"{RIDER} --orders 4 --months 13", "months is out of range"),
    policy("float-steps-huge", f"{RIDER} --orders 4 --draft --float-steps 999999999999", ""),
    policy("province-unknown", f"{RIDER} --orders 4 --province Atlantis", "unknown province", "Atlantis"),
    policy("province-climbs", f"{RIDER} --orders 4 --province ../../etc", "unknown province"),
    policy("date-fullwidth", f"{RIDER} --orders 4 --date ２０２５-07-01", "date"),
    policy("date-week", f"{RIDER} --orders 4 --date 2025-W27-2", "date", "2025-07-01"),
    policy("date-before", f"{RIDER} --orders 4 --date 0001-01-01", ""),
    policy("raw-is-a-file", f"{RIDER} --orders 4 --raw {{here}}/incomes.csv", "no data package", spoil=put("incomes.csv", GOOD)),
    policy("raw-is-nowhere", f"{RIDER} --orders 4 --raw {{here}}/nowhere", "no data package"),
    policy("build-raw-nowhere", "policy build --raw {here}/nowhere --processed {made} --static {out}", "no data package"),
    policy("city-unknown", f"{SUBSIDY} --city Atlantis", "Quanzhou"),
    policy("window-unknown", f"{FLOOR} {PATH} --window both", "window"),
    policy("before-unknown", f"{FLOOR} {PATH} --before maybe", "history", "maybe"),
    incomes("column-twice", "month,income,income\n2025-01,5,6\n", "column twice", "income", "row 1"),
    incomes("huge", "month,income\n2025-01,1e300\n", "row 2", "column income", "income"),
    incomes("400-digits", f"month,income\n2025-01,{HUGE}\n", "row 2", "column income", "too large"),
    incomes("fullwidth", "month,income\n2025-01,５０００\n", "row 2", "column income", "not a number"),
    incomes("fullwidth-month", "month,income\n２０２５-01,5\n", "row 2", "column month"),
    incomes("year-zero", "month,income\n0001-01,5\n2025-01,5\n", "row 2", "column month"),
    incomes("gbk", "month,income,备注\n2025-01,5,好\n".encode("gbk"), "not UTF-8", "GBK"),
    incomes("utf-16", "month,income\n2025-01,5\n".encode("utf-16"), "UTF-8"),
    incomes("nul", b"month,income\n2025-01,5\x00\n", "NUL", "row 2"),
    incomes("tabs", "month\tincome\n2025-01\t5\n", "month", "tabs"),
    incomes("semicolons", "month;income\n2025-01;5\n", "semicolons"),
    incomes("ragged", "month,income\n2025-01,5,6\n", "row 2", "cells"),
    incomes("short-row", "worker,month,income\na,2025-01\n", "row 2", "cells"),
    incomes("header-only", "month,income\n", "no rows"),
    incomes("empty", "", "empty"),
    policy("incomes-folder", f"{FLOOR} --incomes {{here}}/incomes.csv", "folder", spoil=instead("incomes.csv", "folder")),
    policy("incomes-dangling", f"{FLOOR} --incomes {{here}}/incomes.csv", "link", spoil=instead("incomes.csv", "dangling")),
    policy("incomes-loop", f"{FLOOR} --incomes {{here}}/incomes.csv", "incomes.csv", spoil=instead("incomes.csv", "loop")),
    *(policy(f"sharing-{name}", f"{SCHEME} {option}", *words, spoil=put("incomes.csv", GOOD))
      for name, option, words in (
          ("minimum-wage-infinity", "--minimum-wage 1e309", ("minimum wage is",)),
          ("minimum-wage-400-digits", f"--minimum-wage {HUGE}", ("minimum wage is",)),
          ("benefit-infinity", "--benefit-per-order 1e309", ("benefit per order is",)),
          ("benefit-400-digits", f"--benefit-per-order {HUGE}", ("benefit per order is",)),
          ("opening-huge", f"--benefit-per-order 1 --opening {HUGE}", ("opening balance is",)),
          ("administration-two", "--benefit-per-order 1 --administration 2", ("administration is not between",)),
          ("subsidy-negative", "--subsidy=-0.5", ("subsidy is not between",)),
          ("total-nan", "--total nan", ("total is not a number",)),
          ("tier-infinity", "--tier 1e309:0.05:0.05", ("tier",)),
          ("tiers-fall", "--tier 2000:0.05:0.05", ("tiers do not rise",)),
      )),
    policy("sharing-beyond-64-bits", f"{SCHEME} --benefit-per-order 100000000000", "more than can be counted",
           spoil=put("incomes.csv", "worker,month,income,orders\na,2025-01,5000,99999999999\n")),
    policy("markup-in-names", f"{FLOOR} --incomes {{here}}/incomes.csv", spoil=put("incomes.csv", "worker,month,income\n[/],2025-01,5\n[red]b,2025-01,5\n"), code=0),
]  # fmt: skip
