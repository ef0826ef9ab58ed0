"""The gates that an offer must pass; each is a pure function from a context to a result."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from rasa_autoplay.engine.courtesy.calendar_days import day_bounds, quiet_until
from rasa_autoplay.engine.courtesy.gate_contract import Engagement, GateContext, GateResult
from rasa_autoplay.engine.courtesy.moment_gates import hold_until, typing
from rasa_autoplay.engine.courtesy.pause import Pause
from rasa_autoplay.engine.offers.offer import ANSWERS, Arm, Offer, OfferStatus
from rasa_autoplay.settings.durations import format_duration
from rasa_autoplay.settings.limits import ExploreFirst

__all__ = [
    "BOUNDARY_GATE",
    "MOVED_ON",
    "PAUSE_GATE",
    "TOPIC_GATES",
    "check_all",
    "check_pause",
    "evidence_used",
    "first_stop",
    "fits_role",
]

#: A person has paused the trigger. This gate opens when someone resumes it.
PAUSE_GATE = "paused"

#: This gate only postpones an offer, so triggers of lower priority wait, too.
BOUNDARY_GATE = "hold_until"
#: A gate that does not open by itself is checked again after this long.
_RECHECK_S = 5.0
#: The user has moved on, so a waiting offer is withdrawn.
MOVED_ON = "moved_on"
#: These gates stop a trigger only for one workflow or page.
TOPIC_GATES = frozenset({"answered", "mastered"})

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


def check_all(context: GateContext) -> list[GateResult]:
    """Return the result of every gate; the gates that stay closed longest come first."""
    return [gate(context) for gate in _GATES]


def first_stop(context: GateContext, *, late: bool = False, opened: str = "") -> GateResult | None:
    """Return the first closed gate; None if the offer may be made.

    Args:
        context: what the gates check.
        late: whether the offer was made before, so that it does not wait for a boundary again.
        opened: the gate that chance has opened for the offer; empty for none.
    """
    for gate in _GATES:
        if late and gate is hold_until:
            continue
        result = gate(context)
        if result.stops and result.gate != opened:
            return result
    return None


def evidence_used(trigger_id: str, session_id: str, history: Sequence[Offer]) -> float:
    """Return the time up to which a trigger has consumed a session's evidence, epoch seconds; 0 for none.

    The same actions never lead to a second offer, even after a restart.
    """
    used = [
        past.evidence_until
        for past in history
        if past.trigger_id == trigger_id
        and past.session_id == session_id
        # A gate that chance keeps closed only delays the offer, like any closed gate.
        and past.arm is not Arm.GATE_CLOSED
    ]
    return max(used, default=0.0)


def check_pause(pause: Pause | None, now: float) -> GateResult:
    """Return the result of the first gate, which needs neither the user's history nor the session.

    Args:
        pause: the pause that stops the trigger; None if it is not paused.
        now: epoch seconds.
    """
    if pause is None:
        return GateResult(PAUSE_GATE, False, "nobody has paused it")
    return GateResult(PAUSE_GATE, True, pause.describe(), now + _RECHECK_S)


def _paused(s: GateContext) -> GateResult:
    """Closed while a person has paused the trigger, or all of them."""
    return check_pause(s.pause, s.now)


def _of_trigger(s: GateContext) -> Iterator[Offer]:
    return (past for past in s.history if past.trigger_id == s.trigger_id)


def _of_topic(s: GateContext) -> Iterator[Offer]:
    return (past for past in _of_trigger(s) if past.subject == s.topic)


def _answered(s: GateContext) -> GateResult:
    """Closed for a while, or for ever, after the user's answer about the same workflow."""
    gate = "answered"
    answers = [(past, _silence_s(past, s)) for past in _of_topic(s) if past.status in ANSWERS]
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


def _mastered(s: GateContext) -> GateResult:
    """Closed if the user masters the workflow."""
    if not s.mastered:
        return GateResult("mastered", False, "the user does not master its workflow, as far as memory knows")
    if not s.own.skip_mastered:
        return GateResult("mastered", False, "the trigger also offers help to users who master its workflow")
    if s.own.skip_mastered == "unaided":
        helped = {past.session_id for past in _of_topic(s) if past.status is OfferStatus.ACCEPTED}
        if 0 < s.completions <= len(helped):
            return GateResult("mastered", False, f"the user has completed {s.mastered!r} only with its help")
    return GateResult("mastered", True, f"the user masters {s.mastered!r}", math.inf)


