"""Mallory is signed in, and tries to reach Anna's feed, offers, tours, chat and history."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.background import eventually
from support.deployment import ADMIN_KEY, DEADLINE_S, Deployment, deployed, signed
from support.run import asynchronous

from rasa_autoplay.link.messages import RECEIPT_EVENTS


async def life_of(made: Deployment, offer_id: str) -> dict[str, Any]:
    """Return what operators see of an offer."""
    status, told = await made.request(
        "GET", f"/offers/{offer_id}", headers={"Authorization": f"Bearer {ADMIN_KEY}"}
    )
    assert status == 200, told
    return dict(told)


@asynchronous
async def test_mallory_cannot_read_annas_feed(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made:
        refused = await made.listen("anna", as_user="mallory")
        assert refused.response.status == 403
        mallory = await made.listen("mallory")
        hers = await made.offer_to("anna")
        # A browser that sends a last event id still gets only its own user's events.
        again = await made.listen("mallory", last_event_id=hers["offer_id"])
        await made.send_story("mallory")
        for stream in (mallory, again):
            his = await stream.toast()
            assert his["offer_id"] != hers["offer_id"]
            assert his["session_id"] == "ps-mallory", "the first that ever came to him"
        assert refused.toasts == []


@asynchronous
async def test_mallory_cannot_answer_annas_offers(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made:
        toast = await made.offer_to("anna")
        before = await life_of(made, toast["offer_id"])
        for event in RECEIPT_EVENTS:
            receipt = {"offer_id": toast["offer_id"], "event": event}
            assert (await made.post("/proactive/ack", receipt, "mallory"))[0] == 404
            assert (await made.post("/proactive/ack", {**receipt, "user_id": "anna"}, "mallory"))[0] == 403
            assert (await made.post("/proactive/ack", {**receipt, "user_id": "anna"}))[0] == 401
        after = await life_of(made, toast["offer_id"])
        assert after["receipts"] == before["receipts"] == []
        assert after["status"] in ("sent", "rendered"), "time alone has moved it"
        receipt = {"offer_id": toast["offer_id"], "event": "dismissed"}
        assert await made.post("/proactive/ack", receipt, "anna") == (200, {"status": "ok"})


@asynchronous
async def test_another_users_offer_looks_like_an_unknown_one(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made:
        toast = await made.offer_to("anna")
        invented = "offer_" + "x" * 22
        answers = [
            await made.post("/proactive/ack", {"offer_id": offer_id, "event": "seen"}, "mallory")
            for offer_id in (toast["offer_id"], invented)
        ]
        assert [status for status, _ in answers] == [404, 404]
        texts = [answer["error"].replace(toast["offer_id"], invented) for _, answer in answers]
        assert texts[0] == texts[1]


@asynchronous
async def test_mallory_cannot_report_annas_tours(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made:
        toast = await made.offer_to("anna")
        tour_id = "projects-bulk-edit"
        for path in ("/tour/start", "/tour/step", "/tour/end"):
            body = {"user_id": "anna", "tour_id": tour_id}
            assert (await made.post(path, body, "mallory"))[0] == 403
            assert (await made.post(path, body))[0] == 401
        # Mallory may start his own tour; that does not accept Anna's offer.
        assert (await made.post("/tour/start", {"user_id": "mallory", "tour_id": tour_id}, "mallory"))[
            0
        ] == 200
        assert "accepted" not in (await life_of(made, toast["offer_id"]))["life"]
        assert (await made.post("/tour/start", {"user_id": "anna", "tour_id": tour_id}, "anna"))[0] == 200
        assert "accepted" in (await life_of(made, toast["offer_id"]))["life"]


@asynchronous
async def test_mallory_cannot_join_annas_chat(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made:
        hers = await made.offer_to("anna")
        his = await made.offer_to("mallory")
        anna, session, said_to_anna = await made.window("anna", "chat-anna")
        mallory, given, said_to_mallory = await made.window("mallory", session)
        assert session == "chat-anna"
        assert given != session, "he is given a session of his own"
        await mallory.emit("user_uttered", {"message": "it is me", "session_id": session})
        await mallory.emit("user_uttered", {"message": "hello", "session_id": given})
        await eventually(lambda: made.agent.heard, within_s=DEADLINE_S, what="what he may say is heard")
        assert made.agent.heard == [(given, "hello")]
        inject = {"sender_id": session, "body": "?", "trigger_id": "bulk_edit_opportunity"}
        for offer in (hers, his):
            status, _ = await made.post(
                "/proactive/inject", {**inject, "offer_id": offer["offer_id"]}, "mallory"
            )
            assert status == 403, "her window is not his to speak in"
        status, _ = await made.post(
            "/proactive/inject", {**inject, "sender_id": given, "offer_id": hers["offer_id"]}, "mallory"
        )
        assert status == 404, "her offer is not his to accept"
        asked = {"user_id": "mallory", "offer_id": hers["offer_id"]}
        assert (await made.post("/proactive/explain", asked, "mallory"))[0] == 404
        assert (await made.post("/proactive/explain", {**asked, "user_id": "anna"}, "mallory"))[0] == 403
        status, answer = await made.post("/proactive/explain", {**asked, "user_id": "anna"}, "anna")
        assert (status, answer["source"]) == (200, "steps")
        status, _ = await made.post("/proactive/inject", {**inject, "offer_id": hers["offer_id"]}, "anna")
        assert status == 200
        await eventually(lambda: len(said_to_anna) == 2, within_s=DEADLINE_S, what="both bubbles")
        assert said_to_anna[0] == "Shall I show you how?"
        assert said_to_mallory == []
        await anna.disconnect()


@asynchronous
async def test_mallory_cannot_read_annas_memory(tmp_path: Path) -> None:
    async with deployed(tmp_path) as made:
        await made.offer_to("anna")
        assert (await made.request("GET", "/reply/anna?query=x", headers=signed("mallory")))[0] == 403
        for path in (
            "/explain/anna",
            "/users/demo/anna/memory",
            "/users/demo/anna/offers",
            "/offers/x",
            "/tail",
            "/knowledge-base/demo?query=x",
        ):
            for headers in (signed("mallory"), signed("anna"), {}, {"Authorization": f"Basic {ADMIN_KEY}"}):
                # After a few wrong keys, further ones are rejected unchecked.
                assert (await made.request("GET", path, headers=headers))[0] in (401, 429), path


@pytest.mark.parametrize("session", ["ps-mallory", "ps-anna"])
@asynchronous
async def test_mallory_cannot_send_events_as_anna(tmp_path: Path, session: str) -> None:
    async with deployed(tmp_path) as made:
        statuses = await made.send_story("anna", session, as_user="mallory")
        assert set(statuses) <= {200, 403}
        assert 403 in statuses
        stream = await made.listen("anna")
        await made.send_story("anna")
        await stream.toast()
        offers = await made.engine.stores.ledger.history("demo", "anna")
        assert [offer.session_id for offer in offers] == ["ps-anna"], "one offer, of what she did herself"
        assert await made.engine.stores.ledger.history("demo", "mallory") == []
