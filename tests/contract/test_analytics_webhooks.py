"""Amplitude and FullStory send events to the Rasa server, and show a toast like any source."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from support.deployment import Deployment, deployed
from support.gateway import served_gateway
from support.run import asynchronous

SECRET = "a-secret-of-the-webhook-that-is-long"
BEARER = {"Authorization": f"Bearer {SECRET}"}
PAGE = "https://app.example.com/projects/42/edit"


def amplitude(user: str | None = "anna", ago_s: float = 0.0, **event: Any) -> dict[str, Any]:
    """Return a click in the format of Amplitude's event stream."""
    at = time.time() - ago_s
    return {
        "event_type": "[Amplitude] Element Clicked",
        "user_id": user,
        "device_id": "d1",
        "session_id": 1_700_000_000_000,
        "event_time": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at)) + f".{int(at % 1 * 1e6):06d}",
        "uuid": f"{user}-{ago_s}",
        "event_properties": {
            "[Amplitude] Element Text": "Save changes",
            "[Amplitude] Element Tag": "button",
            "[Amplitude] Element ID": "edit-save",
            "[Amplitude] Page URL": PAGE,
        },
        "user_properties": {"email": f"{user}@example.com", "plan": "pro"},
        **event,
    }


def fullstory(user: str | None = "anna", ago_s: float = 0.0, **event: Any) -> dict[str, Any]:
    """Return a click in the format of a FullStory stream with our mapping."""
    at = time.time() - ago_s
    return {
        "target_text": "Save changes",
        "page_url": PAGE,
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at % 1 * 1e6):06d}Z",
        "user_id": user,
        "user_email": f"{user}@example.com",
        "session_id": "d1%3A42",
        **event,
    }


MAKERS = {"amplitude": amplitude, "fullstory": fullstory}
SECRETS: dict[str, Any] = {f"{name}_secret": SECRET for name in MAKERS}


async def post(made: Deployment, source: str, body: Any, **headers: str) -> tuple[int, Any]:
    return await made.request("POST", f"/{source}", body, {**BEARER, **headers})


@pytest.mark.parametrize("source", MAKERS)
@asynchronous
async def test_three_saves_show_the_toast(tmp_path: Path, source: str) -> None:
    async with deployed(tmp_path, **SECRETS) as made:
        stream = await made.listen("anna")
        for ago in (30.0, 20.0, 10.0):
            status, answer = await post(made, source, MAKERS[source](ago_s=ago))
            assert (status, answer) == (200, {"status": "ok", "accepted": 1, "malformed": 0})
        toast = await stream.toast()
        assert toast["trigger_id"] == "bulk_edit_opportunity"
        assert (await made.health())["sources"][source]["state"] == "connected"


@pytest.mark.parametrize("source", MAKERS)
@asynchronous
async def test_requires_the_bearer_token(source: str) -> None:
    async with served_gateway(**SECRETS) as gateway:
        for token in ("", "Bearer ", "Bearer guessed", f"Basic {SECRET}", SECRET):
            headers = {"Authorization": token}
            status, answer = await gateway.request("POST", f"/{source}", b"{}", headers)
            assert (status, "authorization" in answer["error"]) == (401, True), token
        assert (await gateway.health(source))["refused"] == 5
        assert "bearer token" in (await gateway.health(source))["remedy"]


@pytest.mark.parametrize("source", MAKERS)
@asynchronous
async def test_accepts_the_events_beside_an_invalid_one(tmp_path: Path, source: str) -> None:
    async with deployed(tmp_path, **SECRETS) as made:
        body: list[Any] = [None, 7, {}, {"event_type": 1, "session_id": []}, MAKERS[source](), [], "x"]
        status, answer = await post(made, source, body)
        assert (status, answer["accepted"], answer["malformed"]) == (200, 1, 6)
        assert (await post(made, source, {"nothing": "useful"}))[0] == 400
        assert (await made.request("POST", f"/{source}", b"{", BEARER))[0] == 400


@asynchronous
async def test_amplitude_events_become_the_actions_of_capture() -> None:
    async with served_gateway(**SECRETS) as gateway:
        body = [
            amplitude(event_type="[Amplitude] Page Viewed"),
            amplitude(ago_s=1.0),
            amplitude(ago_s=2.0, event_type="[Amplitude] Form Submitted"),
            amplitude(ago_s=3.0, event_type="Plan Upgraded"),
        ]

        assert (await gateway.request("POST", "/amplitude", json.dumps(body).encode(), BEARER))[0] == 200
        actions = gateway.actions
        assert sorted(action.type for action in actions) == ["click", "pageview", "submit"]
        click = next(action for action in actions if action.type == "click")
        assert (click.title, click.element_id) == ("Click Save changes", "edit-save")
        assert {payload.user_id for payload in gateway.batches} == {"anna"}
        assert {payload.session_id for payload in gateway.batches} == {"d1:1700000000000"}


@asynchronous
async def test_leaves_amplitude_events_anonymous_until_the_user_is_known() -> None:
    async with served_gateway(**SECRETS) as gateway:
        body = json.dumps(amplitude(user=None)).encode()
        assert (await gateway.request("POST", "/amplitude", body, BEARER))[0] == 200
        assert [payload.user_id for payload in gateway.batches] == [None]
