"""What a session's triggers have consumed, and until when they may not fire."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

import msgspec

__all__ = ["StoppedFire", "TriggerStates"]

_NOT_SILENCED: Mapping[str, float] = MappingProxyType({})


class StoppedFire(msgspec.Struct, frozen=True, gc=False):
    """A fire of a trigger that a gate has stopped, and that goes on if the gate opens while it still fires.

    Args:
        gate: the gate.
        at: when that was decided, epoch seconds.
        variant: the variant that the user gets; empty if the trigger has none.
    """

    gate: str
    at: float
    variant: str = ""


class TriggerStates(msgspec.Struct, gc=False):
    """The evidence that triggers have consumed, and their holds and waits.

    All times are epoch seconds. None takes less memory than an empty dict; most sessions have nothing here.
    """

    #: By trigger: actions up to this time are consumed.
    consumed_until: dict[str, float] | None = None
    #: By trigger: a gate forbids it until this time.
    held_until: dict[str, float] | None = None
    #: By trigger and workflow (or page): a gate forbids offers about it until this time.
    silenced_until: dict[str, dict[str, float]] | None = None
    #: By trigger: when it began to wait for a natural boundary.
    waiting_since: dict[str, float] | None = None
    #: By trigger: its fire that a gate has stopped or postponed. It is gone once the trigger is asked again.
    stopped_fires: dict[str, StoppedFire] | None = None

    def consume(self, trigger_id: str, until: float) -> None:
        """Consume the trigger's evidence up to ``until``."""
        self.consumed_until = self.consumed_until or {}
        self.consumed_until[trigger_id] = max(until, self.consumed_until.get(trigger_id, 0.0))

    def evidence_after(self, trigger_id: str) -> float:
        """Only actions later than this time count for the trigger."""
        return self.consumed_until.get(trigger_id, 0.0) if self.consumed_until else 0.0

    def hold(self, trigger_id: str, until: float) -> None:
        """Do not ask the trigger again before ``until``."""
        self.held_until = self.held_until or {}
        self.held_until[trigger_id] = until

    def holds(self, now: float) -> dict[str, float]:
        """The triggers that a gate forbids now, each with the end of that."""
        if not self.held_until:
            return {}
        self.held_until = {t: until for t, until in self.held_until.items() if until > now} or None
        return self.held_until or {}

    def silence(self, trigger_id: str, topic: str, until: float) -> None:
        """Forbid the trigger offers about a workflow (or page) until ``until``."""
        self.silenced_until = self.silenced_until or {}
        self.silenced_until.setdefault(trigger_id, {})[topic] = until

    def silenced(self, trigger_id: str, now: float) -> Mapping[str, float]:
        """The workflows (or pages) that are forbidden to the trigger now, each with the end of that."""
        of_trigger = (self.silenced_until or {}).get(trigger_id)
        if not of_trigger:
            return _NOT_SILENCED
        return {topic: until for topic, until in of_trigger.items() if until > now}

    def wait(self, trigger_id: str, since: float, until: float) -> None:
        """Let the trigger wait for a natural boundary; the user's next action may be one.

        Args:
            trigger_id: the trigger's id.
            since: when it began to wait.
            until: when it is asked again at the latest.
        """
        self.waiting_since = self.waiting_since or {}
        self.waiting_since[trigger_id] = since
        self.hold(trigger_id, until)

    def waits(self, trigger_id: str) -> bool:
        """Whether the trigger waits for a natural boundary."""
        return self.waiting_since is not None and trigger_id in self.waiting_since

    def stop_waiting(self, trigger_id: str) -> float | None:
        """End the trigger's wait; return when it began, or None if it did not wait."""
        return self.waiting_since.pop(trigger_id, None) if self.waiting_since else None

    def reopen(self, trigger_ids: Collection[str]) -> None:
        """Forget all holds and silences, and the waits of other triggers than these.

        Args:
            trigger_ids: ids of the triggers that exist.
        """
        self.held_until = self.silenced_until = None
        if self.waiting_since:
            still = {t: since for t, since in self.waiting_since.items() if t in trigger_ids}
            self.waiting_since = still or None

    def ask_again(self) -> None:
        """Forget all holds and silences of triggers that do not wait, because a gate may have opened."""
        self.silenced_until = None
        if self.held_until:
            waiting = {t: until for t, until in self.held_until.items() if self.waits(t)}
            self.held_until = waiting or None

    def reconsider(self) -> None:
        """Let the waiting triggers be asked again, because this may be their boundary."""
        if self.held_until and self.waiting_since:
            still = {t: until for t, until in self.held_until.items() if not self.waits(t)}
            self.held_until = still or None

    def stop_fire(self, trigger_id: str, fire: StoppedFire) -> None:
        """Remember a fire that a gate has stopped, because it may go on later."""
        self.stopped_fires = self.stopped_fires or {}
        self.stopped_fires[trigger_id] = fire

    def take_stopped_fire(self, trigger_id: str) -> StoppedFire | None:
        """Forget the trigger's stopped fire, and return it; None if there is none."""
        return self.stopped_fires.pop(trigger_id, None) if self.stopped_fires else None
