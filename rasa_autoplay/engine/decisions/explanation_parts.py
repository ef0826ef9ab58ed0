"""The parts of an explanation, for JSON."""

from __future__ import annotations

import math

from rasa_autoplay.engine.courtesy.gate_contract import GateResult
from rasa_autoplay.engine.courtesy.gates import PAUSE_GATE
from rasa_autoplay.engine.knowledge.user_progress import WorkflowProgress
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.sessions.session_follower import SessionFollower
from rasa_autoplay.engine.triggers.firing_reasons import ConditionResult
from rasa_autoplay.link.answers import JsonObject
from rasa_autoplay.settings.durations import format_duration

__all__ = ["describe_condition", "describe_gate", "describe_offer", "describe_session", "for_how_long"]


def describe_session(session: Session, follower: SessionFollower, now: float) -> JsonObject:
    """Describe a session, with the user's likely goal in it.

    Args:
        session: the session.
        follower: knows the progress in workflows.
        now: epoch seconds.
    """
    return {
        "session_id": session.key[1],
        "source": session.source,
        "page": session.window.page(),
        "actions": len(session.window),
        "timezone": session.timezone,
        "language": session.language,
        "idle_s": max(round(now - session.active_at, 3), 0.0),
        "goal": _goal(follower.workflow_progress(session)),
    }


def _goal(known: WorkflowProgress | None) -> JsonObject | None:
    """The user's likely goal: the unfinished workflow with the latest step."""
    under_way = [(i, p) for i, p in (known.positions if known else {}).items() if not p.finished]
    if not under_way:
        return None
    path_id, position = under_way[-1]
    return {
        "golden_path": path_id,
        "title": position.title,
        "next_step": position.next_step,
        "steps_done": position.steps_done,
        "steps_total": position.steps_total,
    }


def describe_offer(offer: Offer) -> JsonObject:
    """Describe one of the user's latest offers."""
    return {
        "offer_id": offer.offer_id,
        "trigger_id": offer.trigger_id,
        "status": offer.status.value,
        "arm": offer.arm.value,
        "variant": offer.variant,
        **({"explored_gate": offer.explored_gate} if offer.explored_gate else {}),
        "life": offer.life(),
    }


def describe_gate(gate: GateResult, now: float) -> JsonObject:
    """Describe a gate's result; ``now`` is in epoch seconds."""
    described: JsonObject = {"gate": gate.gate, "stops": gate.stops, "detail": gate.detail}
    if gate.stops and gate.gate == PAUSE_GATE:
        described["until_resumed"] = True
    elif gate.stops and gate.until < math.inf:
        described.update(until=gate.until, remaining_s=max(round(gate.until - now, 3), 0.0))
    elif gate.stops:
        described["for_ever"] = True
    return described


def describe_condition(result: ConditionResult) -> JsonObject:
    """Describe a condition's result, with its own conditions."""
    described: JsonObject = {
        "condition": result.condition,
        "holds": result.holds,
        "detail": result.finding,
        "have": result.has,
        "need": result.needs,
        "changes_at": result.changes_at,
        "conditions": [describe_condition(part) for part in result.conditions],
    }
    return {name: value for name, value in described.items() if value is not None and value != []}


def for_how_long(stop: GateResult, now: float) -> str:
    """Return how long a gate stays closed, in words."""
    if stop.until == math.inf:
        return "for ever"
    return f"for another {format_duration(max(math.ceil(stop.until - now), 0))}"
