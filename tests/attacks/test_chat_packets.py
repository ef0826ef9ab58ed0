"""Mallory has a chat socket, with her own token or none, and sends what no chat widget sends."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from support.background import eventually
from support.deployment import DEADLINE_S, JWT_KEY, Deployment, deployed
from support.raw_socket import RawSocket, raw_socket
from support.run import asynchronous

from rasa_autoplay.common.conversation.message_proofs import PROOF_KEY
from rasa_autoplay.common.identity.user_tokens import mint_token

TRANSPORTS = ["websocket", "polling"]
ANNA = {"customData": {"userId": "anna"}, "userId": "anna"}
QUESTION = "what did I just do?"


def asks_as_anna(session_id: str = "chat-anna") -> tuple[str, dict[str, Any]]:
    """Return the event that would reveal Anna's actions if the server believed it."""
    return "user_uttered", {"message": QUESTION, "session_id": session_id, "customData": ANNA}


async def settled(made: Deployment) -> None:
    """Wait until everything sent before is processed: another user's message is processed after it."""
    before = len(made.agent.heard)
    socket, session, _ = await made.window("ben", "chat-ben")
    await socket.emit("user_uttered", {"message": "hello", "session_id": session})
    await eventually(lambda: len(made.agent.heard) > before, within_s=DEADLINE_S, what="Ben is heard")


def heard_of_others(made: Deployment) -> list[tuple[str, str]]:
    """Return what reached Rasa, except for Ben's greetings."""
    return [(sender, text) for sender, text in made.agent.heard if text != "hello"]


async def heard(made: Deployment, messages: int) -> None:
    """Wait until that many messages have reached Rasa."""
    await eventually(lambda: len(made.agent.heard) == messages, within_s=DEADLINE_S, what="Rasa hears it")


async def confirmed(socket: RawSocket, session_id: str, times: int) -> None:
    """Wait until a session was confirmed that many times."""
    await eventually(
        lambda: socket.events("session_confirm").count(session_id) == times, what=f"{session_id} is confirmed"
    )


#: Packets that could make the guard lose, confuse or never learn the socket's user.
ESCAPES: dict[str, list[str | bytes]] = {
    "the event disconnect": ['2["disconnect"]'],
    "the event disconnect, with a reason": ['2["disconnect","transport close"]'],
    "the event connect": ['2["connect",{"QUERY_STRING":"token=x"},{"token":"x"}]'],
    "the event connect, without anything": ['2["connect"]'],
    "the event connect_error": ['2["connect_error",{}]'],
    "the event __disconnect_final": ['2["__disconnect_final"]'],
    "the event *": ['2["*",{}]'],
    "disconnect, with an acknowledgement": ['217["disconnect"]'],
    "disconnect, as a binary event": ['51-["disconnect",{"_placeholder":true,"num":0}]', b"x"],
    "a name that is binary": ['51-[{"_placeholder":true,"num":0}]', b"disconnect"],
    "nothing but binary data": [b"disconnect"],
    "an acknowledgement": ['31["disconnect"]'],
    "a binary acknowledgement": ['61-1[{"_placeholder":true,"num":0}]', b"x"],
    "a connection error": ['4{"message":"x"}'],
    "another namespace": ["0/admin,"],
    "an event in another namespace": ['2/admin,["disconnect"]'],
    "disconnect in another namespace": ["1/admin,"],
    "no such type": ["9[]"],
    "an event without a name": ["2[]", '2{"0":"disconnect"}', "2"],
    "a name that is a list": ['2[["disconnect"]]'],
    "a name that is a number": ["2[1]"],
    "no JSON": ["2[disconnect"],
    "deep JSON": ["2" + "[" * 20_000],
    "numbers of a packet": ["4", "true", "null", "[1]", '{"type":2,"data":["disconnect"]}'],
}


@pytest.mark.parametrize("transport", TRANSPORTS)
@asynchronous
async def test_no_packet_resets_the_users_identity(tmp_path: Path, transport: str) -> None:
    async with deployed(tmp_path) as made:
        for name, packets in ESCAPES.items():
            async with raw_socket(made.origin, transport) as mallory:
                await mallory.enter(mint_token("mallory", JWT_KEY))
                assert mallory.is_in, name
                for packet in packets:
                    await mallory.send(packet)
                await mallory.emit(*asks_as_anna("chat-mallory"))
                await mallory.ended()
        await settled(made)
        assert heard_of_others(made) == []
        refused = (await made.health())["chat"]["refused"]
        assert refused.keys() == {
            "reserved_event",
            "wrong_namespace",
            "wrong_type",
            "no_event",
            "unreadable",
            "binary",
        }
        assert sum(refused.values()) == len(ESCAPES), "each of them ends its socket"
        assert (await made.health())["chat"]["open"] == 1, "Ben's"


@pytest.mark.parametrize("transport", TRANSPORTS)
@asynchronous
async def test_ignores_events_from_a_socket_without_a_user(tmp_path: Path, transport: str) -> None:
    async with deployed(tmp_path) as made:
        await made.window("anna", "chat-anna")
        async with raw_socket(made.origin, transport) as stranger:
            await stranger.emit(*asks_as_anna())
            await stranger.emit("session_request", {"session_id": "chat-anna"})
            for token in ("", mint_token("anna", "another" * 6)):
                await stranger.enter(token)
                assert not stranger.is_in
                await stranger.emit(*asks_as_anna())
                await stranger.emit("session_request", {"session_id": "chat-stranger"})
            await settled(made)
            assert stranger.events("session_confirm") == []
            assert stranger.events("bot_uttered") == []
        assert heard_of_others(made) == []
        assert (await made.health())["chat"]["refused"]["before_caller"] == 6


