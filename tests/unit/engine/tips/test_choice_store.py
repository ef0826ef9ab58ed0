"""What users have muted is stored at once, for every engine, and gone when they ask for that."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import time
from pathlib import Path

import pytest
from support.postgres import PostgresServer
from support.run import asynchronous

from rasa_autoplay.engine.courtesy.user_choices import NO_CHOICES, Mute, OwnQuietHours, UserChoices
from rasa_autoplay.engine.tips.remembered_choices import RememberedChoices
from rasa_autoplay.engine.tips.sql.store import SqlChoiceStore

HOURS = OwnQuietHours(time(22), time(7, 30), "Europe/Berlin")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database."""
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        server.make_database()
        return server.url
    return f"sqlite:///{tmp_path / 'autoplay.db'}"


@asynccontextmanager
async def two_engines(url: str) -> AsyncIterator[tuple[SqlChoiceStore, SqlChoiceStore]]:
    one, other = SqlChoiceStore(url, "demo"), SqlChoiceStore(url, "demo")
    try:
        yield one, other
    finally:
        await one.close()
        await other.close()


@asynchronous
async def test_change_in_one_engine_counts_in_the_other(url: str) -> None:
    async with two_engines(url) as (one, other):
        assert await other.of("anna") == NO_CHOICES
        assert await one.mute("anna", "path:export", Mute(5.0))
        assert await one.mute("anna", "", Mute(6.0, 60.0))
        assert await one.set_quiet_hours("anna", HOURS, 7.0)
        muted = {"path:export": Mute(5.0, math.inf)}
        assert await other.of("anna") == UserChoices(muted, Mute(6.0, 60.0), {}, HOURS)
        assert await other.of("bob") == NO_CHOICES
        assert await other.unmute("anna", "path:export", 8.0)
        assert await other.unmute("anna", "", 8.0)
        assert await other.set_quiet_hours("anna", None, 8.0)
        assert await one.of("anna") == UserChoices(lifted={"path:export": 8.0})
        assert await one.mute("anna", "path:export", Mute(9.0)), "and muted once more"
        assert (await one.of("anna")) == UserChoices({"path:export": Mute(9.0)}, lifted={"path:export": 8.0})


@asynchronous
async def test_exports_and_deletes_only_one_user(url: str) -> None:
    async with two_engines(url) as (one, other):
        for user in ("anna", "bob"):
            await one.mute(user, "path:export", Mute(5.0))
            await one.set_quiet_hours(user, HOURS, 7.0)
        rows = await other.export("anna")
        assert rows is not None
        assert {row["subject"] for row in rows} == {"path:export", "quiet_hours"}
        assert await other.forget("anna") == 2
        assert await one.export("anna") == []
        bob = await one.of("bob")
        assert bob is not None
        assert bob.quiet_hours == HOURS


class Unreadable:
    """A store whose database can be taken away."""

    problem = ""

    def __init__(self) -> None:
        self.found: UserChoices | None = None

    async def of(self, _user_id: str) -> UserChoices | None:
        return self.found

    async def mute(self, _user_id: str, _topic: str, _mute: Mute) -> bool:
        return False

    async def unmute(self, _user_id: str, _topic: str, _now: float) -> bool:
        return False

    async def set_quiet_hours(self, _user_id: str, _hours: OwnQuietHours | None, _now: float) -> bool:
        return False


@asynchronous
async def test_what_was_read_last_counts_while_the_database_is_away() -> None:
    store = Unreadable()
    remembered = RememberedChoices(store)
    assert await remembered.of("anna") == NO_CHOICES
    store.found = UserChoices(everything=Mute(5.0))
    assert await remembered.of("anna") == store.found
    known, store.found = store.found, None
    assert await remembered.of("anna") == known
    assert await remembered.of("bob") == NO_CHOICES
    store.found = NO_CHOICES
    assert await remembered.of("anna") == NO_CHOICES
    store.found = None
    assert await remembered.of("anna") == NO_CHOICES, "deleted data is not remembered"
