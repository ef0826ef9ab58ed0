"""One entry of a proposal's ``log.jsonl``: a step, with everything on which the rule decided."""

from __future__ import annotations

from enum import Enum
from typing import Any

import msgspec

from rasa_autoplay.engine.proposals.stage import Stage

__all__ = ["EntryKind", "LogEntry"]


class EntryKind(str, Enum):
    """What has happened to the proposal."""

    PROMOTED = "promoted"
    DEMOTED = "demoted"
    REJECTED = "rejected"


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
        rule: the version of the rule.
        figures: the figures on which the rule decided, as plain data; see
            :class:`~rasa_autoplay.engine.proposals.figures.Figures`.
        thresholds: the bounds of the rule, as plain data.
        verdict: what the rule said: its step and its sentences.
        removed: the text of the trigger that the step has removed from ``autoplay.yml``.
    """

    at: float
    kind: EntryKind
    before: Stage
    after: Stage
    who: str = ""
    why: str = ""
    is_by_rule: bool = False
    rule: str = ""
    figures: dict[str, Any] = {}
    thresholds: dict[str, Any] = {}
    verdict: dict[str, Any] = {}
    removed: str = ""
