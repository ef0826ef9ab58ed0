"""The funnel in SQL equals what a naive count of a day's raw events gives, in every number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from support.engine_parts import T0
from support.postgres import PostgresServer
from support.recorded_day import Asked, Day, Log
from support.run import asynchronous
from support.visits import APP

from rasa_autoplay.engine.decisions.decision_log import Decision
from rasa_autoplay.engine.offers.sql.ledger import SqlOfferLedger
from rasa_autoplay.engine.results.funnel import Funnel, FunnelRow, sum_of, totals_of
from rasa_autoplay.engine.results.sql.funnel_query import read_funnel
from rasa_autoplay.events.models import SlimAction

#: Trigger, variant and day.
Key = tuple[str, str, str]
TABLES = (
    "autoplay_offers",
    "autoplay_receipts",
    "autoplay_ledger_version",
    "autoplay_gate_counts",
    "autoplay_gate_count_version",
)
#: The elements of the steps that are proved by a click, in the path's order.
PATH_STEPS = ["menu", "format", "download"]


def day_of(at: float) -> str:
    return datetime.fromtimestamp(at, tz=timezone.utc).strftime("%Y-%m-%d")


class Naive:
    """Counts the raw events one by one."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.plain: defaultdict[Key, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.named: defaultdict[Key, defaultdict[str, defaultdict[str, int]]] = defaultdict(
            lambda: defaultdict(lambda: defaultdict(int))
        )
        self.fired: defaultdict[Key, int] = defaultdict(int)
        #: By user, in order of their own time.
        self.actions: defaultdict[str, list[tuple[str, SlimAction]]] = defaultdict(list)
        for session, actions in log.actions.items():
            self.actions[log.user_of[session]] += [(session, each) for each in actions]
        self._count_fires()
        for each in log.evaluations:
            if isinstance(each, Decision) and each.outcome in ("offered", "withheld"):
                self._count_decision(each)

    def rows(self) -> list[FunnelRow]:
        found = []
        for key in sorted({*self.plain, *self.named}):
            named = {
                count: {name: n for name, n in names.items() if n} for count, names in self.named[key].items()
            }
            counts: dict[str, Any] = {**self.plain[key], **named}
            row = FunnelRow(*key, Funnel(**counts))
            if row.funnel != Funnel():
                found.append(row)
        return found

    def _count_fires(self) -> None:
        going_on: dict[tuple[str, str], tuple[Key, str, str]] = {}
        for each in self.log.evaluations:
            place = each.session_id, each.trigger_id
            if isinstance(each, Asked):
                if not each.fired and place in going_on and going_on[place][1] == "stopped":
                    del going_on[place]
                continue
            if each.outcome == "fired":
                continue
            key = each.trigger_id, each.variant, day_of(each.at)
            before = going_on.pop(place, None)
            if before is not None and before[0] == key:
                self._add_fire(*before, -1)
            else:
                self.fired[key] += 1
            self._add_fire(key, each.outcome, each.gate, 1)
            if each.outcome in ("stopped", "deferred") and each.gate not in ("answered", "mastered"):
                going_on[place] = key, each.outcome, each.gate

    def _add_fire(self, key: Key, outcome: str, gate: str, number: int) -> None:
        if outcome == "stopped":
            self.named[key]["stopped"][gate] += number
        elif outcome in ("deferred", "dropped"):
            self.plain[key][outcome] += number

    def _count_decision(self, decision: Decision) -> None:
        key = decision.trigger_id, decision.variant, day_of(decision.at)
        plain, named, offer_id = self.plain[key], self.named[key], decision.offer_id
        named["goal_reached"][decision.arm] += self._reached(decision)
        named["failed_after"][decision.arm] += any(
            each.signal and decision.at < each.timestamp_start <= decision.at + 600
            for _, each in self.actions[decision.user_id]
        )
        if decision.outcome == "withheld":
            named["withheld"][decision.arm] += 1
            return
        log = self.log
        reported, pressed = log.reported[offer_id], log.pressed[offer_id]
        answers = reported & {"dismissed", "snoozed", "never"}
        rendered = bool(reported) or offer_id in log.presumed
        plain["offered"] += 1
        plain["sent"] += offer_id in log.delivered
        plain["rendered"] += rendered
        plain["seen"] += "seen" in reported or bool(answers or pressed)
        plain["accepted"] += bool(pressed)
        plain["timed_out"] += "timed_out" in reported
        plain["withdrawn"] += offer_id in log.withdrawn
        plain["expired"] += not rendered and offer_id not in log.withdrawn
        for answer in answers:
            plain[answer] += 1
        for button in pressed:
            named["accepted_by"][button] += 1
        for outcome, step in log.tours[offer_id]:
            if outcome == "finished":
                plain["tour_finished"] += 1
            else:
                named[f"tour_{outcome}"][step] += 1

    def _reached(self, decision: Decision) -> bool:
        own = self.actions[decision.user_id]
        sessions: defaultdict[str, list[SlimAction]] = defaultdict(list)
        for session, each in sorted(own, key=lambda pair: pair[1].timestamp_start):
            sessions[session].append(each)
        if decision.trigger_id == "help":
            times = [at for actions in sessions.values() for at in completions(actions)]
            within_s = 7 * 86_400
        elif decision.trigger_id == "stuck":
            later = [
                [e.timestamp_start for e in s if e.title == "Click apply" and e.timestamp_start > decision.at]
                for s in sessions.values()
            ]
            times, within_s = [applied[1] for applied in later if len(applied) > 1], 600
        else:
            times = [each.timestamp_start for _, each in own if each.canonical_url == f"{APP}/done"]
            within_s = 3600
        return any(decision.at < at <= decision.at + within_s for at in times)


