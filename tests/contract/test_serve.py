"""``rasa-autoplay serve``: the engine by itself, as a gateway and a container's health check see it."""

from __future__ import annotations

import signal
import socket
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import pytest
from support.background import eventually
from support.deployment import LINK_SECRET, change_text, deployed, write_engine_file
from support.processes import ROOT, free_port
from support.rasa_actions import run_action
from support.redis_server import RedisServer
from support.run import asynchronous
from support.serve_process import OwnProcess, answer_of, started
from support.shared_engines import saves, shared_gateway, write_autoplay

from rasa_autoplay.common.conversation.message_proofs import PROOF_KEY, MessageProofs
from rasa_autoplay.engine.hosting.own_server import make_server, serve
from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.settings.secret import Secret
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.cli import main as cli

DEADLINE_S = 60.0


@asynchronous
async def test_story_works_and_a_stop_loses_nothing(tmp_path: Path) -> None:
    engine = OwnProcess(tmp_path)
    async with deployed(tmp_path, actions=engine) as made:
        toast = await made.offer_to("anna")
        assert toast["body"] == "Shall I show you how?"
        assert (await made.health())["engine"]["runs_in"] == "own_process"
        await change_text(made, tmp_path, "A new text")
        assert (await made.offer_to("carol"))["body"] == "A new text"
        assert engine.process is not None
        await engine.process.stop(signal.SIGTERM, within_s=20.0)
        assert engine.process.exit_status == 0, engine.process.log()
        assert engine.process.own_tracebacks() == []
        assert LINK_SECRET not in engine.process.log()
        # The gateway queues, and the next process continues.
        await made.send_story("ben")
        await engine.start()
        assert (await (await made.listen("ben")).toast())["body"] == "A new text"


@asynchronous
async def test_chat_questions_need_no_action_server(tmp_path: Path) -> None:
    """The engine has no actions, so the Rasa server runs them, whatever its action endpoint."""
    engine = OwnProcess(tmp_path)
    link = {"secret": LINK_SECRET, "url": engine.origin}
    async with deployed(tmp_path, actions=engine, link=link) as made:
        await made.offer_to("anna")
        proof = MessageProofs(Secret(LINK_SECRET)).for_message("anna", "w1", "m1")
        for endpoint in (None, SimpleNamespace(url="http://127.0.0.1:9/webhook", kwargs={})):
            (answer,) = await run_action("action_ask_llm", endpoint, text="how do I change several projects?")
            assert "Bulk edit" in answer
            (recent,) = await run_action(
                "action_recent_activity", endpoint, text="what did I do?", metadata={PROOF_KEY: proof}
            )
            assert "Save changes" in recent
        assert engine.process is not None
        await engine.process.stop()
        assert await run_action("action_ask_llm", None, text="how do I change several projects?") == []


@asynchronous
async def test_health_route_answers_strangers_without_details(tmp_path: Path) -> None:
    write_engine_file(tmp_path)
    engine = OwnProcess(tmp_path)
    await engine.start()
    try:
        assert await answer_of(engine.origin) == (200, '{"status":"ok"}')
        async with aiohttp.ClientSession() as http:
            async with http.get(f"{engine.origin}/webhooks/autoplay/") as response:
                assert response.status == 404
            async with http.post(f"{engine.origin}/autoplay/link/requests", data=b"{}") as response:
                assert response.status == 401
    finally:
        await engine.stop()


@asynchronous
async def test_several_engines_share_redis(tmp_path: Path, redis_server: RedisServer) -> None:
    write_autoplay(tmp_path, redis_server)
    port = free_port()
    process = started(tmp_path, "--port", str(port), PYTHONPATH=str(ROOT))
    try:
        async with shared_gateway(redis_server) as gateway:
            gateway.browser("anna")
            for event in saves("anna", 3):
                gateway.link.send(event)
            await eventually(
                lambda: gateway.toasts("anna"), within_s=DEADLINE_S, what=f"a toast\n{process.log_tail()}"
            )
    finally:
        await process.stop()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUTOPLAY_CONFIG", raising=False)
    monkeypatch.delenv("AUTOPLAY_LINK_SECRET", raising=False)
    write_engine_file(tmp_path)
    return tmp_path


def test_an_address_for_other_machines_needs_the_secret(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["serve", "--host", "0.0.0.0"]) == 1  # noqa: S104 - it is refused
    error = capsys.readouterr().err
    assert "--host 0.0.0.0" in error
    assert "AUTOPLAY_LINK_SECRET" in error
    assert "openssl rand" in error


def test_signed_users_need_the_secret(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    section = "rasa_autoplay.channel.AutoplayInput: {identity: required}\n"
    (folder / "credentials.yml").write_text(section, encoding="utf-8")
    assert cli.main(["serve"]) == 1
    assert "credentials.yml:1: identity is required" in capsys.readouterr().err
    monkeypatch.setenv("AUTOPLAY_LINK_SECRET", "short")
    assert cli.main(["serve"]) == 1
    assert "at least 16 characters" in capsys.readouterr().err


def test_an_error_in_autoplay_yml_stops_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_engine_file(folder, more="triggerz: []\n")
    assert cli.main(["serve"]) == 1
    error = capsys.readouterr().err
    assert "triggerz" in error
    assert "Traceback" not in error


@asynchronous
async def test_a_port_in_use_is_named_with_a_remedy(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        app = make_server(YamlFile(folder / "autoplay.yml"), Secret(""))
        with pytest.raises(AutoplayError, match="--port"):
            await serve(app, "127.0.0.1", other.getsockname()[1])
