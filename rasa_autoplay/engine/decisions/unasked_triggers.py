"""Explains the triggers that the engine does not ask: those that are off, and those of your own code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa_autoplay.engine.courtesy.gate_contract import GateResult
from rasa_autoplay.engine.courtesy.gates import PAUSE_GATE
from rasa_autoplay.engine.decisions.explanation_parts import for_how_long
from rasa_autoplay.engine.offers.offer_status import Arm
from rasa_autoplay.engine.rollout.allocation import why_withheld
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger

__all__ = ["describe_external", "describe_off"]


def describe_external(gates: Sequence[GateResult], session: Session | None, arm: Arm, now: float) -> str:
    """Describe a trigger whose offers the team's own code makes."""
    if session is None:
        return "Its offers come from your own code, and need a live session, which the user does not have."
    stop = next((gate for gate in gates if gate.stops), None)
    if stop is not None and stop.gate == PAUSE_GATE:
        return f"Its offers come from your own code, and it is paused: {stop.detail}."
    if stop is not None:
        stops = f"{stop.gate} would stop one {for_how_long(stop, now)}: {stop.detail}"
    elif arm is not Arm.SHOWN:
        stops = f"one would be withheld: {why_withheld(arm)}"
    else:
        stops = "no gate would stop one now"
    return f"Its offers come from your own code; {stops}."


def describe_off(trigger: ConfiguredTrigger) -> dict[str, Any]:
    return {
        "trigger_id": trigger.id,
        "outcome": "off",
        "text": "It is off, so it is not evaluated: autoplay.yml says `rollout: off`.",
        "about": trigger.golden_path,
        "arm": "",
        "variant": trigger.variant,
        "gates": [],
        "conditions": [],
        "failures": {},
    }
