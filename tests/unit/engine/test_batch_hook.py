"""A team's on_actions hook sees every batch in order, and cannot delay the engine."""

from __future__ import annotations

import asyncio
import logging

import pytest
from support.background import eventually
from support.run import asynchronous

from rasa_autoplay.engine import batch_hook
from rasa_autoplay.engine.batch_hook import BatchHook
from rasa_autoplay.events.models import ActionsPayload


def batch(user: str) -> ActionsPayload:
    return ActionsPayload("demo", f"s_{user}", user, None, [])


@asynchronous
async def test_calls_a_plain_function_at_once() -> None:
    seen: list[ActionsPayload] = []
    hook = BatchHook(seen.append, 1.0)
    hook.call(batch("anna"))
    assert [each.user_id for each in seen] == ["anna"]
    await hook.stop()


@asynchronous
async def test_passes_batches_to_a_coroutine_in_order() -> None:
    seen: list[str | None] = []

    async def slow_for_anna(payload: ActionsPayload) -> None:
        await asyncio.sleep(0.05 if payload.user_id == "anna" else 0)
        seen.append(payload.user_id)

    hook = BatchHook(slow_for_anna, 5.0)
    for user in ("anna", "ben"):
        hook.call(batch(user))
    await hook.stop()
    assert seen == ["anna", "ben"]


@pytest.mark.parametrize("ignores_cancellation", [False, True])
@asynchronous
async def test_cancels_counts_and_logs_a_hanging_hook(
    ignores_cancellation: bool, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str | None] = []
    never = asyncio.Event()

    async def hang(payload: ActionsPayload) -> None:
        while payload.user_id == "mallory":
            try:
                await never.wait()
                return
            except asyncio.CancelledError:
                if not ignores_cancellation:
                    raise
        seen.append(payload.user_id)

    hook = BatchHook(hang, 0.1)
    for user in ("mallory", "anna"):
        hook.call(batch(user))
    await eventually(lambda: seen == ["anna"], what="the next batch is seen")
    assert hook.counts == {"hook_timed_out": 1}
    (record,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert "took longer than 0.1 s" in record.getMessage()
    assert "on_actions_timeout" in record.getMessage()
    never.set()
    await hook.stop()


@asynchronous
async def test_slow_hook_misses_the_newest_batches(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(batch_hook, "_MAX_WAITING", 3)
    monkeypatch.setattr(batch_hook, "_STOP_S", 0.1)
    never = asyncio.Event()

    async def hang(_payload: ActionsPayload) -> None:
        await never.wait()

    hook = BatchHook(hang, 60.0)
    for number in range(10):
        hook.call(batch(str(number)))
    assert hook.counts == {"hook_dropped": 7}
    assert sum("fallen behind" in record.getMessage() for record in caplog.records) == 1
    await asyncio.wait_for(hook.stop(), 5)


@pytest.mark.parametrize("awaits", [False, True])
@asynchronous
async def test_counts_a_hook_that_raises(awaits: bool, caplog: pytest.LogCaptureFixture) -> None:
    def fails(_payload: ActionsPayload) -> None:
        raise ValueError("broken")

    async def fails_later(payload: ActionsPayload) -> None:
        fails(payload)

    hook = BatchHook(fails_later if awaits else fails, 1.0)
    hook.call(batch("anna"))
    await eventually(lambda: hook.counts == {"hook_failed": 1}, what="it is counted")
    assert "ValueError: broken" in caplog.text
    await hook.stop()
