"""The uplink: whatever happens to the engine, each message is accepted once and in order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.engine_parts import T0, Clock
from support.run import asynchronous, passes

from rasa_autoplay.common.runtime import backoff
from rasa_autoplay.errors import BatchRefused, EngineUnreachable
from rasa_autoplay.events.models import ActionsPayload, SlimAction, UsertourTrigger
from rasa_autoplay.link import uplink as module
from rasa_autoplay.link.messages import (
    Batch,
    BatchAnswer,
    ChatMessage,
    Event,
    FeedInfo,
    FeedSnapshot,
    UpMessage,
)
from rasa_autoplay.link.uplink import Uplink


def event(name: str, actions: int = 1) -> Event:
    content = [SlimAction(name, "", "/a", timestamp_start=T0) for _ in range(actions)]
    return Event(ActionsPayload("demo", name, "u1", None, content), "capture", "user:u1")


def name_of(message: UpMessage) -> str:
    if isinstance(message, Event):
        return str(message.payload.session_id)
    return message.user_id if isinstance(message, ChatMessage) else type(message).__name__


def actions_in(message: UpMessage) -> int:
    payload = message.payload if isinstance(message, Event) else None
    return len(payload.actions) if isinstance(payload, ActionsPayload) else 0


class Engine:
    """Accepts batches by number like the real engine; it can be unreachable, unresponsive, or restart."""

    def __init__(self, window_s: float = 300.0) -> None:
        self.runs = 1
        #: What this run has accepted.
        self.taken: list[str] = []
        self.batches: list[Batch] = []
        self.mode = "well"
        self.refuses: set[str] = set()
        self.window_s = window_s
        self._last = 0

    @property
    def engine_id(self) -> str:
        return f"run {self.runs}"

    def restart(self) -> None:
        self.runs += 1
        self.taken, self._last = [], 0

    async def post(self, batch: Batch) -> BatchAnswer:
        if self.mode == "away":
            raise EngineUnreachable("The action server does not answer.")
        self.batches.append(batch)
        if any(name_of(message) in self.refuses for message in batch.messages):
            raise BatchRefused("The engine answered 400.")
        if batch.engine_id == self.engine_id:
            self._take(batch)
        if self.mode == "deaf":
            raise EngineUnreachable("The answer was lost.")
        return BatchAnswer(self.engine_id, self.window_s)

    def _take(self, batch: Batch) -> None:
        last = self._last or batch.first_number - 1
        for number, message in enumerate(batch.messages, batch.first_number):
            if number > last:
                self.taken.append(name_of(message))
        self._last = max(last, batch.first_number + len(batch.messages) - 1)


class Gateway:
    def __init__(self, window_s: float = 300.0) -> None:
        self.engine = Engine(window_s)
        self.clock = Clock()
        self.uplink = Uplink("demo", self.engine.post, self.clock)

    async def flush(self) -> bool:
        try:
            await self.uplink.flush()
        except EngineUnreachable:
            return False
        return True

    async def sends(self, *names: str) -> None:
        for name in names:
            assert self.uplink.send(event(name))
        assert await self.flush()


STEPS = st.lists(st.sampled_from(["event", "chat", "well", "away", "deaf", "restart"]), max_size=40)


@given(STEPS)
def test_every_event_is_accepted_once_in_order_despite_faults(steps: Sequence[str]) -> None:
    async def play() -> None:
        gateway, events, chats = Gateway(), list[str](), list[str]()
        for number, step in enumerate(steps):
            if step == "event":
                events.append(f"e{number}")
                gateway.uplink.send(event(events[-1]))
            elif step == "chat":
                chats.append(f"c{number}")
                gateway.uplink.send(ChatMessage(chats[-1], "w1"))
            elif step == "restart":
                gateway.engine.restart()
            else:
                gateway.engine.mode = step
                await gateway.flush()
        gateway.engine.mode = "well"
        gateway.uplink.send(event("last"))
        assert await gateway.flush()
        taken = gateway.engine.taken
        assert [name for name in taken if name[0] == "e" or name == "last"] == [*events, "last"]
        told = [name for name in taken if name[0] == "c"]
        assert told == chats[len(chats) - len(told) :], "each at most once a run, in order"
        assert len(gateway.uplink) == 0

    asyncio.run(play())


@asynchronous
async def test_first_batch_starts_with_the_open_feeds() -> None:
    gateway = Gateway()
    gateway.uplink.watch_feeds(lambda: [FeedInfo("f1", "u1")])
    await gateway.sends("a", "b")
    assert gateway.engine.taken == ["FeedSnapshot", "a", "b"]
    assert gateway.uplink.counts["replayed"] == 0
    first = gateway.engine.batches[1].messages[0]
    assert first == FeedSnapshot([FeedInfo("f1", "u1")])


@asynchronous
async def test_batch_names_its_gateway() -> None:
    gateway = Gateway()
    await gateway.sends("a")
    assert {(batch.product_id, batch.gateway_id) for batch in gateway.engine.batches} == {
        ("demo", gateway.uplink.gateway_id)
    }
    assert Gateway().uplink.gateway_id != gateway.uplink.gateway_id


@asynchronous
async def test_sends_events_queued_while_the_engine_was_unreachable() -> None:
    gateway = Gateway()
    await gateway.sends("a")
    gateway.engine.mode = "away"
    for name in "bcd":
        assert gateway.uplink.send(event(name))
    assert not await gateway.flush()
    assert len(gateway.uplink) == 3
    gateway.engine.mode = "well"
    assert await gateway.flush()
    assert gateway.engine.taken == ["FeedSnapshot", "a", "b", "c", "d"]


@asynchronous
async def test_lost_response_duplicates_nothing() -> None:
    gateway = Gateway()
    await gateway.sends("a")
    gateway.uplink.send(event("b"))
    gateway.engine.mode = "deaf"
    assert not await gateway.flush()
    gateway.uplink.send(event("c"))
    gateway.engine.mode = "well"
    assert await gateway.flush()
    assert gateway.engine.taken == ["FeedSnapshot", "a", "b", "c"]


@asynchronous
async def test_restarted_engine_gets_feeds_and_recent_messages_first() -> None:
    gateway = Gateway(window_s=60)
    await gateway.sends("old")
    gateway.clock.now = T0 + 30
    await gateway.sends("recent")
    gateway.uplink.send(ChatMessage("chat", "w1"))
    assert await gateway.flush()
    gateway.clock.now = T0 + 80
    gateway.engine.restart()
    await gateway.sends("new")
    assert gateway.engine.taken == ["FeedSnapshot", "recent", "new"]
    assert gateway.uplink.counts["replayed"] == 1


@asynchronous
async def test_does_not_resend_a_tour_start() -> None:
    gateway = Gateway()
    await gateway.sends("a")
    gateway.uplink.send(Event(UsertourTrigger("flow", "ordered", "demo"), "stream"))
    assert await gateway.flush()
    assert gateway.engine.taken == ["FeedSnapshot", "a", "ordered"]
    gateway.engine.restart()
    await gateway.sends("b")
    assert gateway.engine.taken == ["FeedSnapshot", "a", "b"]


@asynchronous
async def test_second_restart_during_the_replay_loses_nothing() -> None:
    gateway = Gateway()
    await gateway.sends("a", "b")
    gateway.engine.restart()
    gateway.uplink.send(event("c"))
    gateway.engine.mode = "deaf"
    assert not await gateway.flush()
    gateway.engine.restart()
    gateway.engine.mode = "well"
    assert await gateway.flush()
    assert gateway.engine.taken == ["FeedSnapshot", "a", "b", "c"]


@asynchronous
async def test_replay_window_has_the_length_that_the_engine_requests() -> None:
    gateway = Gateway(window_s=10)
    await gateway.sends("a")
    gateway.clock.now = T0 + 10
    gateway.engine.restart()
    await gateway.sends("b")
    assert gateway.engine.taken == ["FeedSnapshot", "a", "b"]
    gateway.clock.now = T0 + 20.25
    gateway.engine.restart()
    await gateway.sends("c")
    assert gateway.engine.taken == ["FeedSnapshot", "c"]


@asynchronous
async def test_drops_and_counts_the_newest_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_QUEUED_WEIGHT", 10)
    gateway = Gateway()
    gateway.engine.mode = "away"
    taken = [gateway.uplink.send(event(f"e{number}", actions=4)) for number in range(5)]
    assert taken == [True, True, False, False, False]
    assert gateway.uplink.counts["dropped"] == 3
    gateway.engine.mode = "well"
    assert await gateway.flush()
    assert gateway.engine.taken == ["FeedSnapshot", "e0", "e1"]
    assert gateway.uplink.send(event("again")), "there is room again"


def of_sender(name: str, sender: str, actions: int = 1) -> Event:
    made = event(name, actions)
    made.sender = sender
    return made


@asynchronous
async def test_flood_delays_only_its_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BATCH_WEIGHT", 100)
    gateway = Gateway()
    await gateway.sends("first")
    for number in range(1_000):
        gateway.uplink.send(of_sender(f"flood {number}", f"sender {number % 3}", actions=9))
    gateway.uplink.send(of_sender("honest 1", "anna"))
    posts = len(gateway.engine.batches)
    gateway.uplink.send(of_sender("honest 2", "anna"))
    assert await gateway.flush()
    carried = [
        name_of(message) for batch in gateway.engine.batches[posts : posts + 3] for message in batch.messages
    ]
    assert {"honest 1", "honest 2"} <= set(carried), "within three posts, while the flood takes a hundred"
    flood = [name for name in gateway.engine.taken if name.startswith("flood")]
    for sender in range(3):
        own = [name for name in flood if int(name.split()[1]) % 3 == sender]
        assert own == [f"flood {number}" for number in range(sender, 1_000, 3)]


@asynchronous
async def test_other_senders_displace_the_newest_of_a_flood(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MAX_QUEUED_WEIGHT", 100)
    gateway, settled = Gateway(), list[str]()
    gateway.uplink.watch_settled(lambda message, _is_taken: settled.append(name_of(message)))
    gateway.engine.mode = "away"
    taken = [gateway.uplink.send(of_sender(f"flood {number}", "mallory", actions=9)) for number in range(12)]
    assert taken == [True] * 10 + [False] * 2
    assert gateway.uplink.send(of_sender("honest", "anna"))
    assert settled == ["flood 9"]
    assert gateway.uplink.counts["evicted"] == 1
    gateway.engine.mode = "well"
    assert await gateway.flush()
    assert set(gateway.engine.taken) == {
        "FeedSnapshot",
        "honest",
        *(f"flood {number}" for number in range(9)),
    }
    assert sorted(settled) == sorted([*gateway.engine.taken, "flood 9"]), "each message is told of once"


@asynchronous
async def test_reports_feeds_even_after_an_overflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_QUEUED_WEIGHT", 10)
    gateway = Gateway()
    await gateway.sends("first")
    gateway.engine.mode = "away"
    for number in range(20):
        gateway.uplink.send(event(f"e{number}"))
    gateway.uplink.watch_feeds(lambda: [FeedInfo("f1", "u1")])
    gateway.engine.mode = "well"
    gateway.uplink.announce_feeds()
    assert await gateway.flush()
    assert gateway.engine.taken.count("FeedSnapshot") == 2, "else toasts go nowhere until the next cut"


@asynchronous
async def test_limits_batch_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BATCH_WEIGHT", 6)
    gateway = Gateway()
    for number in range(5):
        gateway.uplink.send(event(f"e{number}", actions=2))
    gateway.uplink._batch_weight = 6
    gateway.uplink.send(event("large", actions=50))
    assert await gateway.flush()
    sizes = [sum(map(actions_in, sent.messages)) for sent in gateway.engine.batches]
    assert max(size for size in sizes if size != 50) <= 6
    assert gateway.engine.taken[-1] == "large", "one that is too large alone is sent alone"


@asynchronous
async def test_rejected_message_does_not_block_others() -> None:
    gateway = Gateway()
    await gateway.sends("first")
    gateway.engine.refuses = {"e13", "e31"}
    for number in range(50):
        gateway.uplink.send(event(f"e{number}"))
    assert await gateway.flush()
    expected = [f"e{number}" for number in range(50) if number not in (13, 31)]
    assert gateway.engine.taken == ["FeedSnapshot", "first", *expected]
    assert gateway.uplink.counts["refused"] == 2
    assert gateway.uplink.queued_weight == 0


@asynchronous
async def test_tracked_size_always_equals_the_queues_size() -> None:
    gateway = Gateway()
    await gateway.sends("a", "b")
    gateway.engine.restart()
    gateway.engine.mode = "away"
    gateway.uplink.send(event("c", actions=7))
    assert not await gateway.flush()
    assert gateway.uplink.queued_weight == 8
    gateway.engine.mode = "well"
    assert await gateway.flush()
    assert gateway.uplink.queued_weight == 0


class Running:
    """A running uplink, with a sleep that only the test ends."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.gateway = Gateway()
        self.slept: list[float] = []
        self.awake = asyncio.Event()
        names = {name: getattr(asyncio, name) for name in dir(asyncio)}
        for each in (module, backoff):
            monkeypatch.setattr(each, "asyncio", SimpleNamespace(**{**names, "sleep": self._sleep}))

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self.awake.wait()
        self.awake.clear()

    async def __aenter__(self) -> Running:
        self._task = asyncio.get_running_loop().create_task(self.gateway.uplink.run())
        await passes()
        return self

    async def __aexit__(self, *_failure: object) -> None:
        assert not self._task.done(), "it has died"
        self._task.cancel()
        await asyncio.wait([self._task], timeout=60.0)
        assert self._task.done(), "it does not end"

    async def retry(self) -> None:
        self.awake.set()
        await passes()


