"""Answers, late toasts and async triggers over real servers: by capture and stream, on both databases."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from support.background import eventually
from support.connector import Connector
from support.deployment import DEADLINE_S, Deployment, Stream, deployed, signed
from support.postgres import PostgresServer
from support.run import asynchronous

APP = "https://app.example.com"
TOKEN = "connector-token"
WORKFLOWS = ("export", "invite")
_PATH = """\
id: {id}
title: "{id}"
steps:
  - {{id: one, title: One, element: "#one", text: Press one., done_when: {{element_id: "{id}-one"}}}}
"""
RULES = """\
product_id: demo
courtesy: {min_interval: 0}
golden_paths: paths
triggers:
  - {builtin: adoption_gap, workflow: [export, invite], page: /projects}
  - {predicate: "slow_triggers:slow", id: slow, body: "Slowly?", reply_options: [Compare plans, "No"]}
"""
_SLOW = """\
import asyncio

async def slow(ctx):
    if not ctx.canonical_urls[-1].endswith("/slow"):
        return False
    await asyncio.sleep(0 if ctx.context_extra["user_id"] == "quick" else 30)
    return True
"""
_QUICK = "interaction_timeout: 50ms, cooldown: 0s"


class Told:
    """A deployment, and a way to let users act in it.

    Args:
        deployment: the deployment.
        connector: reports users' actions; None for posthog-js' capture.
    """

    def __init__(self, deployment: Deployment, connector: Connector | None) -> None:
        self.deployment = deployment
        self._connector = connector
        self._numbers = itertools.count()

    async def views(self, page: str, user: str = "u1", session: str = "s1") -> None:
        """Open a page as the user; return once the engine has applied it."""
        before = await self._count("actions")
        await (self._over_capture if self._connector is None else self._over_stream)(page, user, session)

        async def is_taken() -> bool:
            return await self._count("actions") > before

        await eventually(is_taken, within_s=DEADLINE_S, what="the engine has it")

    async def _over_capture(self, page: str, user: str, session: str) -> None:
        event = {
            "event": "$pageview",
            "uuid": str(uuid.uuid4()),
            "timestamp": datetime.now(timezone.utc).isoformat(),
            "properties": {"distinct_id": user, "$session_id": session, "$current_url": f"{APP}{page}"},
        }
        body = {"api_key": "phc_test", "batch": [event]}
        status, _ = await self.deployment.request("POST", "/capture/batch/", body, signed(user))
        assert status == 200

    async def _over_stream(self, page: str, user: str, session: str) -> None:
        assert self._connector
        now = time.time()
        action = {
            "index": next(self._numbers),
            "type": "pageview",
            "title": f"View {page}",
            "description": "User viewed it",
            "timestamp_start": now,
            "timestamp_end": now,
            "raw_url": f"{APP}{page}",
            "canonical_url": f"{APP}{page}",
        }
        owner = {"product_id": "demo", "session_id": session, "user_id": user, "email": None}
        self._connector.send(
            {"type": "actions", **owner, "count": 1, "forwarded_at": now, "actions": [action]}
        )

    async def _count(self, name: str) -> int:
        return int((await self.health()).get(name, 0))

    async def health(self) -> dict[str, Any]:
        """The engine's session."""
        engine: dict[str, Any] = (await self.deployment.health())["engine"]
        return engine

    async def answers(self, toast: dict[str, Any], event: str, user: str = "u1") -> None:
        """Answer a toast as the user."""
        receipt = {"offer_id": toast["offer_id"], "event": event}
        assert (await self.deployment.post("/proactive/ack", receipt, user))[0] == 200

    async def next_toast(
        self, stream: Stream, page: str, user: str = "u1", session: str = "s1"
    ) -> dict[str, Any]:
        """Open a page repeatedly until another toast appears: an interaction must time out first."""
        known = len(stream.toasts)

        async def has_come() -> bool:
            await self.views(page, user, session)
            # Longer than an interaction lasts, so that each page view finds the user free.
            await asyncio.sleep(0.1)
            return len(stream.toasts) > known

        await eventually(has_come, within_s=DEADLINE_S, what=f"another toast on {page}")
        return stream.toasts[known]

    async def offers(self, user: str = "u1") -> list[dict[str, Any]]:
        """Return what operators see of a user's offers, newest first."""
        key = {"Authorization": "Bearer admin-secret-word"}
        status, told = await self.deployment.request("GET", f"/users/demo/{user}/offers", headers=key)
        assert status == 200, told
        return list(told["offers"])


