"""Events that the journal cannot store are answered once the engine has accepted them."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from support.background import eventually
from support.deployment import DEADLINE_S, Deployment, deployed, signed
from support.run import asynchronous

from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.gateway import custody as module
from rasa_autoplay.gateway.custody import Custody, Delivery
from rasa_autoplay.gateway.journal import EventJournal
from rasa_autoplay.link.messages import UpMessage


def pageview(uuid: str) -> dict[str, Any]:
    properties = {"$session_id": "s1", "$current_url": "https://a.example/", "distinct_id": "anna"}
    return {"event": "$pageview", "uuid": uuid, "properties": properties}


async def capture(made: Deployment, uuid: str) -> int:
    return (await made.post("/capture/e/", {"batch": [pageview(uuid)]}, "anna"))[0]


@asynchronous
async def test_without_a_journal_the_response_waits_for_the_engine(
    tmp_path: Path, own_journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LONGEST_WAIT_S", 0.5)
    async with deployed(tmp_path, journal=False) as made:
        for number in range(5):
            assert await capture(made, f"e{number}") == 200
            assert made.engine.health()["actions"] == number + 1, "at the answer, not some time after it"
        assert (await made.health())["journal"] == {"state": "off"}
        assert not any(own_journal.iterdir())  # noqa: ASYNC240 - an empty folder

        await made.actions.kill()
        async with made.http.post(
            f"{made.origin}/webhooks/autoplay/capture/e/",
            json={"batch": [pageview("x")]},
            headers=signed("anna"),
        ) as response:
            assert (response.status, int(response.headers["Retry-After"]) > 0) == (503, True)
        await made.actions.start()

        async def is_taken() -> bool:
            return await capture(made, "x") == 200

        await eventually(is_taken, within_s=DEADLINE_S, what="the engine is back")
        session = await made.engine.sessions.find(("demo", "s1"))
        assert session is not None
        assert len(session.window) == 6, "the five from before and this one, which counts once"


@asynchronous
async def test_unwritable_journal_is_reported_and_loses_no_events(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("", encoding="utf-8")
    async with deployed(tmp_path, journal={"folder": str(tmp_path / "a file" / "journal")}) as made:
        assert await capture(made, "e1") == 200
        assert made.engine.health()["actions"] == 1
        journal = (await made.health())["journal"]
        assert journal["state"] == "failed"
        assert "Not a directory" in journal["remedy"]


@asynchronous
async def test_journal_holds_only_masked_events_and_only_briefly(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    async with deployed(tmp_path, journal={"folder": str(folder)}) as made:
        await made.actions.kill()
        event = pageview("e1")
        event["properties"]["$current_url"] = "https://a.example/?token=s3cretword"
        assert (await made.post("/capture/e/", {"batch": [event]}, "anna"))[0] == 200
        (file,) = folder.iterdir()
        written = file.read_bytes()
        assert b"anna" in written
        assert b"s3cretword" not in written
        await made.actions.start()
        await eventually(lambda: file.read_bytes() == b"", within_s=DEADLINE_S, what="it is deleted")


@asynchronous
async def test_does_not_acknowledge_events_dropped_in_a_flood(tmp_path: Path) -> None:
    queued: list[UpMessage] = []

    def send(message: UpMessage) -> bool:
        queued.append(message)
        return True

    custody = Custody(send, None)
    delivery = Delivery(custody, "user:anna")
    payloads = [ActionsPayload("demo", f"s{number}", "anna", None, []) for number in range(2)]
    for payload in payloads:
        assert delivery.accept(payload, "capture")
    waiting = asyncio.get_running_loop().create_task(delivery.unsafe())
    await asyncio.sleep(0)
    custody.record_outcome(queued[0], True)
    custody.record_outcome(queued[1], False)
    assert await waiting == [payloads[1]]


@asynchronous
async def test_acknowledges_journaled_events_at_once(tmp_path: Path) -> None:
    custody = Custody(lambda _message: True, EventJournal(tmp_path, 1 << 20, time.monotonic))
    delivery = Delivery(custody)
    assert delivery.accept(ActionsPayload("demo", "s1", "anna", None, []), "capture")
    assert await asyncio.wait_for(delivery.unsafe(), 0.1) == []
    assert custody.health()["pending"] == 1
    custody.close()
