"""May we speak now? The decision that courtesy returns; only the driver acts on it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Allowed", "Consumed", "Held", "Verdict"]


@dataclass(frozen=True, slots=True)
class Allowed:
    """Nothing stands against the offer."""


@dataclass(frozen=True, slots=True)
class Held:
    """A gate is closed.

    Args:
        gate: the gate's name, for logs and explanations.
        until: when it opens, epoch seconds; infinity for never.
    """

    gate: str
    until: float


@dataclass(frozen=True, slots=True)
class Consumed:
    """An earlier offer has used this evidence up (a restarted engine learns it from the ledger).

    Args:
        until: timestamp of the newest action that was used, epoch seconds.
    """

    until: float


Verdict = Allowed | Held | Consumed
