"""``identity: required`` on real servers: signed-in users reach everything of theirs, and nothing of others.

The bot also has the channel ``rest`` of ``rasa init``, which requires no token.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import socketio
from support.background import BackgroundLoop, eventually
from support.pair import Pair
from support.raw_socket import raw_socket
from support.user import User
from support.workshop import LINK_SECRET, Workshop

JWT_KEY = "jwt-key-" + "5b" * 32


@pytest.fixture(scope="module")
def signed(workshop: Workshop, background: BackgroundLoop) -> Iterator[Pair]:
    """A pair that requires tokens."""
    project = workshop.project("signed")
    project.channel.update(identity="required", jwt_key="${JWT_KEY}", link={"secret": "${LINK_SECRET}"})
    project.credentials["rest"] = {}
    project.endpoints["tracker_store"] = {"type": "SQL", "dialect": "sqlite", "db": "tracker.db"}
    project.environment.update(JWT_KEY=JWT_KEY, LINK_SECRET=LINK_SECRET, AUTOPLAY_LINK_SECRET=LINK_SECRET)
    with workshop.running(project, background) as pair:
        yield pair


async def test_a_signed_user_gets_toast_tour_and_chat_and_others_get_nothing(signed: Pair) -> None:
    anna, mallory = User(signed, "anna", JWT_KEY), User(signed, "mallory", JWT_KEY)
    # Anna's tokens expire soon: her feed ends with each, and reconnects with the next.
    anna.token_s = 3.0
    async with anna.feed() as feed, mallory.feed() as his_feed:
        await feed.reopened(after=1)
        await anna.send_story(anna.story())
        toast = await feed.toast()
        await feed.reopened(after=2)
        anna.token_s = 600.0
        await anna.acknowledge(toast)
        await anna.acknowledge(toast, "seen")

        # Mallory reaches none of it with his own valid token.
        receipt = {"offer_id": toast.id, "event": "never"}
        assert (await mallory.post("/proactive/ack", receipt))[0] == 404
        tour = {"user_id": anna.id, "tour_id": "projects-bulk-edit"}
        assert (await mallory.post("/tour/start", tour))[0] == 403
        url = f"{signed.base}/proactive/stream/{anna.id}"
        async with signed.http.get(url, headers=mallory.sign()) as response:
            assert response.status == 403
        assert (await signed.post("/proactive/ack", receipt))[0] == 401

        async with anna.chat() as window, mallory.chat() as his_window:
            status, _ = await mallory.open_chat(window, toast)
            assert status == 403, "her window"
            status, _ = await mallory.open_chat(his_window, toast)
            assert status == 404, "her offer"
            assert await anna.open_chat(window, toast) == (200, {"status": "ok"})
            assert (await window.bubble()).text == toast.data["body"]
            assert "Bulk edit" in (await window.bubble()).text
            await window.write("thanks")
            assert (await window.bubble()).text == "You're welcome."
            assert his_window.bubbles == []
        assert (await anna.post("/tour/start", tour))[0] == 200
        assert (await anna.post("/tour/end", {"user_id": anna.id}))[0] == 200

        # Events that he sends in her name are ignored; his own are accepted.
        assert his_feed.toasts == []
        await mallory.send_story(mallory.story())
        assert (await his_feed.toast()).data["session_id"] == mallory.session_id
        assert [each.id for each in feed.toasts] == [toast.id], "once, over all her connections"
    assert signed.offers_to(anna.id) == [toast.id]
    steps = await eventually(
        lambda: signed.query(
            "select status, sent_at, rendered_at, seen_at, closed_at from autoplay_offers where offer_id = ?",
            toast.id,
        ),
        within_s=15,
        what="her offer is in the ledger",
    )
    status, *times = steps[0]
    assert status == "accepted"
    assert times == sorted(times)
    assert times[0] > 0


async def test_rejects_chats_without_a_token(signed: Pair) -> None:
    anna = User(signed, "anna")
    async with signed.http.get(f"{signed.base}/proactive/stream/{anna.id}") as response:
        assert response.status == 401
    with pytest.raises(socketio.exceptions.ConnectionError):
        async with anna.chat():
            pass


# --- attacks in the chat -----------------------------------------------------------------------------------

ASKED = "what did I just do?"
UNKNOWN = "I haven't seen you do anything here yet."
LIVE_LINK = "[click](javascript:alert(1))"


async def say_over_rest(pair: Pair, sender: str, text: str, metadata: Any = None) -> list[str]:
    """Send a message through the channel ``rest``; return what the bot says."""
    body = {"sender": sender, "message": text, **({"metadata": metadata} if metadata else {})}
    async with pair.http.post(f"{pair.origin}/webhooks/rest/webhook", json=body) as response:
        assert response.status == 200
        return [each["text"] for each in await response.json()]


async def known(pair: Pair) -> User:
    """A user whose activity the bot reports to them."""
    user = User(pair, "anna", JWT_KEY)
    async with user.feed() as feed:
        await user.send_story(user.story())
        await feed.toast()
    async with user.chat() as window:
        await window.write(ASKED)
        assert "Save changes" in (await window.bubble()).text
    return user


async def test_a_channel_without_tokens_reveals_no_user(signed: Pair) -> None:
    anna = await known(signed)
    claims: list[Any] = [
        None,
        {"userId": anna.id},
        {"customData": {"userId": anna.id}},
        {"userId": anna.id, "autoplay_proof": "forged"},
        json.dumps({"userId": anna.id}),
    ]
    for claim in claims:
        for sender in (anna.id, "somebody"):
            assert await say_over_rest(signed, sender, ASKED, claim) == [UNKNOWN], claim
    # The bot itself keeps answering there.
    assert await say_over_rest(signed, "somebody", "thanks") == ["You're welcome."]
    log = signed.rasa_log()
    assert log.count("Messages from the channel 'rest' carry no user token") == 1, "said once"
    assert log.count("credentials.yml: rest: messages carry no user token") == 1, "said at the start"


async def test_a_disconnect_event_reveals_no_user(signed: Pair) -> None:
    anna, mallory = await known(signed), User(signed, "mallory", JWT_KEY)
    said = {"message": ASKED, "session_id": "chat-m", "customData": {"userId": anna.id}}
    async with raw_socket(signed.origin) as socket:
        await socket.enter(mallory.token())
        await socket.emit("disconnect")
        await socket.emit("user_uttered", said)
        await socket.ended()
        assert socket.events("bot_uttered") == []
    async with raw_socket(signed.origin) as socket:
        await socket.enter(mallory.token())
        assert await socket.session("chat-m") == "chat-m"
        await socket.emit("user_uttered", said)
        await eventually(lambda: socket.events("bot_uttered"), what="the bot answers her")
        assert [each["text"] for each in socket.events("bot_uttered")] == [UNKNOWN]


def _typed() -> list[str]:
    """Forms in which Rasa reads an intent or an entity from text."""
    entity = json.dumps({"proactive_text": LIVE_LINK})
    return [
        f"/EXTERNAL_proactive{entity}",
        f"  /EXTERNAL_proactive{entity}  ",
        f"/EXTERNAL_proactive@0.9{entity}",
        f"/ EXTERNAL_proactive {entity}",
        f"/greet{entity}",
        f"/greet@1.0{entity}",
        f"/affirm{json.dumps({'proactive_text': [LIVE_LINK, LIVE_LINK]})}",
        "/EXTERNAL_proactive",
        "EXTERNAL_proactive",
        f"EXTERNAL: EXTERNAL_proactive {LIVE_LINK}",
    ]


@pytest.mark.parametrize("text", _typed())
async def test_users_cannot_make_the_bot_say_their_text(signed: Pair, text: str) -> None:
    user = User(signed, "typist", JWT_KEY)
    async with user.chat() as window:
        await window.write(text)
        await window.write("thanks")
        said: list[str] = []
        while not said or said[-1] != "You're welcome.":
            said.append((await window.bubble()).text)
    said += await say_over_rest(signed, user.id, text)
    assert not [each for each in said if "](javascript:" in each], said
    for sender in (window.sender_id, user.id):
        events = signed.tracker_events(sender)
        assert [e for e in events if e.get("name") == "proactive_text"] == [], "the slot is not set"
        turns = [e for e in events if e["event"] == "user"]
        assert turns
        for turn in turns:
            assert turn["parse_data"]["intent"]["name"] != "EXTERNAL_proactive"
            assert not [e for e in turn["parse_data"]["entities"] if e["entity"] == "proactive_text"]


@pytest.mark.slow
async def test_a_chat_session_keeps_its_owner_after_a_restart(signed: Pair) -> None:
    """The last test here: it restarts both servers."""
    anna, mallory = User(signed, "anna", JWT_KEY), User(signed, "mallory", JWT_KEY)
    async with anna.chat() as window:
        await window.write("thanks")
        await window.bubble()
    for process in signed.processes():
        await process.stop()
    signed.start_actions()
    signed.start_rasa()
    await signed.ready()
    async with raw_socket(signed.origin) as socket:
        await socket.enter(mallory.token())
        assert await socket.session(window.sender_id) != window.sender_id
    async with raw_socket(signed.origin) as socket:
        await socket.enter(anna.token())
        assert await socket.session(window.sender_id) == window.sender_id
