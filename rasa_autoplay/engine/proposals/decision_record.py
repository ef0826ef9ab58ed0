"""A decision of the rule with everything on which it rests, so that it can be computed again."""

from __future__ import annotations

from typing import Any

import msgspec

from rasa_autoplay.engine.proposals.figures import Figures
from rasa_autoplay.engine.proposals.promotion_rule import judge
from rasa_autoplay.engine.proposals.thresholds import RULE_VERSION, THRESHOLDS, Thresholds
from rasa_autoplay.engine.proposals.verdict import Verdict

__all__ = ["DecisionRecord", "decide", "difference_in"]


class DecisionRecord(msgspec.Struct, frozen=True):
    """What the rule said, and why.

    Args:
        rule: the rule's version.
        thresholds: the rule's bounds.
        figures: the figures on which it decided.
        verdict: what it said.
    """

    rule: str
    thresholds: Thresholds
    figures: Figures
    verdict: Verdict


def decide(figures: Figures) -> DecisionRecord:
    """Let the rule decide."""
    return DecisionRecord(RULE_VERSION, THRESHOLDS, figures, judge(figures))


def difference_in(record: DecisionRecord) -> str:
    """Decide again, and return how the answer differs; empty if it is the same.

    Args:
        record: as it was read from a log.
    """
    if record.rule != RULE_VERSION:
        return f"the rule's version was {record.rule!r} and is {RULE_VERSION!r} now"
    again = judge(record.figures, record.thresholds)
    if again == record.verdict:
        return ""
    before, now = _words(record.verdict), _words(again)
    return f"the log says {before}; the same figures give {now}"


def _words(verdict: Verdict) -> str:
    said: dict[str, Any] = msgspec.to_builtins(verdict)
    sentences = " ".join([*said["reasons"], *said["missing"]])
    return f"{said['step']} to {said['to']} ({sentences})"
