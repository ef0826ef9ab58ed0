"""Rate limits stop strangers and floods, and lose nothing of well-behaved users."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support.background import eventually
from support.deployment import DEADLINE_S, Deployment, deployed, signed
from support.gateway import served_gateway
from support.run import asynchronous
from support.stories import batch, save, story_of_user

from rasa_autoplay.gateway.access.request_limits import RequestLimits, sender_of
from rasa_autoplay.settings.rate_limits import RateLimitSettings

OFFICE = {"X-Forwarded-For": "203.0.113.7"}
SECRET = "webhook-secret-word"


def pageview(session: str, user: str, uuid: str = "") -> dict[str, Any]:
    properties = {"$session_id": session, "$current_url": "https://a.example/", "distinct_id": user}
    return {"event": "$pageview", "uuid": uuid or f"{session}-{user}", "properties": properties}


def packed(*events: dict[str, Any]) -> bytes:
    return json.dumps({"batch": events}).encode()


@asynchronous
async def test_three_hundred_users_behind_one_address_get_their_toasts(tmp_path: Path) -> None:
    users = [f"user-{number}" for number in range(300)]
    answers: Counter[int] = Counter()

    async def send_story(made: Deployment, user: str) -> None:
        story = story_of_user(
            "edit_three_projects__batched", user_id=user, session_id=f"ps-{user}", email=f"{user}@example.com"
        )
        for request in story:
            headers = {"Content-Type": request.content_type, **signed(user), **OFFICE}
            path = f"/capture{request.path}?{request.query}"
            answers[(await made.request("POST", path, request.body, headers))[0]] += 1

    # However low the limit per address, users with a token have their own.
    async with deployed(tmp_path, proxies=1, rate_limits={"address_per_minute": 60}) as made:
        streams = {user: await made.listen(user) for user in users}
        for start in range(0, len(users), 50):
            await asyncio.gather(*(send_story(made, user) for user in users[start : start + 50]))
        assert set(answers) == {200}
        await eventually(
            lambda: all(s.toasts for s in streams.values()), within_s=DEADLINE_S, what="everybody's toast"
        )


@pytest.mark.slow
def test_an_office_without_tokens_is_within_the_default_limits() -> None:
    """300 users all arrive within 5 s, click once a second, and reload a page every minute."""
    now = 0.0
    rates = RequestLimits(RateLimitSettings(), lambda: now)
    for second in range(600):
        for user in range(300):
            arrives = user % 5
            if second < arrives:
                continue
            session = f"{user}-{(second - arrives) // 60}"
            # The click, plus feed, configuration and scripts once per minute.
            for _ in range(1 + 4 * ((second - arrives) % 60 == 0)):
                rates.check_address("203.0.113.7")
            rates.check_events(sender_of("", "203.0.113.7", session), 3, [session])
        now += 1.0
    assert not any(rates.health().values())


@asynchronous
async def test_a_signed_user_is_served_when_the_address_has_used_up_its_limit(
    tmp_path: Path,
) -> None:
    async with deployed(tmp_path, proxies=1, rate_limits={"address_per_minute": 60}) as made:
        # An unchecked token, such as one of the health page, proves nothing.
        junk = {**OFFICE, "Authorization": "Bearer junk"}
        answers = Counter([(await made.request("GET", "/", headers=junk))[0] for _ in range(30)])
        assert answers[429] >= 15
        assert (await made.request("POST", "/capture/e/", packed(), junk))[0] == 503
        anna = {**signed("anna"), **OFFICE}
        for number in range(30):
            event = pageview("ps-anna", "anna", f"e{number}")
            assert (await made.request("POST", "/capture/e/", packed(event), anna))[0] == 200


@asynchronous
async def test_a_rate_limited_request_counts_once_when_it_is_retried(tmp_path: Path) -> None:
    """Like posthog-js: the same body again, no sooner than the response allows."""
    async with deployed(tmp_path, rate_limits={"user_per_minute": 240}) as made:
        url, refused = f"{made.origin}/webhooks/autoplay/capture/e/", 0
        for number in range(60):
            body = packed(pageview("ps-anna", "anna", f"e{number}"))
            while True:
                async with made.http.post(url, data=body, headers=signed("anna")) as response:
                    if response.status == 200:
                        break
                    assert response.status == 503
                    refused += 1
                    await asyncio.sleep(int(response.headers["Retry-After"]))
        assert refused > 0
        health = (await made.health())["sources"]["capture"]
        assert (health["accepted"], health["duplicate"]) == (60, 0)


@asynchronous
async def test_rejects_a_request_with_thousands_of_sessions() -> None:
    limits = {"user_sessions_per_minute": 60, "user_events_per_minute": 600}
    async with served_gateway(rate_limits=limits) as gateway:
        many = packed(*(pageview(f"s{number}", "mallory") for number in range(5_000)))
        assert (await gateway.request("POST", "/capture/e/", many))[0] == 413
        assert gateway.batches == []
        one_session = packed(*(pageview("mine", "mallory", f"e{number}") for number in range(400)))
        assert (await gateway.request("POST", "/capture/e/", one_session))[0] == 200
        status, answer = await gateway.request(
            "POST", "/capture/e/", packed(pageview("mine", "mallory", "next"))
        )
        assert (status, "too many requests" in answer["error"]) == (503, True), (
            "the large one used up three more turns"
        )
        # Another session is not delayed by it.
        assert (await gateway.request("POST", "/capture/e/", packed(pageview("other", "ben"))))[0] == 200
        _, health = await gateway.request("GET", "/")
        assert health["rate_limited"]["by_events"] == 1


@asynchronous
async def test_rate_limits_new_sessions_per_user(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made:
        answers: Counter[int] = Counter()
        for number in range(100):
            body = packed(pageview(f"s{number}", "mallory"))
            answers[(await made.request("POST", "/capture/e/", body, signed("mallory")))[0]] += 1
        assert 10 <= answers[200] <= 20
        assert answers[503] == 100 - answers[200]
        known = packed(pageview("s0", "mallory", "another"))
        assert (await made.request("POST", "/capture/e/", known, signed("mallory")))[0] == 200
        assert (await made.health())["engine"]["sessions"] == answers[200]
        await made.check_still_serves()


@pytest.mark.slow
@asynchronous
async def test_signed_sources_lose_nothing_at_two_hundred_a_second(tmp_path: Path) -> None:
    """3,000 destination events and some webhooks, at up to 200 a second."""
    headers = {"x-posthog-secret": "p", **OFFICE}
    now = time.time()

    def row(number: int) -> dict[str, Any]:
        return {
            "uuid": f"row-{number}",
            "event": "$pageview",
            "timestamp": now,
            "session_id": f"ps-{number % 500}",
            "current_url": f"https://a.example/{number}",
            "distinct_id": f"user-{number % 500}",
            "is_identified": True,
        }

    async def destination(made: Deployment, number: int) -> int:
        return (await made.request("POST", "/posthog", row(number), headers))[0]

    async def webhook(made: Deployment, number: int) -> int:
        user = f"pushed-{number % 500}"
        told = batch(save(at=now, index=number), session_id=f"ps-{user}", user_id=user, forwarded_at=now)
        body = json.dumps(told).encode()
        signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        push = {"X-Connector-Signature": signature, **OFFICE}
        return (await made.request("POST", "/events", body, push))[0]

    # However low the limit for strangers, senders with the secret are exempt.
    limits = {"address_per_minute": 6}
    sources: dict[str, Any] = {"posthog_secret": "p", "webhook_secret": SECRET, "rate_limits": limits}
    async with deployed(tmp_path, proxies=1, **sources) as made:
        answers: Counter[int] = Counter()
        for send, count in ((destination, 3_000), (webhook, 300)):
            for start in range(0, count, 20):
                begun = time.monotonic()
                answers.update(await asyncio.gather(*(send(made, n) for n in range(start, start + 20))))
                await asyncio.sleep(max(0.0, begun + 0.1 - time.monotonic()))
        assert answers == {200: 3_300}

        async def all_taken() -> bool:
            engine = (await made.health())["engine"]
            return bool(engine["actions"] == 3_300)

        await eventually(all_taken, within_s=DEADLINE_S, what="the engine has all of them")


@asynchronous
async def test_rate_limits_requests_with_a_wrong_secret(tmp_path: Path) -> None:
    limits = {"address_per_minute": 60}
    async with deployed(
        tmp_path, proxies=1, posthog_secret="p", webhook_secret=SECRET, rate_limits=limits
    ) as made:
        for path in ("/posthog", "/events"):
            answers = Counter([(await made.request("POST", path, b"{}", OFFICE))[0] for _ in range(20)])
            assert set(answers) <= {401, 503}
            assert answers[503] >= 5
        assert (await made.request("POST", "/posthog", [], {"x-posthog-secret": "p", **OFFICE}))[0] == 200
