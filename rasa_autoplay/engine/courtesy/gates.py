"""The gates that an offer must pass; each is a pure function from a context to a result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from rasa_autoplay.engine.courtesy.attention_gates import attention, one_at_a_time
from rasa_autoplay.engine.courtesy.calendar_days import quiet_until
from rasa_autoplay.engine.courtesy.choice_gates import muted, muted_topic, own_quiet_hours
from rasa_autoplay.engine.courtesy.count_gates import (
    interval,
    per_day,
    per_user,
    per_user_per_day,
    trigger_interval,
)
from rasa_autoplay.engine.courtesy.gate_contract import GateContext, GateResult
from rasa_autoplay.engine.courtesy.moment_gates import hold_until, typing
from rasa_autoplay.engine.courtesy.path_gates import path_interval, path_per_day, path_per_user
from rasa_autoplay.engine.courtesy.pause import Pause
from rasa_autoplay.engine.courtesy.people_gates import newcomers, roles
from rasa_autoplay.engine.courtesy.topic_gates import answered, mastered
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import Arm

__all__ = [
    "BOUNDARY_GATE",
    "MOVED_ON",
    "PAUSE_GATE",
    "TOPIC_GATES",
    "check_all",
    "check_pause",
    "evidence_used",
    "first_stop",
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
TOPIC_GATES = frozenset(
    {"muted_topic", "answered", "mastered", "path_per_user", "path_per_day", "path_min_interval"}
)


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


def _quiet_hours(s: GateContext) -> GateResult:
    """Closed in the quiet hours, by the user's clock."""
    gate, hours = "quiet_hours", s.limits.quiet_hours
    if hours is None:
        return GateResult(gate, False, "no quiet hours are set")
    clock = datetime.fromtimestamp(s.now, s.zone)
    text = f"{hours.from_:%H:%M} to {hours.to:%H:%M}; it is {clock:%H:%M} in {s.zone}"
    until = quiet_until(s.now, hours, s.zone)
    return GateResult(gate, False, text) if until is None else GateResult(gate, True, text, until)


_GATES: tuple[Callable[[GateContext], GateResult], ...] = (
    _paused,
    muted,
    muted_topic,
    answered,
    mastered,
    roles,
    newcomers,
    path_per_user,
    path_per_day,
    per_user,
    per_day,
    per_user_per_day,
    _quiet_hours,
    own_quiet_hours,
    path_interval,
    trigger_interval,
    interval,
    attention,
    one_at_a_time,
    typing,
    hold_until,
)
