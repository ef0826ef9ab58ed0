"""The log has what happens to live users, and nothing of what a replay decides about them."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.run import asynchronous

from rasa_autoplay.engine.decisions import offer_decider
from rasa_autoplay.engine.offers import open_offers
from rasa_autoplay.engine.replay.quiet_log import run_quietly


@asynchronous
async def test_logs_live_decisions_and_not_replayed_ones(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "rasa_autoplay")

    async def replay() -> int:
        async def decide() -> None:
            for logger in (offer_decider.logger, open_offers.logger):
                logger.info("replayed")

        await asyncio.get_running_loop().create_task(decide())
        return 7

    with ThreadPoolExecutor(1) as threads:
        running = asyncio.get_running_loop().run_in_executor(threads, run_quietly, replay)
        open_offers.logger.info("live")
        assert await running == 7
        offer_decider.logger.info("live again")
    assert caplog.messages == ["live", "live again"]
