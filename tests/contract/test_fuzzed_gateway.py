"""Whatever a stranger sends to a gateway, it never raises, and the good neighbours are accepted.

The cases come from a seeded generator: good bodies with damaged values, structure or bytes.
"""

from __future__ import annotations

import base64
import copy
import gzip
import hashlib
import hmac
import json
import logging
import random
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from support.damage import JUNK, broken, damaged, encoded
from support.fuzzing import Fuzzing, fuzzing_time
from support.gateway import ServedGateway, served_gateway
from support.run import asynchronous

SECRET = "s3cret-word-of-sources"
Record = Callable[[str, object], None]

EVENT: dict[str, Any] = {
    "uuid": "u1",
    "event": "$autocapture",
    "timestamp": "2023-11-14T22:13:20Z",
    "offset": 12,
    "distinct_id": "jane",
    "properties": {
        "$session_id": "s1",
        "$current_url": "https://a.example/projects/7",
        "$event_type": "click",
        "$elements_chain": 'button.primary:attr__id="save"text="Save"nth-child="1"',
        "$elements": [{"tag_name": "button", "$el_text": "Save", "attr__class": ["a"]}],
        "$is_identified": True,
        "$device_id": "d1",
        "token": "phc_x",
        "email": "jane@a.example",
    },
    "$set": {"email": "jane@a.example"},
}
ROW: dict[str, Any] = {
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
    "uuid": "u1",
    "is_identified": True,
    "device_id": "d1",
}
PUSHED: dict[str, Any] = {
    "type": "actions",
    "product_id": "demo",
    "session_id": "s1",
    "user_id": "u1",
    "email": None,
    "count": 1,
    "forwarded_at": 1_700_000_000.0,
    "actions": [{"index": 0, "type": "click", "title": "Click Save", "timestamp_start": 1_700_000_000.0}],
}
JSON_GATEWAYS: dict[str, dict[str, Any]] = {
    "/proactive/ack": {"offer_id": "o1", "event": "seen", "user_id": "u1"},
    "/proactive/explain": {"user_id": "u", "trigger_id": "t", "offer_id": "o", "step": "s"},
    "/proactive/inject": {"sender_id": "w", "body": "?", "user_id": "u", "trigger_id": "t", "offer_id": "o"},
    "/tour/start": {"user_id": "u1", "tour_id": "bulk"},
    "/tour/step": {"user_id": "u1"},
    "/tour/end": {"user_id": "u1"},
    "/tips": {"user_id": "u1", "change": "mute", "topic": "path:bulk", "for_s": 3600},
    "/consent": {"user_id": "u1", "consent": True, "version": "1"},
}
OFFERS_PATH, SERVER_KEY = "/offers", "server-key-of-the-tests"
PROPOSALS_PATH = "/proposals/step"
STEP: dict[str, Any] = {"proposal_id": "bulk", "action": "promote", "base": "ab12", "by": "Ann", "why": ""}
OFFER: dict[str, Any] = {
    "trigger": "suggestion",
    "user_id": "u1",
    "session_id": "s1",
    "body": "Ready?",
    "golden_path": "bulk",
    "expires_after": "2m",
}
DRAFT: dict[str, Any] = {"id": "save", "title": "Save", "steps": [{"id": "save", "text": "Press it."}]}
RECORDED: dict[str, dict[str, Any]] = {
    "/recorder/action": {"event": EVENT, "draft": DRAFT},
    "/recorder/draft": {"draft": DRAFT},
    "/recorder/save": {"draft": DRAFT},
}

PACKINGS: list[Callable[[bytes], bytes]] = [
    bytes,
    lambda content: gzip.compress(content, compresslevel=1),
    lambda content: b"data=" + quote(base64.b64encode(content)).encode(),
    base64.b64encode,
]
CONTENT_TYPES = ["application/json", "text/plain", "application/x-www-form-urlencoded", "x", ""]
QUERIES = [
    "",
    "?_=1",
    "?compression=gzip-js",
    "?compression=lz64",
    "?data=%FF",
    "?sent_at=x&_=99999999999999",
]


