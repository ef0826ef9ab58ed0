"""The two processes of a project, as its users see them."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import aiohttp

from support.background import PATIENCE_S, eventually
from support.processes import ServerProcess
from support.project import ADMIN_KEY, TRIGGER, Project

__all__ = ["Pair", "RasaAlone"]

_START_S = 240.0


class Pair:
    """``rasa run`` and ``rasa run actions`` of one project.

    Args:
        project: the project, whose files this class writes.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.rasa: ServerProcess | None = None
        self.actions: ServerProcess | None = None
        self.origin = f"http://127.0.0.1:{project.rasa_port}"
        self.base = f"{self.origin}/webhooks/autoplay"
        self._http: aiohttp.ClientSession | None = None

    @property
    def http(self) -> aiohttp.ClientSession:
        """An HTTP client without a connection limit, because every open feed holds a connection."""
        if self._http is None:
            self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        return self._http

    async def start(self) -> None:
        """Start both, and wait until they are connected."""
        self.project.write()
        self.start_actions()
        self.start_rasa()
        await self.ready()

    def start_rasa(self) -> None:
        """Start the Rasa server."""
        self.rasa = self.project.start_rasa()

    def start_actions(self) -> None:
        """Start the action server."""
        self.actions = self.project.start_actions()

    async def ready(self) -> None:
        """Wait until both run and are connected."""
        begun = time.monotonic()
        while True:
            health = await self._health_or_nothing()
            if _is_whole(health):
                return
            for process in self.processes():
                assert process.is_running, (
                    f"{process.name} has ended ({process.exit_status}):\n{process.log_tail()}"
                )
            waited = time.monotonic() - begun
            assert waited < _START_S, f"not ready after {waited:.0f} s: {health}\n{self.log_tails()}"
            await asyncio.sleep(0.1)

    async def _health_or_nothing(self) -> dict[str, Any]:
        try:
            return await self.health()
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError):
            return {}

    def processes(self) -> list[ServerProcess]:
        """The started processes."""
        return [process for process in (self.actions, self.rasa) if process is not None]

    def log_tails(self) -> str:
        """The end of both logs."""
        return "\n".join(f"--- {p.name}\n{p.log_tail()}" for p in self.processes())

    def actions_log(self) -> str:
        """The action server's whole output."""
        assert self.actions is not None
        return self.actions.log()

    def rasa_log(self) -> str:
        """The Rasa server's whole output."""
        assert self.rasa is not None
        return self.rasa.log()

    async def close(self) -> None:
        """End both, in good order if they respond."""
        await self.hang_up()
        for process in self.processes():
            if process.is_running:
                await process.stop()

    async def hang_up(self) -> None:
        """Close every connection of the tests' browsers."""
        if self._http is not None:
            await self._http.close()
            self._http = None

    def kill(self) -> None:
        """End both at once."""
        for process in self.processes():
            process.kill()

    async def health(self) -> dict[str, Any]:
        """Return ``GET /webhooks/autoplay/``."""
        async with self.http.get(
            f"{self.base}/", timeout=aiohttp.ClientTimeout(total=PATIENCE_S)
        ) as response:
            answer: dict[str, Any] = await response.json(content_type=None)
            return answer if response.status == 200 else {}

    async def explain(self, user_id: str) -> dict[str, Any]:
        """Return what the engine knows and decides about a user: ``GET /explain/<user_id>``."""
        headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
        async with self.http.get(f"{self.base}/explain/{user_id}", headers=headers) as response:
            answer: dict[str, Any] = await response.json(content_type=None)
            assert response.status == 200, answer
            return answer

    async def has_taken(self, user_id: str, actions: int) -> None:
        """Wait until that many actions are in the user's session and have been evaluated."""

        async def are_there() -> bool:
            session = (await self.explain(user_id))["session"]
            return bool(session and session["actions"] >= actions)

        await eventually(are_there, what=f"the engine has {actions} actions of {user_id}")

    async def has_counted(self, user_id: str, saves: int) -> None:
        """Wait until exactly that many saves count for the example's trigger; each has been evaluated."""
        lastly: dict[str, Any] = {}

        async def are_counted() -> bool:
            lastly.update(await self.explain(user_id))
            (trigger,) = [each for each in lastly["triggers"] if each["trigger_id"] == TRIGGER]
            return _saves(trigger["conditions"]) == [saves]

        await eventually(are_counted, what=f"{saves} saves of {user_id} are counted, not {lastly}")

    async def has_seen_on(self, user_id: str, page: str) -> None:
        """Wait until the engine knows that the user is on that page."""

        async def is_there() -> bool:
            session = (await self.explain(user_id))["session"]
            return bool(session and str(session["page"]).endswith(page))

        await eventually(is_there, what=f"the engine has seen {user_id} on {page}")

    async def post(
        self, path: str, body: object, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """Post JSON; return the status and the parsed body."""
        async with self.http.post(f"{self.base}{path}", json=body, headers=headers) as response:
            return response.status, await response.json(content_type=None)

    def query(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        """Query the database of offers and receipts."""
        return _query(f"{self.project.database}", statement, values)

    def receipts(self, offer_id: str) -> dict[str, str]:
        """Return an offer's receipts: event to detail."""
        rows = self.query("select event, detail from autoplay_receipts where offer_id = ?", offer_id)
        return dict(rows)

    def offers_to(self, user_id: str) -> list[str]:
        """Return the ids of all offers ever made to a user."""
        rows = self.query(
            "select offer_id from autoplay_offers where user_id = ? order by created_at", user_id
        )
        return [row[0] for row in rows]

    async def offer_to(self, user_id: str) -> str:
        """Wait for the first offer to a user; return its id."""
        made = await eventually(
            lambda: self.offers_to(user_id), what=f"an offer to {user_id} is written down"
        )
        return str(made[0])

    def rendered_at(self, offer_id: str) -> float | None:
        """Return when an offer was first shown in epoch seconds; None if it was not."""
        ((at,),) = self.query("select rendered_at from autoplay_offers where offer_id = ?", offer_id)
        return float(at) or None

    async def offer_is(self, offer_id: str, status: str) -> None:
        """Wait until the offer has that status in the database."""
        statement = "select status from autoplay_offers where offer_id = ?"
        await eventually(
            lambda: self.query(statement, offer_id) == [(status,)], what=f"{offer_id} is {status}"
        )

    def conversation(self, sender_id: str) -> list[tuple[str, str]]:
        """Return the messages of a conversation in Rasa's tracker: ``("user" | "bot", text)``."""
        return [(event["event"], event["text"]) for event in self._said(sender_id)]

    def bot_spoke_at(self, sender_id: str) -> list[float]:
        """Return when the bot sent each message, by Rasa's tracker, in epoch seconds."""
        return [event["timestamp"] for event in self._said(sender_id) if event["event"] == "bot"]

    def tracker_events(self, sender_id: str) -> list[Mapping[str, Any]]:
        """Return all events of a conversation in Rasa's tracker, which must be in ``tracker.db``."""
        rows = _query(
            str(self.project.folder / "tracker.db"),
            "select data from events where sender_id = ? order by id",
            (sender_id,),
        )
        return [json.loads(row[0]) for row in rows]

    def _said(self, sender_id: str) -> list[Mapping[str, Any]]:
        events = self.tracker_events(sender_id)
        return [event for event in events if event["event"] in ("user", "bot") and event.get("text")]


class RasaAlone(Pair):
    """``rasa run`` alone: the engine runs in it, and there is no action server."""

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        project.channel["engine"] = "in_process"
        project.endpoints.pop("action_endpoint")

    def start_actions(self) -> None:
        """There is none."""


def _query(path: str, statement: str, values: tuple[str, ...]) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=PATIENCE_S)) as database:
        return database.execute(statement, values).fetchall()


def _is_whole(health: Mapping[str, Any]) -> bool:
    return bool(
        health.get("link", {}).get("state") == "connected"
        and health.get("engine", {}).get("state") == "running"
    )


def _saves(conditions: Sequence[Mapping[str, Any]]) -> list[float]:
    """Return the current count of the condition that needs three saves."""
    found = [each["have"] for each in conditions if each["condition"].startswith("count ")]
    return found + [have for each in conditions for have in _saves(each.get("conditions", ()))]
