"""From a Rasa project to the first toast: `rasa-autoplay init`, and the rasa CLI as ever.

One of the projects is in every run; the others, with what `rasa init` makes, are slow.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.adopted import CONVERSATIONS, PROJECTS, make_project
from support.background import BackgroundLoop
from support.pair import Pair
from support.processes import ServerProcess, free_port, rasa_command, rasa_environment
from support.project import Project
from support.user import User

from rasa_autoplay.adoption.starter import GOLDEN_PATH, autoplay_yml

pytestmark = pytest.mark.timeout(1_200)

_ACTION_SERVER = re.compile(r"http://[\w.]+:5055")


class AdoptedProject(Project):
    """A project whose files are left as they are, but for the action server's port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rasa_port, self.actions_port = free_port(), free_port()
        endpoints = folder / "endpoints.yml"
        own = f"http://127.0.0.1:{self.actions_port}"
        endpoints.write_text(_ACTION_SERVER.sub(own, endpoints.read_text()))

    def write(self) -> None:
        """Everything is written already."""

    def start_rasa(self) -> ServerProcess:
        """``rasa run``, as a newcomer says it."""
        command = rasa_command("run", "-i", "127.0.0.1", "-p", str(self.rasa_port))
        return ServerProcess("rasa", command, self.folder, self._own_environment())

    def start_actions(self) -> ServerProcess:
        """``rasa run actions``, likewise."""
        command = rasa_command("run", "actions", "-p", str(self.actions_port))
        return ServerProcess("actions", command, self.folder, self._own_environment())

    def _own_environment(self) -> dict[str, str]:
        return rasa_environment(PYTHONPATH=str(self.folder))


def _run(folder: Path, command: list[str]) -> str:
    done = subprocess.run(
        command, cwd=folder, env=rasa_environment(), capture_output=True, text=True, timeout=900
    )
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    return output


_EVERY_RUN = "socketio"


@pytest.fixture(
    scope="module",
    params=[_EVERY_RUN, *(pytest.param(p, marks=pytest.mark.slow) for p in PROJECTS if p != _EVERY_RUN)],
)
def name(request: pytest.FixtureRequest) -> str:
    """Of a project that is not ours."""
    return str(request.param)


@pytest.fixture(scope="module")
def adopted(name: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That project with the copilot in it, validated and trained."""
    folder = tmp_path_factory.mktemp(name) / "bot"
    if name == "stock":
        folder.mkdir()
        _run(folder, rasa_command("init", "--no-prompt", "--init-dir", "."))
    else:
        make_project(name, folder)
    domain = ["--domain", "domain"] if (folder / "domain").is_dir() else []
    _run(folder, [sys.executable, "-m", "rasa_autoplay.cli", "init", "--yes"])
    _run(folder, rasa_command("data", "validate", *domain))
    _run(folder, rasa_command("train", *domain))
    return folder


@pytest.fixture(scope="module")
def pair(adopted: Path, background: BackgroundLoop) -> Iterator[Pair]:
    """Both servers of that project."""
    pair = Pair(AdoptedProject(adopted))
    try:
        background.run(pair.start(), 170)
        yield pair
    finally:
        background.run(pair.close(), 60)


async def test_three_saves_bring_a_toast_and_two_bubbles(pair: Pair) -> None:
    user = User(pair)
    async with user.feed() as feed, user.chat() as window:
        await user.live(user.story())
        toast = await feed.toast()
        assert toast.data["trigger_id"] == "repeated_saves"
        assert toast.data["body"] in autoplay_yml("any")
        await user.acknowledge(toast)
        assert await user.open_chat(window, toast) == (200, {"status": "ok"})
        assert (await window.bubble()).text == toast.data["body"]
        steps = (await window.bubble()).text.splitlines()
        assert [line.partition(". ")[2] in GOLDEN_PATH for line in steps[1:]] == [True, True]


async def test_the_bot_still_answers_as_it_did(pair: Pair, name: str) -> None:
    async with User(pair).chat() as window:
        for said, answer in CONVERSATIONS[name]:
            await window.write(said)
            assert (await window.bubble()).text == answer


def test_its_own_stories_still_pass(adopted: Path) -> None:
    told = _run(adopted, rasa_command("test", "core", "--stories", "tests", "--out", "results"))
    failed = (adopted / "results" / "failed_test_stories.yml").read_text()
    assert not failed.partition("stories:")[2].strip(), told


def test_the_doctor_finds_nothing_wrong(pair: Pair) -> None:
    command = [sys.executable, "-m", "rasa_autoplay.cli", "doctor", "--live", pair.origin]
    told = _run(pair.project.folder, command)
    assert "error " not in told
