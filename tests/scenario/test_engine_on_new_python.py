"""A Rasa 3.6 server on Python 3.10, and an action server on Python 3.12 with today's libraries."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from support.background import BackgroundLoop
from support.missing import miss
from support.pair import Pair
from support.processes import ROOT, ServerProcess, rasa_environment
from support.project import Project
from support.user import User
from support.workshop import Workshop

from scenario.test_asking_first import QUESTION as ANOTHER_QUESTION
from scenario.test_open_chat import LISTED, QUESTION

ENVIRONMENT = "engine-3.12"
PYTHON = ROOT / ".venvs" / ENVIRONMENT / "bin" / "python"


class _Project(Project):
    """A project whose action server runs in the other environment, which has no Rasa."""

    def start_actions(self) -> ServerProcess:
        """Start rasa_sdk's own command."""
        command = [str(PYTHON), "-m", "rasa_sdk", "--actions", "example_bot.actions"]
        place = ["-p", str(self.actions_port)]
        return ServerProcess("actions", [*command, *place], self.folder, rasa_environment(**self.environment))


@pytest.fixture(scope="module")
def mixed(workshop: Workshop, background: BackgroundLoop) -> Iterator[Pair]:
    if not PYTHON.exists():
        miss(f"There is no {PYTHON.parents[1].relative_to(ROOT)}: run make venv ENV={ENVIRONMENT}.")
    project = workshop.project("mixed", _Project)
    with workshop.running(project, background) as pair:
        yield pair


def test_the_two_processes_have_different_libraries() -> None:
    code = (
        "import importlib.util, sys, pydantic, sanic; "
        "print(sys.version_info[:2], pydantic.VERSION[0], sanic.__version__[:2], "
        "importlib.util.find_spec('rasa') is not None)"
    )
    printed = [
        subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()
        for python in (sys.executable, str(PYTHON))
    ]
    assert printed == ["(3, 10) 1 21 True", "(3, 12) 2 25 False"]


async def test_the_whole_story(mixed: Pair, record_property: Callable[[str, object], None]) -> None:
    user = User(mixed)
    async with user.feed() as feed, user.chat() as window:
        *before, last = [request for request in user.story() if request.is_capture]
        await user.send_story(before)
        sent = time.time()
        await user.send_story([last])
        toast = await feed.toast()
        assert toast.data["body"] == QUESTION
        await user.acknowledge(toast)
        pressed = time.monotonic()
        assert await user.open_chat(window, toast) == (200, {"status": "ok"})
        bubbles = [await window.bubble() for _ in range(2)]
        assert [bubble.text for bubble in bubbles] == [QUESTION, LISTED]
        (tour,) = toast.data["tours"]
        begun = time.monotonic()
        status, started = await user.post("/tour/start", {"user_id": user.id, "tour_id": tour["id"]})
        assert (status, started["tour_id"]) == (200, tour["id"])
        started_after_s = time.monotonic() - begun
        assert await user.post("/tour/end", {"user_id": user.id}) == (200, {"status": "ok"})
        asked = time.monotonic()
        await window.write(ANOTHER_QUESTION)
        answer = await window.bubble()
        assert answer.text == LISTED
    latencies_s = {
        "last save to toast": toast.at - sent,
        "Open chat to first bubble": bubbles[0].at - pressed,
        "tour start": started_after_s,
        "question to answer": answer.at - asked,
    }
    text = ", ".join(f"{what} {1000 * s:.0f} ms" for what, s in latencies_s.items())
    record_property("latencies", text)
