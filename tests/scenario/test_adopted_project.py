"""From a Rasa project with its model to the first toast: `rasa-autoplay init`, and no training.

One of the projects is in every run; the others, including that of `rasa init`, are slow.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from support.adopted import CONVERSATIONS, PROJECTS, AdoptedProject, make_project, run_in
from support.background import BackgroundLoop
from support.chromium import launched, require_browser, require_libraries
from support.host_app import give_time
from support.pair import Pair
from support.processes import ROOT, free_port, rasa_command
from support.rasa_bot import train_project
from support.user import User

from rasa_autoplay.tools.project_setup.starter import GOLDEN_PATH, autoplay_yml

pytestmark = pytest.mark.timeout(1_200)

_EVERY_RUN = "socketio"
_KEY = "the-key-of-the-operators"
#: In place of 8080, which may be in use.
_PAGE_PORT = free_port()
# posthog-js sends nothing from an automated browser by default.
_FOR_TESTS = "opt_out_useragent_filter: true, api_host:"
# Only what never comes waits for so long; a busy machine is given the time.
expect.set_options(timeout=60_000)


@pytest.fixture(
    scope="module",
    params=[_EVERY_RUN, *(pytest.param(p, marks=pytest.mark.slow) for p in PROJECTS if p != _EVERY_RUN)],
)
def name(request: pytest.FixtureRequest) -> str:
    """The name of an existing project."""
    return str(request.param)


@pytest.fixture(scope="module")
def adopted(name: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That project, with the model that it had before the copilot was added."""
    folder = tmp_path_factory.mktemp(name) / "bot"
    if name == "stock":
        folder.mkdir()
        run_in(folder, rasa_command("init", "--no-prompt", "--init-dir", "."))
    else:
        make_project(name, folder)
        train_project(folder)
    told = run_in(folder, [sys.executable, "-m", "rasa_autoplay.tools.cli", "init", "--yes"])
    assert "rasa train" not in told
    credentials = folder / "credentials.yml"
    # As the ten-minute start says.
    with_key, count = re.subn(r"# admin_key: .*", f"admin_key: {_KEY}", credentials.read_text("utf-8"))
    assert count == 1
    credentials.write_bytes(with_key.replace(":8080", f":{_PAGE_PORT}").encode())
    path = folder / "golden_paths" / "repeated-saves.yml"
    path.write_text(path.read_text("utf-8").replace(":8080", f":{_PAGE_PORT}"), "utf-8")
    return folder


@pytest.fixture(scope="module")
def pair(adopted: Path, background: BackgroundLoop) -> Iterator[Pair]:
    """Both servers of that project."""
    pair = Pair(AdoptedProject(adopted))
    try:
        background.run(pair.start(), 300)
        yield pair
    finally:
        background.run(pair.close(), 60)


async def test_three_saves_show_a_toast_and_two_chat_messages(pair: Pair) -> None:
    user = User(pair)
    async with user.feed() as feed, user.chat() as window:
        await user.send_story(user.story())
        toast = await feed.toast()
        assert toast.data["trigger_id"] == "repeated_saves"
        assert toast.data["body"] in autoplay_yml("any")
        await user.acknowledge(toast)
        assert await user.open_chat(window, toast) == (200, {"status": "ok"})
        assert (await window.bubble()).text == toast.data["body"]
        steps = [line for line in (await window.bubble()).text.splitlines() if line.strip()]
        assert [line.partition(". ")[2] in GOLDEN_PATH for line in steps[1:]] == [True, True]


async def test_the_talk_goes_on_after_the_explanation(pair: Pair, name: str) -> None:
    user = User(pair)
    async with user.feed() as feed, user.chat() as window:
        await user.send_story(user.story())
        toast = await feed.toast()
        await user.acknowledge(toast)
        assert await user.open_chat(window, toast) == (200, {"status": "ok"})
        await window.bubble()
        explained = (await window.bubble()).text
        await window.write("yes please")
        assert (await window.bubble()).text.endswith("1. Select the entries you want to change.")
        await window.write("how do I change several things at once?")
        assert (await window.bubble()).text == explained
        # What the bot can answer itself, it still answers.
        for said, answer in CONVERSATIONS[name]:
            await window.write(said)
            assert (await window.bubble()).text == answer


