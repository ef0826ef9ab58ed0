"""Makes the offers that the team's own code asks for, if no gate stops them."""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Callable

from rasa_autoplay.engine.core.decision_core import EngineCore
from rasa_autoplay.engine.decisions.decision_log import Decision
from rasa_autoplay.engine.decisions.fire_records import FROM_CODE
from rasa_autoplay.engine.decisions.trigger_asker import FiredTrigger
from rasa_autoplay.engine.external_offers.base import RequestStore
from rasa_autoplay.engine.external_offers.keyed_requests import KeyedRequests
from rasa_autoplay.engine.external_offers.request_check import checked_trigger
from rasa_autoplay.engine.external_offers.version_in_force import VersionInForce
from rasa_autoplay.engine.offers.base import OfferLedger
from rasa_autoplay.engine.offers.offer import Offer, new_offer_id
from rasa_autoplay.engine.offers.offer_status import Arm
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.triggers.types import ProactiveTriggerResult
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.offer_answers import OfferAnswer, StoppedBy
from rasa_autoplay.link.offer_requests import MakeOffer

__all__ = ["ExternalOffers"]


class ExternalOffers:
    """Makes an offer of an external trigger in a user's live session.

    Args:
        version: returns the version in force.
        ledger: stores offers.
        requests: stores requests with a key.
        engine_id: this engine.
        clock: epoch seconds.
    """

    def __init__(
        self,
        version: Callable[[], VersionInForce],
        ledger: OfferLedger,
        requests: RequestStore,
        engine_id: str,
        clock: Callable[[], float],
    ) -> None:
        self._version = version
        self._ledger = ledger
        self._clock = clock
        self._began_at = clock()
        self._requests = KeyedRequests(requests, engine_id, self._make, self._recover, clock)

    @property
    def counts(self) -> Counter[str]:
        """Counts of retried requests."""
        return self._requests.counts

    async def offer(self, request: MakeOffer) -> OfferAnswer:
        """Make an offer if no gate stops it.

        Raises:
            EngineRefused: ``unprocessable`` if the request names what does not exist or may not be,
                ``not_found`` if the user has no live session, ``conflict`` and ``unavailable`` as in
                :class:`KeyedRequests`.
        """
        if request.key:
            return await self._requests.answer(request)
        return await self._make(request, new_offer_id())

    async def finish_pending(self) -> None:
        """Wait until all requests are answered."""
        await self._requests.finish_pending()

    async def _make(self, request: MakeOffer, offer_id: str) -> OfferAnswer:
        while True:
            version = self._version()
            core = version.core
            trigger = checked_trigger(version.configuration, request)
            session = await version.session_of(request.user_id, request.session_id)
            if session is None:
                raise _restarting() if self._is_restarting(core, request.user_id) else _no_session(request)
            if trigger.rollout.is_off:
                return _answer(request, session, _OFF)
            if await core.driver.has_turn(session):
                break
        now = self._clock()
        result = ProactiveTriggerResult(trigger.id, trigger.body)
        fired = FiredTrigger(trigger, result, trigger.golden_path, now)
        offer = core.decider.propose(session, fired, now)
        offer.offer_id = offer_id
        decide = functools.partial(core.decider.decide_on, offer, trigger, session, FROM_CODE, now)
        decision = await core.driver.in_turn(session, decide)
        if decision is not None:
            return _answer(request, session, _stop_of(decision), offer)
        if session.user_id != request.user_id:
            raise _no_session(request)
        waiting = core.open_offers.of_user(request.user_id)
        return _answer(request, session, _another_waits(waiting))

    def _is_restarting(self, core: EngineCore, user_id: str) -> bool:
        """Whether the engine has just started, so that gateways may not have reported the session yet."""
        presence = core.presence
        is_new = self._clock() < self._began_at + _RESTART_S
        return is_new and (not len(presence) or bool(presence.feeds_of(user_id)))

    async def _recover(self, offer_id: str) -> OfferAnswer | None:
        offer = await self._ledger.get(offer_id)
        if offer is None:
            if self._ledger.problem:
                raise EngineRefused(
                    "unavailable",
                    "the database of offers is not available",
                    "Send it again with the same key.",
                )
            return None
        stopped = None
        if offer.arm is Arm.GATE_CLOSED:
            stopped = StoppedBy(offer.explored_gate, "kept closed by chance")
        return _answer_of(offer, stopped)


#: After its start, an engine learns within this time which users are there, in seconds.
_RESTART_S = 10.0
_OFF = StoppedBy("off", "autoplay.yml says `rollout: off`")


def _answer(
    request: MakeOffer, session: Session, stopped: StoppedBy | None, offer: Offer | None = None
) -> OfferAnswer:
    if offer is None:
        return OfferAnswer(request.trigger, request.user_id, session.key[1], stopped=stopped)
    return _answer_of(offer, stopped)


def _answer_of(offer: Offer, stopped: StoppedBy | None) -> OfferAnswer:
    is_made = stopped is None
    has_arm = is_made or offer.arm is Arm.GATE_CLOSED
    return OfferAnswer(
        offer.trigger_id,
        offer.user_id,
        offer.session_id,
        offer.offer_id if is_made else "",
        offer.arm.value if has_arm else "",
        offer.variant,
        offer.body,
        offer.expires_at if is_made else 0.0,
        stopped,
    )


def _stop_of(decision: Decision) -> StoppedBy | None:
    if not decision.gate:
        return None
    return StoppedBy(
        decision.gate, decision.detail, decision.until if math.isfinite(decision.until) else None
    )


def _another_waits(waiting: Offer | None) -> StoppedBy:
    """The user got another offer while this one was decided on."""
    until = waiting.expires_at if waiting is not None else None
    return StoppedBy("one_at_a_time", "another offer waits to be shown", until)


def _restarting() -> EngineRefused:
    return EngineRefused(
        "unavailable",
        "the engine has just started, and does not know the sessions of all users yet",
        "Send the same request again.",
    )


def _no_session(request: MakeOffer) -> EngineRefused:
    named = f"session {request.session_id!r}" if request.session_id else "live session"
    return EngineRefused(
        "not_found",
        f"the user {request.user_id!r} has no {named}"[:700],
        "Make offers while the user uses the app. A session ends when it is idle for session.idle_timeout.",
    )
