"""PostHog's routes on a real server: the responses to posthog-js and to a destination, and access control."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from support.gateway import served_gateway
from support.run import asynchronous

from example_bot import recording

SECRET = "s3cret-word"
KEY = "phc_mine"
RECORDINGS = (recording.RECORDINGS, Path(__file__).parents[1] / "recordings" / "posthog")
STORIES = {file.stem: folder for folder in RECORDINGS for file in sorted(folder.glob("*.jsonl"))}


def event(text: str = "Save", uuid: str = "u1", **properties: Any) -> dict[str, Any]:
    chain = f'button:text="{text}"nth-child="1"'
    own = {"$session_id": "s1", "distinct_id": "jane", "$event_type": "click", "$elements_chain": chain}
    return {"uuid": uuid, "event": "$autocapture", "properties": {**own, **properties}}


def body(*events: Any, **head: Any) -> bytes:
    return json.dumps({"batch": events, **head}).encode()


# --- what a recorded browser sends -------------------------------------------------------------------------


@pytest.mark.parametrize("story", STORIES)
@asynchronous
async def test_answers_every_request_of_a_recorded_browser(story: str) -> None:
    async with served_gateway() as gateway:
        for request in recording.load(story, STORIES[story]):
            if request.method == "OPTIONS":
                continue  # Rasa's own middleware answers it
            headers = {"content-type": request.content_type} if request.content_type else None
            path = f"/capture{request.path}" + (f"?{request.query}" if request.query else "")
            status, answer = await gateway.request(request.method, path, request.body, headers)
            assert status == 200, path
            if request.is_capture:
                assert answer == {"status": 1}
        health = await gateway.health("capture")
        assert (health["malformed"], health["unreadable"], health["refused"]) == (0, 0, 0)
        assert health["accepted"] == len(gateway.actions) > 5


PACKED = json.dumps([event()]).encode()
BEACONS = {
    "text": (PACKED, "text/plain;charset=UTF-8", ""),
    "gzip": (gzip.compress(PACKED), "text/plain", "&compression=gzip-js"),
    "base64": (
        b"data=" + quote(base64.b64encode(PACKED)).encode(),
        "application/x-www-form-urlencoded",
        "&compression=base64",
    ),
    "blob": (PACKED, "application/json", ""),
}


@pytest.mark.parametrize("kind", BEACONS)
@asynchronous
async def test_accepts_a_beacon(kind: str) -> None:
    content, content_type, query = BEACONS[kind]
    async with served_gateway() as gateway:
        path = f"/capture/e/?beacon=1{query}"
        assert await gateway.request("POST", path, content, {"content-type": content_type}) == (
            200,
            {"status": 1},
        )
        assert [action.title for action in gateway.actions] == ["Click Save"]


@pytest.mark.parametrize("path", ["/flags/?v=2", "/flags/", "/decide/?v=4", "/decide"])
@pytest.mark.parametrize("method", ["GET", "POST"])
@asynchronous
async def test_returns_no_feature_flags_on_any_route(method: str, path: str) -> None:
    async with served_gateway() as gateway:
        content = b"data=eyJ0b2tlbiI6IngifQ%3D%3D" if method == "POST" else b""
        status, answer = await gateway.request(method, f"/capture{path}", content)
        assert (status, answer["featureFlags"], answer["errorsWhileComputingFlags"]) == (200, {}, False)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api/surveys/?token=phc_x", "surveys"),
        ("/api/early_access_features/?token=phc_x", "earlyAccessFeatures"),
        ("/api/web_experiments/?token=phc_x", "experiments"),
        ("/api/product_tours/?token=phc_x", "product_tours"),
    ],
)
@asynchronous
async def test_answers_other_page_requests_with_an_empty_list(path: str, name: str) -> None:
    async with served_gateway() as gateway:
        assert await gateway.request("GET", f"/capture{path}") == (200, {name: []})


@asynchronous
async def test_discards_screen_recordings() -> None:
    async with served_gateway() as gateway:
        answer = await gateway.request("POST", "/capture/s/", b"\x1f\x8b whatever it may be")
        assert answer == (200, {"status": 1})
        assert (await gateway.health("capture"))["unreadable"] == 0


@asynchronous
async def test_answers_404_with_the_npm_remedy_for_library_scripts() -> None:
    async with served_gateway() as gateway:
        status, answer = await gateway.request("GET", "/capture/static/array.js")
        assert status == 404
        assert "npm" in answer["remedy"]


# --- the project key ---------------------------------------------------------------------------------------

CARRIED = {
    "api_key": body(event(), api_key=KEY),
    "token": body(event(), token=KEY),
    "in the event": json.dumps([event(token=KEY)]).encode(),
}


@pytest.mark.parametrize("place", CARRIED)
@asynchronous
async def test_accepts_the_project_key(place: str) -> None:
    async with served_gateway(capture={"project_key": KEY}) as gateway:
        assert (await gateway.request("POST", "/capture/e/", CARRIED[place]))[0] == 200
        assert len(gateway.actions) == 1


@pytest.mark.parametrize("place", CARRIED)
@pytest.mark.parametrize("other", ["phc_other", "phx_personal", ""])
@asynchronous
async def test_rejects_another_key_with_a_remedy(place: str, other: str) -> None:
    async with served_gateway(capture={"project_key": KEY}) as gateway:
        content = CARRIED[place].replace(KEY.encode(), other.encode())
        status, answer = await gateway.request("POST", "/capture/e/", content)
        assert (status, gateway.actions) == (401, [])
        assert "phc_" in answer["remedy"] or "project key" in answer["remedy"]
        health = await gateway.health("capture")
        assert (health["refused"], health["accepted"]) == (1, 0)
        assert health["remedy"] == answer["remedy"]
        assert ("personal" in health["remedy"]) == other.startswith("phx_")
        assert KEY not in json.dumps([answer, health])
        # The rejected event counts as unseen: it is accepted with the right key.
        await gateway.request("POST", "/capture/e/", CARRIED[place])
        assert len(gateway.actions) == 1


@asynchronous
async def test_without_a_project_key_accepts_any_and_warns_of_a_personal_one() -> None:
    async with served_gateway() as gateway:
        assert (await gateway.request("POST", "/capture/e/", body(event(), api_key="phx_x")))[0] == 200
        assert len(gateway.actions) == 1
        assert "personal key" in (await gateway.health("capture"))["remedy"]


@asynchronous
async def test_warns_when_a_page_reports_no_page_views() -> None:
    async with served_gateway() as gateway:
        clicks = [event(uuid=f"u{number}") for number in range(20)]
        await gateway.request("POST", "/capture/e/", body(*clicks[:19]))
        assert "remedy" not in await gateway.health("capture")
        await gateway.request("POST", "/capture/e/", body(clicks[19]))
        assert "capture_pageview" in (await gateway.health("capture"))["remedy"]
        opened = {**event(uuid="p"), "event": "$pageview"}
        await gateway.request("POST", "/capture/e/", body(opened))
        assert "remedy" not in await gateway.health("capture")


# --- the destination ---------------------------------------------------------------------------------------

CLICK = {
    "event": "$autocapture",
    "event_type": "click",
    "session_id": "s1",
    "distinct_id": "jane",
    "elements_chain": 'button:text="Save"nth-child="1"',
}


@asynchronous
async def test_accepts_a_destination_with_the_secret() -> None:
    async with served_gateway(posthog_secret=SECRET) as gateway:
        for sent in (CLICK, [CLICK, 7]):
            content = json.dumps(sent).encode()
            status, answer = await gateway.request("POST", "/posthog", content, {"x-posthog-secret": SECRET})
            assert (status, answer["status"]) == (200, "ok")
        health = await gateway.health("posthog")
        assert (health["accepted"], health["malformed"], health["state"]) == (2, 1, "connected")


@pytest.mark.parametrize("presented", [None, "", "wrong", SECRET.upper(), f"{SECRET}x"])
@asynchronous
async def test_rejects_a_destination_without_the_secret(presented: str | None) -> None:
    async with served_gateway(posthog_secret=SECRET) as gateway:
        headers = {} if presented is None else {"x-posthog-secret": presented}
        for content in (json.dumps(CLICK).encode(), b"{", b""):
            status, answer = await gateway.request("POST", "/posthog", content, headers)
            assert (status, set(answer)) == (401, {"error"})
        assert gateway.link.sent == []
        assert (await gateway.health("posthog"))["refused"] == 3


@asynchronous
async def test_destination_route_is_absent_without_a_configured_secret() -> None:
    async with served_gateway() as gateway:
        status, _ = await gateway.request("POST", "/posthog", b"{}", {"x-posthog-secret": ""})
        assert status == 404


@asynchronous
async def test_capture_and_destination_name_the_same_click_alike() -> None:
    async with served_gateway(posthog_secret=SECRET) as gateway:
        await gateway.request("POST", "/capture/e/", body(event()))
        content = json.dumps({**CLICK, "uuid": "u1"}).encode()
        await gateway.request("POST", "/posthog", content, {"x-posthog-secret": SECRET})
        first, second = gateway.batches
        assert first.event_ids == second.event_ids != [0]
        assert [a.title for a in gateway.actions] == ["Click Save"] * 2, (
            "the engine believes the first source"
        )


@asynchronous
async def test_counts_an_event_that_is_resent_after_a_full_queue() -> None:
    async with served_gateway(posthog_secret=SECRET) as gateway:
        gateway.link.has_room = False
        for path, content in (
            ("/capture/e/", body(event())),
            ("/posthog", json.dumps({**CLICK, "uuid": "u1"}).encode()),
        ):
            headers = {"x-posthog-secret": SECRET}
            assert (await gateway.request("POST", path, content, headers))[0] == 503
            gateway.link.has_room = True
            for _ in range(2):
                assert (await gateway.request("POST", path, content, headers))[0] == 200
            gateway.link.has_room = False
        for source in ("capture", "posthog"):
            health = await gateway.health(source)
            counts = health["accepted"], health["duplicate"], health["dropped"]
            assert counts == (1, 1, 1)
        assert len(gateway.actions) == 2
