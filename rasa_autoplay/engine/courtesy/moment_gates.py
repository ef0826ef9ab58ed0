"""The gates that check what the user is doing right now: typing, or at a natural pause."""

from __future__ import annotations

import re

from rasa_autoplay.engine.courtesy.gate_contract import GateContext, GateResult
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.settings.durations import format_duration
from rasa_autoplay.settings.limits import Boundary

__all__ = ["MOMENT_GATES", "TYPING_S", "hold_until", "typing"]

#: After entering or typing into a field, a user counts as typing for this long.
TYPING_S = 5.0
#: The names of these gates.
MOMENT_GATES = frozenset({"typing", "hold_until"})

_WRITES = frozenset({"focus", "type"})
_SAVES = re.compile(r"\b(save|saved|submit|apply|publish|send)\b", re.IGNORECASE)


def typing(s: GateContext) -> GateResult:
    """Closed while the user is typing."""
    gate, newest = "typing", s.newest
    if newest is None or newest.type not in _WRITES:
        return GateResult(gate, False, "the user is not typing")
    until = newest.timestamp_start + TYPING_S
    if until <= s.now or newest.timestamp_start > s.now + TYPING_S:  # a browser's clock may run ahead
        return GateResult(gate, False, "the user has stopped typing")
    return GateResult(gate, True, f"the user is in a field: {newest.title}", until)


def hold_until(s: GateContext) -> GateResult:
    """Closed until a save, a navigation or an idle moment, or until ``max_wait`` is over."""
    gate = "hold_until"
    boundaries = s.limits.hold_until if s.own.hold_until is None else s.own.hold_until
    if not boundaries or s.newest is None:
        return GateResult(gate, False, "no boundary is set")
    reached = next((b for b in boundaries if _is_at(b, s.newest, s.now)), None)
    if reached is not None:
        return GateResult(gate, False, f"a natural boundary: {reached}")
    max_wait_s = s.limits.max_wait if s.own.max_wait is None else s.own.max_wait
    since = s.now if s.waiting_since is None else s.waiting_since
    if s.now >= since + max_wait_s:
        return GateResult(gate, False, f"it has waited for the maximum of {format_duration(max_wait_s)}")
    idle_at = [_last_at(s.newest, s.now) + b.idle_s for b in boundaries if b.idle_s]
    text = f"it waits for {' or '.join(boundaries)}, at most {format_duration(max_wait_s)}"
    return GateResult(gate, True, text, min([*idle_at, since + max_wait_s]))


def _is_at(boundary: Boundary, newest: SlimAction, now: float) -> bool:
    if boundary == "save":
        return newest.type == "submit" or (newest.type == "click" and bool(_SAVES.search(newest.title)))
    if boundary == "navigation":
        return newest.type == "pageview"
    return now >= _last_at(newest, now) + boundary.idle_s


def _last_at(newest: SlimAction, now: float) -> float:
    return min(newest.timestamp_start, now)
