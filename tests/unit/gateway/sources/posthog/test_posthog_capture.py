from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.gateway.sources.pages import Pages
from rasa_autoplay.gateway.sources.posthog.capture import CaptureReader
from rasa_autoplay.gateway.sources.posthog.draft import CaptureCounts
from rasa_autoplay.gateway.sources.posthog.wire import CapturedEvent, CapturedRequest

MakeRequest = Callable[..., CapturedRequest]

_uuids = count()


def event(name: str, who: str = "anon", props: Any = (), *, at: float = -10.0) -> dict[str, Any]:
    """Return an event ``at`` seconds from the arrival of ``make_request``; None omits a property."""
    session = {
        "$session_id": "s1",
        "$current_url": "https://a.example/projects/7?tab=1",
        "$device_id": "anon",
    }
    merged = {"distinct_id": who, "$is_identified": who != "anon", **session, **dict(props)}
    merged = {key: value for key, value in merged.items() if value is not None}
    return {
        "uuid": f"e{next(_uuids)}",
        "event": name,
        "timestamp": 1_700_000_000.0 + at,
        "properties": merged,
    }


def click(text: str, who: str = "anon", props: Any = (), *, at: float = -10.0) -> dict[str, Any]:
    elements = [{"tag_name": "button", "$el_text": text}]
    return event("$autocapture", who, {"$event_type": "click", "$elements": elements, **dict(props)}, at=at)


def said(payloads: list[ActionsPayload]) -> list[tuple[str | None, list[str]]]:
    return [(payload.user_id, [action.title for action in payload.actions]) for payload in payloads]


def test_converts_actions_to_the_wire_model(make_request: MakeRequest) -> None:
    request = make_request(click("Save changes", "jane", props={"email": "jane@example.com"}))
    (payload,) = CaptureReader("demo").read(request)
    assert (payload.count, payload.forwarded_at) == (1, 1_700_000_000.0)
    assert payload.actions == [
        SlimAction(
            title="Click Save changes",
            description="User clicked Save changes on the projects detail page",
            canonical_url="https://a.example/projects/:id",
            index=0,
            type="click",
            timestamp_start=1_699_999_990.0,
            timestamp_end=1_699_999_990.0,
            raw_url="https://a.example/projects/7?tab=1",
            session_id="s1",
            user_id="jane",
            email="jane@example.com",
        )
    ]


def test_event_id_is_stable_across_server_runs(make_request: MakeRequest) -> None:
    events = [click("A", at=-3) | {"uuid": "first"}, click("B", at=-2) | {"uuid": None}, click("C", at=-1)]
    (payload,) = CaptureReader("demo").read(make_request(*events))
    (again,) = CaptureReader("demo").read(make_request(*events, received_at=1_700_000_099.0))
    assert payload.event_ids == again.event_ids
    # BLAKE2b of 8 bytes, as `printf first | b2sum -l 64` gives it.
    assert payload.event_ids[:2] == [0xA2A8C2514FFC1DA3, 0]
    assert 0 < payload.event_ids[2] < 2**64


def test_actions_use_the_configured_page_names(make_request: MakeRequest) -> None:
    reader = CaptureReader("demo", Pages({"/projects/:id?tab=1": "the board"}, ["tab"]))
    (payload,) = reader.read(make_request(event("$pageview"), click("Save changes")))
    assert [(action.title, action.description) for action in payload.actions] == [
        ("Page load: Board", "User opened the board"),
        ("Click Save changes", "User clicked Save changes on the board"),
    ]


def test_uses_the_channels_product(make_request: MakeRequest) -> None:
    request = make_request(
        click("A", props={"product_id": "evil"}), event("$identify", "jane", props={"product_id": "evil"})
    )
    assert {payload.product_id for payload in CaptureReader("demo").read(request)} == {"demo"}


def test_visitor_is_anonymous_until_identified(make_request: MakeRequest) -> None:
    reader = CaptureReader("demo")
    assert said(reader.read(make_request(event("$pageview")))) == [(None, ["Page load: Projects detail"])]
    identify = event(
        "$identify", "jane", props={"$anon_distinct_id": "anon", "$set": {"email": "jane@example.com"}}
    )
    (payload,) = reader.read(make_request(identify))
    assert (payload.user_id, payload.email, payload.session_id, payload.actions) == (
        "jane",
        "jane@example.com",
        "s1",
        [],
    )
    # Later, and earlier but arriving later.
    assert said(reader.read(make_request(click("B")))) == [("jane", ["Click B"])]
    assert said(reader.read(make_request(click("A", at=-60)))) == [("jane", ["Click A"])]


