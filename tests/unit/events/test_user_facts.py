"""Properties of users and their time zones, by whatever names a source sends them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.events.payloads import parse_payload
from rasa_autoplay.events.user_facts import facts_of, zone_name, zone_of_event
from rasa_autoplay.gateway.sources.analytics.amplitude import AMPLITUDE
from rasa_autoplay.gateway.sources.analytics.fullstory import FULLSTORY
from rasa_autoplay.gateway.sources.intake import Intake
from rasa_autoplay.gateway.sources.posthog.analytics_webhook import WebhookKind
from rasa_autoplay.gateway.sources.posthog.capture import CaptureReader
from rasa_autoplay.gateway.sources.posthog.destination import POSTHOG

NOW = 1_800_000_000.0
ROLE = {"role": "admin", "seats": 5}


def batch_of(kind: WebhookKind, event: dict[str, Any]) -> ActionsPayload:
    """What the engine gets of one event."""
    request = kind.read(json.dumps(event).encode(), NOW)
    return CaptureReader("demo").read(request)[-1]


def accepted(payload: ActionsPayload) -> ActionsPayload:
    """What the intake makes of a batch."""
    assert Intake("demo", "test", lambda: NOW).accept(payload, lambda *_: True)
    return payload


def batch(**fields: Any) -> ActionsPayload:
    """A batch of one of Autoplay's sources."""
    body = {"type": "actions", "session_id": "s1", "user_id": "u1", "actions": [{"title": "Save"}], **fields}
    payload = parse_payload(json.dumps(body))
    assert isinstance(payload, ActionsPayload)
    return accepted(payload)


@pytest.mark.parametrize("name", ["properties", "user_properties", "person_properties", "traits"])
def test_batches_bring_properties(name: str) -> None:
    assert batch(**{name: ROLE}).properties == ROLE
    assert batch(metadata={name: ROLE}).properties == ROLE


@pytest.mark.parametrize("name", ["timezone", "time_zone", "tz", "$timezone", "$geoip_time_zone"])
def test_batches_bring_time_zones(name: str) -> None:
    assert batch(**{name: "Asia/Tokyo"}).timezone == "Asia/Tokyo"
    assert batch(metadata={name: "Asia/Tokyo"}).timezone == "Asia/Tokyo"
    assert batch(properties={name: "Asia/Tokyo"}).timezone == "Asia/Tokyo"


def test_the_browsers_zone_wins_over_the_place_of_the_address() -> None:
    assert zone_of_event({"$geoip_time_zone": "Europe/Berlin", "$timezone": "Asia/Tokyo"}) == "Asia/Tokyo"
    assert zone_of_event({"$geoip_time_zone": "Europe/Berlin"}) == "Europe/Berlin"
    assert zone_of_event({"$set": {"timezone": "Europe/Rome"}}) == "Europe/Rome"


def test_the_destination_brings_them() -> None:
    got = batch_of(
        POSTHOG,
        {
            "event": "$pageview",
            "session_id": "s1",
            "distinct_id": "u1",
            "is_identified": True,
            "timezone": "Asia/Tokyo",
            "user_properties": {**ROLE, "email": "a@b.example", "$initial_referrer": "x"},
        },
    )
    assert (got.properties, got.timezone, got.user_id) == (ROLE, "Asia/Tokyo", "u1")


def test_amplitude_brings_them() -> None:
    event = {"event_type": "[Amplitude] Page Viewed", "user_id": "u1", "device_id": "d", "session_id": 1}
    got = batch_of(AMPLITUDE, {**event, "user_properties": {**ROLE, "timezone": "Asia/Tokyo"}})
    assert ({name: got.properties[name] for name in ROLE}, got.timezone) == (ROLE, "Asia/Tokyo")


def test_fullstory_brings_them_if_its_mapping_does() -> None:
    event = {"event": "page viewed", "session_id": "s1", "page_url": "https://a.example/p", "user_id": "u1"}
    got = batch_of(FULLSTORY, {**event, "user_properties": ROLE, "timezone": "Asia/Tokyo"})
    assert (got.properties, got.timezone) == (ROLE, "Asia/Tokyo")


def test_they_are_masked_and_limited_like_those_of_capture() -> None:
    many = {f"p{number}": number for number in range(100)}
    got = batch(
        properties={"password": "x", "note": "jane@example.com", "plan": "p" * 999, "tags": [], **many}
    )
    assert "password" not in got.properties
    assert "tags" not in got.properties
    assert got.properties["note"] == "[e-mail]"
    assert got.properties["plan"] == "p" * 200
    assert len(got.properties) == 32


def test_a_visitor_has_no_properties() -> None:
    assert batch(user_id=None, properties=ROLE).properties == {}


@pytest.mark.parametrize("value", ["../../pw", "Europe/Berlin\n", "a" * 65, "/UTC", "", 5, None, [], {}])
def test_hostile_zones_are_none(value: object) -> None:
    assert zone_name(value) == ""
    assert batch(timezone=value).timezone == ""


@given(st.dictionaries(st.text(), st.recursive(st.none() | st.text(), st.lists), max_size=5), st.text())
def test_whatever_arrives_becomes_facts(data: dict[str, Any], name: str) -> None:
    for given_data in (data, {"metadata": data}, {"properties": data, "metadata": name}):
        facts = facts_of(given_data)
        assert zone_name(facts.timezone) == facts.timezone
