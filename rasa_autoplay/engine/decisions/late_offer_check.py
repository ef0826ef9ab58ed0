"""Checks whether an offer is still welcome after it has waited for an open tab."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter

from rasa_autoplay.common.languages.each_language import all_languages
from rasa_autoplay.engine.courtesy.gate_contexts import GateContextBuilder
from rasa_autoplay.engine.courtesy.gate_contract import GateResult
from rasa_autoplay.engine.courtesy.gates import MOVED_ON, evidence_used, first_stop
from rasa_autoplay.engine.decisions.tour_choice import TourChoice
from rasa_autoplay.engine.decisions.trigger_asker import TriggerAsker
from rasa_autoplay.engine.languages.user_languages import UserLanguages
from rasa_autoplay.engine.offers.base import OfferLedger
from rasa_autoplay.engine.offers.offer import Offer, reply_options
from rasa_autoplay.engine.offers.offer_status import Arm
from rasa_autoplay.engine.offers.offer_texts import OfferTexts
from rasa_autoplay.engine.rollout.allocation import allocate
from rasa_autoplay.engine.sessions.base import SessionStore
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.sessions.session_follower import SessionFollower
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.context import context_of
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.settings.rollout import HoldoutSettings

__all__ = ["LateOfferCheck"]

_START = attrgetter("timestamp_start")
#: Databases may round times by less than this.
_TOLERANCE_S = 0.001


class LateOfferCheck:
    """Asks an offer's trigger and the gates again.

    Args:
        triggers: the triggers of ``autoplay.yml``.
        sessions: the live sessions.
        gate_contexts: builds what the gates check.
        ledger: has the user's earlier offers.
        asker: asks the offer's trigger.
        follower: knows the user's history and the progress in workflows.
        tour_choice: chooses the tours that an offer can start.
        holdout: users who never get an offer; None for no holdout.
        languages: the languages of users.
    """

    def __init__(
        self,
        triggers: Sequence[ConfiguredTrigger],
        sessions: SessionStore,
        gate_contexts: GateContextBuilder,
        ledger: OfferLedger,
        asker: TriggerAsker,
        follower: SessionFollower,
        tour_choice: TourChoice,
        holdout: HoldoutSettings | None,
        languages: UserLanguages,
    ) -> None:
        self._triggers = {trigger.id: trigger for trigger in triggers}
        self._sessions = sessions
        self._gate_contexts = gate_contexts
        self._ledger = ledger
        self._asker = asker
        self._follower = follower
        self._tour_choice = tour_choice
        self._holdout = holdout
        self._languages = languages

    def why_not_configured(self, offer: Offer) -> str:
        """Return why ``autoplay.yml`` as it is now does not allow the offer; empty if it does."""
        trigger = self._triggers.get(offer.trigger_id)
        if trigger is None:
            return "autoplay.yml no longer has its trigger"
        if trigger.rollout.is_off:
            return "autoplay.yml has switched its trigger off"
        if offer.is_withheld:
            return ""
        arm = allocate(trigger.rollout, self._holdout, trigger.id, offer.user_id).arm
        return "autoplay.yml no longer gives it to the user" if arm is not Arm.SHOWN else ""

    def refresh_texts(self, offer: Offer, latest: Session | None) -> None:
        """Give an offer the tours of the user's current page, and after a restart its texts in all languages.

        Args:
            offer: the offer that waits. After a restart, a text with names filled in keeps its language.
            latest: the user's most recently active session; None if there is none.
        """
        trigger = self._trigger_of(offer)
        tours = self._tour_choice.choose(trigger, offer.golden_path, latest)
        texts = offer.texts or OfferTexts(_written(offer, trigger), _options(offer, trigger), ())
        offer.say(texts._replace(tours=tours), self._languages.of(offer.user_id))

    def _trigger_of(self, offer: Offer) -> ConfiguredTrigger | None:
        trigger = self._triggers.get(offer.trigger_id)
        return trigger.variant_of(offer.variant) if trigger else None

    async def check(self, offer: Offer, latest: Session | None, now: float) -> GateResult | None:
        """Return the gate that stops the delivery now; None if the offer may be delivered.

        Args:
            offer: the offer that waits.
            latest: the user's most recently active session; None if there is none.
            now: epoch seconds.

        Returns:
            A result of the gate ``MOVED_ON`` if the offer's trigger no longer fires.
        """
        trigger = self._trigger_of(offer)
        own = await self._sessions.find((offer.product_id, offer.session_id))
        refusal = self.why_not_configured(offer)
        if trigger is None or refusal:
            return _moved_on(refusal)
        history = await self._ledger.history(offer.product_id, offer.user_id)
        others = [past for past in history if past.offer_id != offer.offer_id]
        asks = not trigger.is_external  # only the team's code knows whether its offer still fits
        if asks and own is not None and own.user_id == offer.user_id and _has_evidence(own, offer):
            earlier = [past for past in others if past.created_at < offer.created_at]
            after = evidence_used(offer.trigger_id, offer.session_id, earlier)
            ctx = self._context(offer, own, latest, after, now)
            result, trouble = await self._asker.answer(trigger, ctx)
            if result is None:
                return _moved_on(trouble or "its trigger no longer fires")
            if offer.golden_path and self._asker.workflow_of(trigger, result) != offer.golden_path:
                return _moved_on("its trigger is about another workflow now")
        context = await self._gate_contexts.of(
            offer.trigger_id, offer.subject, trigger.courtesy, offer.user_id, latest, others, now
        )
        return first_stop(context, late=True, opened=offer.explored_gate)

    def _context(
        self, offer: Offer, own: Session, latest: Session | None, after: float, now: float
    ) -> ProactiveTriggerContext:
        """The context that the trigger saw, with the user's later actions in this or another session.

        The time is that of the offer, because ``offer_ttl``, not a condition, limits the offer's age.
        """
        ctx = context_of(own, after, now, self._follower)
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


def _written(offer: Offer, trigger: ConfiguredTrigger | None) -> str:
    """The trigger's text, if it is the offer's in another language."""
    written = trigger.fixed_text if trigger else ""
    return written if offer.body in all_languages(written) else offer.body


def _options(offer: Offer, trigger: ConfiguredTrigger | None) -> Sequence[str]:
    """The trigger's buttons, if they are the offer's in another language."""
    written = reply_options(trigger.reply_options or ()) if trigger else []
    pairs = zip(offer.reply_options, written, strict=False)
    is_same = len(written) == len(offer.reply_options) and all(a in all_languages(b) for a, b in pairs)
    return written if is_same else offer.reply_options


def _has_evidence(session: Session, offer: Offer) -> bool:
    """Whether the session still has the offer's evidence; after a restart it may not."""
    return any(
        abs(action.timestamp_start - offer.evidence_until) < _TOLERANCE_S for action in session.window.actions
    )


def _joined(one: Sequence[SlimAction], other: Sequence[SlimAction]) -> tuple[SlimAction, ...]:
    return tuple(sorted([*one, *other], key=_START))


def _moved_on(reason: str) -> GateResult:
    return GateResult(MOVED_ON, True, reason, math.inf)
