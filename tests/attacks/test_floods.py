"""Requests that are too large, slow, many or frequent: limited, answered, and no other user waits."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from support.deployment import BASE, DEADLINE_S, Deployment, deployed, signed
from support.run import asynchronous

from rasa_autoplay.settings.rate_limits import RateLimitSettings

#: A rate that is sufficient for these tests' own users.
GENEROUS = {"user_per_minute": 1_000_000, "user_sessions_per_minute": 1_000_000}


async def half_request(made: Deployment, stack: AsyncExitStack, *lines: str, body: str = "") -> None:
    """Begin a request and never finish it."""
    host, port = made.origin.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    stack.callback(writer.close)
    writer.write("\r\n".join(lines).encode() + body.encode())
    await writer.drain()


@asynchronous
async def test_rejects_too_large_bodies(tmp_path: Path) -> None:
    async with deployed(tmp_path, webhook_secret="w", posthog_secret="p") as made:
        large = b'{"offer_id": "' + b"x" * (8 << 20) + b'"}'
        for path in ("/proactive/ack", "/proactive/inject", "/tour/start", "/capture/e/", "/events"):
            assert (await made.request("POST", path, large, signed("mallory")))[0] == 413, path
        assert (await made.request("POST", "/posthog", large, {"x-posthog-secret": "p"}))[0] == 413
        assert (await made.health())["bodies"]["refused"]["413"] == 6
        await made.check_still_serves()


@asynchronous
async def test_gives_up_slow_senders(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made, AsyncExitStack() as stack:
        post = f"POST {BASE}/proactive/ack HTTP/1.1"
        for _ in range(300):
            await half_request(made, stack, post, "Host: x", "X-Slow: ", body="a")
        for _ in range(700):
            await half_request(made, stack, post, "Host: x", "Content-Length: 60000", "", body="{")
        await asyncio.wait_for(made.check_still_serves(), DEADLINE_S)
        assert (await made.health())["bodies"]["under_way"] <= 500


@pytest.mark.slow
@asynchronous
async def test_limits_streams_per_user(tmp_path: Path) -> None:
    streams = 10_000
    async with deployed(tmp_path, rate_limits=GENEROUS) as made, AsyncExitStack() as stack:
        url = f"{made.origin}{BASE}/proactive/stream/mallory"
        headers = signed("mallory")
        answers: Counter[int] = Counter()

        async def open_one() -> None:
            response = await stack.enter_async_context(made.http.get(url, headers=headers))
            answers[response.status] += 1
            if response.status == 429:
                assert int(response.headers["Retry-After"]) > 0
                await response.read()

        for _ in range(streams // 100):
            await asyncio.gather(*(open_one() for _ in range(100)))
        most = RateLimitSettings().max_feeds_per_user
        assert answers == {200: most, 429: streams - most}
        feeds = (await made.health())["feeds"]
        assert feeds == {"open": most, "refused": {"by_user": streams - most}}
        await made.check_still_serves()


@asynchronous
async def test_rate_limiting_one_user_does_not_slow_others(tmp_path: Path) -> None:
    capture = b'{"batch":[{"event":"$pageview","properties":{"$session_id":"s"}}]}'
    bodies = {"/tour/step": b'{"user_id":"mallory"}', "/capture/e/": capture}
    async with deployed(tmp_path) as made:
        answers: Counter[tuple[str, int]] = Counter()
        for _ in range(300):
            for path, body in bodies.items():
                async with made.http.post(
                    f"{made.origin}{BASE}{path}", data=body, headers=signed("mallory")
                ) as response:
                    answers[path, response.status] += 1
                    if response.status != 200:
                        assert 0 < int(response.headers["Retry-After"]) <= 60
        # posthog-js drops its events after every 4xx, and resends them after a 503.
        assert set(answers) == {(p, s) for p in bodies for s in (200, 503 if "capture" in p else 429)}
        refused = [answers["/tour/step", 429], answers["/capture/e/", 503]]
        assert all(refused), "what is captured counts too"
        assert (await made.health())["rate_limited"]["by_user"] == sum(refused)
        toast = await made.offer_to("anna")
        assert toast["session_id"] == "ps-anna"


@asynchronous
async def test_rejects_new_feeds_when_full_and_keeps_serving_open_ones(tmp_path: Path) -> None:
    async with deployed(tmp_path, rate_limits={**GENEROUS, "max_feeds": 40}) as made:
        anna = await made.listen("anna")
        crowd = [await made.listen(f"user-{number}") for number in range(60)]
        refused = [stream.response for stream in crowd if stream.response.status != 200]
        assert len(refused) == 21
        assert {response.status for response in refused} == {503}
        assert all(int(response.headers["Retry-After"]) > 0 for response in refused)
        assert (await made.health())["feeds"]["refused"] == {"by_total": 21}
        await made.send_story("anna")
        await anna.toast()


@asynchronous
async def test_evicts_sessions_above_the_limit(tmp_path: Path) -> None:
    async with deployed(tmp_path, "max_sessions: 50", rate_limits=GENEROUS) as made:
        for number in range(200):
            event = {
                "event": "$pageview",
                "uuid": f"e{number}",
                "properties": {
                    "$session_id": f"s{number}",
                    "$current_url": "https://a.example/",
                    "distinct_id": "mallory",
                },
            }
            assert (await made.post("/capture/e/", {"batch": [event]}, "mallory"))[0] == 200
        await made.check_still_serves()
        engine = (await made.health())["engine"]
        assert engine["sessions"] <= 50
        assert engine["sessions_evicted"] >= 150
