"""The destination webhook makes the same actions as capture of the same clicks, whatever is missing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.deliveries import SafeDelivery
from support.hog import fetched

from example_bot.recording import Recorded
from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.gateway.sources.intake import Payload
from rasa_autoplay.gateway.sources.posthog.analytics_webhook import AnalyticsWebhook
from rasa_autoplay.gateway.sources.posthog.capture import CaptureReader
from rasa_autoplay.gateway.sources.posthog.destination import POSTHOG
from rasa_autoplay.gateway.sources.posthog.hog import hog_source
from rasa_autoplay.gateway.sources.posthog.wire import CapturedEvent, CapturedRequest, PayloadTooLarge
from rasa_autoplay.settings.secret import Secret

NOW = 1_700_000_000.0
SECRET = "s3cret-word"
CLICK: dict[str, Any] = {
    "event": "$autocapture",
    "referrer": "https://a.example/",
    "timestamp": "2023-11-14T22:13:10Z",
    "element_id": "edit-save",
    "event_type": "click",
    "session_id": "s1",
    "current_url": "https://a.example/projects/7",
    "distinct_id": "jane",
    "email": "jane@a.example",
    "elements_chain": 'span:text="Save changes"nth-child="1";button:attr__id="edit-save"attr_id="edit-save"',
    "input_field_name": None,
    "link_destination": None,
    "button_or_link_text": "Save changes",
}


class Gateway:
    """A destination source, and the payloads that it accepted."""

    def __init__(self) -> None:
        self.now = NOW
        self.payloads: list[ActionsPayload] = []
        self.source = AnalyticsWebhook(POSTHOG, "demo", Secret(SECRET), lambda: self.now)

    def _let_in(self, payload: Payload, source: str) -> None:
        assert isinstance(payload, ActionsPayload)
        assert source == "posthog"
        self.payloads.append(payload)

    def take(self, body: Any) -> dict[str, int]:
        return asyncio.run(
            self.source.accept(
                body if isinstance(body, bytes) else json.dumps(body).encode(), SafeDelivery(self._let_in)
            )
        )

    @property
    def actions(self) -> list[SlimAction]:
        return [action for payload in self.payloads for action in payload.actions]


def taken(**changes: Any) -> Gateway:
    gateway = Gateway()
    gateway.take({**CLICK, **changes})
    return gateway


def test_converts_a_click_to_the_wire_model() -> None:
    gateway = taken()
    assert gateway.actions == [
        SlimAction(
            title="Click Save changes",
            description="User clicked Save changes on the projects detail page",
            canonical_url="https://a.example/projects/:id",
            index=0,
            type="click",
            timestamp_start=NOW - 10,
            timestamp_end=NOW - 10,
            raw_url="https://a.example/projects/7",
            session_id="s1",
            user_id="jane",
            email="jane@a.example",
            element_id="edit-save",
        )
    ]
    assert gateway.payloads[0].product_id == "demo"


def told(actions: list[SlimAction]) -> list[tuple[str, str, str, str, str, str | None, str | None]]:
    ordered = sorted(actions, key=lambda each: each.timestamp_start)
    return [
        (a.type, a.title, a.description, a.canonical_url, a.element_id, a.session_id, a.user_id)
        for a in ordered
    ]


def as_posthog_has_it(event: CapturedEvent) -> dict[str, Any]:
    """An event as PostHog's servers send it to a destination: the elements are one text."""
    properties = dict(event.properties)
    listed = properties.pop("$elements", None)
    chain = properties.pop("$elements_chain", None) or ";".join(map(_chained, listed or []))
    return {
        "uuid": event.uuid,
        "event": event.event,
        "timestamp": event.timestamp,
        "distinct_id": event.distinct_id,
        "properties": properties,
        "elements_chain": chain,
    }


def _chained(element: Mapping[str, Any]) -> str:
    classes = "".join(f".{name}" for name in element.get("classes", []))
    pairs = {name: value for name, value in element.items() if name.startswith("attr__")}
    if "attr__id" in pairs:
        pairs["attr_id"] = pairs["attr__id"]
    if element.get("$el_text"):
        pairs["text"] = element["$el_text"]
    values = {name: str(value).replace('"', '\\"') for name, value in pairs.items()}
    return f"{element['tag_name']}{classes}:" + "".join(f'{name}="{values[name]}"' for name in sorted(values))


def test_hog_source_and_capture_make_the_same_actions_of_a_recording(
    recorded: list[Recorded], decode: Callable[[Recorded], CapturedRequest]
) -> None:
    captured, gateway = CaptureReader("demo"), Gateway()
    source = hog_source("https://bot.example.com/webhooks/autoplay/posthog", SECRET)
    by_capture = []
    for request in map(decode, recorded):
        gateway.now = request.received_at
        by_capture += [action for payload in captured.read(request) for action in payload.actions]
        for event in request.events:
            has = as_posthog_has_it(event)
            if has["properties"].get("$session_id"):
                gateway.take(
                    fetched(source, has, {"properties": {"email": "demo-user-1@example.com"}})[1]["body"]
                )
    # Of a page without a signed-in user yet, each reports the user as soon as it knows.
    without_user = [action[:-1] for action in told(by_capture)]
    assert [action[:-1] for action in told(gateway.actions)] == without_user
    assert {action.user_id for action in gateway.actions} <= {"demo-user-1", None}
    assert gateway.payloads[-1].user_id == "demo-user-1"


def test_counts_a_resent_event_once() -> None:
    gateway = Gateway()
    for _ in range(2):
        gateway.take({**CLICK, "uuid": "0190-1"})
    assert len(gateway.actions) == 1
    assert gateway.source.health()["duplicate"] == 1


