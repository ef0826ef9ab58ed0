"""The gates about one workflow or page: the user has answered an offer about it, or masters it."""

from __future__ import annotations

import math

from rasa_autoplay.engine.courtesy.gate_contract import GateContext, GateResult
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import ANSWERS, OfferStatus
from rasa_autoplay.settings.durations import format_duration

__all__ = ["answered", "mastered"]


def answered(s: GateContext) -> GateResult:
    """Closed for a while, or for ever, after the user's answer about the same workflow."""
    gate = "answered"
    said = (past for past in s.of_topic() if past.status in ANSWERS and not s.choices.has_lifted(past))
    answers = [(past, _silence_s(past, s)) for past in said]
    if not answers:
        return GateResult(gate, False, f"the user has not answered an offer about {_named(s.topic)}")
    past, silence_s = max(answers, key=lambda answer: _answered_at(answer[0]) + answer[1])
    until = _answered_at(past) + silence_s
    lasts = "ever" if silence_s == math.inf else format_duration(silence_s)
    text = f"{past.status.value!r} about {_named(s.topic)}, which counts for {lasts}"
    return GateResult(gate, True, text, until) if s.now < until else GateResult(gate, False, text)


def _silence_s(past: Offer, s: GateContext) -> float:
    """How long an answer silences its trigger, seconds."""
    if past.status is OfferStatus.NEVER:
        return math.inf
    if past.status is OfferStatus.ACCEPTED:
        return s.limits.after_accepted if s.own.after_accepted is None else s.own.after_accepted
    return s.limits.snooze if s.own.snooze is None else s.own.snooze


def _answered_at(past: Offer) -> float:
    """When the silence begins: at the answer if it was a yes, at the toast if it was a no."""
    shown_at = past.rendered_at or past.created_at
    return past.closed_at or shown_at if past.status is OfferStatus.ACCEPTED else shown_at


def _named(topic: str) -> str:
    return topic or "an unknown page"


def mastered(s: GateContext) -> GateResult:
    """Closed if the user masters the workflow."""
    if not s.mastered:
        return GateResult("mastered", False, "the user does not master its workflow, as far as memory knows")
    if not s.own.skip_mastered:
        return GateResult("mastered", False, "the trigger also offers help to users who master its workflow")
    if s.own.skip_mastered == "unaided":
        helped = {past.session_id for past in s.of_topic() if past.status is OfferStatus.ACCEPTED}
        if 0 < s.completions <= len(helped):
            return GateResult("mastered", False, f"the user has completed {s.mastered!r} only with its help")
    return GateResult("mastered", True, f"the user masters {s.mastered!r}", math.inf)
