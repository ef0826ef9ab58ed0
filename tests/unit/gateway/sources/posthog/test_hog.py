"""The generated Hog source of a destination."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.hog import fetched

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.gateway.sources.posthog.hog import FIELDS, destination_url, hog_source

URL = "https://bot.example.com/webhooks/autoplay/posthog"
EVENT = {
    "uuid": "0190-1",
    "event": "$autocapture",
    "timestamp": "2026-01-02T03:04:05Z",
    "distinct_id": "jane",
    "elements_chain": 'button:text="Save"nth-child="1"',
    "properties": {
        "$session_id": "s1",
        "$current_url": "https://a.example/",
        "email": "own@a.example",
    },
}
PERSON = {"properties": {"email": "jane@a.example"}}


def test_sends_the_documented_fields() -> None:
    url, options = fetched(hog_source(URL, "s3cret"), EVENT, PERSON)
    assert (url, options["method"]) == (URL, "POST")
    assert options["headers"] == {"Content-Type": "application/json", "x-posthog-secret": "s3cret"}
    body = options["body"]
    assert set(body) == set(FIELDS)
    assert (body["event"], body["uuid"], body["session_id"]) == ("$autocapture", "0190-1", "s1")
    assert (body["elements_chain"], body["current_url"]) == (EVENT["elements_chain"], "https://a.example/")
    assert (body["email"], body["event_type"], body["is_identified"]) == ("jane@a.example", None, None)


@pytest.mark.parametrize("person", [None, {}, {"properties": None}, {"properties": {}}])
def test_uses_the_events_email_without_a_person(person: dict[str, dict[str, str]] | None) -> None:
    _, options = fetched(hog_source(URL, "x"), EVENT, person)
    assert options["body"]["email"] == "own@a.example"


visible = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
hostile = st.lists(
    st.sampled_from(["'", "\\", "'}, {", "{event}", "//", '"', "\\'", "''", "x"]), min_size=1
).map("".join)


@given(visible | hostile)
def test_escapes_any_secret_as_one_string(secret: str) -> None:
    source = hog_source(URL, secret)
    assert "x-posthog-secret" in source
    url, options = fetched(source, EVENT, PERSON)
    assert (url, options["headers"]["x-posthog-secret"]) == (URL, secret)


@given(st.text(max_size=40))
def test_escapes_any_url_as_one_string(path: str) -> None:
    try:
        url = destination_url(f"https://bot.example.com/{path}")
    except ConfigError:
        return
    assert fetched(hog_source(url, "s"), EVENT, PERSON)[0] == url


@pytest.mark.parametrize("secret", ["", " ", " x", "x ", "a\nb", "a\r\nb: c", "é", "\0", "a\tb"])
def test_rejects_a_secret_that_no_header_can_carry(secret: str) -> None:
    with pytest.raises(ConfigError, match="header") as refusal:
        hog_source(URL, secret)
    assert repr(secret) not in str(refusal.value)


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("https://bot.example.com", URL),
        ("https://bot.example.com/", URL),
        (URL, URL),
        (f"{URL}/", URL),
        ("https://example.com/bots/rasa", "https://example.com/bots/rasa/webhooks/autoplay/posthog"),
        ("http://127.0.0.1:5005", "http://127.0.0.1:5005/webhooks/autoplay/posthog"),
        (" https://bot.example.com ", URL),
    ],
)
def test_webhook_url_is_below_the_servers_url(base: str, url: str) -> None:
    assert destination_url(base) == url


@pytest.mark.parametrize(
    "base",
    [
        *("", "bot.example.com", "ftp://x.example", "https://", "//x.example", "http://[::1"),
        *("https://x.example/#a", "https://x.example/?a=1", "https://u:p@x.example"),
        *("https://x.example/a b", "https://x\n.example"),
    ],
)
def test_rejects_an_invalid_server_url(base: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        destination_url(base)
    assert "u:p" not in str(refusal.value)
