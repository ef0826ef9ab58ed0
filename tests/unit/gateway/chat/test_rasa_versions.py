"""Where the classes of Rasa Pro differ from those of Rasa 3.6."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from support.run import asynchronous

from rasa_autoplay.gateway.chat.rasa_server import socket_channels
from rasa_autoplay.gateway.chat.rasa_versions import (
    is_paused,
    may_start_session,
    send_event,
    socketio_server,
    takes_intents,
    unwrapped,
    worker_count,
)


@pytest.mark.parametrize("name", ["sio", "sio_server"])
def test_finds_the_socketio_server_under_both_names(name: str) -> None:
    assert socketio_server(SimpleNamespace(**{name: "server"})) == "server"


@pytest.mark.parametrize(
    "channel", [SimpleNamespace(), SimpleNamespace(sio=None), SimpleNamespace(sio_server=None)]
)
def test_channel_without_a_socketio_server_has_none(channel: Any) -> None:
    assert socketio_server(channel) is None


class InspectorInputChannel:
    """Stands in for Rasa Pro's inspector, which is a Socket.IO channel too."""

    sio_server = "server"


def test_finds_the_chat_behind_the_inspectors_proxy_and_not_the_inspector() -> None:
    chat = SimpleNamespace(sio_server="server")
    channels = [InspectorInputChannel(), SimpleNamespace(underlying=chat), SimpleNamespace()]
    assert socket_channels(SimpleNamespace(ctx=SimpleNamespace(input_channels=channels))) == [chat]
    assert unwrapped(chat) is chat


@pytest.mark.parametrize("paused", [True, False])
def test_reads_a_pause_in_both_ways(paused: bool) -> None:
    assert is_paused(SimpleNamespace(is_paused=lambda: paused)) is paused
    assert is_paused(SimpleNamespace(paused=paused)) is paused


@pytest.mark.parametrize(("engine_version", "expected"), [("", True), ("calm", True), ("mantle", False)])
def test_starts_no_session_that_mantle_would_park(engine_version: str, expected: bool) -> None:
    assert may_start_session(SimpleNamespace(engine_version=engine_version)) is expected


@pytest.mark.parametrize(
    ("processor", "expected"),
    [
        (SimpleNamespace(), True),
        (SimpleNamespace(is_calm_assistant=False, engine_version="calm"), True),
        (SimpleNamespace(is_calm_assistant=True), False),
        (SimpleNamespace(is_calm_assistant=True, engine_version="mantle"), False),
    ],
)
def test_only_models_without_flows_take_intents(processor: Any, expected: bool) -> None:
    assert takes_intents(processor) is expected


class Output:
    """Records what is sent."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    async def send_response(self, recipient_id: str, message: Any) -> None:
        self.sent.append((recipient_id, message))


class Processor:
    """Sends events as Rasa's processor does, or refuses as Mantle's does."""

    def __init__(self, engine_version: str) -> None:
        self.engine_version = engine_version

    async def execute_side_effects(self, events: list[Any], tracker: Any, output: Output) -> None:
        if self.engine_version == "mantle":
            raise NotImplementedError
        for event in events:
            await output.send_response(tracker.sender_id, event.message())


@pytest.mark.parametrize("engine_version", ["", "calm", "mantle"])
@asynchronous
async def test_sends_an_event_with_every_engine(engine_version: str) -> None:
    output, event = Output(), SimpleNamespace(message=lambda: {"text": "Hello"})
    await send_event(Processor(engine_version), event, SimpleNamespace(sender_id="w1"), output)
    assert output.sent == [("w1", {"text": "Hello"})]


@pytest.mark.parametrize(
    ("workers", "environment", "expected"),
    [
        (1, {}, 1),
        (2, {}, 2),
        (0, {"SANIC_WORKERS": "4"}, 1),
        (0, {"SANIC_WORKERS": "4", "SANIC_WORKER_NAME": "Sanic-Server-1-0"}, 4),
        (0, {"SANIC_WORKER_NAME": "Sanic-Server-0-0"}, 1),
    ],
)
def test_counts_workers_in_their_own_process(
    monkeypatch: pytest.MonkeyPatch, workers: int, environment: dict[str, str], expected: int
) -> None:
    for name in ("SANIC_WORKERS", "SANIC_WORKER_NAME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert worker_count(SimpleNamespace(state=SimpleNamespace(workers=workers))) == expected
