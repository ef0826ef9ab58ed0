"""Rasa Pro creates, wraps and registers both channels as it does at its start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio
from rasa.core.channels import channel as rasa_channels
from rasa.core.channels.development_inspector import DevelopmentInspectProxy
from rasa.core.config.credentials import CredentialsConfig
from rasa.core.run import create_input_channels
from support.rasa_cors import configure_cors
from support.run import asynchronous
from support.sanic_server import fresh_app, serving

from rasa_autoplay.channel import AutoplayInput
from rasa_autoplay.chat_channel import AutoplaySocketIOInput

pytestmark = pytest.mark.filterwarnings("ignore:pkg_resources is deprecated:UserWarning")  # in Rasa Pro 3.14

CREDENTIALS = """\
rest:
rasa_autoplay.channel.AutoplayInput:
  product_id: demo
  capture: true
  identity: none
  allowed_origins: ["http://localhost:3000"]
rasa_autoplay.chat_channel.AutoplaySocketIOInput:
  session_persistence: true
  metadata_key: customData
"""


class Agent:
    """Stands in for Rasa's agent: it repeats what users write."""

    action_endpoint = processor = None

    def is_ready(self) -> bool:
        return True

    async def handle_message(self, message: Any) -> None:
        await message.output_channel.send_text_message(message.sender_id, f"You said {message.text}")


def channels_of(folder: Path, credentials: str = CREDENTIALS) -> list[Any]:
    """The channels that Rasa Pro makes of a ``credentials.yml``."""
    file = folder / "credentials.yml"
    file.write_text(credentials, encoding="utf-8")
    return list(create_input_channels(None, CredentialsConfig.load_from_file(file)))


@asynccontextmanager
async def rasa_server(channels: list[Any]) -> AsyncIterator[str]:
    """Serve channels, registered by Rasa Pro; yields the origin."""
    app = fresh_app()
    app.ctx.agent = Agent()
    configure_cors(app, "*")
    rasa_channels.register(channels, app, route="/webhooks/")
    async with serving(app) as origin:
        yield origin


@asynccontextmanager
async def chat_window(origin: str) -> AsyncIterator[tuple[Any, asyncio.Queue[dict[str, Any]]]]:
    """Open a chat window with the session w1; yields its socket, and what the bot says."""
    window = socketio.AsyncClient(reconnection=False)
    confirmed: asyncio.Queue[str] = asyncio.Queue()
    bubbles: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    window.on("session_confirm", confirmed.put)
    window.on("bot_uttered", bubbles.put)
    await window.connect(origin, transports=["websocket"])
    try:
        await window.emit("session_request", {"session_id": "w1"})
        assert await asyncio.wait_for(confirmed.get(), 60.0) == "w1"
        yield window, bubbles
    finally:
        await window.disconnect()


async def health(origin: str) -> dict[str, Any]:
    async with aiohttp.ClientSession() as http, http.get(f"{origin}/webhooks/autoplay/") as response:
        assert response.status == 200
        return dict(await response.json())


def test_makes_both_channels_of_the_credentials(tmp_path: Path) -> None:
    assert [type(channel) for channel in channels_of(tmp_path)][1:] == [AutoplayInput, AutoplaySocketIOInput]


@pytest.mark.parametrize("is_inspected", [False, True], ids=["rasa run", "rasa inspect"])
@asynchronous
async def test_serves_toasts_and_chat(tmp_path: Path, is_inspected: bool) -> None:
    channels = channels_of(tmp_path)
    if is_inspected:
        channels = [DevelopmentInspectProxy(channel) for channel in channels]
    async with rasa_server(channels) as origin, chat_window(origin) as (window, bubbles):
        await window.emit("user_uttered", {"session_id": "w1", "message": "hello"})
        assert (await asyncio.wait_for(bubbles.get(), 60.0))["text"] == "You said hello"
        # The gateway watches the chat: it knows this window.
        assert (await health(origin))["chat"]["open"] == 1


@asynchronous
async def test_invalid_settings_raise_an_error_that_rasa_pro_shows(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="did you mean 'capture'"):
        channels_of(tmp_path, CREDENTIALS.replace("capture:", "captur:"))


@asynchronous
async def test_browsers_get_one_cors_header_whatever_rasa_pro_sets(tmp_path: Path) -> None:
    async with rasa_server(channels_of(tmp_path)) as origin, aiohttp.ClientSession() as http:
        asking = http.get(
            f"{origin}/webhooks/autoplay/autoplay.js", headers={"Origin": "http://localhost:3000"}
        )
        async with asking as response:
            assert response.status == 200
            assert len(response.headers.getall("Access-Control-Allow-Origin")) == 1
