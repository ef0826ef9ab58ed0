"""A team's on_actions hook sees a user's batches in order, and delays neither the engine nor others."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest
from support.background import eventually
from support.run import asynchronous

from rasa_autoplay.engine import batch_hook
from rasa_autoplay.engine.batch_hook import BatchHook, load_hook
from rasa_autoplay.engine.external_offers.copilot import Copilot
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.yaml_file import YamlFile


def never_asked(*_arguments: object) -> Any:
    raise AssertionError("these hooks use no copilot")


COPILOT = Copilot("demo", never_asked, never_asked)


def batch(user: str) -> ActionsPayload:
    return ActionsPayload("demo", f"s_{user}", user, None, [])


@asynchronous
async def test_calls_a_plain_function_at_once() -> None:
    seen: list[ActionsPayload] = []
    hook = BatchHook(seen.append, 1.0)
    hook.call(batch("anna"), COPILOT)
    assert [each.user_id for each in seen] == ["anna"]
    await hook.stop()


@asynchronous
async def test_a_slow_user_delays_no_other_user_and_sees_batches_in_order() -> None:
    seen: list[str] = []
    slow = asyncio.Event()

    async def slow_for_anna(payload: ActionsPayload) -> None:
        if payload.user_id == "anna":
            await slow.wait()
        seen.append(f"{payload.user_id} {payload.session_id}")

    hook = BatchHook(slow_for_anna, 5.0)
    for user, session in (("anna", "1"), ("anna", "2"), ("ben", "1"), ("ben", "2")):
        hook.call(ActionsPayload("demo", session, user, None, []), COPILOT)
    await eventually(lambda: seen == ["ben 1", "ben 2"], what="Ben does not wait for Anna")
    assert hook.health() == {"hook_running": 1, "hook_waiting": 1}
    slow.set()
    await hook.stop()
    assert seen == ["ben 1", "ben 2", "anna 1", "anna 2"]


@asynchronous
async def test_many_slow_users_run_side_by_side_within_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_hook, "_MAX_RUNNING", 3)
    most = running = 0

    async def count(_payload: ActionsPayload) -> None:
        nonlocal most, running
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1

    hook = BatchHook(count, 5.0)
    for number in range(10):
        hook.call(batch(str(number)), COPILOT)
    await hook.stop()
    assert (most, running) == (3, 0)


@asynchronous
async def test_warns_once_of_a_plain_function_that_blocks(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(batch_hook, "_BLOCKS_S", -1.0)  # any call takes longer

    hook = BatchHook(lambda _payload: None, 5.0)
    hook.call(batch("anna"), COPILOT)
    hook.call(batch("anna"), COPILOT)
    assert hook.counts == {"hook_blocked": 2}
    (record,) = caplog.records
    assert "blocked the engine" in record.getMessage()


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
        hook.call(batch(user), COPILOT)
    await eventually(lambda: seen == ["anna"], what="the next batch is seen")
    await eventually(lambda: hook.counts == {"hook_timed_out": 1}, what="the first batch is given up")
    (record,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert "took longer than 0.1 s" in record.getMessage()
    assert "on_actions_timeout" in record.getMessage()
    never.set()
    await hook.stop()


@asynchronous
async def test_slow_hook_misses_the_newest_batches(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(batch_hook, "_MAX_RUNNING", 1)
    monkeypatch.setattr(batch_hook, "_MAX_WAITING", 3)
    monkeypatch.setattr(batch_hook, "_STOP_S", 0.1)
    never = asyncio.Event()

    async def hang(_payload: ActionsPayload) -> None:
        await never.wait()

    hook = BatchHook(hang, 60.0)
    for number in range(10):
        hook.call(batch(str(number)), COPILOT)
    assert hook.counts == {"hook_dropped": 6}
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
    hook.call(batch("anna"), COPILOT)
    await eventually(lambda: hook.counts == {"hook_failed": 1}, what="it is counted")
    assert "ValueError: broken" in caplog.text
    await hook.stop()


@asynchronous
async def test_one_user_cannot_use_up_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_hook, "_MAX_WAITING_OF_USER", 2)
    never = asyncio.Event()
    seen: list[str | None] = []

    async def hang_for_mallory(payload: ActionsPayload) -> None:
        if payload.user_id == "mallory":
            await never.wait()
        seen.append(payload.user_id)

    hook = BatchHook(hang_for_mallory, 60.0)
    for user in ["mallory"] * 10 + ["anna"]:
        hook.call(batch(user), COPILOT)
    await eventually(lambda: seen == ["anna"], what="Anna's batch is seen")
    assert hook.counts == {"hook_dropped": 7}
    never.set()
    await hook.stop()


async def _one(_payload: ActionsPayload) -> None: ...


async def _two(_payload: ActionsPayload, _copilot: Copilot) -> None: ...


async def _optional(_payload: ActionsPayload, _seen: list[str] | None = None) -> None: ...


async def _named(_payload: ActionsPayload, copilot: Copilot | None = None) -> None:
    assert copilot is COPILOT


class _Callable:
    def __call__(self, _payload: ActionsPayload, _copilot: Copilot) -> None: ...


_instance = _Callable()


async def _three(_payload: ActionsPayload, _copilot: Copilot, _third: str) -> None: ...


async def _none() -> None: ...


async def _by_name(_payload: ActionsPayload, *, copilot: Copilot) -> None: ...


_number = 5


def _loaded(tmp_path: Path, name: str) -> BatchHook:
    path = tmp_path / "autoplay.yml"
    path.write_text(f"product_id: demo\non_actions: {__name__}:{name}\n")
    file = YamlFile(path)
    hook = load_hook(file.read(EngineSettings), file)
    assert hook is not None
    return hook


@pytest.mark.parametrize("name", ["_one", "_two", "_optional", "_named", "_instance"])
@asynchronous
async def test_calls_a_hook_with_what_it_takes(tmp_path: Path, name: str) -> None:
    hook = _loaded(tmp_path, name)
    hook.call(batch("anna"), COPILOT)
    await hook.stop()
    assert hook.counts == {}


@pytest.mark.parametrize("name", ["_three", "_none", "_by_name", "_number", "_Callable"])
def test_rejects_what_cannot_be_called_with_a_batch(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError) as problem:
        _loaded(tmp_path, name)
    assert "autoplay.yml:2: on_actions: " in str(problem.value)
    assert "async def on_actions(payload, copilot)" in str(problem.value)
