"""A path that somebody records in the page becomes a tour that users are offered, on real Rasa processes."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import Page, expect
from ruamel.yaml import YAML
from support.background import BackgroundLoop, eventually
from support.host_app import HostApp, Opener
from support.pair import Pair
from support.processes import ROOT
from support.project import ADMIN_KEY
from support.studio_pair import open_studio
from support.workshop import Workshop

#: Servers of its own, whose golden paths are written.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

_PATH_ID = "change-a-priority"
_OFFER = {
    "id": "arrived",
    "body": "Shall I show you how to change a priority?",
    "when": {"count": {"type": "pageview", "at_least": 1, "within": "120s"}},
    "golden_path": _PATH_ID,
}
_COMMAND_S = 60.0


@pytest.fixture(scope="module")
def own_pair(workshop: Workshop, background: BackgroundLoop) -> Iterator[Pair]:
    """Servers whose studio may write the golden paths."""
    project = workshop.project("recorded-path")
    shutil.copytree(ROOT / "example_bot" / "golden_paths", project.folder / "paths")
    project.autoplay.update(golden_paths="paths", studio={"write": True})
    with workshop.running(project, background) as pair:
        yield pair


async def _link(pair: Pair, page: str) -> str:
    """Ask the command line for a link that opens a page with the recorder."""
    command = [
        sys.executable,
        "-m",
        "rasa_autoplay.tools.cli",
        "record",
        "--live",
        pair.origin,
        "--open",
        page,
    ]
    done = await asyncio.to_thread(
        subprocess.run,
        [*command, "--print"],
        cwd=pair.project.folder,
        env={**os.environ, "AUTOPLAY_ADMIN_KEY": ADMIN_KEY},
        capture_output=True,
        text=True,
        timeout=_COMMAND_S,
    )
    assert done.returncode == 0, done.stderr
    return next(word for word in done.stdout.split() if "#autoplay-record=" in word)


async def _record(app: HostApp, link: str) -> str:
    """Change one project's priority with the recorder, and send the draft to the studio; return its id."""
    page = app.page
    await page.goto(link)
    panel = page.locator("rasa-autoplay-recorder")
    await expect(panel.get_by_text("Recording", exact=True)).to_be_visible()
    # It covers the buttons at the right.
    await panel.get_by_role("button", name="Move to the other side").click()
    await page.get_by_role("button", name="Edit Customer portal relaunch").click()
    await page.locator("#edit-priority").focus()
    await page.keyboard.press("ArrowDown")
    await page.locator("#edit-save").click()
    await expect(panel.locator("li.card")).to_have_count(3)
    await panel.locator("details.path summary").click()
    await panel.get_by_placeholder("Bulk edit projects").fill("Change a priority")
    await panel.get_by_role("button", name="Get the file").click()
    await expect(panel.locator("pre")).to_contain_text("edit-save")
    await panel.get_by_role("button", name="Send to the studio").click()
    address = await panel.get_by_role("link", name="Open it in the studio").get_attribute("href")
    assert address
    return address.rpartition("/")[2]


async def _write(page: Page) -> None:
    """Write the draft into the golden paths, in the studio."""
    await page.get_by_role("button", name=f"Write into {_PATH_ID}.yml").click()
    await page.get_by_label("Your name").fill("Ann")
    await page.get_by_role("button", name="Write", exact=True).click()


async def _configuration(pair: Pair) -> dict[str, Any]:
    found: dict[str, Any] = (await pair.health())["engine"]["configuration"]
    return found


async def _offer_it(pair: Pair) -> None:
    """Offer the new path to everybody who arrives, and wait until the engine does."""
    before = (await _configuration(pair))["fingerprint"]
    file = pair.project.folder / "autoplay.yml"
    settings = YAML(typ="safe").load(file.read_text("utf-8"))
    settings["triggers"] = [_OFFER]
    with file.open("w", encoding="utf-8") as out:
        YAML(typ="safe").dump(settings, out)

    async def is_in_force() -> bool:
        return bool((await _configuration(pair))["fingerprint"] != before)

    await eventually(is_in_force, what="the offer is in force")


async def test_a_recorded_path_is_written_offered_and_shown(open_app: Opener, own_pair: Pair) -> None:
    async with open_app(user_id="recording") as app:
        app.pair = own_pair
        link = await _link(own_pair, f"{own_pair.base}/demo/projects?user=recording")
        draft_id = await _record(app, link)
        studio = await open_studio(app.page.context, own_pair, f"#/drafts/{draft_id}")
        await _write(studio)
        written = own_pair.project.folder / "paths" / f"{_PATH_ID}.yml"
        await eventually(written.exists, what="the studio has written the file")
    await _offer_it(own_pair)
    async with open_app() as app:
        app.pair = own_pair
        await app.visit(with_chat=False)
        await app.show_me.click()
        title = app.tour.locator(".title")
        await expect(title).to_have_text("Press Edit")
        await app.page.get_by_role("button", name="Edit Customer portal relaunch").click()
        await expect(title).to_contain_text("Priority")
        await app.page.locator("#edit-priority").focus()
        await app.page.keyboard.press("ArrowDown")
        await app.page.keyboard.press("Tab")
        await expect(title).to_contain_text("Save changes")
        await app.page.locator("#edit-save").click()
        await expect(app.tour).to_have_count(0)
