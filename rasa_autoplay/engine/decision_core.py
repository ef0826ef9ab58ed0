"""The parts that make decisions. Both the engine and the simulator assemble them with :func:`build_core`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from rasa_autoplay.common.runtime.timers import TimerKey, Timers
from rasa_autoplay.engine.configuration import Configuration
from rasa_autoplay.engine.courtesy.gate_contexts import GateContextBuilder
from rasa_autoplay.engine.courtesy.judge_contract import Judge
from rasa_autoplay.engine.decisions.decision_log import Observer, no_observer
from rasa_autoplay.engine.decisions.driver import Driver
from rasa_autoplay.engine.decisions.late_deliveries import LateDeliveries
from rasa_autoplay.engine.decisions.late_offer_check import LateOfferCheck
from rasa_autoplay.engine.decisions.offer_decider import OfferDecider
from rasa_autoplay.engine.decisions.offer_lifecycle import OfferLifecycle
from rasa_autoplay.engine.decisions.session_updater import SessionUpdater
from rasa_autoplay.engine.decisions.tour_choice import TourChoice
from rasa_autoplay.engine.decisions.tour_orders import TourOrders
from rasa_autoplay.engine.decisions.trigger_asker import TriggerAsker
from rasa_autoplay.engine.offers.base import OfferLedger
from rasa_autoplay.engine.offers.open_offers import (
    FramePublisher,
    OfferObserver,
    OfferTimer,
    OpenOffers,
    no_offer_observer,
)
from rasa_autoplay.engine.offers.presence import Presence
from rasa_autoplay.engine.sessions.base import SessionStore, SessionTimer
from rasa_autoplay.engine.sessions.session import SessionKey
from rasa_autoplay.engine.sessions.session_follower import SessionFollower
from rasa_autoplay.engine.tours.running import RunningTours, TourTimer

__all__ = ["EngineCore", "build_core", "evaluation_requests"]

_EXPIRY_S = 15.0
_NEXT_EXPIRY_S = 0.05


@dataclass(frozen=True)
class EngineCore:
    """The parts that apply actions, decide on offers and follow them.

    Args:
        clock: epoch seconds.
        timers: the timers of sessions and offers.
        sessions: the live sessions.
        presence: the open feeds.
        ledger: all offers, and the receipts.
        open_offers: the open offers.
        gate_contexts: builds what the gates check.
        asker: asks one trigger at a time.
        driver: evaluates sessions.
        updater: applies actions to sessions.
        lifecycle: follows offers, tours and the chat.
        late_deliveries: delivers offers that have waited for a feed.
        running_tours: follows tours while they run.
        tour_orders: starts tours that an upstream service orders.
        counts: counts of applied actions, evaluations and decisions.
    """

    clock: Callable[[], float]
    timers: Timers
    sessions: SessionStore
    presence: Presence
    ledger: OfferLedger
    open_offers: OpenOffers
    gate_contexts: GateContextBuilder
    asker: TriggerAsker
    driver: Driver
    updater: SessionUpdater
    lifecycle: OfferLifecycle
    late_deliveries: LateDeliveries
    running_tours: RunningTours
    tour_orders: TourOrders
    counts: Counter[str]

    def schedule_expiry(self) -> None:
        """Start to expire idle sessions."""
        self.timers.set((SessionTimer.EXPIRE_IDLE, None), self.clock() + _EXPIRY_S)

    async def handle_timer(self, key: TimerKey) -> None:
        """Handle a :class:`SessionTimer` or an :class:`OfferTimer` that has fired."""
        now = self.clock()
        kind, argument = key
        if kind is SessionTimer.EVALUATE:
            await self.driver.evaluate_scheduled(argument)
        elif kind is OfferTimer.PRESUME_RENDERED:
            await self.lifecycle.presume_rendered(argument, now)
        elif kind is OfferTimer.EXPIRE:
            await self.lifecycle.expire(argument, now)
        elif kind is OfferTimer.RETRY_DELIVERY:
            self.late_deliveries.retry(argument, now)
        elif kind is OfferTimer.RESTORE:
            self.late_deliveries.restore_unread()
        elif kind is TourTimer.GIVE_UP:
            await self.lifecycle.tour_ended(argument, now, "left")
        elif kind is SessionTimer.EXPIRE_IDLE:
            more = await self.sessions.expire(now)
            self.timers.set(key, now + (_NEXT_EXPIRY_S if more else _EXPIRY_S))
        else:
            raise AssertionError(f"no part handles the timer {kind!r}")

    async def finish_pending(self) -> None:
        """Wait for pending late deliveries and decisions."""
        await self.late_deliveries.finish_pending()
        await self.driver.finish_pending()

    @property
    def all_counts(self) -> dict[str, int]:
        """All counts of these parts, for health."""
        parts = (self.lifecycle, self.late_deliveries, self.open_offers, self.tour_orders)
        return {name: n for counts in (self.counts, *(p.counts for p in parts)) for name, n in counts.items()}


def evaluation_requests(timers: Timers, clock: Callable[[], float]) -> Callable[[SessionKey], None]:
    """Return a function that schedules an evaluation of a session as soon as possible."""

    def request(key: SessionKey) -> None:
        timers.set_sooner((SessionTimer.EVALUATE, key), clock())

    return request


def build_core(
    configuration: Configuration,
    clock: Callable[[], float],
    timers: Timers,
    sessions: SessionStore,
    follower: SessionFollower,
    ledger: OfferLedger,
    publisher: FramePublisher,
    *,
    judge: Judge | None = None,
    observe_decision: Observer = no_observer,
    observe_offer: OfferObserver = no_offer_observer,
) -> EngineCore:
    """Assemble the parts that make decisions.

    Args:
        configuration: settings, triggers and golden paths.
        clock: epoch seconds.
        timers: the caller runs them with :meth:`EngineCore.handle_timer`.
        sessions: the live sessions.
        follower: follows sessions through the golden paths, and knows their users.
        ledger: stores offers and receipts.
        publisher: sends frames to the gateways.
        judge: may veto or shorten an offer; None if not configured.
        observe_decision: called with every decision.
        observe_offer: called whenever an offer changes its status.
    """
    settings, triggers, tours = configuration.settings, configuration.triggers, configuration.tours
    timed_tours = tours.registry(settings.product_id, settings.session)
    counts: Counter[str] = Counter()
    presence = Presence()
    open_offers = OpenOffers(ledger, presence, publisher, timers, observe_offer)
    gate_contexts = GateContextBuilder(settings, sessions, timed_tours, follower)
    asker = TriggerAsker(settings.evaluate_timeout, settings.poll_interval, tours.path, counts)
    tour_choice = TourChoice(gate_contexts, tours)
    decider = OfferDecider(
        gate_contexts, ledger, open_offers, tour_choice, judge, clock, observe_decision, counts
    )
    driver = Driver(
        triggers, sessions, follower, asker, decider, open_offers, timed_tours, timers, clock, counts
    )
    running_tours = RunningTours(tours, presence, publisher, timers)
    updater = SessionUpdater(
        settings.session, triggers, sessions, follower, asker, driver, running_tours, counts
    )
    lifecycle = OfferLifecycle(
        settings, sessions, open_offers, ledger, timed_tours, running_tours, driver.evaluate
    )
    check = LateOfferCheck(triggers, sessions, gate_contexts, ledger, asker, follower, tour_choice)
    return EngineCore(
        clock=clock,
        timers=timers,
        sessions=sessions,
        presence=presence,
        ledger=ledger,
        open_offers=open_offers,
        gate_contexts=gate_contexts,
        asker=asker,
        driver=driver,
        updater=updater,
        lifecycle=lifecycle,
        late_deliveries=LateDeliveries(lifecycle, open_offers, check, clock),
        running_tours=running_tours,
        tour_orders=TourOrders(lifecycle, tours, ledger, presence, publisher),
        counts=counts,
    )