Serve = Callable[..., Any]


@pytest.fixture(params=["capture", "stream"])
def source(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return "sqlite:///autoplay.db"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.url


@pytest.fixture
def serve(tmp_path: Path, source: str, database: str, monkeypatch: pytest.MonkeyPatch) -> Serve:
    (tmp_path / "paths").mkdir()
    for path_id in WORKFLOWS:
        (tmp_path / "paths" / f"{path_id}.yml").write_text(_PATH.format(id=path_id), encoding="utf-8")
    (tmp_path / "slow_triggers.py").write_text(_SLOW, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    @asynccontextmanager
    async def serving() -> AsyncIterator[Told]:
        connector = Connector(TOKEN) if source == "stream" else None
        channel: dict[str, Any] = {}
        if connector is not None:
            await connector.start()
            channel = {"stream": {"url": connector.url, "token": TOKEN}}
        try:
            async with deployed(tmp_path, _QUICK, database=database, rules=RULES, **channel) as deployment:
                yield Told(deployment, connector)
        finally:
            if connector is not None:
                await connector.close()

    return serving


@asynchronous
async def test_yes_for_one_workflow_does_not_affect_another_even_after_a_restart(serve: Serve) -> None:
    async with serve() as told:
        stream = await told.deployment.listen("u1")
        first = await told.next_toast(stream, "/projects")
        await told.answers(first, "accepted")
        await told.deployment.actions.kill()
        await told.deployment.actions.start()
        second = await told.next_toast(stream, "/projects", session="s2")
        await told.answers(second, "never")
        by_id = {offer["offer_id"]: offer for offer in await told.offers()}
        answered = [by_id[toast["offer_id"]] for toast in (first, second)]
        assert tuple(offer["golden_path"] for offer in answered) == WORKFLOWS
        assert [offer["status"] for offer in answered] == ["accepted", "never"]
        # After one more page view, everything made of the views before the answer has arrived or never will.
        await told.views("/projects", session="s2")
        arrived = len(stream.toasts)
        for _ in range(5):
            await told.views("/projects", session="s2")
            await asyncio.sleep(0.1)
        assert len(stream.toasts) == arrived, "both were answered"


@asynchronous
async def test_withdraws_a_late_toast_when_the_user_left_the_page(serve: Serve) -> None:
    async with serve() as told:
        await told.views("/projects")

        async def is_made() -> bool:
            return bool(await told.offers())

        await eventually(is_made, within_s=DEADLINE_S, what="the offer")
        await told.views("/elsewhere")
        stream = await told.deployment.listen("u1")

        async def is_withdrawn() -> bool:
            return any(each["status"] == "expired" for each in await told.offers())

        await eventually(is_withdrawn, within_s=DEADLINE_S, what="the offer is withdrawn")
        withdrawn = (await told.offers())[-1]
        assert [receipt["event"] for receipt in withdrawn["receipts"]] == ["withdrawn"]
        assert "rendered" not in withdrawn["life"]
        assert withdrawn["offer_id"] not in [toast["offer_id"] for toast in stream.toasts]
        assert (await told.health())["offers_withdrawn"] == 1


@asynchronous
async def test_async_trigger_delays_no_one_and_its_replies_become_buttons(serve: Serve) -> None:
    async with serve() as told:
        begun = time.monotonic()
        await told.views("/slow", "waits", "s-waits")
        stream = await told.deployment.listen("quick")
        toast = await told.next_toast(stream, "/slow", "quick", "s-quick")
        assert toast["trigger_id"] == "slow"
        assert toast["reply_options"] == ["Compare plans", "No"]
        assert time.monotonic() - begun < 30, "the other one was not waited for"

        async def has_timed_out() -> bool:
            return bool((await told.health()).get("trigger_timeouts"))

        await eventually(has_timed_out, within_s=DEADLINE_S, what="the slow one has timed out")
        key = {"Authorization": "Bearer admin-secret-word"}
        _, explained = await told.deployment.request("GET", "/explain/waits", headers=key)
        assert "did not answer within 1s" in json.dumps(explained)
