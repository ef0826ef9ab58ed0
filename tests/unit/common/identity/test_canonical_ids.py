"""The user 42 of one page is the user "42" of another, by whatever way the id comes in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.common.http.responses import BadRequest, id_field
from rasa_autoplay.common.identity.canonical_ids import InvalidId, canonical_id, id_text
from rasa_autoplay.common.identity.ids import is_id
from rasa_autoplay.common.identity.user_tokens import UserTokens, mint_token
from rasa_autoplay.errors import AutoplayError, MalformedEvent
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.gateway.chat.metadata import user_of
from rasa_autoplay.gateway.sources.analytics.amplitude import AMPLITUDE
from rasa_autoplay.gateway.sources.analytics.fullstory import FULLSTORY
from rasa_autoplay.gateway.sources.posthog.analytics_webhook import WebhookKind
from rasa_autoplay.gateway.sources.posthog.destination import POSTHOG
from rasa_autoplay.gateway.sources.posthog.wire import decode_request
from rasa_autoplay.settings.secret import Secret

KEY = "k" * 32
NOW = 1_800_000_000.0

Entry = Callable[[object], "str | None"]


def _captured(place: str, value: object) -> str:
    event: dict[str, Any] = {"event": "$pageview", "properties": {"$session_id": "s"}}
    (event if place == "event" else event["properties"])["distinct_id"] = value
    body = json.dumps({"api_key": "phc_x", "batch": [event]}).encode()
    request = decode_request(body, content_type="", query={}, received_at=NOW)
    assert not request.malformed, "refused"
    return request.events[0].distinct_id


def _batched(value: object) -> str | None:
    problems: list[Exception] = []
    action = {"title": "Click Save", "user_id": "u1"}
    batch = ActionsPayload.from_dict({"user_id": value, "actions": [action]}, problems.append)
    if problems:
        assert not batch.actions
        raise problems[0]
    return batch.user_id


def _posted(kind: WebhookKind, event: dict[str, Any]) -> str:
    return kind.read(json.dumps(event).encode(), NOW).events[0].distinct_id


def _signed(value: object) -> str:
    token = jwt.encode({"sub": value, "exp": NOW + 60}, KEY, algorithm="HS256")
    return UserTokens([Secret(KEY)], "demo", lambda: NOW).caller(token).user_id


def _minted(value: Any) -> str:
    token = mint_token(value, KEY, now=NOW)
    return UserTokens([Secret(KEY)], "demo", lambda: NOW).caller(token).user_id


ENTRIES: dict[str, Entry] = {
    "canonical id": canonical_id,
    "body of a request": lambda value: id_field({"user_id": value}, "user_id"),
    "signed token": _signed,
    "minted token": _minted,
    "batch": lambda value: _batched(value),
    "action": lambda value: SlimAction.from_dict({"user_id": value}).user_id,
    "event of posthog-js": lambda value: _captured("event", value),
    "properties of posthog-js": lambda value: _captured("properties", value),
    "PostHog destination": lambda value: _posted(POSTHOG, {"event": "$pageview", "distinct_id": value}),
    "Amplitude": lambda value: _posted(AMPLITUDE, {"event_type": "x", "user_id": value}),
    "FullStory": lambda value: _posted(FULLSTORY, {"session_id": "s", "page_url": "/", "user_id": value}),
}
#: Ids there have no text to be refused with: a wrong one is as good as none.
SILENT: dict[str, Entry] = {
    "chat": lambda value: user_of({"userId": value}),
    "chat's custom data": lambda value: user_of({"customData": {"userId": value}}),
}


@pytest.mark.parametrize("entry", [*ENTRIES.values(), *SILENT.values()], ids=[*ENTRIES, *SILENT])
@pytest.mark.parametrize("number", [1, 42, -7, 2**53 + 1, 10**30])
def test_a_number_is_the_same_user_as_its_digits(entry: Entry, number: int) -> None:
    assert entry(number) == entry(str(number)) == entry(f" {number} ") == str(number)


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
@pytest.mark.parametrize("value", [True, False, 42.0, 1e300, [], {}, ["42"], 10**60])
def test_refuses_what_is_neither_a_text_nor_a_whole_number(entry: Entry, value: object) -> None:
    with pytest.raises((AutoplayError, AssertionError)):
        entry(value)


@pytest.mark.parametrize("entry", SILENT.values(), ids=SILENT)
@pytest.mark.parametrize("value", [True, False, 42.0, None, [], {}])
def test_a_chat_has_no_user_with_such_an_id(entry: Entry, value: object) -> None:
    assert entry(value) == ""


@pytest.mark.parametrize(
    ("value", "kind"), [(True, "a truth value"), (4.5, "a fraction"), (None, "null"), (10**60, "38 digits")]
)
def test_says_what_is_wrong_with_an_id(value: object, kind: str) -> None:
    with pytest.raises(InvalidId, match=f"^user_id must be a text or a whole number, not .*{kind}"):
        canonical_id(value, "user_id")


def test_a_request_is_told_what_is_wrong_with_its_id() -> None:
    with pytest.raises(BadRequest, match="'user_id' must be a text or a whole number, not a fraction"):
        id_field({"user_id": 1.5}, "user_id")


def test_an_event_says_that_its_id_is_wrong() -> None:
    with pytest.raises(MalformedEvent, match="it must be a text or a whole number"):
        SlimAction.from_dict({"user_id": 1.5})


@given(st.integers(-(2**127), 2**127))
def test_numbers_and_their_digits_are_one_id(number: int) -> None:
    assert id_text(number) == id_text(str(number)) == canonical_id(number)


@given(st.text(max_size=40))
def test_a_canonical_id_is_an_id_and_stays_as_it_is(text: str) -> None:
    known = id_text(text)
    assert known is not None
    assert known == known.strip()
    if is_id(known):
        assert canonical_id(text) == canonical_id(known) == known
    else:
        with pytest.raises(InvalidId):
            canonical_id(text)


@given(st.integers(0, 9).map(lambda number: f"0{number}"))
def test_digits_with_a_leading_zero_are_another_id(text: str) -> None:
    assert canonical_id(text) == text
    assert canonical_id(int(text)) != text
