"""A trigger is tried without being shown, goes live while the servers run, is paused, and has results."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from support.background import BackgroundLoop, eventually
from support.pair import Pair
from support.project import TRIGGER
from support.user import User
from support.workshop import Workshop

NEW_TEXT = "Shall I show you how to change all of them together?"


@pytest.fixture(scope="module")
def ghost(workshop: Workshop, background: BackgroundLoop) -> Iterator[Pair]:
    project = workshop.project("ghost")
    _trigger(project.autoplay)["rollout"] = "ghost"
    with workshop.running(project, background) as pair:
        yield pair


def _trigger(autoplay: dict[str, Any]) -> dict[str, Any]:
    """The example's trigger."""
    found: dict[str, Any] = next(each for each in autoplay["triggers"] if each.get("id") == TRIGGER)
    return found


async def _run(pair: Pair, *arguments: str) -> str:
    """Run ``rasa-autoplay`` in the project's folder; return what it prints."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "rasa_autoplay.tools.cli", *arguments),
        cwd=pair.project.folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0, printed.decode()
    return printed.decode()


async def _decision_about(pair: Pair, user: User) -> tuple[str, str]:
    """Tell the user's story; return the status and the arm of the decision about it."""
    await user.send_story(user.story())
    offer_id = await pair.offer_to(user.id)
    ((status, arm),) = pair.query("select status, arm from autoplay_offers where offer_id = ?", offer_id)
    return status, arm


async def test_from_ghost_to_live_to_paused(ghost: Pair) -> None:
    pair, project = ghost, ghost.project
    first, second, third = User(pair), User(pair), User(pair)
    async with first.feed() as feed:
        assert await _decision_about(pair, first) == ("withheld", "ghost")
        await feed.stays_silent(1)

    loaded = (await pair.health())["engine"]["configuration"]["fingerprint"]
    _trigger(project.autoplay).update(rollout="live", body=NEW_TEXT)
    project.write()

    async def is_loaded() -> bool:
        health = await pair.health()
        return bool(health["engine"]["configuration"]["fingerprint"] != loaded)

    await eventually(is_loaded, what="the new version is loaded")
    async with second.feed() as feed:
        await second.send_story(second.story())
        toast = await feed.toast()
        assert toast.data["body"] == NEW_TEXT
        await second.acknowledge(toast)

    await _run(pair, "pause", TRIGGER, "--why", "the new text is wrong", "--by", "Ada")

    async def is_paused() -> bool:
        explained = await pair.explain(second.id)
        (text,) = [each["text"] for each in explained["triggers"] if each["trigger_id"] == TRIGGER]
        return "Ada" in text and "the new text is wrong" in text

    await eventually(is_paused, what="explain names who paused the trigger, and why")
    await third.send_story(third.story())
    await pair.has_counted(third.id, 3)
    assert pair.offers_to(third.id) == []
    changes = await _run(pair, "changes")
    assert "Ada" in changes
    assert "the new text is wrong" in changes
    async with third.feed() as feed:
        await _run(pair, "resume", TRIGGER)
        toast = await feed.toast()  # the saves during the pause still count
        await third.acknowledge(toast)
    await third.send_story(third.story("discover_bulk_edit"))
    await eventually(lambda: "goal_reached" in pair.receipts(toast.id), what="bulk edit counts as the goal")

    results = json.loads(await _run(pair, "results", "--trigger", TRIGGER, "--json"))
    (entry,) = results["triggers"]
    assert entry["funnel"]["withheld"] == {"ghost": 1}
    assert entry["funnel"]["offered"] == 2
    assert entry["funnel"]["goal_reached"] == {"shown": 1}
    assert entry["verdict"] == "no_comparison"
