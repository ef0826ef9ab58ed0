"""Floods of chat sockets, messages and sessions: each is limited, and other users keep chatting."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import aiohttp
import engineio
import pytest
from support.background import eventually
from support.deployment import DEADLINE_S, JWT_KEY, Deployment, deployed
from support.raw_socket import RawSocket, raw_socket
from support.run import asynchronous

from rasa_autoplay.common.identity.user_tokens import mint_token

#: Addresses from a block reserved for documentation (RFC 5737).
MALLORYS = "198.51.100.7"


async def chats_on(made: Deployment, user: str = "ben") -> None:
    """Check that another user's message reaches the bot."""
    socket, session, _ = await made.window(user, f"chat-{user}")
    await socket.emit("user_uttered", {"message": "hello", "session_id": session})
    await eventually(
        lambda: (session, "hello") in made.agent.heard, within_s=DEADLINE_S, what=f"{user} is heard"
    )


async def handshake(made: Deployment) -> int:
    """Open an engine.io session by polling without a token; return the status."""
    async with made.http.get(f"{made.origin}/socket.io/?EIO=4&transport=polling") as response:
        await response.read()
        return response.status


@asynchronous
async def test_evicts_and_expires_sockets_without_a_token(tmp_path: Path) -> None:
    limits = {"max_waiting_chat_sockets": 50, "chat_token_timeout": "3s"}
    async with deployed(tmp_path, rate_limits=limits) as made:
        answers = await asyncio.gather(*(handshake(made) for _ in range(400)))
        assert set(answers) == {200}
        chat = (await made.health())["chat"]
        assert chat["open"] == chat["waiting"] <= 50
        assert chat["refused"]["crowded_out"] >= 350
        await chats_on(made)

        async def only_ben_is_left() -> bool:
            return bool((await made.health())["chat"]["open"] == 1)

        await eventually(only_ben_is_left, within_s=DEADLINE_S, what="those without a caller are ended")


@asynchronous
async def test_disconnects_a_websocket_without_a_token(tmp_path: Path) -> None:
    """The connection ends although the browser does not answer the server's close."""
    async with deployed(tmp_path, rate_limits={"chat_token_timeout": "1s"}) as made:
        url = made.origin.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
        async with made.http.ws_connect(url, autoclose=False) as stranger:
            kinds: list[aiohttp.WSMsgType] = []
            while not kinds or kinds[-1] is aiohttp.WSMsgType.TEXT:
                kinds.append((await stranger.receive(DEADLINE_S)).type)
            assert kinds[-1] in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
        assert (await made.health())["chat"]["refused"] == {"no_caller": 1}


@asynchronous
async def test_limits_sockets_per_user(tmp_path: Path) -> None:
    async with deployed(tmp_path, rate_limits={"max_chat_sockets_per_user": 3}) as made:
        token = mint_token("mallory", JWT_KEY)
        sockets = [RawSocket() for _ in range(5)]
        for socket in sockets:
            await socket.open(made.origin, "websocket")
            await socket.enter(token)
        assert [socket.is_in for socket in sockets] == [True, True, True, False, False]
        assert (await made.health())["chat"]["refused"] == {"by_user": 2}
        await sockets[0].send("1")
        await sockets[4].enter(token)
        assert sockets[4].is_in, "one that leaves makes room"
        await chats_on(made)
        for socket in sockets:
            await socket.close()


@asynchronous
async def test_limits_sockets_per_server(tmp_path: Path) -> None:
    async with deployed(tmp_path, rate_limits={"max_chat_sockets": 3}) as made:
        await chats_on(made)
        assert [await handshake(made) for _ in range(4)] == [200, 200, 401, 401]
        assert (await made.health())["chat"]["refused"] == {"by_total": 2}
        with pytest.raises(engineio.exceptions.ConnectionError):
            await RawSocket().open(made.origin, "polling")


async def all_counted(made: Deployment, messages: int) -> int:
    """Wait until that many of her messages reached the bot or were rejected; return the latter."""

    async def refused() -> int:
        count = (await made.health())["chat"]["rate_limited"]["messages"]
        heard = [text for sender, text in made.agent.heard if sender == "chat-mallory"]
        return int(count) if count + len(heard) == messages else 0

    return int(await eventually(refused, within_s=DEADLINE_S, what="each was heard or refused"))