def test_identity_applies_to_the_whole_request(make_request: MakeRequest) -> None:
    request = make_request(click("A", at=-9), event("$identify", "jane", at=-5), click("B", "jane", at=-1))
    assert said(CaptureReader("demo").read(request)) == [("jane", ["Click A", "Click B"])]


def test_any_identified_event_names_the_user(make_request: MakeRequest) -> None:
    reader = CaptureReader("demo")
    assert said(reader.read(make_request(event("$pageleave", "jane")))) == [("jane", [])]
    assert reader.read(make_request(event("$pageleave", "jane"))) == []
    assert said(reader.read(make_request(click("A")))) == [("jane", ["Click A"])]


@pytest.mark.parametrize(
    ("who", "properties", "user_id"),
    [
        ("jane", {"$is_identified": True}, "jane"),
        ("jane", {"$is_identified": False}, None),
        ("anon", {"$is_identified": True}, "anon"),
        # bootstrap with the id of a user, then identify() with it: posthog-js 1.249.
        ("u9", {"$is_identified": False, "$device_id": "u9", "$user_id": "u9"}, "u9"),
        ("u9", {"$is_identified": True, "$device_id": "u9"}, "u9"),
        ("u9", {"$is_identified": False, "$device_id": "u9"}, None),
        ("jane", {"$is_identified": None}, "jane"),
        ("7", {"$is_identified": None, "$device_id": None}, "7"),
        ("01a1ffc8-c64e-7ace-939b-c7d9418b1068", {"$is_identified": None}, None),
        (
            "01a1ffc8-c64e-7ace-939b-c7d9418b1068",
            {"$is_identified": None, "$user_id": "01a1ffc8-c64e-7ace-939b-c7d9418b1068"},
            "01a1ffc8-c64e-7ace-939b-c7d9418b1068",
        ),
        ("undefined", {}, None),
        ("[object Object]", {}, None),
        ("$posthog_cookieless", {}, None),
        ("", {}, None),
    ],
)
def test_recognises_identified_users(
    make_request: MakeRequest, who: str, properties: Any, user_id: str | None
) -> None:
    (payload,) = CaptureReader("demo").read(make_request(click("A", who, props=properties)))
    assert payload.user_id == user_id


def test_keeps_two_users_of_one_session_apart(make_request: MakeRequest) -> None:
    reader = CaptureReader("demo")
    reader.read(
        make_request(event("$identify", "jane", at=-60, props={"$set": {"email": "jane@example.com"}}))
    )
    payloads = reader.read(
        make_request(
            click("By Joe", "joe", at=-1, props={"email": "jane@example.com"}),
            click("By Jane", "jane", at=-20, props={"email": "jane@example.com"}),
        )
    )
    assert said(payloads) == [("jane", ["Click By Jane"]), ("joe", ["Click By Joe"])]
    # The page registered Jane's email and kept sending it.
    assert payloads[1].email is None
    # A late action of Jane is hers, and does not make her the session's user again.
    late = reader.read(make_request(click("Late", "jane", at=-25)))
    assert said(late) == [("jane", ["Click Late"]), ("joe", [])]
    # The user of an anonymous action before the change is unknown; after it, it was Joe.
    unknown = {"$is_identified": False, "$device_id": None}
    assert said(reader.read(make_request(click("Before", "other", at=-30, props=unknown)))) == [
        (None, ["Click Before"])
    ]
    assert said(reader.read(make_request(click("After", "other", at=0, props=unknown)))) == [
        ("joe", ["Click After"])
    ]


def test_actions_before_sign_in_belong_to_the_first_user(make_request: MakeRequest) -> None:
    reader = CaptureReader("demo")
    reader.read(make_request(event("$identify", "jane", at=-60, props={"$anon_distinct_id": "anon"})))
    reader.read(make_request(event("$identify", "joe", at=-30)))
    assert said(reader.read(make_request(click("Early", at=-70))))[0] == ("jane", ["Click Early"])


