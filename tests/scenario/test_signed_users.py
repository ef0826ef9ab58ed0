"""``identity: required`` on real servers: who is signed in has everything, and nobody else anything of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import socketio
from support.background import BackgroundLoop, eventually
from support.pair import Pair
from support.user import User
from support.workshop import Workshop

JWT_KEY = "jwt-key-" + "5b" * 32


@pytest.fixture(scope="module")
def signed(workshop: Workshop, background: BackgroundLoop) -> Iterator[Pair]:
    """A pair that asks for tokens."""
    project = workshop.project("signed")
    project.channel.update(identity="required", jwt_key="${JWT_KEY}")
    project.environment["JWT_KEY"] = JWT_KEY
    with workshop.running(project, background) as pair:
        yield pair


async def test_a_signed_user_has_the_whole_story_and_a_stranger_nothing_of_it(signed: Pair) -> None:
    anna, mallory = User(signed, "anna", JWT_KEY), User(signed, "mallory", JWT_KEY)
    # Anna's tokens end soon: her feed ends with each of them, and comes back with the next.
    anna.token_s = 3.0
    async with anna.feed() as feed, mallory.feed() as his_feed:
        await feed.reopened(after=1)
        await anna.live(anna.story())
        toast = await feed.toast()
        await feed.reopened(after=2)
        anna.token_s = 600.0
        await anna.acknowledge(toast)
        await anna.acknowledge(toast, "seen")

        # Nothing of it is Mallory's, with his own good token.
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

        # What he says that she has done is not believed; what he does himself is.
        assert his_feed.toasts == []
        await mallory.live(mallory.story())
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


async def test_nobody_chats_without_a_token(signed: Pair) -> None:
    anna = User(signed, "anna")
    async with signed.http.get(f"{signed.base}/proactive/stream/{anna.id}") as response:
        assert response.status == 401
    with pytest.raises(socketio.exceptions.ConnectionError):
        async with anna.chat():
            pass
