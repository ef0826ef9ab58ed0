"""Requests full of texts that are slow for careless patterns: the server's event loop stays responsive."""

from __future__ import annotations

import asyncio
import copy
import hashlib
import hmac
import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from support.deployment import Deployment, deployed, signed
from support.event_loop import LoopWatch
from support.fuzzing import Fuzzing, fuzzing_time
from support.run import asynchronous
from support.slow_texts import shape

SECRET = "s3cret-word-of-sources"
_LONGEST_S = 0.2
#: A request whose longest turn took longer is measured this many times.
_TIMES = 3
_EVENTS, _LENGTH = 8, 2_000
_GENEROUS = {
    f"{who}{what}_per_minute": 1_000_000
    for who in ("user", "address")
    for what in ("", "_events", "_sessions")
}
_Request = tuple[str, str, bytes | None, dict[str, str]]


def _capture(text: str) -> _Request:
    properties = {
        "$session_id": "s1",
        "$is_identified": True,
        "$event_type": "click",
        "$current_url": f"https://a.example/{text}",
        "$elements_chain": text,
        "$elements": [{"tag_name": "button", "$el_text": text, "attr__id": text}],
        "$set": {"plan": text},
    }
    event = {"event": "$autocapture", "distinct_id": "mallory", "timestamp": time.time()}
    batch = [
        {**event, "uuid": f"{number}-{hash(text)}", "properties": properties} for number in range(_EVENTS)
    ]
    headers = {"content-type": "application/json", **signed("mallory")}
    return "POST", "/capture/e/", _json({"batch": batch}), headers


def _destination(text: str) -> _Request:
    row = {
        "event": "$autocapture",
        "timestamp": "2023-11-14T22:13:20Z",
        "event_type": "click",
        "session_id": "s1",
        "distinct_id": "mallory",
        "uuid": str(hash(text)),
        "current_url": f"https://a.example/{text}",
        "elements_chain": text,
        "button_or_link_text": text,
    }
    return "POST", "/posthog", _json([copy.copy(row) for _ in range(_EVENTS)]), {"x-posthog-secret": SECRET}


def _push(text: str) -> _Request:
    action = {"type": "click", "title": text, "description": text, "canonical_url": text, "element_id": text}
    actions = [{**action, "index": number, "timestamp_start": time.time()} for number in range(_EVENTS)]
    body = _json({"type": "actions", "session_id": "s1", "user_id": "u1", "actions": actions})
    return "POST", "/events", body, _signature(body)


def _summary(text: str) -> _Request:
    body = _json({"type": "summary", "session_id": "s1", "summary": text, "replaces": 3})
    return "POST", "/events", body, _signature(body)


def _receipt(text: str) -> _Request:
    return "POST", "/proactive/ack", _json({"offer_id": text, "event": text}), signed("mallory")


def _reply(text: str) -> _Request:
    return "GET", f"/reply?user_id=mallory&query={quote(text[:1_500])}", None, signed("mallory")


def _json(content: Any) -> bytes:
    return json.dumps(content).encode()


def _signature(body: bytes) -> dict[str, str]:
    return {"x-connector-signature": "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}


REQUESTS: dict[str, Callable[[str], _Request]] = {
    "capture": _capture,
    "destination": _destination,
    "push": _push,
    "summary": _summary,
    "receipt": _receipt,
    "reply": _reply,
}


async def _longest_turn_s(made: Deployment, name: str, request: _Request, fuzzing: Fuzzing) -> float:
    """Send a request, and return the longest turn of the event loop meanwhile, in seconds of CPU."""
    method, path, body, headers = request
    loop = LoopWatch()
    watching = asyncio.get_running_loop().create_task(loop.watch())
    status, answer = await made.request(method, path, body, headers)
    watching.cancel()
    fuzzing.took(loop.longest_s, len(body or b"") + len(path), f"longest turn of {name}")
    assert status < 500 or status == 503, (name, path[:80], status, answer)
    return loop.longest_s


@fuzzing_time()
@asynchronous
async def test_no_request_blocks_the_event_loop(
    budget_s: float, record_property: Callable[[str, object], None], tmp_path: Path
) -> None:
    chance = random.Random(18)  # noqa: S311 - the same cases each time
    fuzzing = Fuzzing("whole requests", budget_s)
    async with deployed(
        tmp_path, webhook_secret=SECRET, posthog_secret=SECRET, rate_limits=_GENEROUS
    ) as made:
        while fuzzing.has_time:
            text = shape(chance)(_LENGTH)
            for name, request in REQUESTS.items():
                # What only one of them does is the noise of a busy machine.
                turns_s = []
                for number in range(_TIMES):
                    turns_s.append(await _longest_turn_s(made, name, request(f"{text}{number}"), fuzzing))
                    if turns_s[-1] < _LONGEST_S:
                        break
                assert min(turns_s) < _LONGEST_S, (name, text[:80], turns_s)
        fuzzing.report(record_property)
        await made.check_still_serves()
