"""A pause: a person has stopped one trigger, or all of them, until someone resumes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

import msgspec

__all__ = ["EVERY_TRIGGER", "Pause", "PauseOf", "never_paused"]

#: The trigger id of a pause of all triggers.
EVERY_TRIGGER = ""


class Pause(msgspec.Struct, frozen=True):
    """A pause that is in force.

    Args:
        trigger_id: the trigger that makes no offers; ``EVERY_TRIGGER`` for all of them.
        at: when it began, epoch seconds, by the clock of the machine on which it was written.
        who: the person who paused.
        why: the reason, in that person's words.
    """

    trigger_id: str
    at: float
    who: str
    why: str

    def describe(self) -> str:
        """Return who paused what, when and why, as text for people."""
        what = "all triggers" if self.trigger_id == EVERY_TRIGGER else self.trigger_id
        at = datetime.fromtimestamp(self.at, timezone.utc)
        return f"{self.who} paused {what} on {at:%Y-%m-%d at %H:%M:%S} UTC: {self.why}"


#: Returns the pause that stops a trigger, by the trigger's id; None if nothing stops it.
PauseOf = Callable[[str], Pause | None]


def never_paused(_trigger_id: str) -> None:
    """Return None: nothing is paused."""
