"""The parts that make decisions. Both the engine and the simulator assemble them with :func:`build_core`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from rasa_autoplay.common.runtime.timers import TimerKey, Timers
from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.core.live_state import LiveState
from rasa_autoplay.engine.courtesy.gate_contexts import GateContextBuilder
from rasa_autoplay.engine.courtesy.judge_contract import Judge
from rasa_autoplay.engine.decisions.driver import Driver
from rasa_autoplay.engine.decisions.late_deliveries import LateDeliveries
from rasa_autoplay.engine.decisions.late_offer_check import LateOfferCheck
from rasa_autoplay.engine.decisions.offer_decider import OfferDecider
from rasa_autoplay.engine.decisions.offer_lifecycle import OfferLifecycle
from rasa_autoplay.engine.decisions.paused_offers import PausedOffers
from rasa_autoplay.engine.decisions.session_renewal import SessionRenewal
from rasa_autoplay.engine.decisions.session_updater import SessionUpdater
from rasa_autoplay.engine.decisions.tour_choice import TourChoice
from rasa_autoplay.engine.decisions.tour_orders import TourOrders
from rasa_autoplay.engine.decisions.trigger_asker import TriggerAsker
from rasa_autoplay.engine.freshness.offered_tours import OfferedTours
from rasa_autoplay.engine.offers.open_offers import OfferTimer, OpenOffers
from rasa_autoplay.engine.offers.presence import Presence
from rasa_autoplay.engine.rollout.exploration import exploration_of
from rasa_autoplay.engine.sessions.base import SessionStore, SessionTimer
from rasa_autoplay.engine.sessions.current_sessions import CurrentSessions
from rasa_autoplay.engine.sessions.session import SessionKey
from rasa_autoplay.engine.sessions.source_arbiter import SourceArbiter
from rasa_autoplay.engine.tours.running import TourTimer
from rasa_autoplay.engine.triggers.configured.index import TriggerIndex
from rasa_autoplay.engine.triggers.configured.remembered_names import RememberedNames

__all__ = ["EXPIRY_S", "EngineCore", "build_core", "evaluation_requests"]

#: How often idle sessions are expired, in seconds.
EXPIRY_S = 15.0
_NEXT_EXPIRY_S = 0.05


@dataclass(frozen=True)
class EngineCore:
    """The parts that apply actions, decide on offers and follow them, by one version of the files.

    Args:
        live: sessions, offers and counts, which outlive this core.
        renewal: brings sessions up to date with this version.
        sessions: the live sessions, up to date.
        gate_contexts: builds what the gates check.
        asker: asks one trigger at a time.
        decider: makes offers if no gate stops them.
        driver: evaluates sessions.
        updater: applies actions to sessions.
        lifecycle: follows offers, tours and the chat.
        late_deliveries: delivers offers that have waited for a feed.
        tour_orders: starts tours that an upstream service orders.
        paused_offers: withdraws the waiting offers of paused triggers.
        tour_choice: chooses the tours that an offer can start.
    """

    live: LiveState
    renewal: SessionRenewal
    sessions: SessionStore
    gate_contexts: GateContextBuilder
    asker: TriggerAsker
    decider: OfferDecider
    driver: Driver
    updater: SessionUpdater
    lifecycle: OfferLifecycle
    late_deliveries: LateDeliveries
    tour_orders: TourOrders
    paused_offers: PausedOffers
    tour_choice: TourChoice

    @property
    def presence(self) -> Presence:
        """The open feeds."""
        return self.live.presence

    @property
    def open_offers(self) -> OpenOffers:
        """The open offers."""
        return self.live.open_offers

    @property
    def counts(self) -> Counter[str]:
        """Counts of applied actions, evaluations and decisions."""
        return self.live.counts

    def schedule_expiry(self) -> None:
        """Start to expire idle sessions."""
        self.live.timers.set((SessionTimer.EXPIRE_IDLE, None), self.live.clock() + EXPIRY_S)

    async def handle_timer(self, key: TimerKey) -> None:
        """Handle a :class:`SessionTimer` or an :class:`OfferTimer` that has fired."""
        now = self.live.clock()
        kind, argument = key
        if kind is SessionTimer.EVALUATE:
            await self.updater.check_goals(argument)
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
            self.live.timers.set(key, now + (_NEXT_EXPIRY_S if more else EXPIRY_S))
        else:
            raise AssertionError(f"no part handles the timer {kind!r}")

    async def retire(self) -> None:
        """Finish what is pending, and leave everything else to the core of a new version of the files.

        The caller makes sure that no message is applied in the meantime. Nothing is pending on return.
        """
        while self.late_deliveries.is_delivering or self.driver.is_deciding:
            await self.finish_pending()
        self.driver.retire()
        self.renewal.retire()

    @property
    def is_pending(self) -> bool:
        """Whether late deliveries, decisions or goals are pending."""
        return self.driver.is_deciding or self.live.goals.is_pending or self.late_deliveries.is_delivering

    async def finish_pending(self) -> None:
        """Wait for pending late deliveries and decisions, and until goals are recorded."""
        await self.late_deliveries.finish_pending()
        await self.driver.finish_pending()
        await self.live.goals.finish_pending()

    @property
    def all_counts(self) -> dict[str, int]:
        """All counts of these parts, for health."""
        return {**self.live.counts, **self.live.offer_counts, **self.live.open_offers.counts}


def evaluation_requests(timers: Timers, clock: Callable[[], float]) -> Callable[[SessionKey], None]:
    """Return a function that schedules an evaluation of a session as soon as possible."""

    def request(key: SessionKey) -> None:
        timers.set_sooner((SessionTimer.EVALUATE, key), clock())

    return request


def build_core(configuration: Configuration, live: LiveState, judge: Judge | None = None) -> EngineCore:
    """Assemble the parts that make decisions by one version of the files.

    Args:
        configuration: settings, triggers and golden paths.
        live: sessions, offers and counts. A core that replaces another one gets the same live state.
        judge: may veto or shorten an offer; None if not configured.
    """
    settings, tours = configuration.settings, configuration.tours
    live.languages.bot_speaks(settings.language)
    triggers = configuration.evaluated_triggers
    follower, ledger, open_offers = live.follower, live.ledger, live.open_offers
    clock, counts = live.clock, live.counts
    timed_tours = tours.registry(settings.product_id, settings.session)
    asker = TriggerAsker(settings.evaluate_timeout, settings.poll_interval, tours.path, counts)
    index = TriggerIndex(triggers)
    names = RememberedNames(index, asker.guard)
    trigger_ids = [trigger.id for trigger in configuration.triggers if not trigger.rollout.is_off]
    renewal = SessionRenewal(configuration.version, settings.session, trigger_ids, names, follower)
    sessions = CurrentSessions(live.sessions, configuration.version, renewal.renew)
    gate_contexts = GateContextBuilder(
        settings, sessions, timed_tours, follower, live.pause_of, live.choices_of
    )
    offered_tours = OfferedTours(tours, live.suspects)
    tour_choice = TourChoice(gate_contexts, offered_tours)
    decider = OfferDecider(
        gate_contexts,
        ledger,
        open_offers,
        live.goals,
        tour_choice,
        judge,
        settings.holdout,
        exploration_of(settings),
        clock,
        live.observe_decision,
        counts,
        live.languages,
    )
    driver = Driver(
        triggers, sessions, follower, asker, decider, open_offers, timed_tours, live.timers, clock, counts
    )
    updater = SessionUpdater(
        # It reads nothing of a session that depends on the version, and every event asks it.
        SourceArbiter(live.sessions, settings.session),
        index,
        names,
        sessions,
        follower,
        driver,
        live.running_tours,
        live.goals,
        {trigger.id: trigger.goal for trigger in configuration.triggers},
        live.sources,
        live.session_observer,
        counts,
        live.languages,
    )
    lifecycle = OfferLifecycle(
        settings,
        sessions,
        open_offers,
        ledger,
        tours,
        timed_tours,
        live.running_tours,
        live.session_observer,
        live.offer_watch,
        live.offer_counts,
        driver.evaluate,
    )
    check = LateOfferCheck(
        configuration.triggers,
        sessions,
        gate_contexts,
        ledger,
        asker,
        follower,
        tour_choice,
        settings.holdout,
        live.languages,
    )
    return EngineCore(
        live=live,
        renewal=renewal,
        sessions=sessions,
        gate_contexts=gate_contexts,
        asker=asker,
        decider=decider,
        driver=driver,
        updater=updater,
        lifecycle=lifecycle,
        late_deliveries=LateDeliveries(lifecycle, open_offers, check, live.timers, clock, live.offer_counts),
        tour_orders=TourOrders(
            lifecycle,
            tours,
            offered_tours,
            ledger,
            live.presence,
            live.publisher,
            live.followed_orders,
            live.offer_counts,
            live.languages,
            live.choices_of,
        ),
        paused_offers=PausedOffers(lifecycle, open_offers, live.pause_of, clock),
        tour_choice=tour_choice,
    )