def completions(actions: list[SlimAction]) -> Iterator[float]:
    """When a session completed the path, by the rules in docs/memory.md, played step by step."""
    done: set[int] = set()
    reached, is_complete = -1, False
    for each in actions:
        if each.element_id not in PATH_STEPS or each.signal:
            continue
        place = PATH_STEPS.index(each.element_id)
        if place == 0 and (is_complete or done - {0}):
            done, is_complete = set(), False
        done.add(place)
        reached = place
        begun = 0 in done or len(done) > 1
        whole = len(PATH_STEPS) - 1 in done or done == set(range(len(PATH_STEPS)))
        if begun and whole and not is_complete:
            is_complete = True
            yield each.timestamp_start
    assert reached < len(PATH_STEPS)


def stored(url: str, since: float = 0.0, until: float = T0 + 1e9, trigger: str = "") -> list[FunnelRow]:
    engine = sa.create_engine(url, future=True)
    with engine.begin() as connection:
        rows = read_funnel(connection, "demo", since, until, trigger)
    engine.dispose()
    return rows


def differences(found: list[FunnelRow], expected: list[FunnelRow]) -> list[str]:
    one, other = ({(r.trigger_id, r.variant, r.day): r.funnel for r in rows} for rows in (found, expected))
    lines = []
    for key in sorted({*one, *other}):
        counts = [msgspec.structs.asdict(funnels.get(key, Funnel())) for funnels in (one, other)]
        for name, value in counts[0].items():
            if value != counts[1][name]:
                lines.append(f"{key} {name}: stored {value}, counted {counts[1][name]}")
    return lines


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'autoplay.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    engine = sa.create_engine(server.url, future=True)
    with engine.begin() as connection:
        for table in TABLES:
            connection.execute(sa.text(f"DROP TABLE IF EXISTS {table}"))
    engine.dispose()
    yield server.url


async def check_day(folder: Path, url: str, sessions: int) -> Funnel:
    """Play a day, compare all counts, and return their sum."""
    ledger = SqlOfferLedger(url)
    day = Day(folder, url, ledger, sessions)
    await day.play()
    found, naive = stored(url), Naive(day.log)
    assert differences(found, naive.rows()) == []
    fired: defaultdict[Key, int] = defaultdict(int)
    for row in found:
        fired[row.trigger_id, row.variant, row.day] += row.funnel.fired
    assert dict(fired) == {key: n for key, n in naive.fired.items() if n}
    await ledger.close()
    return sum_of(row.funnel for row in found)


@asynchronous
async def test_day_of_a_hundred_sessions(tmp_path: Path, url: str) -> None:
    total = await check_day(tmp_path, url, 100)
    assert total.offered > 20
    assert total.withheld


@pytest.mark.slow
@asynchronous
async def test_day_of_six_thousand_sessions(tmp_path: Path) -> None:
    total = await check_day(tmp_path, f"sqlite:///{tmp_path / 'autoplay.db'}", 6000)
    empty = [name for name, value in msgspec.structs.asdict(total).items() if not value]
    assert empty == ["deferred"], "every number is put to the test, and no fire still waits"
    assert {*total.accepted_by} == {"show_me", "open_chat", "reply"}
    assert {*total.withheld} == {"control", "ghost", "holdout"}
    assert {*total.stopped} >= {"answered", "min_interval", "per_user_per_day", "typing"}


@asynchronous
async def test_counts_only_the_asked_period_and_trigger(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'autoplay.db'}"
    ledger = SqlOfferLedger(url)
    day = Day(tmp_path, url, ledger, 60)
    await day.play()
    everything = stored(url)
    midnight = T0 // 86_400 * 86_400 + 86_400
    assert [row for row in everything if row.day == "2023-11-14"] == stored(url, until=midnight)
    assert [row for row in everything if row.day == "2023-11-15"] == stored(url, since=midnight)
    assert [row for row in everything if row.trigger_id == "stuck"] == stored(url, trigger="stuck")
    per_trigger = totals_of(everything)
    assert sum_of(row.funnel for row in per_trigger) == sum_of(row.funnel for row in everything)
    assert {(row.trigger_id, row.day) for row in per_trigger} >= {("help", ""), ("stuck", ""), ("shadow", "")}
    for user in set(day.log.user_of.values()):
        await ledger.forget("demo", user)
    left, before = (sum_of(row.funnel for row in rows) for rows in (stored(url), everything))
    assert left == Funnel(stopped=before.stopped, deferred=before.deferred, dropped=before.dropped), (
        "the counts of gates have no user"
    )
    await ledger.close()
    assert read_nothing(tmp_path / "empty.db") == []


def read_nothing(file: Path) -> list[FunnelRow]:
    """The funnel of a database in which no engine has counted yet."""
    from rasa_autoplay.engine.offers.sql.schema import migrate

    engine = sa.create_engine(f"sqlite:///{file}", future=True)
    with engine.begin() as connection:
        migrate(connection)
        rows = read_funnel(connection, "demo", 0.0, T0, "")
    engine.dispose()
    return rows
