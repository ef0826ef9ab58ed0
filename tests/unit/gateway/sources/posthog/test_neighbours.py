"""Whatever replaces one event, the others become the same actions, and nothing is lost."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.deliveries import SafeDelivery
from support.mutations import encode, mutations
from support.stories import DISCOVERING, EDITING, story_of_user

from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.gateway.sources.base import QueueFullError
from rasa_autoplay.gateway.sources.intake import Payload
from rasa_autoplay.gateway.sources.posthog.analytics_webhook import AnalyticsWebhook
from rasa_autoplay.gateway.sources.posthog.destination import POSTHOG
from rasa_autoplay.gateway.sources.posthog.source import CaptureSource
from rasa_autoplay.settings.secret import Secret

NOW = 1_700_000_000.0
STORIES = (*EDITING, *DISCOVERING)
#: The fields of an action that must not change. Its index, signal and email may depend on earlier events.
Told = tuple[str, str, str, float, str, "str | None"]


class Engine:
    """Accepts what a source passes on."""

    def __init__(self) -> None:
        self.batches: list[ActionsPayload] = []
        self.has_room: Callable[[ActionsPayload], bool] = lambda _: True

    def take(self, payload: Payload, _source: str) -> bool:
        assert isinstance(payload, ActionsPayload)
        if not self.has_room(payload):
            return False
        self.batches.append(payload)
        return True

    def told(self, *, of_session: str = "") -> dict[int, Told]:
        """Return the actions by the ids of their events."""
        found = {}
        for batch in self.batches:
            for event_id, action in zip(batch.event_ids, batch.actions, strict=True):
                if of_session in ("", batch.session_id):
                    found[event_id] = (
                        *(action.title, action.description, action.raw_url),
                        *(action.timestamp_start, action.type, action.user_id),
                    )
        return found


@functools.lru_cache
def requests(story: str) -> list[tuple[Any, dict[str, str]]]:
    """Return the bodies and queries of a recording's requests."""
    recorded = story_of_user(story, user_id="jane", session_id="s1", email="jane@a.example", now=NOW)
    return [(each.json(), dict(parse_qsl(each.query))) for each in recorded if each.is_capture]


def events_of(body: Any) -> list[Any]:
    """Return a copy of a request's events."""
    return list(
        body["batch"]
        if isinstance(body, dict) and "batch" in body
        else body
        if isinstance(body, list)
        else [body]
    )


def with_events(body: Any, events: list[Any]) -> bytes:
    """Return the request with other events, in an envelope if it had none and now has several."""
    if isinstance(body, dict) and "batch" in body:
        return encode({**body, "batch": events})
    return encode(events)


def captured(
    content: bytes, query: Mapping[str, str], engine: Engine, source: CaptureSource | None = None
) -> None:
    source = source or CaptureSource("demo", lambda: NOW + 1)
    asyncio.run(source.accept(content, "application/json", query, SafeDelivery(engine.take)))


#: All requests with two events or more; requests with one event are joined in pairs.
REQUESTS = [
    (story, position)
    for story in STORIES
    for position, (body, _) in enumerate(requests(story))
    if len(events_of(body)) > 1
]


def is_of_the_session(path: tuple[Any, ...]) -> bool:
    """Return the parts that identify the session's user and the event."""
    return path[-1] in {"uuid", "distinct_id", "$session_id", "$is_identified", "$user_id", "$device_id"} or (
        path in {("event",), ("properties",), ("timestamp",), ("offset",)}
    )


def is_nothing(_path: tuple[Any, ...]) -> bool:
    """Anything may change."""
    return False


@functools.cache
def mutations_of(
    story: str, position: int, place: int, kept: Callable[[tuple[Any, ...]], bool]
) -> st.SearchStrategy[Any]:
    """Made once: hypothesis takes longer to make a strategy than to draw from it."""
    return mutations(events_of(requests(story)[position][0])[place], kept=kept)


@st.composite
def damaged_requests(
    draw: st.DrawFn, kept: Callable[[tuple[Any, ...]], bool]
) -> tuple[Any, dict[str, str], int, Any]:
    """A recorded request, the index of one of its events, and the replacement."""
    story, position = draw(st.sampled_from(REQUESTS))
    body, query = requests(story)[position]
    place = draw(st.integers(0, len(events_of(body)) - 1))
    return body, query, place, draw(mutations_of(story, position, place, kept))


def check_the_others(case: tuple[Any, dict[str, str], int, Any], facts: int) -> None:
    """Compare the leading fields of each action that does not depend on the damaged event."""
    body, query, place, mutation = case
    events = events_of(body)
    whole, without, damaged = Engine(), Engine(), Engine()
    captured(with_events(body, events), query, whole)
    captured(with_events(body, [event for at, event in enumerate(events) if at != place]), query, without)
    captured(with_events(body, [*events[:place], mutation, *events[place + 1 :]]), query, damaged)
    expected = {event_id: whole.told()[event_id][:facts] for event_id in without.told()}
    told = {event_id: each[:facts] for event_id, each in damaged.told().items()}
    assert {event_id: told.get(event_id) for event_id in expected} == expected


_ALL_FACTS, _ALL_BUT_THE_USER = 6, 5


@given(damaged_requests(is_nothing))
def test_bad_neighbours_do_not_change_the_other_actions(case: Any) -> None:
    check_the_others(case, _ALL_BUT_THE_USER)