def _explore_first(s: GateContext) -> GateResult:
    """Closed while a newcomer explores, and for roles that get no offers."""
    wanted = s.own.explore_first or s.limits.explore_first
    if wanted is None:
        return GateResult("explore_first", False, "newcomers get offers at once")
    if not fits_role(s):
        role = _role_of(s, wanted)
        text = f"the user's role is {role or 'not known'!r}; it must be one of {', '.join(wanted.roles)}"
        return GateResult("explore_first", True, text, s.now + _RECHECK_S)
    if s.newcomer is None:
        return GateResult("explore_first", False, "the user has been here before")
    ready_at, pages = s.newcomer.began_at + wanted.min_time, s.newcomer.pages
    here_for = format_duration(max(round(s.now - s.newcomer.began_at), 0))
    text = (
        f"a newcomer, here for {here_for} of {format_duration(wanted.min_time)}, "
        f"on {pages} of {wanted.min_pages} pages"
    )
    if pages < wanted.min_pages:
        return GateResult("explore_first", True, text, max(ready_at, s.now + _RECHECK_S))
    return GateResult("explore_first", s.now < ready_at, text, ready_at if s.now < ready_at else 0.0)


def fits_role(s: GateContext) -> bool:
    """Whether users with this role get offers."""
    wanted = s.own.explore_first or s.limits.explore_first
    roles = {one.strip().lower() for one in wanted.roles} if wanted else set()
    return wanted is None or not roles or _role_of(s, wanted).lower() in roles


def _role_of(s: GateContext, wanted: ExploreFirst) -> str:
    return str(s.properties.get(wanted.role_property) or "").strip()


def _per_user(s: GateContext) -> GateResult:
    """Closed once the user has got the maximum number of toasts of this trigger."""
    return _cap("trigger_per_user", _shown(_of_trigger(s)), s.own.per_user, "ever", math.inf)


def _per_day(s: GateContext) -> GateResult:
    """Closed once the user has got the day's maximum number of toasts of this trigger."""
    begin, end = day_bounds(s.now, s.zone)
    return _cap("trigger_per_day", _shown(_of_trigger(s), begin), s.own.per_day, "today", end)


def _per_user_per_day(s: GateContext) -> GateResult:
    """Closed once the user has got the day's maximum number of toasts."""
    begin, end = day_bounds(s.now, s.zone)
    return _cap("per_user_per_day", _shown(s.history, begin), s.limits.per_user_per_day, "today", end)


def _shown(history: Iterator[Offer] | Sequence[Offer], since: float = 0.0) -> int:
    return sum(bool(past.rendered_at) and past.rendered_at >= since for past in history)


def _cap(gate: str, count: int, cap: int | None, when: str, until: float) -> GateResult:
    if cap is None:
        return GateResult(gate, False, f"{count} {when}, no cap")
    text = f"{count} of {cap} {when}"
    return GateResult(gate, True, text, until) if count >= cap else GateResult(gate, False, text)


def _quiet_hours(s: GateContext) -> GateResult:
    """Closed in the quiet hours, by the user's clock."""
    gate, hours = "quiet_hours", s.limits.quiet_hours
    if hours is None:
        return GateResult(gate, False, "no quiet hours are set")
    clock = datetime.fromtimestamp(s.now, s.zone)
    text = f"{hours.from_:%H:%M} to {hours.to:%H:%M}; it is {clock:%H:%M} in {s.zone}"
    until = quiet_until(s.now, hours, s.zone)
    return GateResult(gate, False, text) if until is None else GateResult(gate, True, text, until)


def _attention(s: GateContext) -> GateResult:
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


def _one_at_a_time(s: GateContext) -> GateResult:
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


def _interval(s: GateContext) -> GateResult:
    """Closed for the minimum interval after any toast was shown."""
    return _time_between("min_interval", s.history, s.limits.min_interval, s.now)


def _trigger_interval(s: GateContext) -> GateResult:
    """Closed for the trigger's minimum interval after its last toast."""
    return _time_between("trigger_min_interval", _of_trigger(s), s.own.min_interval, s.now)


def _time_between(
    gate: str, history: Iterator[Offer] | Sequence[Offer], interval_s: float, now: float
) -> GateResult:
    last = max(history, key=lambda past: past.rendered_at, default=None)
    if last is None or not last.rendered_at:
        return GateResult(gate, False, "no toast has been shown so far")
    ago = format_duration(max(round(now - last.rendered_at), 0))
    was = "withheld" if last.is_withheld else "shown"
    text = f"the last toast was {was} {ago} ago; the interval is {format_duration(interval_s)}"
    until = last.rendered_at + interval_s
    return GateResult(gate, True, text, until) if now < until else GateResult(gate, False, text)


_GATES: tuple[Callable[[GateContext], GateResult], ...] = (
    _paused,
    _answered,
    _mastered,
    _explore_first,
    _per_user,
    _per_day,
    _per_user_per_day,
    _quiet_hours,
    _trigger_interval,
    _interval,
    _attention,
    _one_at_a_time,
    typing,
    hold_until,
)
