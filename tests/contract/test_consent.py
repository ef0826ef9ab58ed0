"""Consent on real servers: before the page says yes, nothing of a user is kept; a withdrawal deletes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from support.background import eventually
from support.deployment import (
    ADMIN_KEY,
    DEADLINE_S,
    LINK_SECRET,
    ActionServer,
    Deployment,
    Stream,
    deployed,
    write_engine_file,
)
from support.gateway_process import GatewayProcess
from support.gateway_senders import WEBHOOK_SECRET, GatewaySenders
from support.offer_requests import SERVER_KEY, post_offer
from support.run import asynchronous

ANNA = "anna-marker-7c1d"
ADMIN = {"Authorization": f"Bearer {ADMIN_KEY}"}


@asynccontextmanager
async def consenting(folder: Path, **channel: Any) -> AsyncIterator[Deployment]:
    settings = {"consent": "required", "server_key": SERVER_KEY, **channel}
    journal = {"folder": str(folder / "journal")}
    async with deployed(folder, more="recording: {keep: 1d}\n", journal=journal, **settings) as made:
        yield made


async def say(made: Deployment, user: str, is_given: bool) -> dict[str, Any]:
    """Give or withdraw consent, as ``copilot.consent()`` does."""
    status, answer = await made.post("/consent", {"user_id": user, "consent": is_given}, user)
    assert status == 200, answer
    return dict(answer)


async def dropped(made: Deployment, reason: str) -> int:
    return int((await made.health())["consent"]["dropped"].get(reason, 0))


async def until_dropped(made: Deployment, reason: str) -> None:
    async def is_counted() -> bool:
        return await dropped(made, reason) > 0

    await eventually(is_counted, within_s=DEADLINE_S, what=f"events dropped: {reason}")


def offers(stream: Stream) -> list[dict[str, Any]]:
    """The offers among what a feed has received."""
    return [told for told in stream.toasts if "offer_id" in told]


async def offered_to(made: Deployment, user: str) -> dict[str, Any]:
    """Open a feed, send the story, and return the offer."""
    stream = await made.listen(user)
    await made.send_story(user)
    await eventually(lambda: offers(stream), within_s=DEADLINE_S, what="an offer")
    return offers(stream)[0]


def files_with(folder: Path, marker: str) -> list[str]:
    """The files under a folder that contain a text."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return [str(file) for file in files if marker.encode() in file.read_bytes()]


@asynchronous
async def test_keeps_nothing_before_consent_and_works_afterwards(tmp_path: Path) -> None:
    async with consenting(tmp_path) as made:
        stream = await made.listen(ANNA)
        assert set(await made.send_story(ANNA)) == {200}
        await until_dropped(made, "no_consent")
        assert await made.engine.sessions.latest_of("demo", ANNA) is None
        assert not made.engine._live.presence.has(ANNA)
        assert files_with(tmp_path, ANNA) == []
        assert ANNA not in json.dumps(await made.health())
        assert {"required": True, "given": False} in stream.toasts

        answer = await say(made, ANNA, True)
        assert (answer["consent"], answer["required"]) == (True, True)
        await made.send_story(ANNA, session="ps-second")

        await eventually(lambda: offers(stream), within_s=DEADLINE_S, what="an offer")
        assert {"required": True, "given": True} in stream.toasts


@asynchronous
async def test_withdrawal_deletes_everything_about_the_user(tmp_path: Path) -> None:
    async with consenting(tmp_path) as made:
        await say(made, ANNA, True)
        toast = await offered_to(made, ANNA)
        await made.post("/proactive/ack", {"offer_id": toast["offer_id"], "event": "rendered"}, ANNA)
        await made.window(ANNA, "w1")
        answer = await say(made, ANNA, False)
        assert answer["deleted"]["offers"] == 1
        assert answer["deleted"]["consents"] == 1
        assert await made.engine.sessions.latest_of("demo", ANNA) is None
        assert not made.engine._live.presence.has(ANNA)
        status, exported = await made.request("GET", f"/studio/user?user_id={ANNA}", headers=ADMIN)
        assert status == 404, exported

        await made.send_story(ANNA, session="ps-later")
        await until_dropped(made, "no_consent")
        assert await made.engine.sessions.latest_of("demo", ANNA) is None
    assert files_with(tmp_path, ANNA) == []


