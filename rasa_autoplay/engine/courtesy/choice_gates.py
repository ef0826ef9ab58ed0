"""The gates that a user closes in "My tips": a muted topic, everything muted, own quiet hours."""

from __future__ import annotations

import math
from datetime import datetime, timezone

from rasa_autoplay.engine.courtesy.calendar_days import quiet_until
from rasa_autoplay.engine.courtesy.gate_contract import GateContext, GateResult
from rasa_autoplay.engine.courtesy.user_choices import Mute, path_topic, trigger_topic
from rasa_autoplay.settings.durations import format_duration
from rasa_autoplay.settings.limits import find_zone

__all__ = ["CHOICE_GATES", "muted", "muted_topic", "own_quiet_hours"]

#: The names of these gates.
CHOICE_GATES = frozenset({"muted", "muted_topic", "own_quiet_hours"})


def muted(s: GateContext) -> GateResult:
    """Closed while the user has muted everything."""
    return _muted("muted", s.choices.everything, "everything", s.now)


def muted_topic(s: GateContext) -> GateResult:
    """Closed while the user has muted the workflow, or the trigger."""
    about = {path_topic(s.topic): s.topic, trigger_topic(s.trigger_id): s.trigger_id}
    mutes = {name: s.choices.muted[topic] for topic, name in about.items() if topic in s.choices.muted}
    name, mute = max(mutes.items(), key=lambda pair: pair[1].until, default=("this topic", None))
    return _muted("muted_topic", mute, name, s.now)


def _muted(gate: str, mute: Mute | None, what: str, now: float) -> GateResult:
    if mute is None:
        return GateResult(gate, False, f"the user has not muted {what}")
    ago = format_duration(max(round(now - mute.at), 0))
    if mute.until <= now:
        over = format_duration(max(round(now - mute.until), 0))
        return GateResult(gate, False, f"the user had muted {what}, which ended {over} ago")
    lasts = "until they unmute it" if mute.until == math.inf else f"for {_length(mute)}"
    return GateResult(gate, True, f"the user muted {what} {ago} ago, {lasts}", mute.until)


def _length(mute: Mute) -> str:
    return format_duration(round(mute.until - mute.at))


def own_quiet_hours(s: GateContext) -> GateResult:
    """Closed in the quiet hours that the user has set, by the user's clock."""
    gate, hours = "own_quiet_hours", s.choices.quiet_hours
    if hours is None:
        return GateResult(gate, False, "the user has set no quiet hours")
    zone = find_zone(hours.zone) or timezone.utc
    clock = datetime.fromtimestamp(s.now, zone)
    text = f"the user's own: {hours.from_:%H:%M} to {hours.to:%H:%M}; it is {clock:%H:%M} in {zone}"
    until = quiet_until(s.now, hours, zone)
    return GateResult(gate, False, text) if until is None else GateResult(gate, True, text, until)
