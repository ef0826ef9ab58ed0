"""Pushed events as a source: signed, and accepted once."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from typing import Any

import pytest
from support.run import asynchronous, passes

from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.events.models import ActionsPayload, SummaryPayload, UsertourTrigger
from rasa_autoplay.gateway.sources.base import NotSafe, QueueFullError
from rasa_autoplay.gateway.sources.intake import Payload
from rasa_autoplay.gateway.sources.push import PushedEvents, Unsigned
from rasa_autoplay.gateway.sources.replays import MAX_AGE_S
from rasa_autoplay.settings.secret import Secret

NOW = 1_700_000_000.0
HIDDEN = "s3cret-of-the-webhook"


def sign(body: bytes, secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Pushed:
    """The source, the payloads that it passed on, and a clock."""

    def __init__(self) -> None:
        self.now = NOW
        self.taken: list[Payload] = []
        self.has_room = True
        #: Set when payloads are safe.
        self.safe = asyncio.Event()
        self.safe.set()
        self.is_lost = False
        self.source = PushedEvents(Secret(HIDDEN), "demo", lambda: self.now)

    def accept(self, payload: Payload, source: str) -> bool:
        assert source == "webhook"
        if self.has_room:
            self.taken.append(payload)
        return self.has_room

    async def unsafe(self) -> list[Payload]:
        await self.safe.wait()
        return self.taken[-1:] if self.is_lost else []

    async def push(self, body: bytes) -> None:
        await self.source.accept(body, sign(body, HIDDEN), self)

    def count(self, name: str) -> int:
        return int(self.source.health()[name])


def body(at: float = NOW, sent_at: float | None = NOW, **fields: Any) -> bytes:
    action = {"title": "Save", "timestamp_start": at, "canonical_url": "/a"}
    batch = {
        "type": "actions",
        "product_id": "demo",
        "session_id": "s1",
        "user_id": "u1",
        "actions": [action],
    }
    return json.dumps({**batch, "forwarded_at": sent_at, **fields}).encode()


@asynchronous
async def test_accepts_every_kind_of_payload() -> None:
    pushed = Pushed()
    await pushed.push(body())
    await pushed.push(b'{"type":"summary","session_id":"s1","summary":"They saved.","replaces":1}')
    await pushed.push(b'{"type":"usertour_trigger","session_id":"s1","flow_id":"f1"}')
    assert [type(each) for each in pushed.taken] == [ActionsPayload, SummaryPayload, UsertourTrigger]
    assert {each.product_id for each in pushed.taken} == {"demo"}
    assert (pushed.count("accepted"), pushed.source.health()["state"]) == (3, "connected")


@asynchronous
@pytest.mark.parametrize("signature", [None, "", "sha256=00", sign(body(), "another")])
async def test_reads_nothing_without_a_valid_signature(signature: str | None) -> None:
    pushed = Pushed()
    with pytest.raises(Unsigned):
        await pushed.source.accept(body(), signature, pushed)
    assert pushed.taken == []
    assert pushed.source.health()["unsigned"] == 1
    assert pushed.source.health()["state"] == "idle"
    assert "webhook_secret" in pushed.source.health()["remedy"]
    await pushed.push(body())
    assert "remedy" not in pushed.source.health()


@asynchronous
async def test_counts_signed_junk_as_malformed() -> None:
    pushed = Pushed()
    with pytest.raises(MalformedEvent):
        await pushed.push(b"{")
    assert pushed.count("malformed") == 1


@asynchronous
async def test_resent_body_changes_nothing() -> None:
    pushed = Pushed()
    for _ in range(3):
        await pushed.push(body())
    assert (len(pushed.taken), pushed.count("duplicate")) == (1, 2)


@asynchronous
@pytest.mark.parametrize(
    "old",
    [
        body(sent_at=NOW - MAX_AGE_S),
        body(at=NOW - MAX_AGE_S, sent_at=None),
        b'{"type":"summary","session_id":"s1","summary":"Old.","forwarded_at":%d}' % (NOW - MAX_AGE_S),
    ],
)
async def test_old_unknown_body_changes_nothing(old: bytes) -> None:
    pushed = Pushed()
    await pushed.push(old)
    assert (pushed.taken, pushed.count("duplicate")) == ([], 1)


@asynchronous
async def test_accepts_again_what_a_full_queue_dropped() -> None:
    pushed = Pushed()
    pushed.has_room = False
    with pytest.raises(QueueFullError):
        await pushed.push(body())
    pushed.has_room = True
    await pushed.push(body())
    assert (len(pushed.taken), pushed.count("dropped"), pushed.count("accepted")) == (1, 1, 1)


@asynchronous
async def test_accepts_a_resent_payload_that_was_not_stored_safely() -> None:
    pushed = Pushed()
    pushed.is_lost = True
    with pytest.raises(NotSafe):
        await pushed.push(body())
    pushed.is_lost = False
    await pushed.push(body())
    assert (len(pushed.taken), pushed.count("duplicate")) == (2, 0)


@asynchronous
@pytest.mark.parametrize("is_lost", [False, True])
async def test_copy_waits_until_the_first_request_has_ended(is_lost: bool) -> None:
    pushed = Pushed()
    pushed.is_lost = is_lost
    pushed.safe.clear()
    requests = [asyncio.get_running_loop().create_task(pushed.push(body())) for _ in range(3)]
    other = asyncio.get_running_loop().create_task(pushed.push(body(session_id="s2")))
    await passes()
    assert [payload.session_id for payload in pushed.taken] == ["s1", "s2"]
    assert not any(request.done() for request in requests)
    pushed.safe.set()
    outcomes = await asyncio.gather(*requests, other, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [NotSafe if is_lost else type(None)] * 4
    assert pushed.count("duplicate") == (0 if is_lost else 2)
    assert not pushed.source._in_progress


@asynchronous
async def test_splits_a_large_batch_in_order_of_time() -> None:
    pushed = Pushed()
    actions = [{"title": f"Save {n}", "timestamp_start": NOW - n, "user_id": f"u{n}"} for n in range(250)]
    await pushed.push(body(actions=[*actions, None, {"title": "x" * 14_999}], user_id=None))
    batches = [each for each in pushed.taken if isinstance(each, ActionsPayload)]
    assert [len(each.actions) for each in batches] == [1, 100, 100, 50]
    titles = [action.title for each in batches for action in each.actions]
    assert titles[1:] == [f"Save {n}" for n in reversed(range(250))]
    assert {each.user_id for each in batches} == {"u0"}
    assert pushed.count("malformed_events") == 1


@asynchronous
async def test_dropped_slice_makes_the_sender_repeat_the_whole_body() -> None:
    pushed = Pushed()
    actions = [{"title": f"Save {n}", "timestamp_start": NOW - n} for n in range(150)]
    pushed.has_room = False
    with pytest.raises(QueueFullError):
        await pushed.push(body(actions=actions))
    assert pushed.count("dropped") == 2
    pushed.has_room = True
    await pushed.push(body(actions=actions))
    assert (len(pushed.taken), pushed.count("duplicate")) == (2, 0)


@asynchronous
async def test_counts_another_product_and_answers_success() -> None:
    pushed = Pushed()
    await pushed.push(body(product_id="other"))
    assert (pushed.taken, pushed.count("other_product")) == ([], 1)


@asynchronous
async def test_warns_about_a_long_silence() -> None:
    pushed = Pushed()
    await pushed.push(body())
    pushed.now += 660
    remedy = pushed.source.health()["remedy"]
    assert remedy.startswith("connected, but no event for 11 min: does the connector")


def test_requires_the_secret_and_never_shows_it() -> None:
    with pytest.raises(ValueError, match="anybody"):
        PushedEvents(Secret(""), "demo", lambda: NOW)
    assert HIDDEN not in repr(Pushed().source) + str(Pushed().source.health())
