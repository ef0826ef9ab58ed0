"""Explains why a user got a toast or not: every trigger's state now, with numbers.

An explanation changes nothing: it consumes no evidence, sets no timer, and needs nothing stored beforehand.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

from rasa_autoplay.engine.courtesy.gate_contexts import GateContextBuilder
from rasa_autoplay.engine.courtesy.gate_contract import GateResult
from rasa_autoplay.engine.courtesy.gates import PAUSE_GATE, TOPIC_GATES, check_all, evidence_used
from rasa_autoplay.engine.decisions.explanation_parts import (
    describe_condition,
    describe_gate,
    describe_offer,
    describe_session,
    for_how_long,
)
from rasa_autoplay.engine.decisions.headline import headline_of
from rasa_autoplay.engine.decisions.trigger_asker import TriggerAsker
from rasa_autoplay.engine.decisions.unasked_triggers import describe_external, describe_off
from rasa_autoplay.engine.offers.base import OfferLedger
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import Arm
from rasa_autoplay.engine.rollout.allocation import allocate, why_withheld
from rasa_autoplay.engine.rollout.exploration import NO_EXPLORATION, Exploration, why_opened
from rasa_autoplay.engine.sessions.base import SessionStore
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.sessions.session_follower import NO_FOLLOWER, SessionFollower
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.context import context_of
from rasa_autoplay.engine.triggers.firing_reasons import ConditionResult, RuleExplanation
from rasa_autoplay.settings.durations import format_duration
from rasa_autoplay.settings.rollout import HoldoutSettings

__all__ = ["Explainer"]

#: A trigger that does not fire, but reaches this share of what it needs, is a near miss.
_NEAR = 0.5
_MAX_OFFERS = 10

_Outcome = Literal["fired", "stopped", "near_miss", "not_near", "off"]


class Explainer:
    """Evaluates every trigger and every gate for one user.

    Args:
        product_id: the product's id.
        triggers: in order of priority.
        sessions: the live sessions.
        ledger: has the user's earlier offers.
        gate_contexts: builds what the gates check.
        clock: epoch seconds.
        asker: asks the triggers as the driver does.
        follower: knows the user's history and the progress in workflows.
        holdout: users who never get an offer; None for no holdout.
        exploration: decides by chance about closed gates.
        why_no_tour: returns why a trigger's offer about a golden path has no tour; empty if it may have one.
        languages_of: returns the languages for a user, best first.
    """

    def __init__(
        self,
        product_id: str,
        triggers: Sequence[ConfiguredTrigger],
        sessions: SessionStore,
        ledger: OfferLedger,
        gate_contexts: GateContextBuilder,
        clock: Callable[[], float],
        asker: TriggerAsker,
        follower: SessionFollower = NO_FOLLOWER,
        holdout: HoldoutSettings | None = None,
        exploration: Exploration = NO_EXPLORATION,
        why_no_tour: Callable[[ConfiguredTrigger, str], str] = lambda _trigger, _path_id: "",
        languages_of: Callable[[str], Sequence[str]] = lambda _user_id: (),
    ) -> None:
        self._product_id = product_id
        self._triggers = triggers
        self._sessions = sessions
        self._ledger = ledger
        self._gate_contexts = gate_contexts
        self._clock = clock
        self._asker = asker
        self._why_no_tour = why_no_tour
        self._languages_of = languages_of
        self._follower = follower
        self._holdout = holdout
        self._exploration = exploration

    async def explain(self, user_id: str, session_id: str = "") -> dict[str, Any]:
        """Explain every trigger for a user's session.

        Args:
            user_id: the user.
            session_id: the session; empty for the most recently active one.

        Returns:
            ``{user_id, product_id, at, languages, session, headline, triggers, offers}``. ``languages`` are
            those in which the user gets texts, best first. ``session`` is null if the
            user has no live session. ``headline`` names the trigger that matters most; see
            :func:`headline_of`. A trigger has ``trigger_id``, ``outcome`` (``fired``, ``stopped``,
            ``near_miss``, ``not_near`` or ``off``), ``text`` (one sentence), ``about`` (the golden path or
            page that its offer would be about), ``arm`` and ``variant`` (what chance gives the user),
            ``gates``, ``conditions``, and ``failures`` (how often it failed or timed out).
            ``tour_withheld`` says why its offer has no tour, if a step of the golden path is suspect.
            ``offers`` are the user's latest offers, newest first, each
            ``{offer_id, trigger_id, status, arm, variant, life}``, with ``explored_gate`` if chance opened a
            gate or kept it closed; ``life`` has the time of each step in epoch seconds.
        """
        now = self._clock()
        history = await self._ledger.history(self._product_id, user_id)
        if session_id:
            session = await self._sessions.find((self._product_id, session_id))
        else:
            session = await self._sessions.latest_of(self._product_id, user_id)
        if session is not None:
            # recall() changes the session after a restart, so it gets a copy.
            session = copy.copy(session)
            self._gate_contexts.recall(session, history, now)
        triggers = [
            await self._explain(trigger.variant_for(user_id), user_id, session, history, now)
            for trigger in self._triggers
        ]
        return {
            "user_id": user_id,
            "product_id": self._product_id,
            "at": now,
            "languages": list(self._languages_of(user_id)),
            "session": None if session is None else describe_session(session, self._follower, now),
            "headline": headline_of(triggers),
            "triggers": triggers,
            "offers": [describe_offer(offer) for offer in history[:_MAX_OFFERS]],
        }

    async def _explain(
        self,
        trigger: ConfiguredTrigger,
        user_id: str,
        session: Session | None,
        history: Sequence[Offer],
        now: float,
    ) -> dict[str, Any]:
        if trigger.rollout.is_off:
            return describe_off(trigger)
        arm = allocate(trigger.rollout, self._holdout, trigger.id, user_id).arm
        open_offer = next((o for o in history if _is_current(o, trigger.id, now)), None)
        found, gates = await self._evaluate(trigger, user_id, session, history, now)
        if trigger.is_external and open_offer is None:
            outcome, text = "not_near", describe_external(gates, session, arm, now)
        else:
            outcome, text = _summary(gates, found.explanation, open_offer, arm, now)
        topic = found.topic if open_offer is None else open_offer.subject
        no_tour = self._why_no_tour(trigger, topic)
        if no_tour and outcome == "fired":
            text = f"{text} {no_tour[0].upper()}{no_tour[1:]}."
        return {
            "trigger_id": trigger.id,
            "outcome": outcome,
            "text": text,
            "about": topic,
            **({"tour_withheld": no_tour} if no_tour else {}),
            "arm": arm.value,
            "variant": trigger.variant,
            "gates": [describe_gate(gate, now) for gate in gates],
            "conditions": [describe_condition(each) for each in found.explanation.conditions],
            "failures": dict(self._asker.failures.get(trigger.id, ())),
        }

    async def _evaluate(
        self,
        trigger: ConfiguredTrigger,
        user_id: str,
        session: Session | None,
        history: Sequence[Offer],
        now: float,
    ) -> tuple[_Found, list[GateResult]]:
        """Return the trigger's result, and the results of its gates.

        Like the driver, this tries another workflow if the gates forbid the first one.
        """
        silenced: frozenset[str] = frozenset()
        first: tuple[_Found, list[GateResult]] | None = None
        while True:
            found = await self._ask(trigger, session, history, now, silenced)
            context = await self._gate_contexts.of(
                trigger.id, found.topic, trigger.courtesy, user_id, session, history, now
            )
            gates = self._exploration.described(user_id, context, check_all(context))
            if first is not None and (not found.explanation.fired or found.topic in silenced):
                return first
            first = first or (found, gates)
            if not found.explanation.fired or not _is_about_topic(gates):
                return found, gates
            silenced |= {found.topic}

    async def _ask(
        self,
        trigger: ConfiguredTrigger,
        session: Session | None,
        history: Sequence[Offer],
        now: float,
        silenced: frozenset[str],
    ) -> _Found:
        topic = trigger.golden_path or (session.window.page() if session else "")
        if trigger.is_external:
            return _Found(topic, RuleExplanation(False, ()))
        if session is None:
            return _Found(topic, _silent("the user has no live session"))
        used = evidence_used(trigger.id, session.key[1], history)
        after = max(session.triggers.evidence_after(trigger.id), used)
        ctx = context_of(session, after, now, self._follower, silenced)
        if not ctx.recent_actions:
            idle = "nothing has happened since its last offer" if used else "nothing has happened recently"
            return _Found(topic, _silent(idle))
        result, trouble = await self._asker.answer(trigger, ctx)
        if trouble:
            return _Found(topic, _silent(trouble))
        if result is not None:
            topic = self._asker.workflow_of(trigger, result) or topic
        try:
            return _Found(topic, trigger.explain(ctx, result))
        except Exception as failure:  # teams write triggers; the log has the traceback
            return _Found(
                topic, _silent(f"it failed with {type(failure).__name__}, which counts as not fired")
            )


class _Found(NamedTuple):
    """A trigger's result now.

    Args:
        topic: what its offer would be about: a golden path's id, or a canonical URL.
        explanation: why it fires or does not fire.
    """

    topic: str
    explanation: RuleExplanation


def _is_about_topic(gates: Sequence[GateResult]) -> bool:
    """Whether the closed gate concerns only this workflow or page."""
    stop = next((gate for gate in gates if gate.stops), None)
    return stop is not None and stop.gate in TOPIC_GATES


def _is_current(offer: Offer, trigger_id: str, now: float) -> bool:
    return offer.trigger_id == trigger_id and offer.is_open and offer.expires_at > now


def _silent(finding: str) -> RuleExplanation:
    return RuleExplanation(False, (ConditionResult("new actions to evaluate", False, finding),))


def _summary(
    gates: Sequence[GateResult], explanation: RuleExplanation, open_offer: Offer | None, arm: Arm, now: float
) -> tuple[_Outcome, str]:
    stop = next((gate for gate in gates if gate.stops), None)
    paused = stop.detail if stop is not None and stop.gate == PAUSE_GATE else ""
    if open_offer is not None:
        ago = format_duration(max(round(now - open_offer.created_at), 0))
        why = f": {why_withheld(open_offer.arm)}" if open_offer.is_withheld else ""
        now_paused = f" Now it is paused: {paused}." if paused else ""
        opened = f"; {why_opened(open_offer)}" if open_offer.explored_gate else ""
        return (
            "fired",
            f"It fired {ago} ago; its offer is {open_offer.status.value}{why}{opened}.{now_paused}",
        )
    if explanation.fired:
        if stop is None:
            withheld = f" Its offer would be withheld: {why_withheld(arm)}." if arm is not Arm.SHOWN else ""
            return "fired", f"It fires, and no gate stops it.{withheld}"
        if paused:
            return "stopped", f"It fires, but it is paused: {paused}."
        return "stopped", f"It fires, but {stop.gate} stops it {for_how_long(stop, now)}: {stop.detail}."
    outcome: _Outcome = "near_miss" if _is_near(explanation) else "not_near"
    text = f"It does not fire: {explanation.to_text()}."
    return outcome, f"It is paused: {paused}. {text}" if paused else text


def _is_near(explanation: RuleExplanation) -> bool:
    """Whether at least half of the conditions hold, or a count is at least half reached."""
    counted = [each.nearness for each in explanation.conditions if each.needs and not each.holds]
    return max([explanation.nearness, *counted]) >= _NEAR
