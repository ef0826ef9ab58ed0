"""Pushed events: their signature, content and callbacks."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rasa_autoplay.events.models import ActionsPayload, SummaryPayload, UsertourTrigger
from rasa_autoplay.gateway.sources.connector_webhook import WebhookReceiver

SECRET = "s3cret-of-the-webhook"
ACTIONS = json.dumps(
    {"type": "actions", "product_id": "demo", "session_id": "s1", "actions": [{"title": "Save"}]}
).encode()
SUMMARY = b'{"type":"summary","product_id":"demo","session_id":"s1","summary":"They saved.","replaces":3}'
TOUR = b'{"type":"usertour_trigger","flow_id":"f1","session_id":"s1"}'


def sign(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def test_matches_the_test_vector_of_rfc_4231() -> None:
    # Test case 2: key "Jefe", data "what do ya want for nothing?".
    digest = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    receiver = WebhookReceiver("Jefe")
    assert receiver.verify(b"what do ya want for nothing?", f"sha256={digest}")
    assert not receiver.verify(b"what do ya want for nothing!", f"sha256={digest}")


def test_accepts_an_upper_case_digest_with_surrounding_space() -> None:
    header = sign(ACTIONS)
    assert WebhookReceiver(SECRET).verify(ACTIONS, f" sha256={header[7:].upper()} ")


@pytest.mark.parametrize(
    "header",
    [None, "", "sha256", "sha256=", sign(ACTIONS)[7:], "sha1=" + sign(ACTIONS)[7:], sign(b"", "other")],
)
def test_rejects_a_missing_or_wrong_signature(header: str | None) -> None:
    assert not WebhookReceiver(SECRET).verify(ACTIONS, header)


@example("\udcff")
@example("é" * 64)
@given(st.text())
def test_never_raises_for_any_header(text: str) -> None:
    receiver = WebhookReceiver(SECRET)
    assert not receiver.verify(ACTIONS, text)
    assert not receiver.verify(ACTIONS, f"sha256={text}")


def test_accepts_everything_without_a_secret() -> None:
    assert WebhookReceiver().verify(ACTIONS, None)


def test_reads_a_payload() -> None:
    payload = WebhookReceiver().parse(ACTIONS)
    assert isinstance(payload, ActionsPayload)
    assert [action.title for action in payload.actions] == ["Save"]
    summary = WebhookReceiver().parse(SUMMARY)
    assert isinstance(summary, SummaryPayload)
    assert (summary.summary, summary.replaces) == ("They saved.", 3)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"type":"other"}', b'{"type":1}', b"\xff"])
def test_reads_junk_as_none(body: bytes) -> None:
    assert WebhookReceiver().parse(body) is None


def test_reads_a_tour_order_only_with_a_callback_for_it() -> None:
    assert WebhookReceiver().parse(TOUR) is None
    payload = WebhookReceiver().on_usertour_trigger(lambda order: None).parse(TOUR)
    assert isinstance(payload, UsertourTrigger)
    assert payload.flow_id == "f1"


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
def test_never_raises_for_any_field_value(value: Any) -> None:
    fields = dict.fromkeys(["product_id", "session_id", "user_id", "email", "actions", "forwarded_at"], value)
    assert WebhookReceiver().parse(json.dumps({"type": "actions", **fields}).encode()) is not None


def test_calls_the_callback_of_the_kind_and_returns_the_payload() -> None:
    seen: list[object] = []

    async def later(payload: SummaryPayload) -> None:
        await asyncio.sleep(0)
        seen.append(payload)

    receiver = WebhookReceiver(SECRET, on_actions=seen.append).on_summary(later)
    returned = [asyncio.run(receiver.handle(body, sign(body))) for body in (ACTIONS, SUMMARY)]
    assert returned == seen
    assert [type(payload) for payload in seen] == [ActionsPayload, SummaryPayload]


def test_wrong_signature_raises_and_calls_no_callback() -> None:
    seen: list[object] = []
    receiver = WebhookReceiver(SECRET).on_actions(seen.append)
    with pytest.raises(ValueError, match="X-Connector-Signature"):
        asyncio.run(receiver.handle(ACTIONS, sign(ACTIONS, "other")))
    with pytest.raises(ValueError, match="X-Connector-Signature"):
        receiver.handle_sync(ACTIONS, None)
    assert seen == []


def test_junk_and_kinds_without_a_callback_call_no_callback() -> None:
    seen: list[object] = []
    receiver = WebhookReceiver(on_actions=seen.append)
    assert asyncio.run(receiver.handle(b"{")) is None
    assert isinstance(receiver.handle_sync(SUMMARY), SummaryPayload)
    assert seen == []


def test_logs_a_callback_that_raises_and_returns_normally(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_payload: ActionsPayload) -> None:
        raise KeyError("oops")

    receiver = WebhookReceiver(on_actions=broken)
    assert asyncio.run(receiver.handle(ACTIONS)) is not None
    assert receiver.handle_sync(ACTIONS) is not None
    assert caplog.text.count("KeyError: 'oops'") == 2


def test_coroutine_callback_needs_an_event_loop() -> None:
    async def later(_payload: ActionsPayload) -> None: ...

    with pytest.raises(TypeError, match="handle"):
        WebhookReceiver(on_actions=later).handle_sync(ACTIONS)


def test_never_shows_the_secret(caplog: pytest.LogCaptureFixture) -> None:
    receiver = WebhookReceiver(SECRET)
    with caplog.at_level(logging.DEBUG), pytest.raises(ValueError, match="Invalid") as refused:
        receiver.handle_sync(b"{", "sha256=00")
    receiver.parse(b"{")
    assert SECRET not in repr(receiver) + str(refused.value) + caplog.text
    assert "set" in repr(receiver)
    assert "unset" in repr(WebhookReceiver())
