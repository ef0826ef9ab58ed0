"""A database that hangs instead of failing: toasts and chat continue, and no answer is lost."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from support.background import eventually
from support.deployment import DEADLINE_S, Deployment, deployed
from support.hanging import relay_to
from support.postgres import PostgresServer
from support.run import asynchronous

from rasa_autoplay.engine.changes import pause_poller
from rasa_autoplay.engine.freshness.sql import store
from rasa_autoplay.engine.offers.sql import ledger
from rasa_autoplay.tools.cli.main import main

#: Seconds that one user may wait once; other users do not wait.
_ONCE_S = 1.0
_USERS = 10
_TOO_SLOW = "the database does not answer in time"
_LOCKED = "the database is locked by another process"

Hang = Callable[[], Any]


class Fault:
    """A deployment whose database can hang.

    Args:
        deployment: the deployment.
        hang: makes the database hang.
        resume: ends the hang.
        rows: queries the database, bypassing the fault.
        folder: has ``autoplay.yml``.
    """

    def __init__(
        self,
        deployment: Deployment,
        hang: Hang,
        resume: Hang,
        rows: Callable[[str], list[Any]],
        folder: Path,
    ) -> None:
        self.deployment, self.hang, self.resume, self.rows = deployment, hang, resume, rows
        self.folder = folder

    async def post(self, path: str, body: Any, user: str) -> int:
        """Return the status of a response."""
        status, _ = await self.deployment.post(path, body, user)
        return int(status)

    async def problem(self) -> str:
        """Return what health reports about the database; empty if it is well."""
        memory = (await self.deployment.health())["engine"]["memory"]
        return str(memory.get("remedy", ""))

    async def is_well(self) -> bool:
        """Return whether health reports that everything is well and written."""
        memory = (await self.deployment.health())["engine"]["memory"]
        return bool(memory == {"state": "connected"})

    async def until_well(self) -> None:
        """Wait until everything is well and written."""
        await eventually(self.is_well, within_s=DEADLINE_S, what="the database works again")


_FAULTS = [
    "silent network",
    "locked file",
    pytest.param("frozen server", marks=pytest.mark.slow),
    pytest.param("locked table", marks=pytest.mark.slow),
]


@pytest.fixture(params=_FAULTS)
def fault(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Any]:
    if request.param == "locked file":
        return lambda: _locked_file(tmp_path)
    server: PostgresServer = request.getfixturevalue("postgres")
    make = {"silent network": _silent_network, "frozen server": _frozen, "locked table": _locked_table}
    return lambda: make[request.param](tmp_path, server)


def _asking(url: str) -> Callable[[str], list[Any]]:
    def rows(query: str) -> list[Any]:
        engine = sa.create_engine(url, future=True)
        with engine.connect() as connection:
            found = connection.execute(sa.text(query)).all()
        engine.dispose()
        return list(found)

    return rows


@asynccontextmanager
async def _silent_network(folder: Path, server: PostgresServer) -> AsyncIterator[Fault]:
    async with AsyncExitStack() as stack:
        relay = await stack.enter_async_context(relay_to(server.port))
        url = server.url_through(relay.port)
        deployment = await stack.enter_async_context(deployed(folder, database=url))
        yield Fault(deployment, relay.hang, relay.resume, _asking(server.url), folder)


@asynccontextmanager
async def _frozen(folder: Path, server: PostgresServer) -> AsyncIterator[Fault]:
    async with deployed(folder, database=server.url) as deployment:
        try:
            yield Fault(deployment, server.freeze, server.thaw, _asking(server.url), folder)
        finally:
            server.thaw()


@asynccontextmanager
async def _locked_table(folder: Path, server: PostgresServer) -> AsyncIterator[Fault]:
    async with AsyncExitStack() as stack:
        deployment = await stack.enter_async_context(deployed(folder, database=server.url))
        await deployment.check_still_serves("the first one")
        engine = sa.create_engine(server.url, future=True)
        stack.callback(engine.dispose)
        other = stack.enter_context(engine.connect())

        def hang() -> None:
            other.execute(sa.text("LOCK TABLE autoplay_offers, autoplay_receipts, autoplay_changes"))

        yield Fault(deployment, hang, other.rollback, _asking(server.url), folder)


@asynccontextmanager
async def _locked_file(folder: Path) -> AsyncIterator[Fault]:
    async with deployed(folder) as deployment:
        await deployment.check_still_serves("the first one")
        path = folder / "autoplay.db"
        with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
            yield Fault(
                deployment,
                lambda: other.execute("BEGIN EXCLUSIVE"),
                lambda: other.execute("ROLLBACK"),
                _asking(f"sqlite:///{path}"),
                folder,
            )


@asynchronous
async def test_toasts_and_chat_work_and_health_reports_the_database(fault: Any) -> None:
    async with fault() as it:
        deployment = it.deployment
        await deployment.check_still_serves("before")
        it.hang()
        await deployment.offer_to("who finds out")
        problem = await it.problem()
        assert problem.startswith((_TOO_SLOW, _LOCKED, "a table of the database is locked")), problem
        assert problem.endswith("check database.url in autoplay.yml")
        begun = time.monotonic()
        toasts = await asyncio.gather(*(deployment.offer_to(f"user {n}") for n in range(_USERS)))
        took_s = time.monotonic() - begun
        # One after another, they would wait for 20 s and more.
        assert took_s < _USERS * _ONCE_S, f"{_USERS} users waited {took_s:.1f} s"
        assert len({toast["offer_id"] for toast in toasts}) == _USERS
        _, session, said = await deployment.window("user 1", "chat-1")
        offer = toasts[1]
        asked = {**{k: offer[k] for k in ("offer_id", "trigger_id", "body")}, "user_id": "user 1"}
        status, answer = await deployment.post("/proactive/inject", {**asked, "sender_id": session}, "user 1")
        assert (status, answer) == (200, {"status": "ok"})
        await eventually(lambda: said[:1] == [offer["body"]], what="bubble 1")
        it.resume()
        await it.until_well()
        stored = {row[0] for row in it.rows("SELECT offer_id FROM autoplay_offers")}
        assert stored >= {toast["offer_id"] for toast in toasts}, "what was not written then is written now"


@asynchronous
async def test_confirms_a_never_receipt_only_after_storing_it(fault: Any) -> None:
    async with fault() as it:
        deployment = it.deployment
        offer = await deployment.offer_to("anna")
        receipt = {"offer_id": offer["offer_id"], "event": "never", "user_id": "anna"}
        it.hang()
        status, answer = await deployment.post("/proactive/ack", receipt, "anna")
        assert status == 503
        assert "remedy" in answer
        status, _ = await deployment.post("/proactive/ack", receipt, "anna")
        assert status == 503
        it.resume()
        await it.until_well()
        # The restarted engine may have made another offer for the same saves, which is never shown.
        query = f"SELECT status FROM autoplay_offers WHERE offer_id = '{offer['offer_id']}'"  # noqa: S608 - our id
        assert [row[0] for row in it.rows(query)] == ["never"]
        assert await deployment.post("/proactive/ack", receipt, "anna") == (200, {"status": "ok"})
        events = it.rows("SELECT offer_id, event FROM autoplay_receipts")
        assert events.count((offer["offer_id"], "never")) == 1, "however often it was sent"


@asynchronous
async def test_honours_a_never_receipt_while_the_database_hangs(fault: Any) -> None:
    async with fault() as it:
        deployment = it.deployment
        stored = await deployment.offer_to("stored before")
        answer = {"offer_id": stored["offer_id"], "event": "never"}
        assert (await deployment.post("/proactive/ack", answer, "stored before"))[0] == 200
        offer = await deployment.offer_to("answers now")
        it.hang()
        answer = {"offer_id": offer["offer_id"], "event": "never"}
        assert (await deployment.post("/proactive/ack", answer, "answers now"))[0] == 503
        for user in ("stored before", "answers now"):
            stream = await deployment.listen(user)
            await deployment.send_story(user, session=f"another of {user}")
            await deployment.offer_to(f"after {user}")
            assert stream.toasts == [], user
        it.resume()
        await it.until_well()


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
@asynchronous
async def test_a_never_receipt_survives_a_crash_while_the_database_is_away(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The browser got no 200, and resends the receipt: see tests/browser/unit/test_receipts.py."""
    if kind == "sqlite":
        made: Any = _locked_file(tmp_path)
    else:
        made = _silent_network(tmp_path, request.getfixturevalue("postgres"))
    async with made as it:
        deployment = it.deployment
        offer = await deployment.offer_to("anna")
        receipt = {"offer_id": offer["offer_id"], "event": "never"}
        it.hang()
        assert (await deployment.post("/proactive/ack", receipt, "anna"))[0] == 503
        await deployment.actions.kill()
        await deployment.actions.start()
        status, _ = await deployment.post("/proactive/ack", receipt, "anna")
        assert status in (502, 503), "an engine that does not know the offer cannot say that there is none"
        it.resume()

        async def is_taken() -> bool:
            return bool(await it.post("/proactive/ack", receipt, "anna") == 200)

        await eventually(is_taken, within_s=DEADLINE_S, what="the answer is stored")
        # The restarted engine may have made another offer for the same saves, which is never shown.
        query = f"SELECT status FROM autoplay_offers WHERE offer_id = '{offer['offer_id']}'"  # noqa: S608 - our id
        assert [row[0] for row in it.rows(query)] == ["never"]
        stream = await deployment.listen("anna")
        await deployment.send_story("anna", session="another one")
        await deployment.offer_to("ben")
        assert stream.toasts == []


