"""Several engines on one database: one of them delivers an outcome, and another one if that one dies."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support.background import eventually
from support.engine_parts import Clock
from support.outcome_receiver import receiving
from support.outcomes import outbound
from support.postgres import PostgresServer
from support.run import asynchronous

from rasa_autoplay.engine.outcomes.sql.outbox import CLAIM_S

USERS = 150


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'autoplay.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.url


@asynchronous
async def test_each_outcome_is_delivered_once(tmp_path: Path, database: str) -> None:
    async with receiving() as receiver:
        settings: dict[str, Any] = {"webhook": {"url": receiver.url}}
        async with (
            outbound(tmp_path, database=database, **settings) as one,
            outbound(tmp_path, database=database, **settings) as other,
        ):
            for number in range(USERS):
                await (one if number % 2 else other).made(f"u{number}")
            await eventually(lambda: len(receiver.counts()) == USERS, what="all are delivered")
            await eventually(lambda: not one.in_state("waiting"), what="all are settled")
            assert set(receiver.counts().values()) == {1}
            found = (await one.outcomes.find(1)).outcomes
            targets: Any = found["targets"]
            assert targets["webhook"]["delivered"] == USERS


@asynchronous
async def test_another_engine_continues_when_a_claim_expires(tmp_path: Path, database: str) -> None:
    clock = Clock()
    settings: dict[str, Any] = {"webhook": {"url": "http://localhost:1/"}}
    async with (
        outbound(tmp_path, clock, database=database, starts=False, **settings) as one,
        outbound(tmp_path, clock, database=database, starts=False, **settings) as other,
    ):
        for number in range(20):
            await one.made(f"u{number}")
        first = await one.outcomes.outbox.exchange("webhook", 12)
        second = await other.outcomes.outbox.exchange("webhook", 12)
        assert first is not None
        assert second is not None
        assert (len(first), len(second)) == (12, 8)
        counted = Counter(each.outcome_id for each in [*first, *second])
        assert set(counted.values()) == {1}
        assert await other.outcomes.outbox.exchange("webhook", 12) == []
        clock.now += CLAIM_S
        again = await other.outcomes.outbox.exchange("webhook", 50)
        assert again is not None
        assert {each.outcome_id for each in again} == set(counted)
