"""The chat channel with the current python-socketio, whose ``enter_room`` is a coroutine.

Rasa 3.6 never awaits it: with its stock channel no bot message would reach the client. The environment is the
repository's own with those two packages upgraded.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.background import BackgroundLoop
from support.pair import Pair
from support.processes import ROOT, ServerProcess, rasa_environment
from support.project import SOCKET_CHANNEL, Project
from support.user import User
from support.workshop import Workshop

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

_LIFTED = {"python-socketio": "python-socketio>=5.11", "python-engineio": "python-engineio>=4.9"}


@pytest.fixture(scope="module")
def python_today(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the current python-socketio."""
    uv = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    folder = tmp_path_factory.mktemp("environment")
    pinned = re.findall(r"^([a-z0-9.\-_]+)==(\S+)", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    markers = re.findall(r"^(\S+==\S+ ; [^\\\n]+)", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    conditional = {line.partition("==")[0] for line in markers}
    wanted = [f"{name}=={version}" for name, version in pinned if name not in {*_LIFTED, *conditional}]
    (folder / "requirements.txt").write_text("\n".join([*wanted, *markers, *_LIFTED.values()]))
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    install = [uv, "pip", "install", "--quiet", "--no-deps", "--python", str(python)]
    subprocess.run([*install, "-r", str(folder / "requirements.txt")], check=True, timeout=600)
    return python


class _ProjectOfToday(Project):
    """A project whose Rasa server runs in the other environment."""

    python: Path

    def start_rasa(self) -> ServerProcess:
        """Start ``rasa run`` with the other interpreter."""
        place = ("-i", "127.0.0.1", "-p", str(self.rasa_port))
        command = [str(self.python), "-W", "ignore", "-m", "rasa", "run", "-m", str(self.model), *place]
        return ServerProcess("rasa", command, self.folder, rasa_environment())


@pytest.fixture(scope="module")
def pair_today(python_today: Path, workshop: Workshop, background: BackgroundLoop) -> Iterator[Pair]:
    """Both processes, the Rasa server with the current python-socketio."""
    made = workshop.project("socketio_today")
    shutil.rmtree(made.folder)
    made.folder.mkdir()
    project = _ProjectOfToday(made.folder, made.model)
    project.python = python_today
    assert project.credentials[SOCKET_CHANNEL]["session_persistence"] is True
    with workshop.running(project, background) as pair:
        yield pair


def test_the_environment_has_the_current_python_socketio(python_today: Path) -> None:
    code = "import inspect, socketio; print(inspect.iscoroutinefunction(socketio.AsyncServer.enter_room))"
    printed = subprocess.run([python_today, "-c", code], check=True, capture_output=True, text=True).stdout
    assert printed.strip() == "True"


async def test_open_chat_reaches_the_client_and_the_bot_answers(pair_today: Pair) -> None:
    user = User(pair_today, "anna")
    async with user.feed() as feed, user.chat() as window:
        await user.send_story(user.story())
        toast = await feed.toast()
        status, _ = await user.open_chat(window, toast)
        assert status == 200
        assert (await window.bubble()).text == toast.data["body"]
        assert "1. Open the small" in (await window.bubble()).text
        await window.write("what do the priorities mean?")
        assert "Urgent" in (await window.bubble()).text