@asynchronous
async def test_pause_stays_in_force_while_the_database_hangs(fault: Any) -> None:
    async with fault() as it:
        deployment = it.deployment
        file = ("--config", str(it.folder / "autoplay.yml"))

        async def engine_health() -> Any:
            return (await deployment.health())["engine"]

        async def is_stopped() -> bool:
            return bool((await engine_health()).get("held_by_paused"))

        async def is_paused() -> bool:
            return bool((await engine_health())["pauses"])

        pause = ["pause", "--all", "--why", "incident", "--by", "Ann", *file]
        assert await asyncio.to_thread(main, pause) == 0
        await eventually(is_paused, within_s=DEADLINE_S, what="the pause is in force")
        it.hang()
        stream = await deployment.listen("anna")
        await deployment.send_story("anna")
        await eventually(is_stopped, within_s=DEADLINE_S, what="the trigger fires and is stopped")
        it.resume()
        await it.until_well()
        assert stream.toasts == []
        assert await asyncio.to_thread(main, ["resume", "--all", *file]) == 0
        await stream.toast()


@pytest.mark.slow
@asynchronous
async def test_stops_in_time_while_the_database_hangs(fault: Any) -> None:
    async with fault() as it:
        await it.deployment.offer_to("anna")
        it.hang()
        await it.deployment.offer_to("ben")
        begun = time.monotonic()
        await it.deployment.actions.stop()
        assert time.monotonic() - begun < 30
        it.resume()
        await it.deployment.actions.start()


