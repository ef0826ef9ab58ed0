"""Fingerprints of credentials.yml: they notice every change, and tell nothing about secrets."""

from __future__ import annotations

from typing import Any

import pytest

from rasa_autoplay.settings.credentials_fingerprint import fingerprints_of_channel

KEY = "k" * 64
SECTION: dict[str, Any] = {
    "product_id": "demo",
    "identity": "required",
    "jwt_key": "a-secret-of-at-least-32-characters",
    "admin_key": "${AUTOPLAY_ADMIN_KEY}",
    "allowed_origins": ["https://app.example.com"],
    "stream": {"url": "https://events.example.com", "token": "a-token"},
    "link": {"secret": "${AUTOPLAY_LINK_SECRET}"},
    "shared": {"redis": "redis://:password@redis:6379/0"},
}


def changed(*path: str, value: object) -> dict[str, Any]:
    section = {**SECTION}
    *outer, key = path
    target = section
    for name in outer:
        target[name] = {**target[name]}
        target = target[name]
    target[key] = value
    return section


@pytest.mark.parametrize(
    "section",
    [
        changed("product_id", value="other"),
        changed("allowed_origins", value=["https://other.example.com"]),
        changed("stream", "url", value="https://other.example.com"),
        changed("admin_key", value="${OTHER}"),
        changed("admin_key", value=""),
        changed("posthog_secret", value="now-there-is-one"),
    ],
)
def test_notices_changes_of_everything_but_secrets(section: dict[str, Any]) -> None:
    before, after = (fingerprints_of_channel(each, KEY) for each in (SECTION, section))
    assert before["fingerprint"] != after["fingerprint"]


@pytest.mark.parametrize(
    "section",
    [
        changed("jwt_key", value="another-secret-of-at-least-32-chars"),
        changed("jwt_key", value=["a-secret-of-at-least-32-characters", "and-another-one-for-the-change"]),
        changed("stream", "token", value="another-token"),
        changed("shared", "redis", value="redis://:other@redis:6379/0"),
    ],
)
def test_notices_changed_secrets_only_with_the_key(section: dict[str, Any]) -> None:
    before, after = (fingerprints_of_channel(each, KEY) for each in (SECTION, section))
    assert before["secrets"] != after["secrets"]
    if not isinstance(section["jwt_key"], list):
        assert before["fingerprint"] == after["fingerprint"]


@pytest.mark.parametrize("key", ["", "link-secret-word"])
def test_a_key_that_could_be_guessed_is_not_used(key: str) -> None:
    assert list(fingerprints_of_channel(SECTION, key)) == ["fingerprint"]


def test_the_fingerprint_depends_on_the_key() -> None:
    one, other = (fingerprints_of_channel(SECTION, key) for key in (KEY, "m" * 64))
    assert one["secrets"] != other["secrets"]
    assert one["fingerprint"] == other["fingerprint"]


def test_the_order_of_keys_does_not_count() -> None:
    turned = dict(reversed(SECTION.items()))
    assert fingerprints_of_channel(turned, KEY) == fingerprints_of_channel(SECTION, KEY)