@asynchronous
async def test_rate_limits_messages_to_rasa(tmp_path: Path) -> None:
    async with deployed(tmp_path, rate_limits={"chat_messages_per_minute": 30}) as made:
        async with raw_socket(made.origin) as one, raw_socket(made.origin) as other:
            for socket in (one, other):
                await socket.enter(mint_token("mallory", JWT_KEY))
            for number in range(40):
                for socket in (one, other):
                    said = {"message": f"m{number}", "session_id": "chat-mallory"}
                    await socket.emit("user_uttered", said)
            await eventually(lambda: one.events("bot_uttered"), what="she is told")
            (notice,) = one.events("bot_uttered")
            assert "faster than I can answer" in notice["text"], "and told once"
            await chats_on(made)
            refused = await all_counted(made, 80)
        assert 72 <= refused <= 75, "her two sockets share what a user may send"


@asynchronous
async def test_rate_limits_new_sessions(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made, raw_socket(made.origin) as mallory:
        await mallory.enter(mint_token("mallory", JWT_KEY))
        for number in range(95):
            await mallory.emit("session_request", {"session_id": f"s{number}"})
        await chats_on(made)

        async def all_counted() -> bool:
            refused = (await made.health())["chat"]["rate_limited"]["sessions"]
            return bool(refused + len(mallory.events("session_confirm")) == 95)

        await eventually(all_counted, within_s=DEADLINE_S, what="each was confirmed or refused")
        assert 40 <= len(mallory.events("session_confirm")) <= 45


@asynchronous
async def test_rate_limits_packets_and_counts_them(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made, raw_socket(made.origin) as mallory:
        await mallory.enter(mint_token("mallory", JWT_KEY))
        for _ in range(300):
            await mallory.emit("no_such_event", {})
        await chats_on(made)

        async def refused() -> bool:
            return bool((await made.health())["chat"]["rate_limited"]["packets"] >= 150)

        await eventually(refused, within_s=DEADLINE_S, what="most were refused")


@asynchronous
async def test_answers_a_too_long_message_without_passing_it_to_rasa(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made, raw_socket(made.origin) as mallory:
        await mallory.enter(mint_token("mallory", JWT_KEY))
        long = {"message": "x" * 900_000, "session_id": "chat-mallory"}
        await mallory.send("2" + json.dumps(["user_uttered", long]))
        await eventually(lambda: mallory.events("bot_uttered"), what="she is told")
        assert "too long" in mallory.events("bot_uttered")[0]["text"]
        await chats_on(made)
        assert [sender for sender, _ in made.agent.heard] == ["chat-ben"]


@pytest.mark.parametrize("transport", ["polling", "websocket"])
@asynchronous
async def test_limits_sockets_without_a_user_per_address(tmp_path: Path, transport: str) -> None:
    """A proxy sends the addresses, as in production; this machine's own is a proxy's and has no limit."""
    async with deployed(tmp_path, rate_limits={"max_chat_sockets_per_address": 3}, proxies=1) as made:
        sockets = [RawSocket() for _ in range(5)]
        for socket in sockets[:3]:
            await socket.open(made.origin, transport, address=MALLORYS)
        for socket in sockets[3:]:
            with pytest.raises(engineio.exceptions.ConnectionError):
                await socket.open(made.origin, transport, address=MALLORYS)
        assert (await made.health())["chat"]["refused"] == {"by_address": 2}
        # Neighbouring addresses are accepted, as is whatever reaches the server without a proxy.
        neighbour = RawSocket()
        await neighbour.open(made.origin, transport, address="198.51.100.8")
        await chats_on(made)
        # A user who signs in from the same address no longer counts, and frees a place for others.
        await sockets[0].enter(mint_token("anna", JWT_KEY))
        assert sockets[0].is_in
        await sockets[3].open(made.origin, transport, address=MALLORYS)
        for socket in (*sockets, neighbour):
            await socket.close()


@asynchronous
async def test_rate_limits_packets_without_a_user_per_address(tmp_path: Path) -> None:
    """Signed-in users with the same address keep chatting."""
    async with (
        deployed(tmp_path, rate_limits={"address_per_minute": 60}, proxies=1) as made,
        raw_socket(made.origin, address=MALLORYS) as stranger,
    ):
        for _ in range(40):
            await stranger.send("0")  # CONNECT without a token

        async def refused() -> bool:
            return bool((await made.health())["rate_limited"]["by_address"] >= 25)

        await eventually(refused, within_s=DEADLINE_S, what="most of it is refused")
        async with raw_socket(made.origin, address=MALLORYS) as anna:
            await anna.enter(mint_token("anna", JWT_KEY))
            session = await anna.session("chat-anna")
            await anna.emit("user_uttered", {"message": "hello", "session_id": session})
            await eventually(lambda: (session, "hello") in made.agent.heard, what="anna is heard")
