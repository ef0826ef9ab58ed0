"""A process with two others that wait, and what Ctrl+C does to them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

__all__ = ["assert_ctrl_c_ends_all", "started"]


def started(script: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start a script as a terminal would: Ctrl+C reaches all processes of its group."""
    return subprocess.Popen(
        [sys.executable, str(script), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def assert_ctrl_c_ends_all(process: subprocess.Popen[str]) -> None:
    """Press Ctrl+C once both processes have printed their ids."""
    assert process.stdout is not None
    assert process.stderr is not None
    workers = [int(process.stdout.readline()) for _ in range(2)]
    os.killpg(process.pid, signal.SIGINT)
    said = process.stderr.read()
    assert said.count("Traceback") == 1  # that of the script; the processes say nothing
    for worker in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(worker, 0)
