"""``engine: in_process``: the engine and the copilot's actions run in the Rasa server."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.shared.exceptions import RasaException
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.plugin import plugin_manager
from support.background import eventually
from support.deployment import ActionServer, Deployment, change_text, deployed, write_engine_file
from support.rasa_actions import run_action, tracker_of
from support.redis_server import RedisServer
from support.run import asynchronous
from support.sanic_server import fresh_app, serving

from rasa_autoplay.channel import AutoplayInput
from rasa_autoplay.common.conversation.message_proofs import PROOF_KEY, MessageProofs
from rasa_autoplay.link.assistant import reachable_assistant

QUESTION = "how do I change several projects at once?"


class NoActionServer(ActionServer):
    """Nothing listens, and nothing runs."""

    async def start(self) -> None:
        self.origin = "http://127.0.0.1:9"

    async def stop(self) -> None:
        """Nothing has started."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AUTOPLAY_CONFIG", str(tmp_path / "autoplay.yml"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@asynccontextmanager
async def in_process(folder: Path, more: str = "", **channel: Any) -> AsyncIterator[Deployment]:
    section = {"engine": "in_process", "link": {}, **channel}
    async with deployed(folder, more=more, actions=NoActionServer(folder, ""), **section) as made:
        yield made


@asynchronous
async def test_story_needs_neither_action_server_nor_link_secret(folder: Path) -> None:
    async with in_process(folder) as made:
        toast = await made.offer_to("anna")
        assert toast["body"] == "Shall I show you how?"
        started = await made.post("/tour/start", {"user_id": "anna", "tour_id": "projects-bulk-edit"}, "anna")
        assert started[0] == 200
        health = await made.health()
        assert (health["link"]["type"], health["link"]["state"]) == ("in_process", "connected")
        assert (health["engine"]["state"], health["engine"]["runs_in"]) == ("running", "rasa_server")
        await change_text(made, folder, "A new text")
        assert (await made.offer_to("carol"))["body"] == "A new text"
    assert reachable_assistant() is None


@asynchronous
async def test_rasa_runs_the_copilots_actions_itself(folder: Path) -> None:
    async with in_process(folder) as made:
        await made.offer_to("anna")
        reached = reachable_assistant()
        assert reached is not None
        proofs = MessageProofs(reached.secret)
        (answer,) = await run_action("action_ask_llm", text=QUESTION)
        assert "Bulk edit" in answer
        metadata = {PROOF_KEY: proofs.for_message("anna", "w1", "m1")}
        (recent,) = await run_action("action_recent_activity", text="what did I do?", metadata=metadata)
        assert "Save changes" in recent
        entity = {"entity": "proactive_text", "value": "Hello", PROOF_KEY: proofs.for_text("w1", "Hello")}
        assert await run_action("action_send_proactive", text="x", entities=[entity]) == ["Hello"]
        forged = {**entity, PROOF_KEY: MessageProofs(type(reached.secret)("")).for_text("w1", "Hello")}
        assert await run_action("action_send_proactive", text="x", entities=[forged]) == []


@asynchronous
async def test_the_bots_own_actions_run_where_endpoints_yml_says(folder: Path) -> None:
    asked: list[str] = []

    async def request(json: dict[str, Any], **_options: Any) -> dict[str, Any]:
        asked.append(json["next_action"])
        return {"events": [], "responses": [{"text": "the bot's own"}]}

    endpoint = SimpleNamespace(url="http://127.0.0.1:9/webhook", kwargs={}, request=request)
    async with in_process(folder):
        assert await run_action("action_own", endpoint, text="hello") == ["the bot's own"]
        assert len(await run_action("action_ask_llm", endpoint, text=QUESTION)) == 1
        assert asked == ["action_own"]
        with pytest.raises(RasaException, match="no endpoint"):
            await run_action("action_own", None, text="hello")
    with pytest.raises(RasaException, match="no endpoint"):
        await run_action("action_ask_llm", None, text=QUESTION)


@asynchronous
async def test_an_actions_module_in_the_rasa_server_finds_the_running_engine(folder: Path) -> None:
    """Rasa Pro's ``actions_module`` registers the bot's module in rasa_sdk's executor, without the plugin."""
    async with in_process(folder):
        reached = reachable_assistant()
        executor = ActionExecutor()
        executor.register_package("example_bot.actions")
        tracker = tracker_of({"text": QUESTION}).current_state()
        call = {"next_action": "action_ask_llm", "sender_id": "w1", "tracker": tracker}
        result = await executor.run(call)
        assert result is not None
        assert "Bulk edit" in result["responses"][0]["text"]
        assert reachable_assistant() is reached


@asynchronous
async def test_queued_events_are_applied_before_the_engine_stops(folder: Path) -> None:
    async with in_process(folder, journal=False) as made:
        statuses = await made.send_story("anna")
        assert set(statuses) == {200}
    with closing(sqlite3.connect(folder / "autoplay.db")) as database:
        assert database.execute("select user_id from autoplay_offers").fetchall() == [("anna",)]


def channel_of(**section: Any) -> AutoplayInput:
    return AutoplayInput.from_credentials(
        {"product_id": "demo", "identity": "none", "capture": True, "engine": "in_process", **section}
    )


async def _nothing(_message: Any) -> None:
    """No chat here."""


def test_an_error_in_the_engines_file_stops_the_rasa_server(folder: Path) -> None:
    write_engine_file(folder, more="triggerz: []\n")
    with pytest.raises(RasaException, match=r"autoplay\.yml:\d+: .*triggerz"):
        channel_of().blueprint(_nothing)


def test_a_missing_file_is_named_with_a_remedy(folder: Path) -> None:
    with pytest.raises(RasaException, match="rasa-autoplay init"):
        channel_of().blueprint(_nothing)


@pytest.mark.parametrize("missing_in", ["autoplay.yml", "credentials.yml"])
def test_both_files_must_name_redis(folder: Path, missing_in: str) -> None:
    shared = 'shared: {redis: "redis://:p@127.0.0.1:9/0"}\n'
    write_engine_file(folder, more="" if missing_in == "autoplay.yml" else shared)
    section = {"shared": {"redis": "redis://:p@127.0.0.1:9/0"}} if missing_in == "autoplay.yml" else {}
    with pytest.raises(RasaException, match=f"^{missing_in}: .* only"):
        channel_of(**section).blueprint(_nothing)


@asynchronous
async def test_rejects_several_workers_without_redis(folder: Path) -> None:
    write_engine_file(folder)
    app = fresh_app()
    app.ctx.agent, app.ctx.input_channels = None, []
    app.blueprint(channel_of().blueprint(_nothing), url_prefix="/webhooks/autoplay")
    app.register_listener(lambda app, _loop: setattr(app.state, "workers", 2), "before_server_start")
    with pytest.raises(RasaException, match="SANIC_WORKERS=1"):
        async with serving(app):
            pass
    assert reachable_assistant() is None


@asynchronous
async def test_several_rasa_servers_with_engines_share_redis(folder: Path, redis_server: RedisServer) -> None:
    shared = f'shared: {{redis: "{redis_server.url}"}}\n'
    async with in_process(folder, shared, shared={"redis": redis_server.url}) as made:
        toast = await made.offer_to("anna")
        assert toast["body"] == "Shall I show you how?"

        async def is_reported() -> bool:
            engine = (await made.health())["engine"]
            return bool(engine.get("state") == "running" and "rasa_server" in str(engine))

        await eventually(is_reported, within_s=60.0, what="health names the engine's place")
        assert len(await run_action("action_ask_llm", None, text=QUESTION)) == 1


def test_the_action_server_attaches_no_second_engine(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_engine_file(folder)
    (folder / "credentials.yml").write_text(
        "rasa_autoplay.channel.AutoplayInput: {engine: in_process, identity: required}\n", encoding="utf-8"
    )
    import rasa_autoplay.actions  # noqa: F401 - registers the plugin

    app = SimpleNamespace()  # has nothing that could be attached to
    with caplog.at_level("INFO"):
        plugin_manager().hook.attach_sanic_app_extensions(app=app)
    assert "runs in the Rasa server" in caplog.text


def test_one_engine_is_named_not_two() -> None:
    with pytest.raises(RasaException, match="no use with engine: in_process"):
        channel_of(link={"url": "http://127.0.0.1:9"})