async def send_fuzzed(
    fuzzing: Fuzzing,
    gateway: ServedGateway,
    path: str,
    content: bytes,
    headers: dict[str, str],
    method: str = "POST",
) -> int:
    """Send one case; return the status. The CPU time is that of client and server."""
    with fuzzing.case(len(content) + len(path)):
        status, answer = await gateway.request(method, path, content, headers)
    assert 200 <= status < 500, (status, answer, content[:500])
    if status >= 400:
        assert set(answer) <= {"error", "remedy"}, answer
        assert "Traceback" not in json.dumps(answer)
    return status


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


@fuzzing_time()
@asynchronous
async def test_good_captures_pass_among_fuzzed_ones(
    budget_s: float, record_property: Record, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(1)  # noqa: S311 - the same cases each time
    async with served_gateway() as gateway:
        fuzzing, number = Fuzzing("capture", budget_s), 0
        while fuzzing.has_time:
            number += 1
            good = copy.deepcopy(EVENT) | {"uuid": f"good-{number}"}
            good["properties"]["$session_id"] = "good"
            junk = [damaged(EVENT, chance) for _ in range(chance.randint(0, 3))]
            batch = [*junk, good, *junk]
            shape = batch if chance.random() < 0.3 else {"api_key": chance.choice(JUNK), "batch": batch}
            if isinstance(shape, dict):
                shape |= {"sent_at": chance.choice(JUNK)}
            headers = {"content-type": chance.choice(CONTENT_TYPES)}
            before = len(gateway.actions)
            content = chance.choice(PACKINGS)(encoded(shape))
            assert await send_fuzzed(fuzzing, gateway, "/capture/e/", content, headers) == 200
            assert any(action.session_id == "good" for action in gateway.actions[before:]), shape
            gateway.link.sent.clear()
            damage = broken(content, chance)
            await send_fuzzed(fuzzing, gateway, f"/capture/e/{chance.choice(QUERIES)}", damage, headers)
            text = quote(damage[:500])
            await send_fuzzed(fuzzing, gateway, f"/capture/e/?data={text}", b"", {}, method="GET")
            gateway.link.sent.clear()
        assert complaints(caplog) == []
        fuzzing.report(record_property)


@fuzzing_time()
@asynchronous
async def test_good_destination_rows_pass_among_fuzzed_ones(
    budget_s: float, record_property: Record, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(2)  # noqa: S311 - the same cases each time
    headers = {"x-posthog-secret": SECRET}
    async with served_gateway(posthog_secret=SECRET) as gateway:
        fuzzing, number = Fuzzing("destination", budget_s), 0
        while fuzzing.has_time:
            number += 1
            good = ROW | {"uuid": f"good-{number}", "session_id": "good"}
            junk = [damaged(ROW, chance) for _ in range(chance.randint(0, 3))]
            content = encoded([*junk, good, *junk])
            assert await send_fuzzed(fuzzing, gateway, "/posthog", content, headers) == 200
            assert any(action.session_id == "good" for action in gateway.actions), junk
            gateway.link.sent.clear()
            await send_fuzzed(fuzzing, gateway, "/posthog", broken(content, chance), headers)
            assert (
                await send_fuzzed(fuzzing, gateway, "/posthog", content, {"x-posthog-secret": SECRET[1:]})
                == 401
            )
            gateway.link.sent.clear()
        assert complaints(caplog) == []
        fuzzing.report(record_property)


@fuzzing_time()
@asynchronous
async def test_fuzzed_pushed_events_never_crash(
    budget_s: float, record_property: Record, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(3)  # noqa: S311 - the same cases each time
    async with served_gateway(webhook_secret=SECRET) as gateway:
        fuzzing, number = Fuzzing("pushed events", budget_s), 0
        while fuzzing.has_time:
            number += 1
            junk = damaged(PUSHED, chance)
            for content in (encoded(junk), broken(encoded(PUSHED), chance)):
                await send_fuzzed(
                    fuzzing, gateway, "/events", content, {"x-connector-signature": _signed(content)}
                )
                assert (
                    await send_fuzzed(
                        fuzzing, gateway, "/events", content, {"x-connector-signature": "sha256=00"}
                    )
                    == 401
                )
            gateway.link.sent.clear()
            neighbours = [damaged(PUSHED["actions"][0], chance) for _ in range(2)]
            good = {**PUSHED["actions"][0], "title": f"Good {number}", "timestamp_start": time.time()}
            content = encoded({**PUSHED, "actions": [*neighbours, good], "forwarded_at": None})
            assert (
                await send_fuzzed(
                    fuzzing, gateway, "/events", content, {"x-connector-signature": _signed(content)}
                )
                == 200
            )
            assert f"Good {number}" in [action.title for action in gateway.actions], neighbours
            gateway.link.sent.clear()
        assert complaints(caplog) == []
        fuzzing.report(record_property)


def _signed(content: bytes) -> str:
    return "sha256=" + hmac.new(SECRET.encode(), content, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("path", JSON_GATEWAYS)
@fuzzing_time()
@asynchronous
async def test_fuzzed_json_requests_never_crash(
    path: str, budget_s: float, record_property: Record, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(path)  # noqa: S311 - the same cases each time
    async with served_gateway() as gateway:
        fuzzing = Fuzzing(path, budget_s)
        while fuzzing.has_time:
            await send_fuzzed(fuzzing, gateway, path, encoded(damaged(JSON_GATEWAYS[path], chance)), {})
            await send_fuzzed(fuzzing, gateway, path, broken(encoded(JSON_GATEWAYS[path]), chance), {})
            assert await send_fuzzed(fuzzing, gateway, path, encoded(JSON_GATEWAYS[path]), {}) == 200
        assert complaints(caplog) == []
        fuzzing.report(record_property)


@fuzzing_time()
@asynchronous
async def test_fuzzed_offers_never_crash(
    budget_s: float, record_property: Record, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(OFFERS_PATH)  # noqa: S311 - the same cases each time
    headers = {"Authorization": f"Bearer {SERVER_KEY}", "Idempotency-Key": "k1"}
    async with served_gateway(server_key=SERVER_KEY) as gateway:
        fuzzing = Fuzzing("offers", budget_s)
        while fuzzing.has_time:
            await send_fuzzed(fuzzing, gateway, OFFERS_PATH, encoded(damaged(OFFER, chance)), headers)
            await send_fuzzed(fuzzing, gateway, OFFERS_PATH, broken(encoded(OFFER), chance), headers)
            assert await send_fuzzed(fuzzing, gateway, OFFERS_PATH, encoded(OFFER), headers) == 201
        assert complaints(caplog) == []
        fuzzing.report(record_property)


@fuzzing_time()
@asynchronous
async def test_fuzzed_recordings_never_crash(
    budget_s: float, record_property: Record, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(4)  # noqa: S311 - the same cases each time
    async with served_gateway(admin_key=SECRET * 2) as gateway:
        fuzzing = Fuzzing("recorder", budget_s)
        while fuzzing.has_time:
            # A key of its own for each, because a recorder may send only so much.
            token, _ = gateway.gateway.recorder_keys.make_token("")
            _, begun = await gateway.request("POST", "/recorder/session", encoded({"token": token}), {})
            key = {"authorization": f"Bearer {begun['key']}"}
            path = chance.choice(list(RECORDED))
            await send_fuzzed(fuzzing, gateway, path, encoded(damaged(RECORDED[path], chance)), key)
            await send_fuzzed(fuzzing, gateway, path, broken(encoded(RECORDED[path]), chance), key)
            assert await send_fuzzed(fuzzing, gateway, path, encoded(RECORDED[path]), key) == 200
        assert complaints(caplog) == []
        fuzzing.report(record_property)


@fuzzing_time()
@asynchronous
async def test_fuzzed_steps_of_proposals_never_crash(
    budget_s: float, record_property: Record, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(PROPOSALS_PATH)  # noqa: S311 - the same cases each time
    key = SECRET * 2
    headers = {"authorization": f"Bearer {key}"}
    async with served_gateway(admin_key=key) as gateway:
        fuzzing = Fuzzing("proposals", budget_s)
        while fuzzing.has_time:
            await send_fuzzed(fuzzing, gateway, PROPOSALS_PATH, encoded(damaged(STEP, chance)), headers)
            await send_fuzzed(fuzzing, gateway, PROPOSALS_PATH, broken(encoded(STEP), chance), headers)
            assert await send_fuzzed(fuzzing, gateway, PROPOSALS_PATH, encoded(STEP), headers) == 200
        assert complaints(caplog) == []
        fuzzing.report(record_property)
