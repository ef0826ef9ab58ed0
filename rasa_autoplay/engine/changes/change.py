"""One entry of the log of changes: a version that was loaded or refused, or a pause that began or ended."""

from __future__ import annotations

import secrets
from enum import Enum

import msgspec

__all__ = ["EVERY_TRIGGER", "Change", "ChangeKind", "new_change_id"]

#: The trigger id of a pause of all triggers.
EVERY_TRIGGER = ""


class ChangeKind(str, Enum):
    """What has changed."""

    LOADED = "loaded"
    REFUSED = "refused"
    PAUSED = "paused"
    RESUMED = "resumed"


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry of the log.

    Args:
        change_id: random, so that an entry that is written twice is stored once.
        product_id: the product's id.
        at: epoch seconds, by the clock of the process that wrote it.
        kind: what has changed.
        trigger_id: the trigger that was paused or resumed; ``EVERY_TRIGGER`` for all of them.
        who: the person who paused or resumed; empty for a change by the engine.
        why: the reason, in that person's words.
        engine_id: the engine that loaded or refused a version; empty for a change by a person.
        fingerprint: of the version.
        detail: more, for people: which files, or what is wrong with them.
    """

    change_id: str
    product_id: str
    at: float
    kind: ChangeKind
    trigger_id: str = EVERY_TRIGGER
    who: str = ""
    why: str = ""
    engine_id: str = ""
    fingerprint: str = ""
    detail: str = ""


def new_change_id() -> str:
    """A random id."""
    return f"change_{secrets.token_urlsafe(12)}"
