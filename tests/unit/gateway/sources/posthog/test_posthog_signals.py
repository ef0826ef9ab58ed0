"""Failures that posthog-js reports."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.events.models import SIGNALS, SlimAction
from rasa_autoplay.gateway.sources.posthog.capture import CaptureReader
from rasa_autoplay.gateway.sources.posthog.signals import Failure, failure_of
from rasa_autoplay.gateway.sources.posthog.wire import CapturedRequest

MakeRequest = Callable[..., CapturedRequest]
ARRIVAL = 1_700_000_000.0
_uuids = count()


def event(name: str, at: float, **properties: Any) -> dict[str, Any]:
    return {
        "uuid": f"e{next(_uuids)}",
        "event": name,
        "timestamp": ARRIVAL - 60 + at,
        "properties": {
            "distinct_id": "jane",
            "$is_identified": True,
            "$session_id": "s1",
            "$current_url": "https://a.example/projects",
            **{f"${key}": value for key, value in properties.items()},
        },
    }


def elements(text: str = "Save changes", tag: str = "button", row: int = 1) -> list[dict[str, Any]]:
    target = {"tag_name": tag, "$el_text": text, "nth_child": 2}
    return [target, {"tag_name": "div", "nth_child": row}, {"tag_name": "body", "nth_child": 1}]


def click(at: float, *where: Any, **what: Any) -> dict[str, Any]:
    return event("$autocapture", at, event_type="click", elements=elements(*where, **what))


def actions_of(make_request: MakeRequest, *events: dict[str, Any]) -> list[SlimAction]:
    """Send each event in its own request, as without batching."""
    reader = CaptureReader("demo")
    payloads = [payload for each in events for payload in reader.read(make_request(each))]
    return [action for payload in payloads for action in payload.actions]


def signals(make_request: MakeRequest, *events: dict[str, Any]) -> list[str]:
    return [action.signal for action in actions_of(make_request, *events)]


def test_three_clicks_on_a_control_within_a_second_are_a_rage_click(make_request: MakeRequest) -> None:
    assert signals(make_request, click(0), click(0.5), click(1)) == ["", "", "rage_click"]
    assert signals(make_request, click(0), click(0.6), click(1.2)) == ["", "", ""]


def test_changing_text_does_not_make_another_control(make_request: MakeRequest) -> None:
    burst = [click(0), click(0.3, "Saving…"), click(0.6, "Saving…")]
    assert signals(make_request, *burst) == ["", "", "rage_click"]


def test_reports_each_burst_once(make_request: MakeRequest) -> None:
    burst = [click(0.2 * n) for n in range(9)]
    later = [click(10 + 0.2 * n) for n in range(3)]
    assert signals(make_request, *burst, *later).count("rage_click") == 2


@pytest.mark.parametrize(
    "places",
    [
        [("Edit", "button", 1), ("Edit", "button", 2), ("Edit", "button", 3)],
        [("Next page",)] * 3,
        [("+",)] * 3,
        [("Some prose", "p")] * 3,
        [("", "canvas")] * 3,
        [("", "input")] * 3,
        [("Save",), ("Cancel", "button", 4), ("Save",)],
    ],
)
def test_other_clicks_are_no_rage_click(make_request: MakeRequest, places: list[Any]) -> None:
    burst = [click(0.2 * at, *place) for at, place in enumerate(places)]
    assert signals(make_request, *burst) == ["", "", ""]


@pytest.mark.parametrize("reported_at", [0.79, 0.8, 0.81])
def test_counts_a_rage_click_that_the_browser_also_reports_once(
    make_request: MakeRequest, reported_at: float
) -> None:
    reported = event("$rageclick", reported_at, event_type="click", elements=elements())
    told = sorted([click(0), click(0.4), click(0.8), reported], key=lambda each: float(each["timestamp"]))
    actions = actions_of(make_request, *told)
    assert [action.signal for action in actions].count("rage_click") == 1
    assert [action.title for action in actions].count("Click Save changes") == 3


def test_reported_rage_click_does_not_count_as_a_click_on_the_control(
    make_request: MakeRequest,
) -> None:
    (action,) = actions_of(make_request, event("$rageclick", 0, event_type="click", elements=elements()))
    assert (action.type, action.title, action.signal) == ("click", "Rage click", "rage_click")
    assert action.description == "User clicked Save changes again and again on the projects page"


def test_reports_a_dead_click(make_request: MakeRequest) -> None:
    dead = event("$dead_click", 0, event_type="click", elements=elements("Archive {label}"))
    (action,) = actions_of(make_request, dead)
    assert (action.type, action.title, action.signal) == ("click", "Dead click", "dead_click")
    assert action.description == "User clicked Archive {label} and nothing happened on the projects page"


def exception(kind: str, message: str) -> dict[str, Any]:
    mechanism = {"handled": False, "synthetic": False}
    return {"$exception_list": [{"type": kind, "value": message, "mechanism": mechanism}]}


@pytest.mark.parametrize(
    ("properties", "failure"),
    [
        (exception("TypeError", "x is undefined"), Failure("error", "TypeError")),
        (exception("Error: of jane@example.com", "…"), Failure("error", "")),
        ({"$exception_type": "RangeError", "$exception_message": "…"}, Failure("error", "RangeError")),
        ({}, Failure("error", "")),
        ({"$exception_list": [None]}, Failure("error", "")),
        ({"$exception_list": [{"type": 7, "value": []}]}, Failure("error", "")),
        # Chrome, Firefox, Safari
        (exception("TypeError", "Failed to fetch"), Failure("failed_request", "")),
        (
            exception("TypeError", "NetworkError when attempting to fetch resource."),
            Failure("failed_request", ""),
        ),
        (exception("TypeError", "Load failed"), Failure("failed_request", "")),
        # Libraries
        (exception("AxiosError", "Request failed with status code 503"), Failure("failed_request", "503")),
        (
            exception("HttpErrorResponse", "Http failure response for /api/x: 404 Not Found"),
            Failure("failed_request", "404"),
        ),
        (exception("ChunkLoadError", "Loading chunk 7 failed."), Failure("failed_request", "")),
        # Users do not notice these
        (exception("Error", "ResizeObserver loop limit exceeded"), None),
        (exception("Error", "Script error."), None),
        (exception("AbortError", "signal is aborted without reason"), None),
        (exception("DOMException", "The user aborted a request."), None),
    ],
)
def test_distinguishes_exceptions(properties: dict[str, Any], failure: Failure | None) -> None:
    assert failure_of("$exception", properties) == failure


@pytest.mark.parametrize(("status", "kind"), [(500, "500"), (404, "404"), (200, ""), ("500", ""), (None, "")])
def test_accepts_failed_requests_reported_by_the_page(status: object, kind: str) -> None:
    assert failure_of("failed_request", {"status": status}) == Failure("failed_request", kind)


def test_error_names_place_and_kind_without_its_message(make_request: MakeRequest) -> None:
    secret = "'Hunter Two' is not valid"
    thrown = event("$exception", 0)
    thrown["properties"] |= exception("SyntaxError", secret)
    (action,) = actions_of(make_request, thrown)
    assert (action.type, action.title, action.signal) == ("blur", "Error", "error")
    assert action.description == "An error (SyntaxError) occurred on the projects page"

    failed = event("$exception", 0)
    failed["properties"] |= exception("AxiosError", "Request failed with status code 503")
    (action,) = actions_of(make_request, failed)
    assert (action.title, action.signal) == ("Failed request", "failed_request")
    assert action.description == "A request failed (503) on the projects page"


def test_merges_several_errors_of_one_failure(make_request: MakeRequest) -> None:
    thrown = [event("$exception", at) for at in (0, 0.1, 0.9, 30)]
    assert signals(make_request, *thrown) == ["error", "error"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
NAMES = ["$exception_list", "$exception_type", "$exception_message", "status"]


@given(st.sampled_from(["$exception", "failed_request"]), st.dictionaries(st.sampled_from(NAMES), JSON))
def test_malformed_failures_raise_no_error(name: str, properties: dict[str, Any]) -> None:
    failure = failure_of(name, properties)
    assert failure is None or failure.signal in SIGNALS
