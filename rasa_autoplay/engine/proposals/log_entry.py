"""One entry of a proposal's ``log.jsonl``: a step, with everything on which the rule decided."""

from __future__ import annotations

from enum import Enum

import msgspec

from rasa_autoplay.engine.proposals.decision_record import DecisionRecord
from rasa_autoplay.engine.proposals.stage import Stage

__all__ = ["EntryKind", "LogEntry"]


class EntryKind(str, Enum):
    """What has happened to the proposal. A restored one is not rejected any more."""

    PROMOTED = "promoted"
    DEMOTED = "demoted"
    REJECTED = "rejected"
    RESTORED = "restored"


class LogEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry.

    Args:
        at: epoch seconds.
        kind: what has happened.
        before: the stage before.
        after: the stage after.
        who: the person; "the rule" if the engine did it by itself.
        why: the reason, in that person's words or the rule's.
        is_by_rule: whether the rule said the same when the step was taken.
        decision: what the rule said, with all figures and bounds on which it rests; None if the database
            could not be read, and a person decided nevertheless.
        removed: the text of the trigger that the step has removed from ``autoplay.yml``.
    """

    at: float
    kind: EntryKind
    before: Stage
    after: Stage
    who: str = ""
    why: str = ""
    is_by_rule: bool = False
    decision: DecisionRecord | None = None
    removed: str = ""
