"""Operators see which outcomes wait or failed, and send them again: by routes, and by the command line."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from support.background import eventually
from support.deployment import ADMIN_KEY, Deployment, deployed
from support.outcome_receiver import OutcomeReceiver, receiving
from support.outcomes import ENVIRONMENT, FAST, SOON
from support.run import asynchronous

from rasa_autoplay.engine.outcomes.delivery import outcomes
from rasa_autoplay.tools.cli.main import main

KEY = {"Authorization": f"Bearer {ADMIN_KEY}"}


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AUTOPLAY_ADMIN_KEY", ADMIN_KEY)
    monkeypatch.setattr(outcomes, "SCHEDULE", SOON)
    monkeypatch.setattr(outcomes, "PACE", FAST)


def section(receiver: OutcomeReceiver) -> str:
    return f"outcomes: {{webhook: {{url: {json.dumps(receiver.url)}}}}}\n"


async def run_command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run ``rasa-autoplay outcomes``; return its status and output."""
    status = await asyncio.to_thread(main, ["outcomes", *arguments])
    printed = capsys.readouterr()
    return status, printed.out + printed.err


async def failed(made: Deployment) -> list[dict[str, Any]]:
    """Return the outcomes that were given up."""
    status, found = await made.request("GET", "/outcomes", headers=KEY)
    assert status == 200, found
    return [each for each in found["undelivered"] if each["state"] == "failed"]


@asynchronous
async def test_failed_outcomes_are_listed_and_sent_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with receiving() as receiver:
        receiver.mood = "503 Busy"
        async with deployed(tmp_path, more=section(receiver)) as made:
            await made.offer_to("anna")

            async def has_failed() -> bool:
                return len(await failed(made)) == 1

            await eventually(has_failed, what="the offer's outcome failed")
            status, listed = await run_command(capsys, "--live", made.origin)
            assert status == 0
            assert "webhook" in listed
            assert "it answers 503" in listed
            (outcome,) = await failed(made)
            assert outcome["outcome_id"] in listed
            assert "s3cret" not in listed
            status, listed = await run_command(capsys, "--live", made.origin, "--json")
            assert json.loads(listed)["targets"]["webhook"]["failed"] == 1
            receiver.mood = "200 OK"
            arguments = ("--live", made.origin, "--resend", outcome["outcome_id"])
            assert await run_command(capsys, *arguments) == (0, "1 outcomes are sent again.\n")
            await eventually(lambda: receiver.accepted, what="it is sent again")
            assert receiver.accepted[0].message_id == outcome["outcome_id"]
            again = await run_command(capsys, "--live", made.origin, "--resend-since", "2h")
            assert again[0] == 0
            await eventually(lambda: len(receiver.accepted) > 1, what="it is sent once more")

            async def nothing_waits() -> bool:
                return "Nothing waits" in (await run_command(capsys, "--live", made.origin))[1]

            await eventually(nothing_waits, what="all is delivered")
            health = (await made.health())["engine"]["outcomes"]["webhook"]
            assert health["delivered"] >= 1
            assert "s3cret" not in str(health)


@asynchronous
async def test_routes_need_the_admin_key_and_sensible_arguments(tmp_path: Path) -> None:
    async with receiving() as receiver, deployed(tmp_path, more=section(receiver)) as made:
        assert (await made.request("GET", "/outcomes"))[0] == 401
        assert (await made.request("POST", "/outcomes/resend", {"since_s": 1}))[0] == 401
        assert (await made.request("GET", "/outcomes?limit=0", headers=KEY))[0] == 400
        bad: list[Any] = [
            {},
            {"ids": "msg_1"},
            {"ids": [1]},
            {"ids": ["x" * 100]},
            {"ids": ["msg_1"] * 501},
            {"since_s": -1},
            {"since_s": True},
            {"since_s": 1e12},
            {"ids": ["o1"]},
        ]
        for body in bad:
            status, answer = await made.request("POST", "/outcomes/resend", body, KEY)
            assert status in (400, 422), (body, answer)
            assert answer["error"]
        status, answer = await made.request("POST", "/outcomes/resend", {"ids": ["msg_1"]}, KEY)
        assert (status, answer) == (200, {"count": 0})


@asynchronous
async def test_says_that_outcomes_are_switched_off(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with deployed(tmp_path) as made:
        status, answer = await made.request("GET", "/outcomes", headers=KEY)
        assert (status, "switched off" in answer["error"]) == (404, True)
        status, printed = await run_command(capsys, "--live", made.origin)
        assert status == 1
        assert "outcomes are switched off" in printed
        assert "Traceback" not in printed
