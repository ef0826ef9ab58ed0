"""The pauses in force follow from the log, and the engine keeps what it read last."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.background import eventually
from support.run import asynchronous

from rasa_autoplay.engine.changes import pause_poller
from rasa_autoplay.engine.changes.base import PauseEntries, Version
from rasa_autoplay.engine.changes.change import Change, ChangeKind, new_change_id
from rasa_autoplay.engine.changes.pause_poller import PausePoller
from rasa_autoplay.engine.changes.pauses import Pauses, pauses_after
from rasa_autoplay.engine.courtesy.pause import EVERY_TRIGGER, Pause

T0 = 1_700_000_000.0
PAUSED, RESUMED = ChangeKind.PAUSED, ChangeKind.RESUMED


def change(kind: ChangeKind, trigger: str = "rage", who: str = "Ann", why: str = "wrong words") -> Change:
    return Change(new_change_id(), "demo", T0, kind, trigger, who, why)


class FakeLog:
    """A log whose database can be away."""

    problem = ""

    def __init__(self, *changes: Change) -> None:
        self.changes = list(changes)
        self.is_away = False
        self.reads = 0

    async def append(self, change: Change) -> bool:
        self.changes.append(change)
        return True

    async def pauses(
        self, product_id: str, known: Version | None = None, wait_s: float | None = None
    ) -> PauseEntries | None:
        self.reads += 1
        version = len(self.changes), len(self.changes)
        if self.is_away:
            return None
        return PauseEntries(version, None if version == known else list(self.changes))

    async def since(self, product_id: str, begin: float) -> list[Change] | None:
        return self.changes

    async def is_read_again(self) -> None:
        """Wait until a read that begins now has been applied."""
        reads = self.reads
        await eventually(lambda: self.reads >= reads + 2, what="two reads")


class Engine:
    """What the poller works on."""

    def __init__(self, log: FakeLog) -> None:
        self.pauses = Pauses()
        self.seen: list[tuple[ChangeKind, str]] = []
        self.withdrawals = 0
        self.poller = PausePoller(log, "demo", self.pauses, lambda: T0, self._observe, self._withdraw)

    def _observe(self, change: Change) -> None:
        self.seen.append((change.kind, change.trigger_id))

    async def _withdraw(self) -> None:
        self.withdrawals += 1


@asynccontextmanager
async def started(log: FakeLog) -> AsyncIterator[Engine]:
    engine = Engine(log)
    await engine.poller.start()
    try:
        yield engine
    finally:
        await engine.poller.stop()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pause_poller, "_POLL_S", 0.005)


# --- the fold ----------------------------------------------------------------------------------------------


def test_pause_lasts_until_its_own_end() -> None:
    both = [change(PAUSED), change(PAUSED, EVERY_TRIGGER)]
    assert pauses_after(both).keys() == {"rage", EVERY_TRIGGER}
    assert pauses_after([*both, change(RESUMED, EVERY_TRIGGER)]).keys() == {"rage"}
    assert pauses_after([*both, change(RESUMED)]).keys() == {EVERY_TRIGGER}


def test_second_pause_keeps_the_first_reason() -> None:
    pauses = pauses_after([change(PAUSED, who="Ann"), change(PAUSED, who="Bob")])
    assert pauses["rage"].who == "Ann"


@given(st.lists(st.tuples(st.sampled_from([PAUSED, RESUMED]), st.sampled_from(["a", "b", ""])), max_size=12))
def test_trigger_is_paused_exactly_if_its_last_entry_says_so(
    entries: Sequence[tuple[ChangeKind, str]],
) -> None:
    last = {trigger: kind for kind, trigger in entries}
    paused = {trigger for trigger, kind in last.items() if kind is PAUSED}
    assert pauses_after(change(kind, trigger) for kind, trigger in entries).keys() == paused


def test_pause_of_all_triggers_stops_each() -> None:
    pauses = Pauses()
    assert pauses.of("rage") is None
    pauses.know(pauses_after([change(PAUSED, EVERY_TRIGGER)]))
    assert pauses.of("rage") == pauses.of("stall") == Pause(EVERY_TRIGGER, T0, "Ann", "wrong words")
    pauses.know(pauses_after([change(PAUSED)]))
    assert pauses.of("rage") is not None
    assert pauses.of("stall") is None


def test_describes_who_paused_what_when_and_why() -> None:
    text = Pause("rage", T0, "Ann", "wrong words").describe()
    assert text == "Ann paused rage on 2023-11-14 at 22:13:20 UTC: wrong words"
    assert "paused all triggers on" in Pause(EVERY_TRIGGER, T0, "Ann", "x").describe()


# --- the poller --------------------------------------------------------------------------------------------


@asynchronous
async def test_knows_the_pauses_once_it_has_started() -> None:
    log = FakeLog(
        change(PAUSED), change(RESUMED), change(PAUSED), change(PAUSED, "stall"), change(RESUMED, "stall")
    )
    async with started(log) as engine:
        assert engine.pauses.of("rage")
        assert not engine.pauses.of("stall")
        assert engine.seen == [(PAUSED, "rage")]


@asynchronous
async def test_applies_each_change_and_reports_it_once() -> None:
    log = FakeLog()
    async with started(log) as engine:
        await log.append(change(PAUSED))
        await eventually(lambda: engine.pauses.of("rage"), what="the pause")
        await eventually(lambda: engine.withdrawals >= 2, what="withdrawals")
        await log.append(change(RESUMED))
        await eventually(lambda: not engine.pauses.of("rage"), what="the end of the pause")
        withdrawals = engine.withdrawals
        await log.is_read_again()
        assert engine.withdrawals == withdrawals, "nothing is paused"
        assert engine.seen == [(PAUSED, "rage"), (RESUMED, "rage")]


@asynchronous
async def test_keeps_the_last_known_pauses_while_the_database_hangs() -> None:
    log = FakeLog(change(PAUSED))
    async with started(log) as engine:
        log.is_away = True
        await log.append(change(RESUMED))
        await log.is_read_again()
        assert engine.pauses.of("rage")
        log.is_away = False
        await eventually(lambda: not engine.pauses.of("rage"), what="the end of the pause")


@asynchronous
async def test_offers_nothing_for_a_while_if_it_starts_without_the_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pause_poller, "_CLOSED_S", 0.2)
    log = FakeLog(change(PAUSED))
    log.is_away = True
    async with started(log) as engine:
        pause = engine.pauses.of("stall")
        assert pause is not None
        assert pause.who == "the engine"
        await log.is_read_again()
        assert engine.pauses.of("stall")
        assert engine.withdrawals == 0, "they may be welcome"
        await eventually(lambda: not engine.pauses.of("stall"), what="offers without the database")
        assert not engine.pauses.is_known
        log.is_away = False
        await eventually(lambda: engine.pauses.of("rage"), what="the pause")
        assert engine.seen == [(PAUSED, "rage")]


@asynchronous
async def test_continues_after_a_fault(caplog: pytest.LogCaptureFixture) -> None:
    log = FakeLog(change(PAUSED))
    async with started(log) as engine:

        async def fail() -> None:
            raise RuntimeError

        engine.poller._stop_waiting_offers = fail
        await eventually(lambda: "Applying the pauses failed" in caplog.text, what="the fault")
        await log.append(change(RESUMED))
        await eventually(lambda: not engine.pauses.of("rage"), what="the end of the pause")