def test_accepts_a_list_of_events() -> None:
    gateway = Gateway()
    second = {**CLICK, "event": "$pageview", "timestamp": "2023-11-14T22:13:15Z"}
    assert gateway.take([CLICK, second, None, 7, {"event": ""}]) == {"accepted": 2, "malformed": 3}
    assert [action.title for action in gateway.actions] == [
        "Click Save changes",
        "Page load: Projects detail",
    ]


@pytest.mark.parametrize(
    ("changes", "title", "element_id"),
    [
        ({"elements_chain": None}, "Click Save changes", "edit-save"),
        ({"elements_chain": "null", "element_id": None}, "Click Save changes", ""),
        ({"elements_chain": "", "event_type": None}, "Click Save changes", "edit-save"),
        (
            {
                "elements_chain": None,
                "link_destination": "https://a.example/x",
                "button_or_link_text": "More",
            },
            "Click More",
            "edit-save",
        ),
        (
            {
                "elements_chain": None,
                "event_type": None,
                "element_id": "",
                "button_or_link_text": None,
                "input_field_name": "due_date",
            },
            "Change due date",
            "",
        ),
    ],
)
def test_uses_the_fields_without_an_elements_chain(
    changes: dict[str, Any], title: str, element_id: str
) -> None:
    (action,) = taken(**changes).actions
    assert (action.title, action.element_id) == (title, element_id)


@pytest.mark.parametrize(
    ("timestamp", "at"),
    [
        ("2023-11-14T22:13:10.000000+00:00", NOW - 10),
        ("2023-11-14 22:13:10", NOW - 10),
        (NOW - 10, NOW - 10),
        (str(NOW - 10), NOW - 10),
        (1000 * (NOW - 10), NOW - 10),
        (None, NOW),
        ("soon", NOW),
        ("2039-01-01T00:00:00Z", NOW),
    ],
)
def test_reads_times_in_every_format(timestamp: Any, at: float) -> None:
    (action,) = taken(timestamp=timestamp).actions
    assert action.timestamp_start == pytest.approx(at)


UUID = "01a1ffc8-c64e-7ace-939b-c7d9418b1068"


@pytest.mark.parametrize(
    ("changes", "user_id"),
    [
        ({"distinct_id": 42}, "42"),
        ({"distinct_id": UUID}, UUID),
        ({"distinct_id": UUID, "email": None}, None),
        ({"distinct_id": UUID, "is_identified": False}, None),
        ({"distinct_id": UUID, "is_identified": "false"}, None),
        ({"distinct_id": UUID, "is_identified": "true", "email": None}, UUID),
        ({"distinct_id": UUID, "is_identified": True, "device_id": UUID}, UUID),
        ({"distinct_id": None}, None),
        ({"distinct_id": "null"}, None),
    ],
)
def test_determines_the_user(changes: dict[str, Any], user_id: str | None) -> None:
    (payload,) = taken(**changes).payloads
    assert payload.user_id == user_id


def test_accepts_numbers_as_ids() -> None:
    assert taken(session_id=7).payloads[0].session_id == "7"


@pytest.mark.parametrize("session_id", [None, "", "null", [], {}, True])
def test_counts_an_action_without_a_session_as_malformed(session_id: Any) -> None:
    gateway = taken(session_id=session_id)
    assert gateway.payloads == []
    health = gateway.source.health()
    assert (health["malformed"], health["state"]) == (1, "idle")
    assert "rasa-autoplay posthog-destination" in health["remedy"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"7", b'"x"', b'{"a": 1}', b"[1, 2]", b"\xff", b"[" * 9_999]
)
def test_rejects_a_body_without_an_event(body: bytes) -> None:
    gateway = Gateway()
    with pytest.raises(MalformedEvent):
        gateway.take(body)
    assert gateway.source.health()["unreadable"] == 1


def test_rejects_too_many_events() -> None:
    with pytest.raises(PayloadTooLarge):
        Gateway().take([CLICK] * 5_001)


@pytest.mark.parametrize("presented", ["", "s3cret", SECRET + " ", SECRET.upper(), "é", "\udcff", "?" * 11])
def test_rejects_another_secret(presented: str) -> None:
    gateway = Gateway()
    assert not gateway.source.admits(presented)
    health = gateway.source.health()
    assert (health["refused"], health["state"]) == (1, "idle")
    assert "posthog_secret" in health["remedy"]
    assert SECRET not in json.dumps(health)


def test_accepts_the_secret() -> None:
    assert Gateway().source.admits(SECRET)
    assert not AnalyticsWebhook(POSTHOG, "demo", Secret(""), lambda: NOW).admits("")


def test_warns_about_a_silent_destination() -> None:
    gateway = taken()
    assert "remedy" not in gateway.source.health()
    gateway.now += 1_200
    health = gateway.source.health()
    assert health["remedy"] == "connected, but no event for 20 min: is the destination enabled?"
    assert (health["state"], health["last_event_age_s"]) == ("connected", 1_200)


values = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20))
nested: st.SearchStrategy[Any] = values | st.lists(values, max_size=2)
fields = st.sampled_from(
    [*CLICK, "uuid", "is_identified", "device_id", "timezone", "user_properties", "metadata", "other"]
)


@given(st.lists(st.dictionaries(fields, nested, max_size=6), max_size=4))
def test_accepts_a_good_event_beside_bad_ones(bad: list[dict[str, Any]]) -> None:
    gateway = Gateway()
    good = {**CLICK, "session_id": "good"}
    others = [{**CLICK, **changes, "uuid": None} for changes in bad]
    gateway.take([*others, good, *bad])
    assert "Click Save changes" in [a.title for a in gateway.actions if a.session_id == "good"]
