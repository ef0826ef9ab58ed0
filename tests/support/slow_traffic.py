"""Proposals that discovery makes of users who edit projects one by one, and few who edit them at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support.made_sessions import Session, made

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
    made(recording, _SESSIONS, _plays)
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


def _plays(session: Session) -> None:
    _looks_around(session)
    what = session.chance.random()
    if what < 0.15:
        _edits_one_by_one(session, session.chance.randrange(5, 12))
    elif what < 0.22:
        _edits_at_once(session)
    elif what < 0.5:
        _edits_one_by_one(session, 1)
    _looks_around(session)


def _looks_around(session: Session) -> None:
    for _ in range(session.chance.randrange(1, 6)):
        act = session.chance.randrange(3)
        if act == 0:
            session.opens("/projects")
            session.clicks("Sort", "sort")
        elif act == 1:
            session.clicks("Help", "help")
        else:
            session.opens(f"/projects/{session.chance.randrange(500)}")


def _edits_one_by_one(session: Session, number: int) -> None:
    for _ in range(number):
        record = session.chance.randrange(1_000)
        session.opens("/projects")
        session.clicks("Edit", f"edit-{record}", f"/projects/{record}")
        session.fills("Status", "status")
        session.clicks("Save changes", "save")


def _edits_at_once(session: Session) -> None:
    session.opens("/projects")
    for _ in range(session.chance.randrange(3, 8)):
        session.clicks("Select", f"select-{session.chance.randrange(1_000)}")
    session.clicks("Bulk edit", "bulk-edit")
    session.fills("Status", "bulk-status")
    session.clicks("Apply to all", "apply-to-all")
