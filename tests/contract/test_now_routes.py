"""The routes of the screen Now: sessions of all engines, findings, and the silence of today."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from support.gateway import ServedGateway, served_gateway
from support.redis_server import RedisServer
from support.run import asynchronous
from support.shared_engines import an_engine, eventually, saves, shared_gateway, write_autoplay

from rasa_autoplay.errors import EngineUnreachable
from rasa_autoplay.link.answers import EngineHealth, SessionsFound
from rasa_autoplay.link.requests import GetHealth
from rasa_autoplay.link.studio_requests import DescribeSessions, FindSilence, ListSessions

KEY = "s3cret-word-of-operators"
WITH_KEY = {"Authorization": f"Bearer {KEY}"}


class _Engines:
    """A link to two engines, one of which has an old copy of a session."""

    sent: tuple[object, ...] = ()

    def __init__(self, served: ServedGateway) -> None:
        self.link = served.link

    async def ask(self, request: Any, timeout_s: float = 5.0) -> Any:
        return await self.link.ask(request, timeout_s)

    async def ask_every_engine(self, request: Any, timeout_s: float = 5.0) -> list[Any]:
        await self.link.ask(request, timeout_s)
        return [
            SessionsFound(9.0, [_row("a", 5), _row("b", 3)], 2),
            SessionsFound(8.0, [_row("c", 4), _row("a", 1)], 2),
        ]

    def health(self) -> dict[str, Any]:
        return self.link.health()


def _row(session_id: str, active_at: float) -> dict[str, Any]:
    return {"session_id": session_id, "active_at": active_at}


@asynccontextmanager
async def _served() -> AsyncIterator[ServedGateway]:
    async with served_gateway(admin_key=KEY) as served:
        yield served


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/sessions"), ("POST", "/sessions/details"), ("GET", "/findings"), ("GET", "/silence")],
)
@asynchronous
async def test_requires_an_operator(method: str, path: str) -> None:
    async with _served() as served:
        assert (await served.request(method, path, b"{}" if method == "POST" else b""))[0] == 401
        assert not served.link.asked


@asynchronous
async def test_joins_the_sessions_of_all_engines() -> None:
    async with _served() as served:
        served.gateway.link = _Engines(served)  # type: ignore[assignment] # what the routes use
        _, found = await served.request("GET", "/sessions?limit=2&details=0", headers=WITH_KEY)
        assert found == {"at": 9.0, "total": 4, "sessions": [_row("a", 5), _row("c", 4)]}
        body = json.dumps({"session_ids": ["a", "b", "c"]}).encode()
        _, found = await served.request("POST", "/sessions/details", body, WITH_KEY)
        assert found["sessions"] == [_row("a", 5), _row("c", 4), _row("b", 3)]
        assert served.link.asked == [ListSessions(2, 0), DescribeSessions(["a", "b", "c"])]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=10001", "limit=x", "limit=²", "details=101", "details=-1"]
)
@asynchronous
async def test_rejects_numbers_out_of_range(query: str) -> None:
    async with _served() as served:
        assert (await served.request("GET", f"/sessions?{query}", headers=WITH_KEY))[0] == 400


@pytest.mark.parametrize(
    "ids", [None, "a", {"a": 1}, [1], [""], ["x" * 600], ["a"] * 101, [["a"]], ["a\u0000b"]], ids=str
)
@asynchronous
async def test_rejects_what_are_no_ids(ids: Any) -> None:
    async with _served() as served:
        body = json.dumps({"session_ids": ids}).encode()
        assert (await served.request("POST", "/sessions/details", body, WITH_KEY))[0] == 400
        assert not served.link.asked


@asynchronous
async def test_finds_what_the_doctor_finds() -> None:
    async with _served() as served:
        failed = {"state": "failed", "remedy": "check database.url in autoplay.yml"}
        served.link.answers[GetHealth] = EngineHealth({"state": "running", "memory": failed})
        _, found = await served.request("GET", "/findings", headers=WITH_KEY)
        first = found["findings"][0]
        assert (first["check"], first["state"], first["label"]) == ("engine", "error", "Problem")
        assert (first["found"], first["remedy"]) == ("memory has failed", failed["remedy"])
        assert "feeds" in [each["check"] for each in found["findings"]]
        assert found["health"]["engine"]["memory"] == failed
        served.link.failure = EngineUnreachable("It does not answer.", remedy="Start it.")
        status, found = await served.request("GET", "/findings", headers=WITH_KEY)
        assert (status, found["findings"][0]["remedy"]) == (200, "Start it.")


@asynchronous
async def test_passes_on_the_silence_of_today() -> None:
    async with _served() as served:
        status, found = await served.request("GET", "/silence", headers=WITH_KEY)
        assert (status, found["triggers"], served.link.asked) == (200, [], [FindSilence()])


@asynchronous
async def test_asks_every_engine_on_redis(redis_server: RedisServer, tmp_path: Path) -> None:
    file = write_autoplay(tmp_path, redis_server)
    users = {f"user-{number}" for number in range(12)}
    async with an_engine(file) as first, an_engine(file) as second, shared_gateway(redis_server) as gateway:
        await eventually(lambda: min(len(each._link._adopted) for each in (first, second)) == 8)
        for user in users:
            for event in saves(user, 1):
                gateway.link.send(event)

        async def all_are_listed() -> bool:
            found = await gateway.link.ask_every_engine(ListSessions(100, 0))
            listed = [each["user_id"] for engine in found for each in engine.sessions]
            return len(found) == 2 and all(each.sessions for each in found) and set(listed) == users

        await eventually(all_are_listed)
        # A session's details come from its own engine, whoever else is asked.
        found = await gateway.link.ask_every_engine(DescribeSessions([f"s_{user}" for user in users]))
        described = {each["user_id"]: each for engine in found for each in engine.sessions}
        assert set(described) == users
        assert all(sum(each["activity"]["counts"]) == 1 for each in described.values())
