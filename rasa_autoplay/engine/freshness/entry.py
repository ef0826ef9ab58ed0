"""What was found about a step, and what a person said about it; the suspicions in force follow from both."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Literal, NamedTuple

import msgspec

from rasa_autoplay.engine.freshness.suspect import Suspect

__all__ = ["Entry", "InForce", "confirmation", "in_force_after", "suspicion"]


class Entry(msgspec.Struct, frozen=True):
    """A suspicion by an engine, or a confirmation by a person.

    Args:
        entry_id: the same for the same finding of several engines, so that it is stored once.
        path_id: the golden path.
        step_id: the step.
        digest: of the step's definition.
        kind: ``suspected`` or ``confirmed``.
        at: epoch seconds.
        suspect: what was found; None for a confirmation.
        who: the person; empty for an engine.
        why: the reason, in that person's words.
    """

    entry_id: str
    path_id: str
    step_id: str
    digest: str
    kind: Literal["suspected", "confirmed"]
    at: float
    suspect: Suspect | None = None
    who: str = ""
    why: str = ""


class InForce(NamedTuple):
    """What follows from all entries.

    Args:
        suspects: by path id, step id and digest.
        confirmed_at: when a person last confirmed a step, epoch seconds, by the same.
    """

    suspects: dict[tuple[str, str, str], Suspect]
    confirmed_at: dict[tuple[str, str, str], float]


def in_force_after(entries: Iterable[Entry]) -> InForce:
    """Return the suspicions in force after these entries, in the order in which they were stored."""
    found = InForce({}, {})
    for entry in entries:
        key = entry.path_id, entry.step_id, entry.digest
        if entry.suspect is not None:
            found.suspects[key] = entry.suspect
        else:
            found.suspects.pop(key, None)
            found.confirmed_at[key] = entry.at
    return found


def suspicion(suspect: Suspect, confirmed_at: float, now: float) -> Entry:
    """Return the entry of a suspicion.

    Args:
        suspect: what was found.
        confirmed_at: when the step was confirmed last; 0 if never.
        now: epoch seconds.
    """
    instead = suspect.replacement.describe() if suspect.replacement else ""
    parts = (suspect.path_id, suspect.step_id, suspect.digest, repr(confirmed_at), instead)
    entry_id = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return Entry(entry_id, suspect.path_id, suspect.step_id, suspect.digest, "suspected", now, suspect)


def confirmation(entry_id: str, suspect: Suspect, now: float, who: str, why: str) -> Entry:
    """Return the entry of a confirmation.

    Args:
        entry_id: random.
        suspect: what is confirmed.
        now: epoch seconds.
        who: the person who confirms.
        why: the reason; may be empty.
    """
    return Entry(
        entry_id, suspect.path_id, suspect.step_id, suspect.digest, "confirmed", now, who=who, why=why
    )