def test_sessions_do_not_share_users(make_request: MakeRequest) -> None:
    reader = CaptureReader("demo")
    payloads = reader.read(make_request(event("$identify", "jane"), click("A", props={"$session_id": "s2"})))
    assert {(payload.session_id, payload.user_id) for payload in payloads} == {("s1", "jane"), ("s2", None)}


def test_reports_an_email_that_arrives_later(make_request: MakeRequest) -> None:
    reader = CaptureReader("demo")
    reader.read(make_request(event("$identify", "jane")))
    (payload,) = reader.read(
        make_request(event("$set", "jane", props={"$set": {"email": "jane@example.com"}}))
    )
    assert (payload.email, payload.actions) == ("jane@example.com", [])
    assert reader.read(make_request(event("$set", "jane", props={"$set": {"email": "not an address"}}))) == []


def test_counts_events(make_request: MakeRequest) -> None:
    reader = CaptureReader("demo")
    again = click("A")
    reader.read(make_request(again, again, event("$pageleave"), 3, click("B", props={"$session_id": None})))
    reader.read(
        make_request(event("$web_vitals", props={"$session_id": ""}), click("C", props={"$session_id": 7}))
    )
    assert reader.counts == CaptureCounts(accepted=1, duplicate=1, malformed=3, ignored=2, anonymous=1)


@pytest.mark.parametrize(
    "inside",
    [{"attr__class": "rw-launcher"}, {"attr__id": "rasa-autoplay"}, {"attr__class": "driver-popover-footer"}],
)
def test_ignores_the_copilots_own_interface(make_request: MakeRequest, inside: dict[str, str]) -> None:
    chain = [{"tag_name": "button", "$el_text": "Show me"}, {"tag_name": "div", **inside}]
    reader = CaptureReader("demo")
    assert reader.read(make_request(click("x", props={"$elements": chain}))) == []
    assert reader.counts.ignored == 1


def test_bounds_its_memory(make_request: MakeRequest) -> None:
    reader = CaptureReader("demo", max_sessions=2, max_uuids=2)
    first = event("$identify", "jane")
    reader.read(make_request(first))
    for number in range(5):
        reader.read(make_request(click("A", props={"$session_id": f"other{number}"})))
    assert said(reader.read(make_request(click("B")))) == [(None, ["Click B"])]
    assert reader.read(make_request(first)) != []
    crowd = [click("C", props={"$session_id": f"crowd{number}"}) for number in range(9)]
    assert len(reader.read(make_request(*crowd))) == 9


def test_network_delay_does_not_reorder_actions() -> None:
    reader = CaptureReader("demo")

    def arrive(text: str, clicked: float, way_s: float) -> float:
        properties = click(text)["properties"]
        clicked_event = CapturedEvent(text, "$autocapture", "anon", clicked + way_s, properties)
        request = CapturedRequest("", [clicked_event], received_at=clicked + way_s, clock_offset=way_s)
        (payload,) = reader.read(request)
        return payload.actions[0].timestamp_start

    assert arrive("first", 100.0, 0.01) == pytest.approx(100.01)
    assert arrive("slow", 101.0, 1.5) == pytest.approx(101.01)
    assert arrive("quick", 102.0, 0.005) == pytest.approx(102.005)
    # The browser's clock was set back by an hour: its new time is accepted.
    assert arrive("set", 103.0, 3600.0) == pytest.approx(3703.0)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(["$autocapture", "$pageview", "$identify", "$rageclick", "$set", "x"])
ids = [
    "$session_id",
    "distinct_id",
    "$device_id",
    "$user_id",
    "$anon_distinct_id",
    "$insert_id",
    "$is_identified",
]
keys = st.sampled_from(
    [
        *ids,
        "$elements",
        "$elements_chain",
        "$el_text",
        "$event_type",
        "$current_url",
        "email",
        "$set",
        "$time",
    ]
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(names, st.dictionaries(keys, json_values)), max_size=4))
def test_accepts_good_events_despite_any_browser_claims(make_request: MakeRequest, changes: Any) -> None:
    good = click("Save", "jane", props={"$session_id": "good"})
    bad = [event(name, props=properties) for name, properties in changes]
    payloads = CaptureReader("demo").read(make_request(*bad, good, *bad))
    assert ("jane", ["Click Save"]) in said([p for p in payloads if p.session_id == "good"])
    assert all(payload.count == len(payload.actions) for payload in payloads)
