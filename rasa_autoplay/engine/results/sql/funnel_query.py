"""Counts the funnel in SQL, from the decisions, their receipts, and the daily counts of gates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

import sqlalchemy as sa

from rasa_autoplay.engine.offers.base import FAILED_AFTER
from rasa_autoplay.engine.offers.offer import REQUESTED_TRIGGERS
from rasa_autoplay.engine.offers.offer_status import ANSWERS, Arm, OfferStatus
from rasa_autoplay.engine.offers.sql.schema import offers, receipts
from rasa_autoplay.engine.results.funnel import Funnel, FunnelRow
from rasa_autoplay.engine.results.sql.gate_count_store import gate_counts

__all__ = ["read_funnel"]

_DAY_S = 86_400.0
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
#: The funnel's count of each receipt that is counted as such.
_PLAIN = {"timed_out": "timed_out", "tour_finished": "tour_finished", "withdrawn": "withdrawn"}
#: The same, counted by the receipt's detail.
_BY_DETAIL = {
    "accepted": "accepted_by",
    "tour_left": "tour_left",
    "tour_missing": "tour_missing",
    "tour_elsewhere": "tour_elsewhere",
}
#: The same, counted by the decision's arm.
_BY_ARM = {"goal_reached": "goal_reached", FAILED_AFTER: "failed_after"}
_UNKNOWN = "unknown"
_ANSWERS = sorted(status.value for status in ANSWERS)
_REFUSALS = frozenset(_ANSWERS) - {OfferStatus.ACCEPTED.value}


class _Group(NamedTuple):
    trigger_id: str
    variant: str
    day: str


class _Sums:
    """The sums of each trigger, variant and day while they are read."""

    def __init__(self) -> None:
        self._plain: defaultdict[_Group, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._named: defaultdict[_Group, defaultdict[str, dict[str, int]]] = defaultdict(
            lambda: defaultdict(dict)
        )

    def add(self, group: _Group, count: str, number: int) -> None:
        if number:
            self._plain[group][count] += number

    def add_named(self, group: _Group, count: str, name: str, number: int) -> None:
        if number:
            names = self._named[group][count]
            names[name] = names.get(name, 0) + number

    def rows(self) -> Iterator[FunnelRow]:
        for group in sorted({*self._plain, *self._named}):
            counts: dict[str, Any] = dict(self._plain[group])
            for count, names in self._named[group].items():
                counts[count] = dict(sorted(names.items()))
            yield FunnelRow(*group, Funnel(**counts))


def read_funnel(
    connection: Any, product_id: str, since: float, until: float, trigger_id: str = ""
) -> list[FunnelRow]:
    """Return the funnel of each trigger, variant and UTC day, in this order.

    Args:
        connection: a connection in a transaction.
        product_id: the product.
        since: the first decision that counts, epoch seconds; the counts of gates are of whole days.
        until: decisions from this time on do not count, epoch seconds.
        trigger_id: only this trigger; empty for all.
    """
    sums, decisions = _Sums(), _decisions(connection, product_id, since, until, trigger_id)
    _count_decisions(connection, sums, decisions)
    _count_receipts(connection, sums, decisions)
    _count_undone_acceptances(connection, sums, decisions)
    if sa.inspect(connection).has_table(gate_counts.name):
        days = _date(since // _DAY_S), _date(max(until - 1, since) // _DAY_S)
        _count_gates(connection, sums, product_id, days, trigger_id)
    return list(sums.rows())


def _decisions(connection: Any, product_id: str, since: float, until: float, trigger_id: str) -> Any:
    """The decisions that count, with their days as numbers from 1970."""
    days = offers.c.created_at / _DAY_S
    # SQLite can lack floor(), and other databases round when they cast.
    whole = days if connection.dialect.name == "sqlite" else sa.func.floor(days)
    columns = ("offer_id", "trigger_id", "variant", "arm", "status", "sent_at", "rendered_at", "seen_at")
    is_of_trigger = offers.c.trigger_id == trigger_id
    of_triggers = is_of_trigger if trigger_id else offers.c.trigger_id.notin_(sorted(REQUESTED_TRIGGERS))
    return (
        sa.select(*(offers.c[name] for name in columns), sa.cast(whole, sa.Integer).label("day"))
        .where(
            offers.c.product_id == product_id,
            offers.c.created_at >= since,
            offers.c.created_at < until,
            of_triggers,
        )
        .subquery()
    )


def _date(days: float) -> str:
    return (_EPOCH + timedelta(days=int(days))).strftime("%Y-%m-%d")


def _number_of(condition: Any) -> Any:
    return sa.func.sum(sa.case((condition, 1), else_=0))


def _count_decisions(connection: Any, sums: _Sums, decisions: Any) -> None:
    of = decisions.c
    is_rendered = of.rendered_at > 0
    numbers = {
        "offered": sa.func.count(),
        "sent": _number_of(sa.or_(of.sent_at > 0, is_rendered)),
        "rendered": _number_of(is_rendered),
        "seen": _number_of(of.seen_at > 0),
        "expired": _number_of(sa.and_(of.status == OfferStatus.EXPIRED.value, sa.not_(is_rendered))),
        **{name: _number_of(of.status == name) for name in _ANSWERS},
    }
    group = (of.trigger_id, of.variant, of.day, of.arm)
    query = sa.select(*group, *numbers.values()).group_by(*group)
    for trigger_id, variant, day, arm, *found in connection.execute(query):
        key = _Group(trigger_id, variant, _date(day))
        if arm != Arm.SHOWN.value:
            sums.add_named(key, "withheld", arm, found[0])
            continue
        for name, number in zip(numbers, found, strict=True):
            sums.add(key, name, int(number))


def _with_receipts(decisions: Any) -> Any:
    return receipts.join(decisions, receipts.c.offer_id == decisions.c.offer_id)


def _count_receipts(connection: Any, sums: _Sums, decisions: Any) -> None:
    """Count the decisions with a receipt, each once for each event and detail."""
    of, event = decisions.c, receipts.c.event
    joined = sa.select(
        *(of.trigger_id, of.variant, of.day, of.arm, of.status, event, of.offer_id),
        # The details of failures are titles, which are not counted.
        sa.case((event.in_(sorted(_BY_DETAIL)), receipts.c.detail), else_="").label("detail"),
    ).select_from(_with_receipts(decisions))
    each = joined.where(event.in_(sorted({*_PLAIN, *_BY_DETAIL, *_BY_ARM}))).subquery().c
    group = (each.trigger_id, each.variant, each.day, each.arm, each.status, each.event, each.detail)
    query = sa.select(*group, sa.func.count(sa.distinct(each.offer_id))).group_by(*group)
    for trigger_id, variant, day, arm, status, name, detail, number in connection.execute(query):
        key = _Group(trigger_id, variant, _date(day))
        if name in _BY_ARM:
            sums.add_named(key, _BY_ARM[name], arm, number)
        elif arm != Arm.SHOWN.value or (name == "accepted" and status in _REFUSALS):
            continue
        elif name in _BY_DETAIL:
            sums.add_named(key, _BY_DETAIL[name], detail or _UNKNOWN, number)
        elif name != "withdrawn":
            sums.add(key, _PLAIN[name], number)
        elif status == OfferStatus.EXPIRED.value:
            sums.add(key, "withdrawn", number)
            sums.add(key, "expired", -number)


def _count_undone_acceptances(connection: Any, sums: _Sums, decisions: Any) -> None:
    """Count the offers that were accepted, and whose help could then not be given."""
    of = decisions.c
    group = (of.trigger_id, of.variant, of.day)
    query = (
        sa.select(*group, sa.func.count(sa.distinct(of.offer_id)))
        .select_from(_with_receipts(decisions))
        .where(receipts.c.event == "accepted", of.status.notin_(_ANSWERS), of.arm == Arm.SHOWN.value)
        .group_by(*group)
    )
    for trigger_id, variant, day, number in connection.execute(query):
        sums.add(_Group(trigger_id, variant, _date(day)), "accepted", number)


def _count_gates(
    connection: Any, sums: _Sums, product_id: str, days: tuple[str, str], trigger_id: str
) -> None:
    of = gate_counts.c
    group = (of.trigger_id, of.variant, of.day, of.outcome, of.gate)
    is_counted = [of.product_id == product_id, of.day >= days[0], of.day <= days[1]]
    if trigger_id:
        is_counted.append(of.trigger_id == trigger_id)
    query = sa.select(*group, sa.func.sum(of.count)).where(*is_counted).group_by(*group)
    for trigger, variant, day, outcome, gate, number in connection.execute(query):
        # A killed engine may not have written the outcome that a later one replaced.
        count = max(int(number), 0)
        if outcome == "stopped":
            sums.add_named(_Group(trigger, variant, day), "stopped", gate, count)
        elif outcome in ("deferred", "dropped"):
            sums.add(_Group(trigger, variant, day), outcome, count)
