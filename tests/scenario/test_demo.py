"""``make demo``: the whole story in a terminal, commands that work when they are pasted, and no leftovers."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from support.processes import ROOT, free_port, rasa_environment

from scenario.test_open_chat import QUESTION, STEPS

_LAST_LINE = "Ctrl-C here stops everything."


@contextmanager
def _demo(ports: Mapping[str, str], **more: str) -> Iterator[subprocess.Popen[str]]:
    demo = subprocess.Popen(
        [sys.executable, "-m", "example_bot.demo"],
        cwd=ROOT,
        env=rasa_environment(**ports, **more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield demo
    finally:
        with suppress(ProcessLookupError):
            os.killpg(demo.pid, signal.SIGKILL)
        demo.communicate()


def _ports() -> dict[str, str]:
    return {"RASA_PORT": str(free_port()), "ACTIONS_PORT": str(free_port())}


def _check_story(output: str) -> None:
    assert "Traceback" not in output
    plain = " ".join(output.split())
    assert "180 made-up users came" in plain
    assert QUESTION in plain, "the question as it was received"
    for step in STEPS.splitlines():
        assert step in plain, "the steps as they were received"


def test_the_demo_stays_up_and_its_commands_work_when_pasted(model: Path, tmp_path: Path) -> None:
    ports = _ports()
    with _demo(ports) as demo:
        output = _until(demo, _LAST_LINE)
        _check_story(output)
        tail, studio = _command(output, "rasa-autoplay tail"), _command(output, "rasa-autoplay studio")
        (play,) = re.findall(r"^.*example_bot\.demo\.play ", output, re.MULTILINE)
        user = tail.split()[-1]
        # In a terminal of another folder, and without the variables of this one.
        with _pasted(tail, tmp_path) as terminal:
            assert _line(terminal).startswith("Watching http://127.0.0.1:")
            folder = re.search(r"^cd \S+$", output, re.MULTILINE)
            assert folder is not None
            subprocess.run(
                ["bash", "-c", f"{folder[0]}\n{play}{user}"],
                cwd=tmp_path,
                check=True,
                capture_output=True,
                timeout=60,
            )
            lines = [_line(terminal) for _ in range(4)]
        assert all(f"  {user}  " in line for line in lines)
        assert any("Click Edit" in line for line in lines)
        link = subprocess.run(
            ["bash", "-c", studio],
            cwd=tmp_path,
            env={**os.environ, "BROWSER": "true"},
            capture_output=True,
            text=True,
        )
        assert link.returncode == 0, link.stdout + link.stderr
        found = subprocess.run(
            ["bash", "-c", f"{_command(output, 'rasa-autoplay discover')} --out {tmp_path / 'proposals'}"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert 'Users do "Save changes"' in found.stdout, found.stdout + found.stderr
        demo.send_signal(signal.SIGINT)
        assert demo.wait(60) == 0
    assert not _listening_on(ports.values())


def _until(demo: subprocess.Popen[str], last: str) -> str:
    assert demo.stdout is not None
    lines, ends_at = [], time.monotonic() + 280
    for line in demo.stdout:
        lines.append(line)
        if last in line or time.monotonic() > ends_at:
            break
    output = "".join(lines)
    assert last in output, output
    return output


def _command(output: str, words: str) -> str:
    (command,) = [line for line in output.splitlines() if words in line]
    return command


@contextmanager
def _pasted(command: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    terminal = subprocess.Popen(
        ["bash", "-c", command],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not name.startswith("AUTOPLAY_")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield terminal
    finally:
        os.killpg(terminal.pid, signal.SIGKILL)
        terminal.communicate()


def _line(terminal: subprocess.Popen[str]) -> str:
    assert terminal.stdout is not None
    return terminal.stdout.readline()


@pytest.mark.slow
def test_the_demo_told_once_ends_by_itself(model: Path) -> None:
    ports = _ports()
    with _demo(ports, ONCE="1") as demo:
        output, _ = demo.communicate(timeout=280)
        assert demo.returncode == 0, output
    _check_story(output)
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
