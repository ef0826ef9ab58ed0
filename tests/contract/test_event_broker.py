"""Outcomes in Rasa's event broker: published as Rasa publishes its events, and confirmed after that."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.brokers.broker import EventBroker
from rasa.core.brokers.file import FileEventBroker
from rasa.core.brokers.sql import SQLEventBroker
from support.background import eventually
from support.deployment import Deployment, deployed
from support.outcomes import FAST, SOON
from support.run import asynchronous

from rasa_autoplay.engine.outcomes.delivery import outcomes
from rasa_autoplay.gateway import broker_relay
from rasa_autoplay.gateway.chat import event_broker
from rasa_autoplay.gateway.chat.event_broker import BrokerFailed, as_event, publish_all

OUTCOME: dict[str, Any] = {
    "id": "msg_1",
    "type": "offer.made",
    "timestamp": "2023-11-14T22:13:20.500Z",
    "version": "1",
    "data": {"product_id": "demo", "user_id": "u1"},
}


class RecordingBroker(EventBroker):  # type: ignore[misc] # Rasa has no types
    """A broker of the team's own."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.failure: Exception | None = None
        self.ready = True

    def publish(self, event: dict[str, Any]) -> None:
        if self.failure:
            raise self.failure
        self.events.append(event)

    def is_ready(self) -> bool:
        return self.ready


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "SCHEDULE", SOON)
    monkeypatch.setattr(outcomes, "PACE", FAST)
    monkeypatch.setattr(broker_relay, "_LOOK_AGAIN_S", 0.1)


def use(made: Deployment, broker: Any) -> None:
    """Let Rasa's agent have a broker."""
    made.agent.tracker_store = SimpleNamespace(event_broker=broker)  # type: ignore[attr-defined]


@asynchronous
async def test_publishes_each_outcome_once_and_again_after_a_failure(tmp_path: Path) -> None:
    async with deployed(tmp_path, more="outcomes: {event_broker: true}\n") as made:
        broker = RecordingBroker()
        broker.failure = RuntimeError("amqp://user:s3cret@host")
        use(made, broker)
        await made.offer_to("anna")

        async def has_failed() -> bool:
            return "problem" in (await made.health()).get("event_broker", {})

        await eventually(has_failed, what="health says so")
        assert "s3cret" not in str(await made.health())
        broker.failure = None
        await eventually(lambda: broker.events, what="an event")
        assert (broker.events[0]["sender_id"], broker.events[0]["event"]) == ("anna", "autoplay_outcome")
        assert broker.events[0]["outcome"]["type"] == "offer.made"

        async def is_delivered() -> bool:
            found = (await made.engine.stores.outcomes.find(10)).outcomes
            return bool(found["targets"]["event_broker"]["waiting"] == 0)  # type: ignore[index]

        await eventually(is_delivered, what="it is confirmed")
        ids = [each["outcome"]["id"] for each in broker.events]
        assert len(ids) == len(set(ids))


@asynchronous
async def test_outcomes_wait_until_there_is_a_broker(tmp_path: Path) -> None:
    async with deployed(tmp_path, more="outcomes: {event_broker: true}\n") as made:
        await made.offer_to("anna")
        broker = RecordingBroker()
        use(made, broker)
        await eventually(lambda: broker.events, what="an event")


@asynchronous
async def test_publishes_nothing_when_switched_off(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made:
        broker = RecordingBroker()
        use(made, broker)
        await made.offer_to("anna")
        fetched = await made.engine.stores.outcomes.broker_queue.fetch(1)
        assert (fetched.is_wanted, fetched.outcomes, broker.events) == (False, [], [])


def test_event_has_the_form_of_rasas_events() -> None:
    event = as_event(OUTCOME)
    assert event == {
        "sender_id": "u1",
        "event": "autoplay_outcome",
        "timestamp": 1_700_000_000.5,
        "outcome": OUTCOME,
    }


@asynchronous
async def test_rasas_own_brokers_have_the_events_when_they_are_confirmed(tmp_path: Path) -> None:
    log = tmp_path / "events.log"
    await publish_all(FileEventBroker(str(log)), [OUTCOME])
    assert json.loads(log.read_text("utf-8"))["outcome"] == OUTCOME
    broker = SQLEventBroker(dialect="sqlite", db=str(tmp_path / "events.db"))
    await publish_all(broker, [OUTCOME])
    with broker.session_scope() as session:
        (row,) = session.query(broker.SQLBrokerEvent).all()
        assert (row.sender_id, json.loads(row.data)["outcome"]["id"]) == ("u1", "msg_1")
    broker.engine.dispose()


class Slow(FileEventBroker):  # type: ignore[misc] # Rasa has no types
    """A blocking broker that hangs."""

    def __init__(self) -> None:
        self.hangs_s = 1.0

    def publish(self, _event: dict[str, Any]) -> None:
        time.sleep(self.hangs_s)


@asynchronous
async def test_a_broker_that_hangs_blocks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_broker, "_TIMEOUT_S", 0.1)
    slow, begun = Slow(), time.monotonic()
    with pytest.raises(BrokerFailed, match="in time"):
        await publish_all(slow, [OUTCOME])
    with pytest.raises(BrokerFailed, match="still hangs"):
        await publish_all(slow, [OUTCOME])
    assert time.monotonic() - begun < 0.9
    await eventually(lambda: not event_broker._busy.locked(), what="the thread has ended")


@pytest.mark.parametrize(
    ("change", "words"),
    [({"ready": False}, "not connected"), ({"failure": OSError("s3cret")}, r"failed \(OSError\)")],
)
@asynchronous
async def test_says_why_nothing_was_published(change: dict[str, Any], words: str) -> None:
    broker = RecordingBroker()
    for name, value in change.items():
        setattr(broker, name, value)
    with pytest.raises(BrokerFailed, match=words) as failure:
        await publish_all(broker, [OUTCOME])
    assert "s3cret" not in str(failure.value)


class Later(RecordingBroker):
    """Publishes in tasks of its own, as Rasa's broker for RabbitMQ does."""

    def __init__(self) -> None:
        super().__init__()
        self._background_tasks: set[asyncio.Task[None]] = set()

    def publish(self, event: dict[str, Any]) -> None:
        task = asyncio.get_running_loop().create_task(self._later(event))
        self._background_tasks.add(task)

    async def _later(self, event: dict[str, Any]) -> None:
        await asyncio.sleep(0.05)
        self.events.append(event)


@asynchronous
async def test_waits_for_a_broker_that_publishes_later() -> None:
    broker = Later()
    await publish_all(broker, [OUTCOME, OUTCOME])
    assert len(broker.events) == 2
