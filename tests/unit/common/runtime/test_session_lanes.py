"""Callbacks in lanes: ordered, bounded, and ended on request."""

from __future__ import annotations

import asyncio

import pytest

from rasa_autoplay.common.runtime.session_lanes import SessionLanes


def test_blocks_the_caller_when_too_many_items_wait() -> None:
    async def scenario() -> None:
        lanes = SessionLanes(max_pending=2)
        release, ran = asyncio.Event(), []

        async def job(number: int) -> None:
            await release.wait()
            ran.append(number)

        await lanes.put("s1", lambda: job(0))
        await lanes.put("s1", lambda: job(1))
        third = asyncio.ensure_future(lanes.put("s2", lambda: job(2)))
        for _ in range(5):
            await asyncio.sleep(0)
        assert not third.done()
        release.set()
        await asyncio.wait_for(third, 60.0)
        await lanes.drain(10)
        assert ran == [0, 1, 2]

    asyncio.run(scenario())


def test_finished_session_can_start_again() -> None:
    async def scenario() -> None:
        lanes, ran = SessionLanes(max_pending=1), []
        for number in range(3):
            await lanes.put("s1", lambda number=number: ran.append(number))  # type: ignore[misc]
            await lanes.drain(10)
        assert ran == [0, 1, 2]

    asyncio.run(scenario())


def test_cancels_and_reports_work_that_does_not_end_in_time(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        lanes, ended = SessionLanes(max_pending=10), []

        async def hang() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append("hang")

        await lanes.put("s1", hang)
        await lanes.put("s1", lambda: ended.append("never"))
        await lanes.drain(0.01)
        assert ended == ["hang"]
        assert "1 sessions" in caplog.text

    asyncio.run(scenario())