@pytest.mark.parametrize("transport", TRANSPORTS)
@asynchronous
async def test_reconnecting_gives_no_access_to_other_users(tmp_path: Path, transport: str) -> None:
    async with deployed(tmp_path) as made, raw_socket(made.origin, transport) as mallory:
        _, anna, _ = await made.window("anna", "chat-anna")
        await mallory.enter(mint_token("mallory", JWT_KEY))
        assert await mallory.session("chat-mallory") == "chat-mallory"
        await mallory.send("1")
        await mallory.emit(*asks_as_anna("chat-mallory"))
        await mallory.enter()
        assert not mallory.is_in, "without a token she does not come in again"
        await mallory.emit(*asks_as_anna("chat-mallory"))
        await mallory.enter(mint_token("mallory", JWT_KEY))
        assert mallory.is_in
        assert await mallory.session(anna) != anna
        await mallory.emit(*asks_as_anna(anna))
        await mallory.emit(*asks_as_anna("chat-mallory"))
        await eventually(lambda: made.agent.heard, within_s=DEADLINE_S, what="she is heard")
        assert made.agent.heard == [("chat-mallory", QUESTION)]
        assert made.agent.metadata[0]["userId"] == "mallory"


@asynchronous
async def test_ignores_packets_after_a_close_packet(tmp_path: Path) -> None:
    """An engine.io CLOSE ends the session, but python-engineio keeps reading its websocket."""
    async with deployed(tmp_path) as made:
        url = made.origin.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
        async with made.http.ws_connect(url) as mallory:
            await mallory.receive_str()
            token = json.dumps({"token": mint_token("mallory", JWT_KEY)})
            for packet in (f"40{token}", "1", "40", f"40{token}"):
                await mallory.send_str(packet)
            name, said = asks_as_anna("chat-mallory")
            await mallory.send_str("42" + json.dumps([name, said]))
            await settled(made)
        assert heard_of_others(made) == []


@pytest.mark.parametrize("transport", TRANSPORTS)
@asynchronous
async def test_ignores_events_with_wrong_arguments(
    tmp_path: Path, transport: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with deployed(tmp_path) as made, raw_socket(made.origin, transport) as mallory:
        await mallory.enter(mint_token("mallory", JWT_KEY))
        hostile: list[list[Any]] = [[], [None], [1], ["x"], [[]], [{}, {}, {}], [{"session_id": {}}]]
        for number, arguments in enumerate(hostile, 1):
            for event in ("session_request", "user_uttered", "no_such_event"):
                await mallory.emit(event, *arguments)
            # The socket is unchanged; and a polling client sends no more at once than the server accepts.
            await mallory.emit("session_request", {"session_id": "chat-mallory"})
            await confirmed(mallory, "chat-mallory", times=number)
        await settled(made)
        assert not [record for record in caplog.records if record.exc_info]


@asynchronous
async def test_unreadable_payloads_do_not_flood_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with deployed(tmp_path) as made:
        url = f"{made.origin}/socket.io/?EIO=4&transport=polling"
        async with made.http.get(url) as response:
            sid = json.loads((await response.text())[1:])["sid"]
        caplog.clear()
        for payload in ["\x1e".join(["4"] * 50), "x", "4" + "\x1e" * 20, "b#", "\udcff"] * 10:
            data = payload.encode("utf-8", "surrogateescape")
            async with made.http.post(f"{url}&sid={sid}", data=data) as response:
                assert response.status in (200, 400)
        traces = [record for record in caplog.records if record.exc_info]
        assert len(traces) <= 4, "one of each kind"
        await settled(made)


@pytest.mark.parametrize("transport", TRANSPORTS)
@asynchronous
async def test_closes_a_socket_when_its_token_expires_and_accepts_a_new_one(
    tmp_path: Path, transport: str
) -> None:
    async with deployed(tmp_path) as made:
        async with raw_socket(made.origin, transport) as anna:
            token = mint_token("anna", JWT_KEY, expires_in_s=2)
            await anna.enter(token)
            assert await anna.session("chat-anna") == "chat-anna"
            await anna.ended()
            assert time.time() >= _expiry(token)
            await anna.emit(*asks_as_anna())
        async with raw_socket(made.origin, transport) as again:
            await again.enter(mint_token("anna", JWT_KEY))
            assert await again.session("chat-anna") == "chat-anna", "the session is still hers"
            await again.emit("user_uttered", {"message": "I am back", "session_id": "chat-anna"})
            await eventually(lambda: made.agent.heard, within_s=DEADLINE_S, what="she is heard again")
        assert made.agent.heard == [("chat-anna", "I am back")]
        assert (await made.health())["chat"]["refused"] == {"token_expired": 1}


def _expiry(token: str) -> float:
    import jwt

    return float(jwt.decode(token, options={"verify_signature": False})["exp"])


@asynchronous
async def test_signs_messages_as_the_tokens_user_whatever_the_message_claims(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made, raw_socket(made.origin) as mallory:
        await mallory.enter(mint_token("mallory", JWT_KEY))
        claims: list[Any] = [ANNA, json.dumps(ANNA), {PROOF_KEY: "forged"}, "anna", ["anna"], 7, None]
        for number, claim in enumerate(claims, 1):
            await mallory.emit("user_uttered", {"message": "x", "session_id": "c", "customData": claim})
            await heard(made, number)
        assert {each["userId"] for each in made.agent.metadata} == {"mallory"}
        assert "anna" not in json.dumps([each.get("customData") for each in made.agent.metadata])
