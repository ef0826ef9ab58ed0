"""From a Rasa project with its model to the first toast: `rasa-autoplay init`, and no training.

One of the projects is in every run; the others, including that of `rasa init`, are slow.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.adopted import CONVERSATIONS, PROJECTS, AdoptedProject, make_project, run_in
from support.background import BackgroundLoop
from support.pair import Pair
from support.processes import rasa_command
from support.rasa_bot import train_project
from support.user import User

from rasa_autoplay.tools.project_setup.starter import GOLDEN_PATH, autoplay_yml

pytestmark = pytest.mark.timeout(1_200)

_EVERY_RUN = "socketio"


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


def test_the_doctor_reports_no_error(pair: Pair) -> None:
    command = [sys.executable, "-m", "rasa_autoplay.tools.cli", "doctor", "--live", pair.origin]
    told = run_in(pair.project.folder, command)
    assert "error " not in told
