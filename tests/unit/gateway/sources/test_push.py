"""Pushed events as a source: signed or nothing, once or not at all."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.events.models import ActionsPayload, SummaryPayload, UsertourTrigger
from rasa_autoplay.gateway.sources.base import QueueFullError
from rasa_autoplay.gateway.sources.intake import Payload
from rasa_autoplay.gateway.sources.push import PushedEvents, Unsigned
from rasa_autoplay.gateway.sources.replays import MAX_AGE_S
from rasa_autoplay.settings.secret import Secret

NOW = 1_700_000_000.0
HIDDEN = "s3cret-of-the-webhook"


def sign(body: bytes, secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Pushed:
    """The source, what has come out of it, and a clock."""

    def __init__(self) -> None:
        self.now = NOW
        self.taken: list[Payload] = []
        self.has_room = True
        self.source = PushedEvents(Secret(HIDDEN), "demo", self._sink, lambda: self.now)

    def _sink(self, payload: Payload, source: str) -> bool:
        assert source == "webhook"
        if self.has_room:
            self.taken.append(payload)
        return self.has_room

    def push(self, body: bytes) -> None:
        self.source.take(body, sign(body, HIDDEN))

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


def test_every_kind_of_payload_comes_in() -> None:
    pushed = Pushed()
    pushed.push(body())
    pushed.push(b'{"type":"summary","session_id":"s1","summary":"They saved.","replaces":1}')
    pushed.push(b'{"type":"usertour_trigger","session_id":"s1","flow_id":"f1"}')
    assert [type(each) for each in pushed.taken] == [ActionsPayload, SummaryPayload, UsertourTrigger]
    assert {each.product_id for each in pushed.taken} == {"demo"}
    assert (pushed.count("accepted"), pushed.source.health()["state"]) == (3, "connected")


@pytest.mark.parametrize("signature", [None, "", "sha256=00", sign(body(), "another")])
def test_without_a_good_signature_nothing_is_looked_at(signature: str | None) -> None:
    pushed = Pushed()
    with pytest.raises(Unsigned):
        pushed.source.take(body(), signature)
    assert pushed.taken == []
    assert pushed.source.health()["unsigned"] == 1
    assert pushed.source.health()["state"] == "idle"
    assert "webhook_secret" in pushed.source.health()["remedy"]
    pushed.push(body())
    assert "remedy" not in pushed.source.health()


def test_junk_that_is_signed_is_malformed() -> None:
    pushed = Pushed()
    with pytest.raises(MalformedEvent):
        pushed.push(b"{")
    assert pushed.count("malformed") == 1


def test_a_body_that_comes_again_changes_nothing() -> None:
    pushed = Pushed()
    for _ in range(3):
        pushed.push(body())
    assert (len(pushed.taken), pushed.count("duplicate")) == (1, 2)


@pytest.mark.parametrize(
    "old",
    [
        body(sent_at=NOW - MAX_AGE_S),
        body(at=NOW - MAX_AGE_S, sent_at=None),
        b'{"type":"summary","session_id":"s1","summary":"Old.","forwarded_at":%d}' % (NOW - MAX_AGE_S),
    ],
)
def test_an_old_body_that_nobody_remembers_changes_nothing_either(old: bytes) -> None:
    pushed = Pushed()
    pushed.push(old)
    assert (pushed.taken, pushed.count("duplicate")) == ([], 1)


def test_what_found_no_room_may_come_again() -> None:
    pushed = Pushed()
    pushed.has_room = False
    with pytest.raises(QueueFullError):
        pushed.push(body())
    pushed.has_room = True
    pushed.push(body())
    assert (len(pushed.taken), pushed.count("dropped"), pushed.count("accepted")) == (1, 1, 1)


def test_another_product_is_counted_and_the_sender_is_content() -> None:
    pushed = Pushed()
    pushed.push(body(product_id="other"))
    assert (pushed.taken, pushed.count("other_product")) == ([], 1)


def test_a_long_silence_is_asked_about() -> None:
    pushed = Pushed()
    pushed.push(body())
    pushed.now += 660
    remedy = pushed.source.health()["remedy"]
    assert remedy.startswith("connected, but no event for 11 min: does the connector")


def test_the_secret_is_demanded_and_never_shown() -> None:
    with pytest.raises(ValueError, match="anybody"):
        PushedEvents(Secret(""), "demo", lambda *_: True, lambda: NOW)
    assert HIDDEN not in repr(Pushed().source) + str(Pushed().source.health())
