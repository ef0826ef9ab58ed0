"""The pauses in force, which follow from the log of changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rasa_autoplay.engine.changes.change import Change, ChangeKind
from rasa_autoplay.engine.courtesy.pause import EVERY_TRIGGER, Pause

__all__ = ["Pauses", "pauses_after"]

_UNKNOWN = "it could not read from the database which triggers are paused"


def pauses_after(changes: Iterable[Change]) -> dict[str, Pause]:
    """Return the pauses in force after these changes, by trigger.

    A pause of all triggers and a pause of one trigger are independent: the end of one does not end the other.

    Args:
        changes: in the order in which they were stored.
    """
    pauses: dict[str, Pause] = {}
    for change in changes:
        if change.kind is ChangeKind.PAUSED:
            pauses.setdefault(change.trigger_id, Pause(change.trigger_id, change.at, change.who, change.why))
        elif change.kind is ChangeKind.RESUMED:
            pauses.pop(change.trigger_id, None)
    return pauses


class Pauses:
    """The pauses in force, as this engine knows them."""

    def __init__(self) -> None:
        self._in_force: Mapping[str, Pause] = {}
        #: Whether the pauses were read from the database since the engine started.
        self.is_known = False

    def of(self, trigger_id: str) -> Pause | None:
        """Return the pause that stops a trigger; None if nothing stops it."""
        if not self._in_force:
            return None
        return self._in_force.get(EVERY_TRIGGER) or self._in_force.get(trigger_id)

    @property
    def in_force(self) -> Sequence[Pause]:
        """All pauses."""
        return tuple(self._in_force.values())

    def know(self, pauses: Mapping[str, Pause]) -> None:
        """Replace the pauses by those that were read from the database."""
        self._in_force, self.is_known = pauses, True

    def assume_all(self, now: float) -> None:
        """Stop all triggers while it is unknown which ones are paused; ``now`` is in epoch seconds."""
        self._in_force = {EVERY_TRIGGER: Pause(EVERY_TRIGGER, now, "the engine", _UNKNOWN)}

    def assume_none(self) -> None:
        """Let all triggers fire, although it is unknown which ones are paused."""
        self._in_force = {}
