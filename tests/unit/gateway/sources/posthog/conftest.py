"""Shared fixtures of the capture tests: recordings, and handmade requests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest

from example_bot import recording
from rasa_autoplay.gateway.sources.posthog.wire import CapturedRequest, decode_request

RECORDINGS = Path(__file__).parents[4] / "recordings" / "posthog"
STORIES = {
    "edit_three_projects": recording.RECORDINGS,
    "edit_three_projects__batched": RECORDINGS,
    "edit_three_projects__plain_json": RECORDINGS,
    "edit_three_projects__remote_config": RECORDINGS,
    "discover_bulk_edit": RECORDINGS,
    "discover_bulk_edit__posthog-js-1.249.0": RECORDINGS,
}
#: When the handmade requests arrive.
ARRIVAL = 1_700_000_000.0

Decode = Callable[[recording.Recorded], CapturedRequest]
MakeRequest = Callable[..., CapturedRequest]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "story" in metafunc.fixturenames:
        metafunc.parametrize("story", STORIES)


@pytest.fixture
def recorded(story: str) -> list[recording.Recorded]:
    """The story's capture requests."""
    return [request for request in recording.load(story, STORIES[story]) if request.is_capture]


@pytest.fixture
def rebased(story: str) -> Callable[..., list[recording.Recorded]]:
    """The story rewritten for another user: ``rebased(user_id=…, session_id=…, now=…)``."""

    def retell(**changes: Any) -> list[recording.Recorded]:
        requests = recording.rebased(story, directory=STORIES[story], **changes)
        return [request for request in requests if request.is_capture]

    return retell


@pytest.fixture
def decode() -> Decode:
    """Decode a recorded request."""

    def run(request: recording.Recorded) -> CapturedRequest:
        return decode_request(
            request.body,
            content_type=request.content_type,
            query=dict(parse_qsl(request.query)),
            received_at=request.received_at,
        )

    return run


@pytest.fixture
def make_request() -> MakeRequest:
    """A request holding the given events, sent and received at the same moment."""

    def make(*events: Any, received_at: float = ARRIVAL, **query: str) -> CapturedRequest:
        body = msgspec.json.encode({"api_key": "phc_x", "batch": events})
        return decode_request(body, content_type="application/json", query=query, received_at=received_at)

    return make