async def test_the_bots_own_answers_are_unchanged(pair: Pair, name: str) -> None:
    async with User(pair).chat() as window:
        for said, answer in CONVERSATIONS[name]:
            await window.write(said)
            assert (await window.bubble()).text == answer


async def test_the_first_toast_page_works_again_and_again(pair: Pair, page_url: str) -> None:
    async with _new_page(pair, page_url) as page:
        users = []
        for how in ("Show me", "Open chat", "Show me"):
            await page.goto(page_url)
            users.append(await page.locator("#user").inner_text())
            await _save_three_invoices(page)
            await page.get_by_role("button", name=how).click()
            await (_tour(page) if how == "Show me" else _chat(page))
        assert len(set(users)) == 3


async def test_the_tail_of_the_quick_start_shows_the_page_s_user(pair: Pair, page_url: str) -> None:
    async with _new_page(pair, page_url) as page:
        await page.goto(page_url)
        user = await page.locator("#user").inner_text()
        terminal = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "rasa_autoplay.tools.cli", "tail", pair.origin, "--user", user),
            cwd=pair.project.folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert terminal.stdout is not None
        assert terminal.stderr is not None
        try:
            begun = await asyncio.wait_for(terminal.stderr.readline(), 60)
            assert begun.decode() == f"Watching {pair.origin}.\n"
            # With the keyboard alone.
            for _ in range(3):
                await page.keyboard.press("Tab")
                await page.keyboard.press("Tab")
                await page.keyboard.press("Enter")
            told: list[str] = []
            while not told or "offered" not in told[-1]:
                told.append((await asyncio.wait_for(terminal.stdout.readline(), 60)).decode())
        finally:
            terminal.kill()
            await terminal.communicate()
    assert [line.split()[1] for line in told[-5:]] == ["action", "action", "action", "fired", "offered"]
    assert all(user in line for line in told)


@pytest.fixture(scope="module")
def page_url(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page of the ten-minute start, served from its folder as the start says."""
    require_libraries()
    folder = tmp_path_factory.mktemp("first-toast")
    text = (ROOT / "docs" / "first-toast" / "index.html").read_text("utf-8")
    text = text.replace("http://localhost:5005", pair.origin).replace("api_host:", _FOR_TESTS)
    (folder / "index.html").write_text(text, "utf-8")
    (folder / "node_modules").symlink_to(ROOT / "example_bot" / "host_app" / "node_modules")
    command = [sys.executable, "-m", "http.server", str(_PAGE_PORT), "--bind", "127.0.0.1"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL) as server:
        yield f"http://127.0.0.1:{_PAGE_PORT}/"
        server.kill()


@asynccontextmanager
async def _new_page(pair: Pair, page_url: str) -> AsyncIterator[Page]:
    async with launched(require_browser()) as browser:
        context = await browser.new_context(viewport={"width": 1280, "height": 800})
        # rasa-webchat would load its fonts from another host.
        known = (pair.origin, page_url)
        await context.route(lambda url: not url.startswith(known), lambda route: route.abort())
        await give_time(context)
        yield await context.new_page()


async def _save_three_invoices(page: Page) -> None:
    for number in (1041, 1042, 1043):
        await page.get_by_role("button", name=f"Save invoice {number}").click()
        await expect(page.get_by_role("main").get_by_role("status")).to_have_text(
            f"Invoice {number} is saved."
        )
    await expect(page.locator("rasa-autoplay .card")).to_contain_text("Saving one at a time?")


async def _tour(page: Page) -> None:
    tour = page.locator("rasa-autoplay-tour")
    await expect(tour.locator(".title")).to_have_text("Select the entries")
    await page.get_by_label("Select invoice 1041").check()
    await tour.get_by_role("button", name="Next").click()
    await expect(tour.locator(".title")).to_have_text("Save them together")
    await page.get_by_role("button", name="Save all ticked").click()
    await expect(tour.locator(".title")).to_have_count(0)


async def _chat(page: Page) -> None:
    bubbles = page.locator("#webchat .rw-response")
    await expect(bubbles).to_have_count(2)
    await expect(bubbles.last.locator("ol > li").first).to_have_text("Select the entries you want to change.")


def test_the_doctor_reports_no_error(pair: Pair) -> None:
    command = [sys.executable, "-m", "rasa_autoplay.tools.cli", "doctor", "--live", pair.origin]
    told = run_in(pair.project.folder, command)
    assert "error " not in told
