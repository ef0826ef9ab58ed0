"""Proposals that discovery makes of users who edit projects one by one, and few who edit them at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support.made_sessions import made
from support.project_edits import works_on_projects

__all__ = ["PROPOSAL", "propose_for_slow_traffic"]

#: The proposal that discovery makes of it.
PROPOSAL = "repeat-save-changes-projects"
_SESSIONS = 300
_COMMAND_S = 120.0


def propose_for_slow_traffic(project: Path, recording: Path) -> None:
    """Run ``rasa-autoplay discover`` on ten made-up days; it writes into the project's ``proposals``.

    Args:
        project: the folder of ``autoplay.yml``.
        recording: a file for the recording.
    """
    made(recording, _SESSIONS, works_on_projects)
    command = [sys.executable, "-m", "rasa_autoplay.tools.cli", "discover", str(recording)]
    done = subprocess.run(
        [*command, "--config", "autoplay.yml"],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=_COMMAND_S,
    )
    assert done.returncode == 0, done.stderr
    assert PROPOSAL in done.stdout
