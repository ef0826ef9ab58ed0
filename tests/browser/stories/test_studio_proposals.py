"""Somebody takes what discovery proposes to ghost in the studio, and back again, on real Rasa processes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import Browser, expect
from support.background import BackgroundLoop, eventually
from support.pair import Pair
from support.processes import ROOT
from support.project import ADMIN_KEY
from support.slow_traffic import PROPOSAL, propose_for_slow_traffic
from support.studio_pair import open_studio
from support.workshop import Workshop

#: Servers of its own, whose files the studio writes.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def own_pair(
    workshop: Workshop, background: BackgroundLoop, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    """Servers whose studio may write, and proposals that discovery made of a recording."""
    project = workshop.project("proposals")
    shutil.copytree(ROOT / "example_bot" / "golden_paths", project.folder / "paths")
    project.autoplay.update(golden_paths="paths", studio={"write": True})
    project.write()
    propose_for_slow_traffic(project.folder, tmp_path_factory.mktemp("recording") / "traffic.jsonl")
    with workshop.running(project, background) as pair:
        yield pair


async def _triggers(pair: Pair) -> list[str]:
    """The triggers that the engine has loaded."""
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    async with pair.http.get(f"{pair.base}/triggers", headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        found: dict[str, Any] = await answer.json()
    return [each["trigger_id"] for each in found["triggers"]]


async def test_a_proposal_becomes_a_ghost_and_a_draft_again(browser: Browser, own_pair: Pair) -> None:
    folder = own_pair.project.folder
    before = (folder / "autoplay.yml").read_text("utf-8")
    context = await browser.new_context(viewport={"width": 1280, "height": 860})
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page = await open_studio(context, own_pair, "#/proposals")
    await page.get_by_role("link", name="Users do").first.click()
    await expect(page.get_by_text("The rule says: promote it to ghost.")).to_be_visible()
    await expect(page.get_by_text("Click Apply to all").first).to_be_visible()
    await expect(page.frame_locator("iframe").first.get_by_text("Save changes")).to_be_visible()

    for action, stage in (("Promote to ghost", "Ghost"), ("Back to draft", "Draft")):
        await page.get_by_role("button", name=action).click()
        await page.get_by_label("Your name").fill("Olga")
        await page.get_by_role("dialog").get_by_role("button", name=action).click()
        await expect(page.locator(".track [aria-current=step]")).to_have_text(stage)
        is_ghost = stage == "Ghost"
        text = (folder / "autoplay.yml").read_text("utf-8")
        assert ("rollout: ghost" in text.partition(f"id: {PROPOSAL}")[2]) == is_ghost

        async def is_loaded(wanted: bool = is_ghost) -> bool:
            return (PROPOSAL in await _triggers(own_pair)) == wanted

        await eventually(is_loaded, what=f"the engine has loaded the step to {stage}")
    assert (folder / "autoplay.yml").read_text("utf-8") == before
    assert (folder / "paths" / f"{PROPOSAL}.yml").is_file(), "people may still ask for it in the chat"
    log = [
        json.loads(line) for line in (folder / "proposals" / PROPOSAL / "log.jsonl").read_text().splitlines()
    ]
    assert [(entry["kind"], entry["after"], entry["who"]) for entry in log] == [
        ("promoted", "ghost", "Olga"),
        ("demoted", "draft", "Olga"),
    ]
    await expect(page.locator(".log").get_by_text("Taken back from ghost to draft")).to_be_visible()
    assert complaints == []
    await context.close()
