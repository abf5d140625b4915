"""The step ``records panel``: check, count, suppress, publish; all of it or nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from analysis.base.errors import InputError
from analysis.base.progress import say, step
from analysis.records.calendar import (
    Rollout,
    first_day,
    instant,
    quarter_index,
    quarter_label,
    read_rollout,
    read_zone,
)
from analysis.records.checks import (
    CAPITALS,
    MASK,
    Fault,
    Survey,
    at_least,
    broken_lines,
    order_checks,
    refuse,
    sort_out,
    survey_orders,
)
from analysis.records.columns import MEASURES
from analysis.records.contract import read_contract
from analysis.records.disclosure import decide
from analysis.records.engine import EngineError, Session, UnreadableError, workspace
from analysis.records.identifiers import count_alike, refuse_spellings
from analysis.records.ledger import Past, check_head, read_ledger
from analysis.records.measures import Orders, assemble, group_orders
from analysis.records.release import Count, lay_out, publish, run_record, show_inventory
from analysis.records.repeats import DUPLICATE, KEPT, find_duplicates, look_at_ids, settle_claims
from analysis.records.request import PER_PLATFORM, Request, check_products, check_request, products
from analysis.records.revisions import find_revised, let_stand, read_before, revise_and_audit
from analysis.records.rounding import round_totals
from analysis.records.rows import Rows
from analysis.records.rules import claim_rules, order_rules
from analysis.records.sources import Source, find_source, refuse_damaged
from analysis.records.tables import (
    days_since_1970,
    identifiers_differ,
    power_of_quarter,
    read_table,
    trim_codes,
)

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from analysis.records.printed import Columns

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def build_panel(request: Request) -> Columns:
    """Write FILE.csv, FILE.suppressed.csv, FILE.run.json and FILE.releases.jsonl, and return the panel.

    Raises
    ------
    InputError
        The request, a file or a row is at fault; nothing is written then.
    """
    check_request(request)
    zone, plan = read_zone(request.time_zone), read_rollout(request.rollout)
    at_ledger, _panel, _listed, at_record = products(request.out)
    ledger = read_ledger(at_ledger)
    check_head(ledger, at_record)
    past = ledger.last
    with step(f"records to panel ({request.engine})"):
        count = count_records(request, plan, zone)
        in_force = _in_force(count, plan)
        settings = {
            name: getattr(request, name)
            for name in ("engine", "min_cell", "round_to", "seed", "time_zone", "quarantine", "order_ids")
        }
        before = read_before(past, count.totals.units, count.first_quarter, in_force) if past else None
        if past:
            _check_past(past, count, request)
        decided = decide(count.totals, in_force, request.min_cell, before.shown if before else None)
        revision, found = revise_and_audit(
            count.totals, in_force, decided, before, request.min_cell, request.round_to
        )
        releases = revision.releases
        if request.round_to:
            rounded = round_totals(count.totals, releases, request.round_to, request.seed)
            count = replace(count, totals=rounded)
        panel, hidden = lay_out(count, in_force, releases)
        revised: tuple[str, ...] = ()
        if past:
            stand = np.flatnonzero(revision.standing.any(axis=0))
            labels = [quarter_label(count.first_quarter + int(t)) for t in stand]
            panel, hidden = let_stand(panel, hidden, past, labels)
            revised = find_revised(panel, past)
        further = {
            name: int((release.hidden & ~decided[name].hidden & ~revision.standing).sum())
            for name, release in releases.items()
        }
        further = {name: cells for name, cells in further.items() if cells}
        record = run_record(settings, count, panel, hidden, found, further, revised)
        publish(request.out, panel, hidden, record, ledger)
    _report(count, hidden, panel, request.min_cell)
    if past:
        if past.settings["min_cell"] != request.min_cell:
            was = past.settings["min_cell"]
            say(f"release {past.number} was made with --min-cell {was}: it stays as it is")
        which = ", ".join(revised) or "no quarter"
        say(f"revised: {which}; in the others that were released before, the earlier numbers stand")
        labels = [quarter_label(count.first_quarter + int(t)) for t in np.flatnonzero(revision.differing)]
        if labels:
            say(
                f"these records give other numbers than were released for {', '.join(labels)}; to correct "
                "them could tell of few people or of one platform: see the page on disclosure, and do not "
                "pass this line on"
            )
    audited = record["audit"]
    verdict = "kept" if audited["kept"] else "NOT KEPT, do not release this panel"
    say(f"audit: {audited['rule']}: {verdict}; {sum(found.added.values())} cells emptied for it")
    return panel


def count_records(request: Request, plan: Rollout, zone: ZoneInfo) -> Count:
    """Read, check and count; the engine and its temporary files are gone afterwards."""
    sources: list[Source] = []
    with workspace(request.temporary) as folder:
        session = Session(request.engine, request.memory, folder)
        try:
            sources = [
                find_source(read_contract(name), path, tolerant=request.quarantine, store=session.store(path))
                for name, path in (("orders", request.orders), ("claims", request.claims))
            ]
            check_products(request, [path for source in sources for path in source.paths])
            for source in sources:
                show_inventory(source, request.min_cell)
            return _count(session, sources[0], sources[1], plan, zone, request)
        except (UnreadableError, EngineError, UnicodeDecodeError):
            for source in sources:
                refuse_damaged(source)
            raise
        finally:
            session.close()


def _count(
    session: Session, of_orders: Source, of_claims: Source, plan: Rollout, zone: ZoneInfo, request: Request
) -> Count:
    tolerant = request.quarantine
    as_text = identifiers_differ(of_orders, of_claims)
    raw = read_table(session, of_orders, as_text, trimmed=False)
    claims = read_table(session, of_claims, as_text)
    # To the rollout's end: the last quarter is known only when the orders have been read.
    span = range(plan.first_quarter, quarter_index(plan.end) + 1)
    quarter = power_of_quarter("completed", [instant(first_day(index), zone) for index in span])
    odd = order_checks(raw, instant(plan.end, zone))
    checked = raw.add(power=f"CASE WHEN {odd} THEN 0 ELSE {quarter} END")
    parts = group_orders(session, checked, "parts", {"first": "min(completed)"})
    survey = survey_orders(session, raw, parts, plan, zone)
    of_orders.check_rows(survey.rows)
    faults: list[Fault] = broken_lines(of_orders)
    orders = trim_codes(raw).add(power=quarter)
    per_platform = request.order_ids == PER_PLATFORM
    if survey.sound:
        suspects = look_at_ids(session, orders, per_platform, survey.rows)
    if not survey.sound or suspects.odd:
        survey = Survey(survey.rows, None, sound=False)
        rules = order_rules(of_orders.table, orders, plan, zone)
        orders, found = sort_out(session, of_orders.table, orders, rules)
        faults += found
        suspects = look_at_ids(session, orders, per_platform, survey.rows)
    orders, duplicates = find_duplicates(session, of_orders.table, orders, per_platform, suspects)
    faults += duplicates
    if not tolerant:
        refuse(faults, request.min_cell)
    first, last = plan.first_quarter, _last_quarter(session, orders, claims, survey, plan, zone)
    if last < first:
        raise InputError(
            "the records end before the rollout's first start",
            value=quarter_label(last),
            expected=f"{quarter_label(first)} or later",
        )
    if faults or not survey.sound:
        parts = group_orders(session, orders, "parts_sound", {})
        if not session.count(str(parts)):
            raise InputError("no order is left: all are set aside", action="correct the delivery")
    workers = Orders(session, parts)
    known = f"(SELECT DISTINCT worker_id, TRUE AS known FROM {workers.places})"
    marked = Rows(
        f"(SELECT claims.*, coalesce(people.known, FALSE) AS known FROM {claims} AS claims "
        f"LEFT JOIN {known} AS people ON claims.worker_id = people.worker_id)",
        (*claims.columns, "known"),
        claims.texts,
    )
    marked = marked.at(session.keep(marked.query, "claims_marked"))
    rows = {"orders": survey.rows, "claims": session.count(str(marked))}
    of_claims.check_rows(rows["claims"])
    sound, claim_faults = sort_out(
        session, of_claims.table, marked, claim_rules(of_claims.table, marked, plan)
    )
    sound = sound.at(session.keep(sound.query, "claims_sound")) if claim_faults else marked
    sound, claimed_twice, repeats = settle_claims(session, of_claims.table, sound)
    claim_faults = [*broken_lines(of_claims), *claim_faults, *claimed_twice]
    if not tolerant:
        refuse(claim_faults, request.min_cell)
    days = [days_since_1970(first_day(index)) for index in range(first, last + 2)]
    sound = sound.add(power=power_of_quarter("accident", days))
    refuse_spellings(session, workers.places, "worker_id")
    refuse_spellings(session, marked, "claim_id", " or in capitals")
    alike = count_alike(session, workers.places)
    capitals = [Fault("orders", "worker_id", CAPITALS, alike, (), (MASK,))] if alike else []
    return Count(
        totals=assemble(workers, sound, list(plan.starts), last - first + 1),
        first_quarter=first,
        rows=rows,
        faults=(*faults, *claim_faults, *repeats, *capitals),
        sources=(of_orders, of_claims),
        synthetic=of_orders.synthetic or of_claims.synthetic,
    )


def _last_quarter(
    session: Session, orders: Rows, claims: Rows, survey: Survey, plan: Rollout, zone: ZoneInfo
) -> int:
    """The quarter of the last order or accident, faulty ones apart."""
    found = [] if survey.last is None else [survey.last]
    if not found:
        last = session.answer(f"SELECT max(completed) AS last FROM {orders}")["last"][0].as_py()
        if last is not None:
            moment = EPOCH + dt.timedelta(microseconds=last)
            found.append(quarter_index(moment.astimezone(zone).date()))
    dated = claims.where(f"accident < {days_since_1970(plan.end)}")
    last = session.answer(f"SELECT max(accident) AS last FROM {dated}")["last"][0].as_py()
    if last is not None:
        found.append(quarter_index((EPOCH + dt.timedelta(days=last)).date()))
    if not found:
        raise InputError("no order and no claim can be dated")
    return max(found)


def _in_force(count: Count, plan: Rollout) -> np.ndarray:
    opening = [plan.quarter(code) for code in plan.starts]
    quarters = count.first_quarter + np.arange(count.totals.active.shape[1])
    return quarters >= np.array([*opening, min(opening)])[:, None]


def _check_past(past: Past, count: Count, request: Request) -> None:
    """Refuse another class of evidence, or another rounding: both roundings together tell more than one."""
    evidence = "simulated" if count.synthetic else "records"
    if past.settings["evidence"] != evidence:
        raise InputError(
            f"release {past.number} of this panel is of the class {past.settings['evidence']}",
            value=evidence,
            expected=past.settings["evidence"],
            action="name another --out",
        )
    was = past.settings["round_to"], past.settings.get("seed", 0)
    if was[0] != request.round_to or (was[0] and was[1] != request.seed):
        raise InputError(
            f"release {past.number} of this panel is rounded in another way",
            value=f"--round-to {request.round_to} --seed {request.seed}",
            expected=f"--round-to {was[0]} --seed {was[1]}",
            action="keep both: what one rounding hides, the difference of two shows",
        )


def _report(count: Count, hidden: Columns, panel: Columns, minimum: int) -> None:
    for fault in count.faults:
        kept = ", the earliest row kept" if fault.reason.startswith(DUPLICATE) else ""
        did = "counted" if fault.reason in (KEPT, CAPITALS) else "set aside"
        say(f"{did}: {at_least(fault.rows, minimum)} {fault.table}, {fault.reason} ({fault.column}){kept}")
    few = count.totals.active[-1] < minimum
    if few.any():
        labels = [quarter_label(count.first_quarter + int(t)) for t in np.flatnonzero(few)]
        whole = f"fewer than {minimum} people worked in the whole country"
        say(f"{whole}: {', '.join(labels)}; is a file missing?")
    empty = sum(source.empty for source in count.sources)
    if empty:
        say(f"left out: {empty} files without rows")
    say(f"suppressed: {len(hidden['quarter'])} cells of {len(panel['quarter']) * len(MEASURES)}")
    if count.synthetic:
        say("these records say of themselves that they are synthetic: evidence class simulated")
