"""A chat message is truncated before anything reads it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from support.run import asynchronous

from rasa_autoplay.chat_channel import AutoplaySocketIOInput
from rasa_autoplay.gateway.chat.listener import MAX_MESSAGE, listen_to_chat
from rasa_autoplay.gateway.chat.rasa_versions import socketio_server

LONG = "why " * 225_000


@asynchronous
async def test_our_channel_truncates_a_long_message() -> None:
    heard: list[Any] = []

    async def on_new_message(message: Any) -> None:
        heard.append(message)

    channel = AutoplaySocketIOInput()
    channel.blueprint(on_new_message)
    handler = socketio_server(channel).handlers["/"][channel.user_message_evt]
    await handler("sid", {"message": LONG, "session_id": "s"})
    assert [len(message.text) for message in heard] == [MAX_MESSAGE]


@asynchronous
async def test_stock_channel_receives_a_truncated_message(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Any] = []

    async def stock(_: str, data: Any) -> None:
        heard.append(data)

    channel = SimpleNamespace(
        session_persistence=True,
        namespace=None,
        user_message_evt="user_uttered",
        metadata_key="customData",
        sio=SimpleNamespace(handlers={"/": {"user_uttered": stock}}),
    )
    monkeypatch.setattr("rasa_autoplay.gateway.chat.listener.socket_channel", lambda _: channel)
    listen_to_chat(None, lambda sender_id, metadata: None)
    await channel.sio.handlers["/"]["user_uttered"]("sid", {"message": LONG, "session_id": "s"})
    assert [len(data["message"]) for data in heard] == [MAX_MESSAGE]
