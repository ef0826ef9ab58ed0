"""The contract of an event source, and the form of its health."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol

from rasa_autoplay.errors import AutoplayError

__all__ = [
    "QUIET_AFTER_S",
    "LatestProblem",
    "NotSafe",
    "QueueFullError",
    "Source",
    "SourceState",
    "WrongSecrets",
    "quiet_remedy",
    "source_health",
]

SourceState = Literal["connecting", "connected", "idle", "failed"]

#: After this time without an event, health suggests what to check. Problems are reported for as long.
QUIET_AFTER_S = 600.0

#: The counts that the health of every source contains, even if they are 0.
_OUTCOMES = ("accepted", "duplicate", "malformed", "dropped")


class QueueFullError(AutoplayError):
    """The queue to the engine is full; the sender should send the event again later."""


class NotSafe(AutoplayError):
    """An event is queued, but would be lost if this process died; the sender should send it again."""


class Source(Protocol):
    """Delivers user events through an :class:`~rasa_autoplay.gateway.sources.intake.Intake`."""

    name: str

    async def start(self) -> None:
        """Start delivering events."""
        ...

    async def stop(self) -> None:
        """Stop; no event is delivered afterwards."""
        ...

    def health(self) -> dict[str, Any]:
        """The source's state, counts and remedy, made by :func:`source_health`; never a secret."""
        ...


def source_health(
    state: SourceState,
    counts: Mapping[str, int],
    *,
    last_event_at: float,
    now: float,
    remedy: str = "",
    hints: Sequence[str] = (),
) -> dict[str, Any]:
    """The health of one source.

    Args:
        state: connecting, connected, idle (no event so far, and no problem) or failed.
        counts: by outcome. ``accepted``, ``duplicate``, ``malformed`` and ``dropped`` (the link's queue was
            full) always appear.
        last_event_at: epoch seconds; 0 if no event has arrived.
        now: epoch seconds.
        remedy: how to fix the current problem; empty without one.
        hints: possible mistakes in the settings of the sender.
    """
    return {
        "state": state,
        "last_event_at": last_event_at or None,
        "last_event_age_s": round(max(now - last_event_at, 0.0), 1) if last_event_at else None,
        **dict.fromkeys(_OUTCOMES, 0),
        **counts,
        **({"remedy": remedy} if remedy else {}),
        **({"hints": list(hints)} if hints else {}),
    }


def quiet_remedy(question: str, *, last_event_at: float, started_at: float, now: float) -> str:
    """What to check if a connected source delivers no events; empty if one arrived recently.

    Args:
        question: for example ``"is the destination enabled?"``.
        last_event_at: epoch seconds; 0 if no event has arrived.
        started_at: when the source started, epoch seconds.
        now: epoch seconds.
    """
    quiet_s = now - max(last_event_at, started_at)
    if quiet_s < QUIET_AFTER_S:
        return ""
    return f"connected, but no event for {quiet_s // 60:.0f} min: {question}"


class WrongSecrets:
    """Tells a misconfigured secret from strangers' requests.

    If valid requests arrive too, the configuration is right and the invalid ones are a stranger's.

    Args:
        clock: epoch seconds.
        remedy: what to do if the invalid requests are the sender's own.
    """

    def __init__(self, clock: Callable[[], float], remedy: str) -> None:
        self._clock = clock
        self._text = remedy
        self._refused_at = self._admitted_at = -QUIET_AFTER_S

    def refused(self) -> None:
        """Record that a request was refused now."""
        self._refused_at = self._clock()

    def admitted(self) -> None:
        """Record that a valid request arrived now."""
        self._admitted_at = self._clock()

    def remedy(self) -> str:
        """What to do; empty if the configuration seems right."""
        since = self._clock() - QUIET_AFTER_S
        return self._text if self._refused_at > since >= self._admitted_at else ""


class LatestProblem:
    """The latest problem with a source's requests, reported for ten minutes.

    Args:
        clock: epoch seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._remedy = ""
        self._recorded_at = 0.0

    def record(self, remedy: str) -> None:
        """Record that the problem occurred now; ``remedy`` says what to do about it."""
        self._remedy, self._recorded_at = remedy, self._clock()

    def remedy(self) -> str:
        """What to do about it; empty if it did not occur in the last ten minutes."""
        return self._remedy if self._clock() - self._recorded_at < QUIET_AFTER_S else ""
