"""Counts what becomes of triggers and offers, and measures how long each step takes.

All durations are of one process and one monotonic clock (decision 83). Every label is bounded: triggers are
those of the files, and everything else is a name in this package.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.common.metrics.histogram import Histogram
from rasa_autoplay.common.metrics.known_names import OTHER, KnownNames
from rasa_autoplay.common.metrics.metric import Labels, Metric, Reading, plain
from rasa_autoplay.engine.decisions.decision_log import Decision
from rasa_autoplay.engine.metrics import catalogue
from rasa_autoplay.engine.offers.cause import began_at
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import Arm, OfferStatus
from rasa_autoplay.link.messages import ACCEPT_BUTTONS, RECEIPT_EVENTS

__all__ = ["OfferMetrics"]

_MAX_UNDER_WAY = 10_000
_UNKNOWN = "unknown"
_BUTTONS = (*ACCEPT_BUTTONS, _UNKNOWN)
#: The statuses that are counted: every step after the decision.
_STATUSES = tuple(
    each.value for each in OfferStatus if each not in (OfferStatus.QUEUED, OfferStatus.WITHHELD)
)
_DECIDED = frozenset({"offered", "withheld", "stopped", "deferred"})


class OfferMetrics:
    """An observer of decisions, offers and receipts.

    Args:
        triggers: the ids that may be labels.
        has_feed: whether a user, by id, has an open feed.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        triggers: KnownNames,
        has_feed: Callable[[str], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._triggers = triggers
        self._has_feed = has_feed
        self._clock = clock
        self._decisions: Counter[Labels] = Counter()
        self._gates: Counter[Labels] = Counter()
        self._statuses: Counter[Labels] = Counter()
        self._accepted: Counter[Labels] = Counter()
        self._receipts: Counter[Labels] = Counter({(event,): 0 for event in RECEIPT_EVENTS})
        self._decision_s, self._delivery_s, self._rendering_s = Histogram(), Histogram(), Histogram()
        #: By offer: when it was made or sent, monotonic seconds, until the next step is known.
        self._made_at: BoundedDict[str, float] = BoundedDict(_MAX_UNDER_WAY)
        self._sent_at: BoundedDict[str, float] = BoundedDict(_MAX_UNDER_WAY)

    def decision(self, decision: Decision) -> None:
        """Count a decision."""
        outcome = decision.outcome
        if outcome not in _DECIDED:
            return
        now = self._clock()
        if (caused_at := began_at()) is not None:
            self._decision_s.observe(now - caused_at)
        trigger = self._triggers.label(decision.trigger_id)
        if outcome in ("stopped", "deferred"):
            self._gates[trigger, decision.gate, outcome] += 1
            return
        self._decisions[trigger, decision.arm] += 1
        if outcome == "offered" and self._has_feed(decision.user_id):
            # An offer that waits until its user opens a page is not slow.
            self._made_at[decision.offer_id] = now

    def offer(self, offer: Offer, at: float) -> None:
        """Count an offer that has changed its status; ``at`` is in epoch seconds, as the offer's times."""
        status, now = _reached(offer, at), self._clock()
        if not status:
            return
        self._statuses[self._triggers.label(offer.trigger_id), status] += 1
        made_at = self._made_at.pop(offer.offer_id, None)
        self._sent_at.pop(offer.offer_id, None)
        if status == "sent":
            if made_at is not None:
                self._delivery_s.observe(now - made_at)
            self._sent_at[offer.offer_id] = now

    def receipt(self, offer: Offer, event: str, /) -> None:
        """Count a receipt; the caller changes the offer's status afterwards."""
        self._receipts[(event if event in RECEIPT_EVENTS else OTHER,)] += 1
        sent_at = self._sent_at.pop(offer.offer_id, None) if event == "rendered" else None
        if sent_at is not None:
            self._rendering_s.observe(self._clock() - sent_at)

    def accepted(self, offer: Offer, button: str, /) -> None:
        """Count an acceptance by its button."""
        label = button if button in ACCEPT_BUTTONS else _UNKNOWN
        self._accepted[self._triggers.label(offer.trigger_id), label] += 1

    def readings(self) -> Iterator[Reading]:
        """Read the counts and durations. Every trigger has all series, so that no increase is missed."""
        yield self._by_trigger(catalogue.DECISIONS, self._decisions, tuple(arm.value for arm in Arm))
        yield self._by_trigger(catalogue.OFFERS, self._statuses, _STATUSES)
        yield self._by_trigger(catalogue.ACCEPTED, self._accepted, _BUTTONS)
        yield Reading(catalogue.GATES, dict(self._gates))
        yield Reading(catalogue.RECEIPTS, dict(self._receipts))
        yield plain(catalogue.DECISION_SECONDS, self._decision_s)
        yield plain(catalogue.DELIVERY_SECONDS, self._delivery_s)
        yield plain(catalogue.RENDERING_SECONDS, self._rendering_s)

    def _by_trigger(self, metric: Metric, counts: Counter[Labels], values: tuple[str, ...]) -> Reading:
        names = ((trigger, value) for trigger in self._triggers for value in values)
        return Reading(metric, {**dict.fromkeys(names, 0), **counts})


def _reached(offer: Offer, at: float) -> str:
    """Return the status that an offer has just reached; empty for none, as after an undone answer."""
    status = offer.status
    if status in (OfferStatus.QUEUED, OfferStatus.WITHHELD):
        return ""
    if status is OfferStatus.SEEN:
        return "seen" if offer.seen_at == at else ""
    if status is OfferStatus.TIMED_OUT and offer.seen_at == at:
        return "seen"  # later than its timeout
    if status is OfferStatus.EXPIRED and offer.closed_at != at:
        return "seen" if offer.seen_at == at else "rendered"  # it ended on its way to the page
    return str(status.value)
