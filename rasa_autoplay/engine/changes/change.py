"""One entry of the log of changes: a version of the files, a pause, a proposal's step, or a user's data."""

from __future__ import annotations

import secrets
from enum import Enum

import msgspec

from rasa_autoplay.engine.courtesy.pause import EVERY_TRIGGER

__all__ = ["Change", "ChangeKind", "new_change_id"]


class ChangeKind(str, Enum):
    """What has changed."""

    LOADED = "loaded"
    REFUSED = "refused"
    PAUSED = "paused"
    RESUMED = "resumed"
    WRITTEN = "written"
    USER_EXPORTED = "user_exported"
    USER_DELETED = "user_deleted"
    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"
    PROMOTED = "promoted"


_OF_USERS = {
    ChangeKind.USER_EXPORTED: "exported the data",
    ChangeKind.USER_DELETED: "deleted the data",
}


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry of the log.

    Args:
        change_id: random, so that an entry that is written twice is stored once.
        product_id: the product's id.
        at: epoch seconds, by the clock of the process that wrote it.
        kind: what has changed.
        trigger_id: the trigger that was paused, resumed, written or promoted; ``EVERY_TRIGGER`` for all of
            them.
        who: the person; empty for a change by the engine.
        why: the reason, in that person's words.
        engine_id: the engine that loaded or refused a version; empty for a change by a person.
        fingerprint: of the version, or of the user whose data was exported or deleted.
        detail: more, for people: which files, what is wrong with them, how much was exported or deleted, or
            which step was suspected or confirmed, or between which stages a proposal moved.
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

    def describe(self) -> str:
        """Return who changed what, and why, in one line for people."""
        if self.kind in (ChangeKind.PAUSED, ChangeKind.RESUMED):
            what = "all triggers" if self.trigger_id == EVERY_TRIGGER else self.trigger_id
            return f"{self.who} {self.kind.value} {what}{f': {self.why}' if self.why else ''}"
        if self.kind in _OF_USERS:
            return f"{self.who} {_OF_USERS[self.kind]} of user {self.fingerprint}: {self.detail}"
        if self.kind is ChangeKind.WRITTEN:
            return (
                f"{self.who} wrote {self.trigger_id} into {self.detail}{f': {self.why}' if self.why else ''}"
            )
        if self.kind is ChangeKind.PROMOTED:
            return f"{self.who} moved {self.trigger_id} {self.detail}{f': {self.why}' if self.why else ''}"
        if self.kind is ChangeKind.CONFIRMED:
            return f"{self.who} confirmed {self.detail}{f': {self.why}' if self.why else ''}"
        what = f"{self.engine_id} {self.kind.value} {self.fingerprint}".rstrip()
        return f"{what}: {self.detail}" if self.detail else what


def new_change_id() -> str:
    """A random id."""
    return f"change_{secrets.token_urlsafe(12)}"
