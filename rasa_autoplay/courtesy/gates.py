"""The gates that an offer passes, given the user's earlier offers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from rasa_autoplay.courtesy.verdict import Allowed, Consumed, Held, Verdict
from rasa_autoplay.delivery.offers import Offer, OfferStatus
from rasa_autoplay.settings.engine import LimitSettings

__all__ = ["evidence_used", "judge"]

_Gate = Callable[[Offer, Sequence[Offer], LimitSettings, float], Verdict]


def judge(offer: Offer, history: Sequence[Offer], limits: LimitSettings, now: float) -> Verdict:
    """Decide whether an offer may be made.

    Args:
        offer: what a trigger proposes.
        history: the user's earlier offers, newest first.
        limits: ``limits`` of ``autoplay.yml``.
        now: epoch seconds.

    Returns:
        The verdict of the first closed gate; of several that hold it, the order below decides.
    """
    for gate in _GATES:
        verdict = gate(offer, history, limits, now)
        if not isinstance(verdict, Allowed):
            return verdict
    return Allowed()


def _same_trigger(offer: Offer, history: Sequence[Offer]) -> Iterator[Offer]:
    return (past for past in history if past.trigger_id == offer.trigger_id)


def _evidence(offer: Offer, history: Sequence[Offer], _limits: LimitSettings, _now: float) -> Verdict:
    """The same actions never bring a second offer."""
    newest = evidence_used(offer, history)
    return Consumed(newest) if newest >= offer.evidence_until else Allowed()


def evidence_used(offer: Offer, history: Sequence[Offer]) -> float:
    """The newest evidence in this session that its trigger has used up, epoch seconds; 0 for none."""
    used = [p.evidence_until for p in _same_trigger(offer, history) if p.session_id == offer.session_id]
    return max(used, default=0.0)


def _answered(offer: Offer, history: Sequence[Offer], limits: LimitSettings, now: float) -> Verdict:
    """Never again after "accepted" or "don't show again"; a while later after "dismissed" or "snoozed"."""
    for past in _same_trigger(offer, history):
        if past.status in (OfferStatus.NEVER, OfferStatus.ACCEPTED):
            return Held(past.status.value, math.inf)
        until = (past.rendered_at or past.created_at) + limits.snooze
        if past.status in (OfferStatus.DISMISSED, OfferStatus.SNOOZED) and now < until:
            return Held(past.status.value, until)
    return Allowed()


def _one_at_a_time(_offer: Offer, history: Sequence[Offer], _limits: LimitSettings, now: float) -> Verdict:
    """An offer that still waits to be shown is enough."""
    waiting = [past.expires_at for past in history if past.awaits_rendering and past.expires_at > now]
    return Held("one_at_a_time", min(waiting)) if waiting else Allowed()


def _interval(_offer: Offer, history: Sequence[Offer], limits: LimitSettings, now: float) -> Verdict:
    """Time between two toasts, whatever their triggers; charged when one was shown."""
    until = max((past.rendered_at for past in history), default=0.0) + limits.min_interval
    return Held("min_interval", until) if now < until else Allowed()


_GATES: tuple[_Gate, ...] = (_evidence, _answered, _one_at_a_time, _interval)