@pytest.mark.parametrize(
    "listens", ["before the database is back", pytest.param("after it", marks=pytest.mark.slow)]
)
@asynchronous
async def test_loads_open_offers_later_when_started_without_the_database(
    listens: str, tmp_path: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _silent_network(tmp_path, postgres) as it:
        deployment = it.deployment
        await deployment.send_story("anna")  # no feed is open: the offer waits
        query = "SELECT offer_id FROM autoplay_offers WHERE user_id = 'anna'"

        async def is_written() -> bool:
            return bool(await asyncio.to_thread(it.rows, query))

        await eventually(is_written, within_s=DEADLINE_S, what="the offer is written")
        ((offer_id,),) = it.rows(query)
        await deployment.actions.kill()
        it.hang()
        for part in (ledger, pause_poller):
            monkeypatch.setattr(part, "_START_WAIT_S", 0.5)
        monkeypatch.setattr(store, "_WAIT_S", 0.5)
        await deployment.actions.start()
        assert (await it.problem()).startswith(_TOO_SLOW)
        stream = await deployment.listen("anna") if listens.startswith("before") else None
        it.resume()
        await it.until_well()
        stream = stream or await deployment.listen("anna")
        toast = await stream.toast()
        # An engine that cannot read yet may make the offer anew, and withdraw the older one unseen.
        assert toast["offer_id"] == offer_id or listens.startswith("before")
        await deployment.offer_to("ben")
        assert len(stream.toasts) == 1
