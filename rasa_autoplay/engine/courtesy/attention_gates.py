"""The gates that leave a user alone who is busy with a toast, the chat or a tour."""

from __future__ import annotations

from rasa_autoplay.engine.courtesy.gate_contract import Engagement, GateContext, GateResult
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import OfferStatus

__all__ = ["attention", "one_at_a_time"]

#: A page may hide a toast sooner than its ``interaction_timeout``, but only the latter counts: nobody knows
#: when a page would have hidden a withheld one.
_UNANSWERED = (OfferStatus.RENDERED, OfferStatus.SEEN, OfferStatus.TIMED_OUT)
_BUSY_WITH = {
    "toast": "a toast is on the screen",
    "withheld": "a withheld offer counts as a toast on the screen",
    "chat": "the user is chatting",
    "tour": "a tour is running",
    "cooldown": "the cooldown is running",
}


def attention(s: GateContext) -> GateResult:
    """Closed while a toast, the chat or a tour has the user's attention, in any of the user's sessions."""
    busy = max(s.engagements, key=lambda each: each.until, default=None)
    if busy is None:
        return GateResult("attention", False, "nothing has the user's attention")
    by = _BUSY_WITH["withheld" if _is_by_withheld(busy, s) else busy.by]
    text = f"{by} in session {busy.session_id}"
    return GateResult("attention", True, text, busy.until)


def _is_by_withheld(busy: Engagement, s: GateContext) -> bool:
    of_session = [p for p in s.history if p.session_id == busy.session_id and p.rendered_at]
    last = max(of_session, key=lambda past: past.rendered_at, default=None)
    return busy.by == "toast" and last is not None and last.is_withheld


def one_at_a_time(s: GateContext) -> GateResult:
    """Closed while another offer waits to be shown, or is shown and has no answer yet."""
    gate = "one_at_a_time"
    in_the_way = [(end, past) for past in s.history if (end := _in_the_way_until(past, s)) > s.now]
    if not in_the_way:
        return GateResult(gate, False, "no other offer is open")
    until, past = min(in_the_way, key=lambda pair: pair[0])
    state = "waits to be shown" if past.awaits_rendering else "is shown and has no answer"
    if past.is_withheld:
        state = "is withheld, which counts as if it had been shown"
    return GateResult(gate, True, f"an offer of {past.trigger_id} {state}", until)


def _in_the_way_until(past: Offer, s: GateContext) -> float:
    if past.awaits_rendering:
        return past.expires_at
    if not (past.status in _UNANSWERED or (past.is_withheld and past.is_open)):
        return 0.0
    lasts_s = s.toast_lasts_s if past.interaction_timeout_s is None else past.interaction_timeout_s
    return min(past.rendered_at + lasts_s, past.expires_at)
