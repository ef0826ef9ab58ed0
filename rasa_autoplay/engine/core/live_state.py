"""What the engine keeps when it loads a new version of its files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.common.runtime.timers import Timers
from rasa_autoplay.engine.courtesy.pause import PauseOf, never_paused
from rasa_autoplay.engine.courtesy.user_choices import ChoicesOf, no_choices
from rasa_autoplay.engine.decisions.decision_log import Observer, no_observer
from rasa_autoplay.engine.decisions.tour_orders import FollowedOrders
from rasa_autoplay.engine.freshness.suspect_steps import NO_SUSPECTS, SuspectSteps
from rasa_autoplay.engine.goals.open_goals import OpenGoals
from rasa_autoplay.engine.languages.user_languages import UserLanguages
from rasa_autoplay.engine.offers.base import OfferLedger
from rasa_autoplay.engine.offers.offer_watch import NO_OFFER_WATCH, OfferWatch
from rasa_autoplay.engine.offers.open_offers import (
    FramePublisher,
    OfferObserver,
    OpenOffers,
    no_offer_observer,
)
from rasa_autoplay.engine.offers.presence import Presence
from rasa_autoplay.engine.offers.silent_users import SilentUsers
from rasa_autoplay.engine.sessions.base import SessionStore
from rasa_autoplay.engine.sessions.session_follower import SessionFollower
from rasa_autoplay.engine.sessions.session_observer import NO_SESSION_OBSERVER, SessionObserver
from rasa_autoplay.engine.tours.running import RunningTours

__all__ = ["LiveState"]

_MAX_REMEMBERED_ORDERS = 10_000


class LiveState:
    """Sessions, feeds, offers, tours and counts. No part of it depends on a version of the files.

    Args:
        clock: epoch seconds.
        timers: the timers of sessions and offers.
        sessions: the live sessions.
        follower: follows sessions through the golden paths, and knows their users.
        ledger: stores offers and receipts.
        publisher: sends frames to the gateways.
        pause_of: knows which triggers are paused.
        suspects: the steps of golden paths that may be out of date.
        choices_of: knows what users have muted.
        observe_decision: called with every decision.
        observe_offer: called whenever an offer changes its status.
        session_observer: sees what happens in sessions.
        offer_watch: sees receipts and acceptances.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        timers: Timers,
        sessions: SessionStore,
        follower: SessionFollower,
        ledger: OfferLedger,
        publisher: FramePublisher,
        pause_of: PauseOf = never_paused,
        suspects: SuspectSteps = NO_SUSPECTS,
        choices_of: ChoicesOf = no_choices,
        *,
        observe_decision: Observer = no_observer,
        observe_offer: OfferObserver = no_offer_observer,
        session_observer: SessionObserver = NO_SESSION_OBSERVER,
        offer_watch: OfferWatch = NO_OFFER_WATCH,
    ) -> None:
        self.clock = clock
        self.timers = timers
        self.sessions = sessions
        self.follower = follower
        self.ledger = ledger
        self.publisher = publisher
        self.pause_of = pause_of
        self.suspects = suspects
        self.choices_of = choices_of
        self.observe_decision = observe_decision
        self.session_observer = session_observer
        self.offer_watch = offer_watch
        self.presence = Presence()
        #: The languages of users. The version in force sets the bot's own.
        self.languages = UserLanguages()
        self.silent_users = SilentUsers(self.presence)
        self.open_offers = OpenOffers(ledger, self.presence, publisher, timers, observe_offer, self.languages)
        #: What users reach after decisions.
        self.goals = OpenGoals(ledger, follower, clock)
        self.running_tours = RunningTours(self.presence, publisher, timers)
        self.followed_orders: FollowedOrders = BoundedDict(_MAX_REMEMBERED_ORDERS)
        #: The sources that have delivered actions.
        self.sources: set[str] = set()
        #: Counts of applied actions, evaluations and decisions.
        self.counts: Counter[str] = Counter()
        #: Counts of what became of offers and tours.
        self.offer_counts: Counter[str] = Counter()
