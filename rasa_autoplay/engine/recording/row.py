"""The rows of a recording: what happened in sessions, in the order in which the engine applied it.

==============  ==========================================================================================
kind            data
==============  ==========================================================================================
``actions``     a batch as the Autoplay connector sends it, with ``source``: what delivered it
``decision``    what became of a trigger that fired, as :class:`Decision` names it
``session``     ``event`` and its fields: ``began``, ``history`` (what memory knew of the user), ``offer``
                (the new status of an offer), ``helped``, ``chat_message``, ``tour_started``,
                ``tour_step``, ``tour_ended``
==============  ==========================================================================================
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

__all__ = ["NumberedRow", "RecordedSession", "RecordingRow", "RowKind"]


class RowKind:
    """The kinds of rows."""

    ACTIONS = "actions"
    DECISION = "decision"
    SESSION = "session"


class RecordingRow(NamedTuple):
    """One row.

    Args:
        user_id: the session's user at that time; empty while unknown.
        session_id: the session.
        at: when the engine applied it, epoch seconds.
        kind: a :class:`RowKind`.
        entries: how many actions it has; 1 for other kinds. The bound of a recording counts entries.
        data: JSON.
    """

    user_id: str
    session_id: str
    at: float
    kind: str
    entries: int
    data: str

    def decoded(self) -> dict[str, Any]:
        """Return the data."""
        found: dict[str, Any] = msgspec.json.decode(self.data)
        return found


#: A row with its number in the engine's run, from 1.
NumberedRow = tuple[int, RecordingRow]


class RecordedSession(NamedTuple):
    """A recorded session of a user, in numbers.

    Args:
        session_id: the session.
        began_at: time of its first row, epoch seconds.
        ended_at: time of its last row, epoch seconds.
        actions: how many actions are recorded.
        decisions: how many decisions are recorded.
    """

    session_id: str
    began_at: float
    ended_at: float
    actions: int
    decisions: int
