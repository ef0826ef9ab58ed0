"""Requests survive JSON; unknown ones are rejected with the reason."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from support.link_requests import any_request

from rasa_autoplay.link.messages import Refusal
from rasa_autoplay.link.redis.peer_messages import Call, StreamEntry
from rasa_autoplay.link.request_decoder import REQUESTS, decode_request
from rasa_autoplay.link.request_types import EngineRequest, answer_type
from rasa_autoplay.link.requests import StartTour


@given(any_request())
def test_decodes_a_request_unchanged(request: EngineRequest[Any]) -> None:
    assert decode_request(msgspec.json.encode(request)) == request


@given(any_request())
def test_decodes_a_request_from_a_stream_entry_unchanged(request: EngineRequest[Any]) -> None:
    call = Call("c1", msgspec.Raw(msgspec.json.encode(request)), 1.0)
    entry = msgspec.json.decode(msgspec.json.encode(StreamEntry("d1", [call])), type=StreamEntry)
    (read,) = entry.messages
    assert isinstance(read, Call)
    assert decode_request(read.request) == request


@pytest.mark.parametrize("tag", sorted(REQUESTS))
def test_every_request_declares_its_answer_type(tag: str) -> None:
    assert issubclass(answer_type(REQUESTS[tag]), msgspec.Struct)


@pytest.mark.parametrize(
    "wrong",
    [
        b'{"type":"sing","user_id":"u1"}',
        b'{"type":"start_tour","user_id":"u1"}',
        b'{"type":"start_tour","user_id":1,"tour_id":"t1"}',
        b'{"type":"start_tour","user_id":"u1","tour_id":"t1","speed":2}',
        b'{"user_id":"u1"}',
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_rejects_a_request_of_another_version_with_the_reason(wrong: bytes) -> None:
    refusal = decode_request(wrong)
    assert isinstance(refusal, Refusal)
    assert refusal.kind == "invalid"
    assert "same version" in refusal.remedy
    assert len(refusal.error) < 300


def test_tag_is_the_requests_name() -> None:
    assert REQUESTS["start_tour"] is StartTour
