"""What an offer was at an earlier time."""

from __future__ import annotations

import copy
from collections.abc import Iterable

from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import CLOSING, OfferStatus

__all__ = ["offers_as_of"]


def offers_as_of(offers: Iterable[Offer], at: float) -> list[Offer]:
    """Return the offers that existed at a time (epoch seconds), each as it was then."""
    return [_as_of(offer, at) for offer in offers if offer.created_at <= at]


def _as_of(offer: Offer, at: float) -> Offer:
    then = copy.copy(offer)
    then.tours = list(offer.tours)
    for name in ("sent_at", "rendered_at", "seen_at", "closed_at"):
        if getattr(then, name) > at:
            setattr(then, name, 0.0)
    was_closed_then = offer.status in CLOSING and then.closed_at
    if not (offer.is_withheld or was_closed_then or offer.status is OfferStatus.TIMED_OUT):
        then.status = _last_step(then)
    return then


def _last_step(offer: Offer) -> OfferStatus:
    if offer.seen_at:
        return OfferStatus.SEEN
    if offer.rendered_at:
        return OfferStatus.RENDERED
    return OfferStatus.SENT if offer.sent_at else OfferStatus.QUEUED
