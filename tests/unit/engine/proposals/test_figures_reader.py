"""What the database says about a proposal: figures as ghost, on trial, and harm."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from support.databases import KINDS, empty_database
from support.run import asynchronous

from rasa_autoplay.engine.offers.sql.schema import migrate, offers, receipts
from rasa_autoplay.engine.proposals.base import FiguresQuery, StoredFigures
from rasa_autoplay.engine.proposals.figures import GhostFigures, HarmFigures
from rasa_autoplay.engine.proposals.sql.reader import ProposalReader
from rasa_autoplay.engine.proposals.stage import Stage
from rasa_autoplay.engine.results.uplift import Group, Stratum
from rasa_autoplay.engine.tips.sql.store import choices

DAY_S = 86_400.0
NOW = 100 * DAY_S


class _Tables:
    """Writes decisions as the engine stores them."""

    def __init__(self, url: str) -> None:
        self._engine = sa.create_engine(url, future=True)
        self._count = 0
        with self._engine.begin() as connection:
            migrate(connection)
            choices.create(connection, checkfirst=True)

    def decide(self, user: str, day: float, arm: str, trigger: str = "p", **more: Any) -> None:
        """Store a decision; ``reached_s`` and ``failed_s`` are seconds after it."""
        self._count += 1
        offer_id, at = f"o{self._count}", day * DAY_S
        reached_s, failed_s = more.pop("reached_s", None), more.pop("failed_s", None)
        texts = dict.fromkeys(("session_id", "body", "golden_path", "page"), "")
        row = {
            "product_id": "demo",
            "tours": "[]",
            "expires_at": at,
            "rendered_at": 0.0,
            "evidence_until": at,
        }
        share = {"show_probability": 0.05 if arm in ("shown", "control") else 0.0, "status": "withheld"}
        own = {"offer_id": offer_id, "user_id": user, "trigger_id": trigger, "created_at": at, "arm": arm}
        with self._engine.begin() as connection:
            connection.execute(sa.insert(offers).values(**texts, **row, **{**share, **more}, **own))
            for event, after_s in (("goal_reached", reached_s), ("failed_after", failed_s)):
                if after_s is not None:
                    receipt = {"offer_id": offer_id, "event": event, "at": at + after_s, "detail": ""}
                    connection.execute(sa.insert(receipts).values(**receipt))

    def mute(self, user: str, day: float, subject: str) -> None:
        """Store that a user has muted a subject."""
        row = {"product_id": "demo", "user_id": user, "subject": subject, "muted_at": day * DAY_S}
        with self._engine.begin() as connection:
            connection.execute(sa.insert(choices).values(**row))

    def close(self) -> None:
        self._engine.dispose()


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return empty_database(request, tmp_path)


@asynccontextmanager
async def _database(url: str) -> AsyncIterator[tuple[_Tables, ProposalReader]]:
    tables, reader = _Tables(url), ProposalReader(url, "demo")
    try:
        yield tables, reader
    finally:
        await reader.close()
        tables.close()


async def _read(reader: ProposalReader, stage: Stage, **more: Any) -> StoredFigures:
    query = FiguresQuery("p", "path", stage, 80 * DAY_S, 80 * DAY_S, 3, DAY_S)._replace(**more)
    found = await reader.read([query], NOW)
    assert found is not None
    return found["p"]


@asynchronous
async def test_counts_what_a_ghost_would_have_done(url: str) -> None:
    async with _database(url) as (tables, reader):
        tables.decide("early", 79, "ghost")
        tables.decide("a", 81, "ghost", reached_s=119)
        tables.decide("a", 81.1, "ghost", reached_s=121)
        tables.decide("a", 82, "ghost")
        tables.decide("b", 82, "ghost")
        tables.decide("b", 82.001, "shown", trigger="other")
        tables.decide("b", 90, "ghost")
        tables.decide("b", 90.1, "shown", trigger="other")
        tables.decide("c", 100 - 60 / DAY_S, "ghost", reached_s=10)
        tables.decide("d", 85, "ghost", trigger="another")
        found = await _read(reader, Stage.GHOST)
        assert found.ghost == GhostFigures(20.0, 6, 3, 5, 1, 5, 1)
        assert found.trial is None
        undated = await _read(reader, Stage.GHOST, ghost_since=None)
        assert undated.ghost is not None
        assert (undated.ghost.days, undated.ghost.fires) == (21.0, 7)


@asynchronous
async def test_compares_users_by_their_first_decision_on_trial(url: str) -> None:
    async with _database(url) as (tables, reader):
        tables.decide("a", 81, "shown", reached_s=10, failed_s=5)
        tables.decide("a", 82, "shown")
        tables.decide("b", 81, "control", reached_s=DAY_S + 1)
        tables.decide("c", 82, "control", reached_s=DAY_S - 1)
        tables.decide("d", 99.5, "control")
        tables.decide("e", 79, "control")
        found = (await _read(reader, Stage.TRIAL)).trial
        assert found is not None
        assert found.goal == (Stratum(0.05, Group(1, 1), Group(2, 1)),)
        assert found.failures == (Stratum(0.05, Group(1, 1), Group(3, 0)),)
        assert (found.number, found.days, found.running, found.users) == (3, 20.0, 1, 3)


@asynchronous
async def test_counts_how_users_took_the_offers(url: str) -> None:
    async with _database(url) as (tables, reader):
        seen: dict[str, Any] = {"seen_at": 1.0}
        for user, status in zip(
            "abcdef", ("accepted", "dismissed", "snoozed", "never", "seen", "sent"), strict=True
        ):
            more: dict[str, Any] = {} if status == "sent" else seen
            tables.decide(user, 85, "shown", status=status, **more)
        tables.decide("early", 79, "shown", status="never", **seen)
        tables.mute("b", 85.5, "everything")
        tables.mute("c", 85.5, "trigger:p")
        tables.mute("d", 85.5, "path:path")
        tables.mute("e", 86.5, "path:path")
        tables.mute("a", 85.5, "path:another")
        found = await _read(reader, Stage.LIVE)
        assert found.harm == HarmFigures(seen=5, refused=3, never=1, muted=2)


def test_a_draft_needs_no_database(tmp_path: Path) -> None:
    async def read() -> StoredFigures:
        reader = ProposalReader(f"sqlite:///{tmp_path / 'none.db'}", "demo")
        try:
            return await _read(reader, Stage.DRAFT)
        finally:
            await reader.close()

    assert asyncio.run(read()) == StoredFigures()
    assert not list(tmp_path.iterdir())


@asynchronous
async def test_a_database_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    reader = ProposalReader(f"sqlite:///{tmp_path}", "demo")
    query = FiguresQuery("p", "", Stage.GHOST, None, None, 1, DAY_S)
    assert await reader.read([query], NOW) is None
    assert reader.problem
    await reader.close()
