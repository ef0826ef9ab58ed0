"""Whatever the vendor's sources receive, nothing raises, and good payloads beside it are accepted."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from support.deliveries import SafeDelivery
from support.fuzzing import Fuzzing, fuzzing_time

from rasa_autoplay.common.http.sse import SseDecoder, encode_event
from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.gateway.sources.intake import Payload
from rasa_autoplay.gateway.sources.live_activity import LiveActivity
from rasa_autoplay.gateway.sources.push import PushedEvents
from rasa_autoplay.gateway.sources.subscription import StreamSubscription
from rasa_autoplay.link.messages import Event
from rasa_autoplay.settings.secret import Secret
from rasa_autoplay.settings.sources import LiveActivitySettings

KEY = "s3cret"
NOW = 1_700_000_000.0
GOOD = json.dumps(
    {"type": "actions", "session_id": "good", "actions": [{"title": "Save", "timestamp_start": NOW}]}
).encode()

_ODD = ["demo", "s1", "1700000000", "2023-11-14T22:13:20Z", " ", "\ud800", "\0", "9" * 400, "http://[", "#/:"]
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(_ODD)
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=6
)
_NAMES = [
    *(
        "product_id",
        "session_id",
        "user_id",
        "email",
        "conversation_id",
        "count",
        "forwarded_at",
        "event_ids",
    ),
    *(
        "forwarded_at",
        "summary",
        "replaces",
        "flow_id",
        "reason",
        "title",
        "description",
        "canonical_url",
        "raw_url",
    ),
    *("timezone", "properties", "user_properties", "metadata"),
    *("index", "timestamp_start", "timestamp_end", "element_id", "signal"),
]
_OBJECTS = st.dictionaries(st.sampled_from(_NAMES), _VALUES, max_size=6)
_PAYLOADS = st.builds(
    lambda kind, fields, actions: {"session_id": "s1", **fields, "type": kind, "actions": actions},
    st.sampled_from(["actions", "actions", "summary", "usertour_trigger", "other"]),
    _OBJECTS,
    st.lists(_OBJECTS | _VALUES, max_size=4) | _VALUES,
)
_BODIES = _PAYLOADS.map(lambda payload: json.dumps(payload).encode()) | st.binary(max_size=40)

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Event)


class Engine:
    """Decodes what the gateway passes on."""

    def __init__(self) -> None:
        self.sessions: list[str | None] = []

    def take(self, payload: Payload, source: str) -> bool:
        arrived = _decoder.decode(_encoder.encode(Event(payload, source))).payload
        assert arrived.session_id
        assert arrived.product_id == "demo"
        if isinstance(arrived, ActionsPayload):
            assert all(0 < action.timestamp_start <= NOW + 300 for action in arrived.actions)
        self.sessions.append(arrived.session_id)
        return True


def _push(body: bytes) -> None:
    engine = Engine()
    source = PushedEvents(Secret(KEY), "demo", lambda: NOW)
    for each in (body, GOOD):
        signature = "sha256=" + hmac.new(KEY.encode(), each, hashlib.sha256).hexdigest()
        try:
            asyncio.run(source.accept(each, signature, SafeDelivery(engine.take)))
        except MalformedEvent:
            assert each is body
    assert engine.sessions[-1] == "good"


def _stream(body: bytes) -> None:
    engine = Engine()
    source = StreamSubscription("http://127.0.0.1:9/stream/demo", "", "demo", engine.take, lambda: NOW)
    stream, accept = source._client._stream, source._accept

    async def deliver(payload: Payload) -> None:
        await accept(payload)

    async def read() -> None:
        decoder = SseDecoder()
        for event in decoder.feed(b"data: " + body + b"\n\n" + encode_event(body) + encode_event(GOOD)):
            await stream._handle(event, deliver)

    asyncio.run(read())
    assert engine.sessions[-1] == "good"


def _answer(body: bytes) -> None:
    engine = Engine()
    section: dict[str, Any] = {"origin": "http://127.0.0.1:9", "key": KEY}
    source = LiveActivity(
        LiveActivitySettings.parse_obj(section), "demo", lambda: {"u1"}, engine.take, lambda: NOW
    )
    source._update_users(0.0)
    for each in (body, GOOD):
        try:
            source._accept_new("u1", ActionsPayload.from_dict(_object(each)))
        except MalformedEvent:
            assert each is body
    assert "good" in engine.sessions


def _object(body: bytes) -> dict[str, Any]:
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise MalformedEvent("no JSON") from None
    if not isinstance(answer, dict):
        raise MalformedEvent("no object")
    return answer


_GATEWAYS = {"push": _push, "stream": _stream, "live_activity": _answer}


_BATCH = 50


@fuzzing_time()
@pytest.mark.parametrize("gateway", _GATEWAYS)
def test_accepts_the_good_payload_among_fuzzed_ones(
    gateway: str, budget_s: float, record_property: Callable[[str, object], None]
) -> None:
    fuzzing = Fuzzing(f"payloads: {gateway}", budget_s)

    def one(body: bytes) -> None:
        with fuzzing.case(len(body)):
            _GATEWAYS[gateway](body)

    number = 0
    while fuzzing.has_time:
        # Each batch has other cases, and the same ones in each run.
        number += 1
        seed(number)(settings(max_examples=_BATCH, derandomize=False, database=None)(given(_BODIES)(one)))()
    fuzzing.report(record_property)
