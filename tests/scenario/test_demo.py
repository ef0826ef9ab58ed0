"""``make demo ONCE=1``: the whole story in a terminal, without leftovers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
from support.processes import ROOT, free_port, rasa_environment

from scenario.test_open_chat import QUESTION, STEPS


def test_the_demo_prints_the_story_and_leaves_nothing_running(model: Path) -> None:
    ports = {"RASA_PORT": str(free_port()), "ACTIONS_PORT": str(free_port())}
    demo = subprocess.Popen(
        [sys.executable, "-m", "example_bot.demo"],
        cwd=ROOT,
        env=rasa_environment(ONCE="1", **ports),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = demo.communicate(timeout=280)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(demo.pid, signal.SIGKILL)
    assert demo.returncode == 0, output
    assert "Traceback" not in output
    plain = " ".join(output.split())
    assert "180 made-up users came" in plain
    assert QUESTION in plain, "the question as it was received"
    for step in STEPS.splitlines():
        assert step in plain, "the steps as they were received"
    last_lines = "\n".join(output.strip().splitlines()[-8:]).lower()
    for part in ("toast", "tour", "bubble 1", "bubble 2"):
        assert part in last_lines
    assert not _listening_on(ports.values())


def _listening_on(ports: object) -> list[str]:
    wanted = {int(port) for port in ports}  # type: ignore[attr-defined]
    found = []
    for process in psutil.process_iter(["pid", "cmdline"]):
        with suppress(psutil.Error):
            if any(c.status == psutil.CONN_LISTEN and c.laddr.port in wanted for c in process.connections()):
                found.append(str(process.info))
    return found
