"""Signatures as the package ``standardwebhooks`` checks them, and secrets that are none."""

from __future__ import annotations

import base64
import time

import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from support.outcomes import SECRET

from rasa_autoplay.engine.outcomes.delivery.standard_webhooks import read_secrets, signed_headers

BODY = '{"type":"offer.accepted","data":{"user_id":"Zoë"}}'.encode()
OTHER = f"whsec_{base64.b64encode(bytes(range(24))).decode()}"


@pytest.mark.parametrize("secret", [SECRET, OTHER, OTHER.rstrip("=")])
def test_a_receiver_can_check_the_signature(secret: str) -> None:
    headers = signed_headers(read_secrets(secret), "msg_1", time.time(), BODY)
    assert Webhook(secret).verify(BODY, headers)["type"] == "offer.accepted"


def test_both_secrets_of_a_rotation_sign() -> None:
    headers = signed_headers(read_secrets(f"{SECRET} {OTHER}"), "msg_1", time.time(), BODY)
    for secret in (SECRET, OTHER):
        assert Webhook(secret).verify(BODY, headers)


@pytest.mark.parametrize(
    ("message_id", "age_s", "body"),
    [("msg_2", 0, BODY), ("msg_1", 600, BODY), ("msg_1", 0, BODY + b" "), ("msg_1", -600, BODY)],
)
def test_a_receiver_notices_a_change_and_an_old_message(message_id: str, age_s: float, body: bytes) -> None:
    headers = signed_headers(read_secrets(SECRET), "msg_1", time.time() - age_s, BODY)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body, {**headers, "webhook-id": message_id})


@pytest.mark.parametrize(
    "text",
    [
        "s3cret-word",
        "whsec_",
        "whsec_s3cret",
        "whsec_!!!!",
        f"whsec_{'A' * 200}",
        f"{SECRET} {OTHER} {OTHER}",
    ],
)
def test_rejects_a_secret_without_showing_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"must|rotation") as problem:
        read_secrets(text)
    assert "s3cret" not in str(problem.value)
    assert "AAAA" not in str(problem.value)


def test_shows_no_secret() -> None:
    assert "s3cret" not in repr(read_secrets(SECRET))
    assert base64.b64decode(SECRET.removeprefix("whsec_")).decode() not in repr(read_secrets(SECRET))