@given(damaged_requests(is_of_the_session))
def test_events_without_identity_change_no_users_actions(case: Any) -> None:
    check_the_others(case, _ALL_FACTS)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@settings(max_examples=20_000)
@given(damaged_requests(is_nothing))
def test_bad_neighbours_do_not_change_the_other_actions_at_length(case: Any) -> None:
    check_the_others(case, _ALL_BUT_THE_USER)


@given(damaged_requests(is_nothing), st.randoms())
def test_resent_request_is_complete(case: Any, chance: Any) -> None:
    body, query, place, mutation = case
    events = events_of(body)
    content = with_events(body, [*events[:place], mutation, *events[place + 1 :]])
    at_once, in_parts = Engine(), Engine()
    captured(content, query, at_once)
    source = CaptureSource("demo", lambda: NOW + 1)
    in_parts.has_room = lambda _: bool(chance.random() < 0.5)
    for _ in range(200):
        try:
            captured(content, query, in_parts, source)
            break
        except QueueFullError:
            continue
    assert in_parts.told() == at_once.told()
    sent = [event_id for batch in in_parts.batches for event_id in batch.event_ids if event_id]
    assert len(sent) == len(set(sent)), "and nothing came twice"


ROW = {
    "event": "$autocapture",
    "referrer": "https://a.example/",
    "timestamp": "2023-11-14T22:13:20Z",
    "element_id": "save",
    "event_type": "click",
    "session_id": "s1",
    "current_url": "https://a.example/projects/7",
    "distinct_id": "jane",
    "email": "jane@a.example",
    "elements_chain": 'button:text="Save"nth-child="1"',
    "input_field_name": "name",
    "link_destination": "https://a.example/x",
    "button_or_link_text": "Save",
    "uuid": "u0",
    "is_identified": True,
    "device_id": "d1",
}


@given(mutations(ROW), st.integers(0, 2))
def test_bad_destination_rows_do_not_change_the_others(mutation: Any, place: int) -> None:
    rows: list[Any] = [{**ROW, "uuid": f"u{number}", "session_id": "other"} for number in (1, 2)]
    good, damaged = Engine(), Engine()
    for engine, body in ((good, rows), (damaged, [*rows[:place], mutation, *rows[place:]])):
        source = AnalyticsWebhook(POSTHOG, "demo", Secret("s"), lambda: NOW)
        asyncio.run(source.accept(encode(body), SafeDelivery(engine.take)))
    assert len(good.told()) == 2
    told = damaged.told(of_session="other")
    assert {event_id: told[event_id] for event_id in good.told()} == good.told()


def test_identifies_a_click_without_elements_by_its_text() -> None:
    def click(number: int, **properties: Any) -> dict[str, Any]:
        session = {"$session_id": "s1", "$event_type": "click", "distinct_id": "u1", "$is_identified": True}
        return {"event": "$autocapture", "uuid": f"e{number}", "properties": {**session, **properties}}

    saves = [click(number, **{"$elements_chain": 'button:text="Save changes"'}) for number in (1, 2)]
    engine = Engine()
    source = CaptureSource("demo", lambda: NOW)
    body = encode({"batch": [*saves, click(3, **{"$el_text": "Save"})]})
    for _ in range(2):
        captured(body, {}, engine, source)
    assert [told[0] for told in engine.told().values()] == ["Click Save changes"] * 2 + ["Click Save"]
    assert source.health()["duplicate"] == 3


def test_logs_a_failing_event_once_without_its_content(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(properties: Mapping[str, Any]) -> Any:
        if properties.get("$el_text") == "secret":
            raise RuntimeError(properties["$el_text"])
        return []

    monkeypatch.setattr("rasa_autoplay.gateway.sources.posthog.capture.elements_of", fail)
    session = {"$session_id": "s1"}
    page = [{"event": "$pageview", "properties": session}] * 2
    poison = [{"event": "$autocapture", "properties": {**session, "$el_text": "secret"}}] * 2
    engine = Engine()
    source = CaptureSource("demo", lambda: NOW)
    captured(encode({"batch": [page[0], *poison, page[1]]}), {}, engine, source)
    captured(encode({"batch": poison}), {}, engine, source)
    assert [action.type for batch in engine.batches for action in batch.actions] == ["pageview"] * 2
    assert source.health()["failed_events"] == 4
    (line,) = [record.getMessage() for record in caplog.records]
    assert "RuntimeError at test_neighbours.py:" in line
    assert "secret" not in line


def test_accepts_again_events_that_the_engine_did_not_accept() -> None:
    class Down(Exception):
        """The queue itself fails."""

    engine = Engine()

    def down(_: ActionsPayload) -> bool:
        raise Down

    engine.has_room = down
    source = CaptureSource("demo", lambda: NOW)
    body = encode({"batch": [{"event": "$pageview", "uuid": "e1", "properties": {"$session_id": "s1"}}]})
    with pytest.raises(Down):
        captured(body, {}, engine, source)
    engine.has_room = lambda _: True
    captured(body, {}, engine, source)
    assert len(engine.told()) == 1


@given(st.binary(max_size=60))
def test_rejects_bytes_that_are_not_a_request(content: bytes) -> None:
    engine = Engine()
    try:
        captured(content, {}, engine)
    except MalformedEvent:
        assert engine.batches == []
