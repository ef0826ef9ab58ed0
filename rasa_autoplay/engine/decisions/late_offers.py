"""Is an offer still welcome that has waited for a listener? Its trigger and courtesy are asked again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter

from rasa_autoplay.engine.courtesy.gate_contexts import GateContextBuilder
from rasa_autoplay.engine.courtesy.gate_result import GateResult
from rasa_autoplay.engine.courtesy.gates import MOVED_ON, evidence_used, first_stop
from rasa_autoplay.engine.decisions.trigger_asker import TriggerAsker
from rasa_autoplay.engine.offers.base import OfferLedger
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.sessions.fact_source import FactSource
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.triggers.configured.loader import ConfiguredTrigger
from rasa_autoplay.engine.triggers.context import context_of
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.events.models import SlimAction

__all__ = ["LateOfferCheck"]

_START = attrgetter("timestamp_start")
#: A database may round a time.
_SAME_S = 0.001


class LateOfferCheck:
    """Looks at offers whose delivery is late.

    Args:
        situations: gathers what courtesy looks at.
        ledger: the user's earlier offers.
        asker: asks the offer's trigger.
        facts: what is known beyond a session's actions.
    """

    def __init__(
        self, situations: GateContextBuilder, ledger: OfferLedger, asker: TriggerAsker, facts: FactSource
    ) -> None:
        self._situations = situations
        self._ledger = ledger
        self._asker = asker
        self._facts = facts

    async def stop(
        self,
        offer: Offer,
        trigger: ConfiguredTrigger | None,
        own: Session | None,
        latest: Session | None,
        now: float,
    ) -> GateResult | None:
        """What stands against delivering the offer now; None for nothing.

        Args:
            offer: what waits.
            trigger: its trigger; None when ``autoplay.yml`` no longer has it.
            own: the session that it was made for, if it lives.
            latest: the user's most recently active session; None when they have none.
            now: epoch seconds.
        """
        if trigger is None:
            return _moved_on("autoplay.yml no longer has its trigger")
        history = await self._ledger.history(offer.product_id, offer.user_id)
        others = [past for past in history if past.offer_id != offer.offer_id]
        if own is not None and own.user_id == offer.user_id and _has_evidence(own, offer):
            earlier = [past for past in others if past.created_at < offer.created_at]
            after = evidence_used(offer.trigger_id, offer.session_id, earlier)
            ctx = self._context(offer, own, latest, after, now)
            result, trouble = await self._asker.answer(trigger, ctx)
            if result is None:
                return _moved_on(trouble or "its trigger does not fire any more")
            if offer.golden_path and self._asker.workflow_of(trigger, result) != offer.golden_path:
                return _moved_on("its trigger speaks about another workflow now")
        situation = await self._situations.of(
            offer.trigger_id, offer.subject, trigger.courtesy, offer.user_id, latest, others, now
        )
        return first_stop(situation, late=True)

    def _context(
        self, offer: Offer, own: Session, latest: Session | None, after: float, now: float
    ) -> ProactiveTriggerContext:
        """What the trigger saw, and what the user has done since, in whatever session.

        Its clock stands where it stood: that time has passed is for ``offer_ttl`` to judge, not for the
        window of a condition.
        """
        ctx = context_of(own, after, now, self._facts)
        recent: Sequence[SlimAction] = ctx.recent_actions
        window: Sequence[SlimAction] = own.window.actions
        if latest is not None and latest is not own:
            recent = _joined(recent, latest.window.between(after, now))
            window = _joined(window, latest.window.actions)
        extra = {**ctx.context_extra, "eval_now": offer.created_at, "window_actions": window}
        if latest is not None:
            extra["remembered"] = own.remembered | latest.remembered
        return replace(
            ctx,
            recent_actions=tuple(recent),
            canonical_urls=tuple(action.canonical_url or None for action in recent),
            context_extra=extra,
        )


def _has_evidence(session: Session, offer: Offer) -> bool:
    """Whether the session still knows what the offer rests on; a restarted engine may not."""
    return any(
        abs(action.timestamp_start - offer.evidence_until) < _SAME_S for action in session.window.actions
    )


def _joined(one: Sequence[SlimAction], other: Sequence[SlimAction]) -> tuple[SlimAction, ...]:
    return tuple(sorted([*one, *other], key=_START))


def _moved_on(why: str) -> GateResult:
    return GateResult(MOVED_ON, True, why, math.inf)
