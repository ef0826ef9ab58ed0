"""Whatever replaces one action of a batch, the others are accepted unchanged."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.deliveries import SafeDelivery
from support.mutations import encode, mutations
from support.stories import action, batch

from rasa_autoplay.common.http.sse import SseDecoder, encode_event
from rasa_autoplay.common.lenient_json import decode_json
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.gateway.sources.base import QueueFullError
from rasa_autoplay.gateway.sources.intake import Payload
from rasa_autoplay.gateway.sources.live_activity import LiveActivity
from rasa_autoplay.gateway.sources.push import PushedEvents
from rasa_autoplay.gateway.sources.subscription import StreamSubscription
from rasa_autoplay.settings.secret import Secret
from rasa_autoplay.settings.sources import LiveActivitySettings

KEY = "s3cret"
NOW = 1_700_000_000.0
GOOD = [
    action(f"Click Save {number}", at=NOW - number, index=number, session_id="s1", user_id="u1")
    for number in range(3)
]


class Engine:
    """Accepts what a source passes on, while it has space."""

    def __init__(self) -> None:
        self.actions: list[SlimAction] = []
        self.has_room = True

    def take(self, payload: Payload, _source: str) -> bool:
        if self.has_room and isinstance(payload, ActionsPayload):
            self.actions += payload.actions
        return self.has_room

    @property
    def told(self) -> set[tuple[str, str, float, str]]:
        return {(each.title, each.canonical_url, each.timestamp_start, each.type) for each in self.actions}


def pushed(engine: Engine) -> Callable[[bytes], None]:
    source = PushedEvents(Secret(KEY), "demo", lambda: NOW)

    def take(body: bytes) -> None:
        signature = "sha256=" + hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest()
        asyncio.run(source.accept(body, signature, SafeDelivery(engine.take)))

    return take


def streamed(engine: Engine) -> Callable[[bytes], None]:
    source = StreamSubscription("http://127.0.0.1:9/stream/demo", "", "demo", engine.take, lambda: NOW)

    async def deliver(payload: Payload) -> None:
        await source._accept(payload)

    async def read(body: bytes) -> None:
        for event in SseDecoder().feed(encode_event(body)):
            await source._client._stream._handle(event, deliver)

    return lambda body: asyncio.run(read(body))


def pulled(engine: Engine) -> Callable[[bytes], None]:
    section: dict[str, Any] = {"origin": "http://127.0.0.1:9", "key": KEY}
    settings = LiveActivitySettings.parse_obj(section)
    source = LiveActivity(settings, "demo", lambda: {"u1"}, engine.take, lambda: NOW)
    source._update_users(0.0)

    def take(body: bytes) -> None:
        answer = decode_json(body)
        assert isinstance(answer, dict)
        source._accept_new("u1", ActionsPayload.from_dict(answer))

    return take


SOURCES = {"push": pushed, "stream": streamed, "live activity": pulled}


@pytest.mark.parametrize("source", SOURCES)
@given(st.data(), st.integers(0, 2))
def test_accepts_the_other_actions_of_a_batch(source: str, data: st.DataObject, place: int) -> None:
    mutation = data.draw(_MUTATIONS[place])
    whole, damaged = Engine(), Engine()
    envelope = {"session_id": "s1", "user_id": "u1", "forwarded_at": NOW}
    SOURCES[source](whole)(encode(batch(*GOOD, **envelope)))
    actions = [*GOOD[:place], mutation, *GOOD[place + 1 :]]
    SOURCES[source](damaged)(encode(batch(*actions, **envelope)))
    assert len(whole.told) == 3
    others = {told for told in whole.told if told[0] != GOOD[place]["title"]}
    assert others <= damaged.told


_MUTATIONS = [mutations(each) for each in GOOD]


@pytest.mark.parametrize("source", SOURCES)
def test_accepts_again_what_a_full_queue_dropped(source: str) -> None:
    engine = Engine()
    take = SOURCES[source](engine)
    body = encode(batch(*GOOD, session_id="s1", user_id="u1", forwarded_at=NOW))
    engine.has_room = False
    try:
        take(body)
    except QueueFullError:
        assert source == "push", "it alone has somebody to tell"
    engine.has_room = True
    for _ in range(2):
        take(body)
    assert len(engine.actions) == len(engine.told) == 3