@asynchronous
async def test_sends_messages_as_they_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Running(monkeypatch) as running:
        running.gateway.uplink.send(event("a"))
        await passes()
        running.gateway.uplink.send(event("b"))
        await passes()
        assert running.gateway.engine.taken == ["FeedSnapshot", "a", "b"]
        assert not running.slept


class Turns:
    """An exhausted pace: each turn takes a tenth of a second."""

    def wait_s(self) -> float:
        return 0.1


@asynchronous
async def test_batches_messages_that_arrive_faster_than_the_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Running(monkeypatch) as running:
        running.gateway.uplink.send(event("a"))
        await passes()
        monkeypatch.setattr(running.gateway.uplink, "_pace", Turns())
        posts = len(running.gateway.engine.batches)
        for name in "bcd":
            running.gateway.uplink.send(event(name))
            await passes()
        assert len(running.gateway.engine.batches) == posts
        await running.retry()
        assert running.gateway.engine.taken == ["FeedSnapshot", "a", "b", "c", "d"]
        assert len(running.gateway.engine.batches) == posts + 1


@asynchronous
async def test_retries_with_back_off_that_resets_on_success(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with Running(monkeypatch) as running:
        running.gateway.engine.mode = "away"
        running.gateway.uplink.send(event("a"))
        await passes()
        assert "does not answer" in running.gateway.uplink.problem
        for _ in range(7):
            await running.retry()
        assert running.slept[:5] == sorted(running.slept[:5])
        assert running.slept[0] < 0.2
        assert 1.5 < running.slept[-1] <= 2.0
        running.gateway.engine.mode = "well"
        await running.retry()
        assert running.gateway.engine.taken == ["FeedSnapshot", "a"]
        assert running.gateway.uplink.problem == ""
        running.gateway.engine.mode = "away"
        running.gateway.uplink.send(event("b"))
        await passes()
        assert running.slept[-1] < 0.2


@asynchronous
async def test_unexpected_failure_does_not_end_the_uplink(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with Running(monkeypatch) as running:
        working = running.gateway.uplink._post

        async def mistaken(_batch: Batch) -> BatchAnswer:
            raise RuntimeError("a mistake of ours")

        running.gateway.uplink._post = mistaken
        running.gateway.uplink.send(event("a"))
        await passes()
        assert "RuntimeError" in running.gateway.uplink.problem
        assert any(record.exc_info for record in caplog.records)
        running.gateway.uplink._post = working
        await running.retry()
        assert running.gateway.engine.taken == ["FeedSnapshot", "a"]


@asynchronous
async def test_message_sent_while_stopping_does_not_prevent_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with Running(monkeypatch) as running:
        running.gateway.uplink.send(event("a"))


@asynchronous
async def test_trims_the_replay_window_when_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AGEING_S", 0.001)
    async with Running(monkeypatch) as running:
        running.gateway.uplink.send(event("a"))
        await passes()
        replay = running.gateway.uplink._replay
        assert len(replay) == 1
        running.gateway.clock.now += 301

        async def is_empty() -> None:
            while len(replay):  # noqa: ASYNC110 - nobody tells of it
                await asyncio.sleep(0.002)

        await asyncio.wait_for(is_empty(), 60.0)