@asynchronous
async def test_restarted_gateway_and_engine_know_the_consent(tmp_path: Path) -> None:
    async with consenting(tmp_path) as made:
        await say(made, ANNA, True)
    async with consenting(tmp_path) as made:
        assert (await offered_to(made, ANNA))["offer_id"]


@asynchronous
async def test_requests_for_a_user_without_consent_remember_nothing(tmp_path: Path) -> None:
    async with consenting(tmp_path) as made:
        status, offer = await post_offer(made, "k1", trigger="bulk_edit_opportunity", user_id=ANNA)
        assert (status, offer["stopped"]["gate"]) == (200, "no_consent")
        asked = {"user_id": ANNA, "tour_id": "projects-bulk-edit"}
        assert (await made.post("/tour/start", asked, ANNA))[0] == 403
        status, explained = await made.request("GET", f"/explain/{ANNA}", headers=ADMIN)
        assert (status, explained["consent"]["given"]) == (200, False)
        assert explained["headline"]["gate"] == "no_consent"
    assert files_with(tmp_path, ANNA) == []


@asynchronous
async def test_chat_of_a_user_without_consent_is_not_stored(tmp_path: Path) -> None:
    async with consenting(tmp_path) as made:
        _, session, _ = await made.window(ANNA, "w1")
        assert session == "w1"
        _, other, _ = await made.window("mallory", "w1")
        assert other != "w1", "another user does not get it"
    assert files_with(tmp_path, ANNA) == []


class NoActionServer(ActionServer):
    """Nothing listens, and nothing runs."""

    async def start(self) -> None:
        self.origin = "http://127.0.0.1:9"

    async def stop(self) -> None:
        """Nothing has started."""


@asynchronous
async def test_withdrawal_reaches_an_engine_in_the_rasa_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOPLAY_CONFIG", str(tmp_path / "autoplay.yml"))
    nothing = NoActionServer(tmp_path, "")
    async with consenting(tmp_path, actions=nothing, engine="in_process", link={}) as made:
        await made.send_story(ANNA)
        await until_dropped(made, "no_consent")
        assert files_with(tmp_path, ANNA) == []
        await say(made, ANNA, True)
        await offered_to(made, ANNA)
        recent = files_with(tmp_path / "journal" / "recent", ANNA)
        assert recent, "a restarted engine continues the session"
        answer = await say(made, ANNA, False)
        assert answer["deleted"]["offers"] == 1
        assert files_with(tmp_path, ANNA) == []
    assert files_with(tmp_path, ANNA) == []


@asynchronous
async def test_without_the_setting_consent_changes_nothing(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made:
        assert (await made.health())["consent"] == {"mode": "not_required"}
        assert await say(made, ANNA, False) == {"status": "ok", "required": False}
        assert (await made.offer_to(ANNA))["offer_id"]


@asynchronous
async def test_page_speaks_only_for_its_own_user(tmp_path: Path) -> None:
    async with consenting(tmp_path) as made:
        body = {"user_id": ANNA, "consent": True}
        assert (await made.post("/consent", body))[0] == 401
        assert (await made.post("/consent", body, "mallory"))[0] == 403
        assert (await made.post("/consent", {"user_id": ANNA, "consent": "yes"}, ANNA))[0] == 400


@asynchronous
async def test_killed_gateway_has_written_nothing_of_an_unknown_user(tmp_path: Path) -> None:
    section = {
        "product_id": "demo",
        "identity": "none",
        "capture": True,
        "webhook_secret": WEBHOOK_SECRET,
        "link": {"secret": LINK_SECRET},
        "consent": "required",
    }
    write_engine_file(tmp_path)
    actions = ActionServer(tmp_path, LINK_SECRET)
    await actions.start()
    process = GatewayProcess(tmp_path, actions.origin, section)
    try:
        async with aiohttp.ClientSession() as http:
            sender = GatewaySenders(process, http)
            await sender.started()
            await actions.kill()
            answers = [*await sender.capture(ANNA), *await sender.webhook(ANNA)]
            assert set(answers) == {200}
            assert (await sender.health())["consent"]["held"] > 0
            process.process.kill()
            assert files_with(tmp_path, ANNA) == []
    finally:
        process.process.kill()
        await asyncio.sleep(0)
