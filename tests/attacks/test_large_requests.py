"""A large request or push does not delay other requests."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from support.deployment import Deployment, deployed, signed
from support.event_loop import LoopWatch
from support.run import asynchronous

GENEROUS = {"user_events_per_minute": 1_000_000, "user_sessions_per_minute": 1_000_000}
EVENTS = 4_000
#: CPU seconds for which one request may block others; a body of 4 MB is decoded at once.
_LONGEST_S = 0.15


def hostile_request() -> bytes:
    """Return the titles that are slowest to mask: many different near-email addresses."""

    def event(number: int) -> dict[str, Any]:
        text = f"{number} " + "a.b-c_d+e@" * 80
        return {
            "uuid": f"e{number}",
            "event": "$autocapture",
            "distinct_id": "mallory",
            "timestamp": time.time(),
            "properties": {
                "$session_id": "ps-mallory",
                "$is_identified": True,
                "$event_type": "click",
                "$current_url": f"https://app.example.com/a%25401/{number}",
                "$elements": [{"tag_name": "button", "$el_text": text}],
            },
        }

    return json.dumps({"batch": [event(number) for number in range(EVENTS)]}).encode()


@asynccontextmanager
async def measured() -> AsyncIterator[None]:
    """Fail if the event loop works too long without a pause."""
    loop = LoopWatch()
    watching = asyncio.get_running_loop().create_task(loop.watch())
    try:
        yield
    finally:
        watching.cancel()
    assert loop.longest_s < _LONGEST_S


@pytest.mark.slow
@asynchronous
async def test_a_large_capture_request_does_not_block_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It takes 10 s of a core, and on a busy machine longer than Sanic's 60 s: how long is not the question.
    monkeypatch.setenv("SANIC_RESPONSE_TIMEOUT", "240")
    body = hostile_request()
    async with deployed(tmp_path, rate_limits=GENEROUS) as made:
        async with measured():
            status, _ = await capture(made, body)
        assert status == 200
        assert (await made.health())["sources"]["capture"]["accepted"] == EVENTS
        await made.check_still_serves()


async def capture(made: Deployment, body: bytes) -> tuple[int, Any]:
    headers = {"Content-Type": "application/json", **signed("mallory")}
    return await made.request("POST", "/capture/e/", body, headers)


def click(number: int, title: str) -> dict[str, Any]:
    return {
        "uuid": f"t{number}",
        "event": "$autocapture",
        "distinct_id": "mallory",
        "timestamp": time.time(),
        "properties": {
            "$session_id": "ps-mallory",
            "$is_identified": True,
            "$event_type": "click",
            "$current_url": "https://app.example.com/",
            "$elements": [{"tag_name": "button", "$el_text": title}],
        },
    }


#: Texts on which an email pattern may backtrack.
_NEARLY_EMAILS = {
    "no at sign": "a.b-c_d+e%",
    "many at signs": "a@",
    "no top-level domain": "a@b-c.",
    "encoded at signs": "a%40b%2540",
    "one long word": "a",
}


@asynchronous
async def test_masking_titles_like_email_addresses_is_fast(tmp_path: Path) -> None:
    size = 42_000
    async with deployed(tmp_path, rate_limits=GENEROUS) as made:
        for number, text in enumerate(_NEARLY_EMAILS.values()):
            one = [click(number, (text * size)[:size])]
            many = [click(100 * number + n + 100, f"{n} " + (text * size)[: size // 20]) for n in range(20)]
            for events in (one, many):
                async with measured():
                    status, _ = await capture(made, json.dumps({"batch": events}).encode())
                assert status == 200
        await made.check_still_serves()


_PUSHED = {
    "texts": [{"title": f"{n} " + "a.b-c_d+e@" * 80} for n in range(1_150)],
    "long URLs": [{"raw_url": "https://a.example/" + "a%25401/" * 750 + str(n)} for n in range(150)],
    "all texts": [
        dict.fromkeys(
            ("title", "description", "type", "element_id", "canonical_url", "raw_url"),
            f"{n} " + "a.b-c_d+e@" * 220,
        )
        for n in range(75)
    ],
    "small actions": [{"title": str(n)} for n in range(20_000)],
}


@pytest.mark.slow
@asynchronous
async def test_a_large_push_does_not_block_others(tmp_path: Path) -> None:
    secret = "s3cret-of-the-webhook"
    async with deployed(tmp_path, rate_limits=GENEROUS, webhook_secret=secret) as made:
        for name, actions in _PUSHED.items():
            batch = {"type": "actions", "session_id": name, "user_id": "u1", "forwarded_at": time.time()}
            body = json.dumps({**batch, "actions": actions}).encode()
            assert 300_000 < len(body) < 1 << 20, name
            signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
            async with measured():
                headers = {"X-Connector-Signature": f"sha256={signature}"}
                status, answer = await made.request("POST", "/events", body, headers)
                assert (status, answer) == (200, {"status": "ok"}), name
        await made.check_still_serves()
