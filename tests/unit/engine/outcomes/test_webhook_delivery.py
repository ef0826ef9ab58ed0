"""The webhook: signed, repeated with the same id, and never delayed by another receiver."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook
from support.background import eventually
from support.engine_parts import Clock
from support.outcome_receiver import OutcomeReceiver, receiving
from support.outcomes import SECRET, Outbound, outbound
from support.run import asynchronous

from rasa_autoplay.engine.outcomes.delivery import webhook
from rasa_autoplay.engine.outcomes.schedule import Schedule

FAULTS = [
    "500 Oops",
    "404 Not Found",
    "301 Moved\nLocation: http://127.0.0.1:9/",
    "429 Too Many",
    "cut off",
    "reset",
    "half a header",
]


def to(receiver: OutcomeReceiver, **more: Any) -> dict[str, Any]:
    """Return the settings of a webhook."""
    return {"webhook": {"url": receiver.url}, **more}


async def state(made: Outbound, target: str = "webhook") -> dict[str, Any]:
    """Return what health says about a target."""
    return dict((await listing(made))["targets"][target])


async def listing(made: Outbound) -> Any:
    """Return what operators see."""
    return (await made.outcomes.find(50)).outcomes


@asynchronous
async def test_posts_a_signed_outcome(tmp_path: Path) -> None:
    async with receiving() as receiver, outbound(tmp_path, **to(receiver)) as made:
        await made.made("Zoë")
        await eventually(lambda: receiver.accepted, what="an outcome")
        (request,) = receiver.requests
        outcome = Webhook(SECRET).verify(request.body, request.headers)
        assert (outcome["type"], outcome["data"]["user_id"]) == ("offer.made", "Zoë")
        assert outcome["id"] == request.message_id
        assert request.headers["content-type"] == "application/json"


@pytest.mark.parametrize("fault", FAULTS)
@asynchronous
async def test_repeats_with_the_same_id_until_it_succeeds(tmp_path: Path, fault: str) -> None:
    async with receiving() as receiver, outbound(tmp_path, **to(receiver)) as made:
        receiver.next_moods = [fault, fault]
        await made.made()
        await eventually(lambda: receiver.accepted, what="an outcome")
        assert len(receiver.requests) == 3
        assert len({(each.message_id, each.body) for each in receiver.requests}) == 1
        assert all(Webhook(SECRET).verify(each.body, each.headers) for each in receiver.requests)
        settled = await state(made)
        await eventually(
            lambda: made.in_state("delivered"),
            what="it is settled",
        )
        assert settled["failed"] == 0


@asynchronous
async def test_gives_up_after_eight_attempts_and_keeps_it_for_sending_it_again(tmp_path: Path) -> None:
    async with receiving() as receiver, outbound(tmp_path, **to(receiver)) as made:
        receiver.mood = "503 Busy"
        await made.made()

        async def has_failed() -> bool:
            return bool((await state(made))["failed"])

        await eventually(has_failed, what="it is given up")
        assert len(receiver.requests) == 8
        found = await listing(made)
        (failed,) = found["undelivered"]
        assert (failed["state"], failed["attempts"], failed["problem"]) == ("failed", 8, "it answers 503")
        assert "s3cret" not in str(found)
        receiver.mood = "204 No Content"
        assert (await made.outcomes.send_again([failed["outcome_id"]], 0)).count == 1
        await eventually(lambda: receiver.accepted, what="it is sent again")
        assert receiver.accepted[0].message_id == failed["outcome_id"]


@asynchronous
async def test_sends_again_what_was_recorded_since_a_time(tmp_path: Path) -> None:
    clock = Clock()
    async with receiving() as receiver, outbound(tmp_path, clock, **to(receiver)) as made:
        await made.made("early")
        await eventually(lambda: receiver.accepted, what="the first one")
        clock.now += 7_200
        await made.made("late")
        await eventually(lambda: len(receiver.accepted) == 2, what="the second one")
        await eventually(
            lambda: not made.in_state("waiting"),
            what="both are settled",
        )
        assert (await made.outcomes.send_again([], 3_600)).count == 1
        await eventually(lambda: len(receiver.accepted) == 3, what="the second one again")
        assert sorted(receiver.counts().values()) == [1, 2]


@asynchronous
async def test_asks_a_receiver_that_is_gone_no_more(tmp_path: Path) -> None:
    async with receiving() as receiver:
        async with outbound(tmp_path, **to(receiver)) as made:
            receiver.mood = "410 Gone"
            await made.made()
            await eventually(lambda: receiver.requests, what="the first attempt")

            async def is_gone() -> bool:
                return bool((await state(made))["state"] == "gone")

            await eventually(is_gone, what="it is known to be gone")
        receiver.mood = "200 OK"
        async with outbound(tmp_path, **to(receiver)) as made:  # a restart does not forget it
            assert (await state(made))["state"] == "gone"
            await made.made("u2")
            assert (await state(made))["waiting"] == 2
            assert len(receiver.requests) == 1
            await made.outcomes.send_again([], 3_600)
            await eventually(lambda: len(receiver.counts()) == 2, what="both after an operator's wish")
            assert (await state(made))["state"] == "ok"


@asynchronous
async def test_follows_retry_after(tmp_path: Path) -> None:
    async with receiving() as receiver, outbound(tmp_path, **to(receiver)) as made:
        receiver.next_moods = ["429 Too Many\nRetry-After: 1"]
        begun = time.monotonic()
        await made.made()
        await eventually(lambda: receiver.accepted, what="an outcome")
        assert time.monotonic() - begun > 0.9


@asynchronous
async def test_reads_only_the_beginning_of_an_endless_answer(tmp_path: Path) -> None:
    async with receiving() as receiver, outbound(tmp_path, **to(receiver)) as made:
        receiver.mood = "endless"
        await made.made()

        async def is_delivered() -> bool:
            return bool((await state(made))["delivered"] == 1)

        await eventually(is_delivered, what="the status is enough")


@asynchronous
async def test_opens_a_limited_number_of_requests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT_S", 1.0)
    async with receiving() as receiver, outbound(tmp_path, **to(receiver)) as made:
        receiver.mood = "hang"
        for number in range(30):
            await made.made(f"u{number}")
        await eventually(lambda: receiver.requests, what="requests")
        await asyncio.sleep(0.2)
        assert receiver.most_open <= webhook.WebhookTarget.requests


@asynchronous
async def test_a_hanging_receiver_delays_neither_the_ledger_nor_another_receiver(tmp_path: Path) -> None:
    async with receiving() as slow, receiving() as posthog:
        slow.mood = "hang"
        settings: dict[str, Any] = to(slow, posthog={"host": posthog.origin})
        async with outbound(tmp_path, **settings) as made:
            begun = time.monotonic()
            for number in range(50):
                offer = await made.made(f"u{number}")
                await made.says(offer, "accepted", "show_me")
            assert time.monotonic() - begun < 5

            def events() -> int:
                return sum(len(each.decoded()["batch"]) for each in posthog.accepted)

            await eventually(lambda: events() == 100, what="PostHog has all")


@asynchronous
async def test_delivers_what_waited_while_the_receiver_was_down(tmp_path: Path) -> None:
    async with receiving() as receiver, outbound(tmp_path, schedule=Schedule(), **to(receiver)) as made:
        await receiver.stop()
        ids = set()
        for number in range(40):
            await made.made(f"u{number}")
        ids = {row[0] for row in made.rows("SELECT outcome_id FROM autoplay_outcomes")}

        async def is_down() -> bool:
            return bool((await state(made))["state"] == "down")

        await eventually(is_down, what="it is known to be down")
        # By the schedule alone, tried outcomes would wait for minutes: most were not tried.
        await receiver.start()
        await eventually(lambda: len(receiver.counts()) >= 30, what="those that were not tried")
        assert set(receiver.counts()) <= ids


@asynchronous
async def test_drops_the_oldest_beyond_the_limit_and_counts_them(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"webhook": {"url": "http://localhost:1/"}, "max_rows": 1_000}
    async with outbound(tmp_path, Clock(), starts=False, **settings) as made:
        for number in range(1_010):
            await made.made(f"u{number}")
        await made.outcomes._forget_old(made.outcomes._settings)  # type: ignore[arg-type]
        assert (await state(made))["waiting"] == 1_000
        assert (await state(made))["dropped"] == 10
        assert not made.rows("SELECT 1 FROM autoplay_outcomes WHERE user_id = 'u9'")


@asynchronous
async def test_forgets_old_outcomes(tmp_path: Path) -> None:
    clock = Clock()
    settings: dict[str, Any] = {"webhook": {"url": "http://localhost:1/"}, "keep": "2d"}
    async with outbound(tmp_path, clock, starts=False, **settings) as made:
        await made.made("old")
        clock.now += 2 * 86_400 + 1
        await made.made("new")
        await made.outcomes._forget_old(made.outcomes._settings)  # type: ignore[arg-type]
        assert made.rows("SELECT user_id FROM autoplay_outcomes") == [("new",)]
        assert (await state(made))["dropped"] == 1


@asynchronous
async def test_exports_and_deletes_the_outcomes_of_a_user(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"webhook": {"url": "http://localhost:1/"}, "event_broker": True}
    async with outbound(tmp_path, Clock(), starts=False, **settings) as made:
        await made.made("u1")
        await made.made("u2")
        exported = await made.outcomes.outbox.export("u1")
        assert exported is not None
        assert [each["target"] for each in exported] == ["webhook", "event_broker"]
        assert await made.outcomes.outbox.forget("u1") == 2
        assert made.rows("SELECT DISTINCT user_id FROM autoplay_outcomes") == [("u2",)]
