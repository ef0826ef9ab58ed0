"""Remembers the latest decision of each session, and what became of its offer."""

from __future__ import annotations

import math

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.engine.decisions.decision_log import Decision
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.link.answers import JsonObject

__all__ = ["LatestDecisions"]

#: Beyond this number of sessions, the one whose last decision is oldest is forgotten.
_MAX_SESSIONS = 20_000


class LatestDecisions:
    """Observes decisions and offers. Each costs one write to a dict."""

    def __init__(self) -> None:
        self._decisions: BoundedDict[str, Decision] = BoundedDict(_MAX_SESSIONS)
        self._offers: BoundedDict[str, Offer] = BoundedDict(_MAX_SESSIONS)

    def decision(self, decision: Decision) -> None:
        """Observe a decision."""
        if decision.outcome != "fired":  # its outcome follows at once
            self._decisions[decision.session_id] = decision

    def offer(self, offer: Offer, _now: float) -> None:
        """Observe an offer's new status."""
        if not offer.is_withheld:
            self._offers[offer.session_id] = offer

    def forget_user(self, user_id: str) -> None:
        """Forget the decisions about a user."""
        for known in (self._decisions, self._offers):
            for session_id in [each for each, about in known.items() if about.user_id == user_id]:
                del known[session_id]

    def of(self, session_id: str, user_id: str | None) -> JsonObject | None:
        """Describe the latest decision of a session; None if there is none about its user."""
        decision = self._decisions.get(session_id)
        if decision is None or decision.user_id != user_id:
            return None
        described: JsonObject = {
            "at": decision.at,
            "outcome": decision.outcome,
            "trigger_id": decision.trigger_id,
            "gate": decision.gate,
            "detail": decision.detail,
        }
        if decision.gate:
            described.update({"for_ever": True} if decision.until == math.inf else {"until": decision.until})
        offer = self._offers.get(session_id)
        if offer is not None and offer.offer_id == decision.offer_id:
            described.update(body=offer.body, status=offer.status.value)
        return described
