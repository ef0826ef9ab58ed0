"""The timelines of offers: the time of each step, the receipts, and what became of the chat bubbles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from rasa_autoplay.engine.offers.base import OfferLedger, Receipt
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.open_offers import OpenOffers
from rasa_autoplay.link.base import EngineRefused

__all__ = ["OfferTimeline", "offer_timelines"]

_BUBBLE = "bubble_"


class OfferTimeline:
    """Shows operators the timelines of offers.

    Args:
        product_id: the product's id.
        ledger: all offers, and the receipts.
        open_offers: the open offers, whose last step may not be stored yet.
    """

    def __init__(self, product_id: str, ledger: OfferLedger, open_offers: OpenOffers) -> None:
        self._product_id = product_id
        self._ledger = ledger
        self._open_offers = open_offers

    async def offer_life(self, offer_id: str) -> dict[str, Any]:
        """Return the timeline of one offer; see :func:`offer_timelines`.

        Raises:
            EngineRefused: there is no such offer, or the database is not available.
        """
        offer = self._open_offers.get(offer_id) or await self._ledger.get(offer_id)
        self._check_ledger()
        if offer is None:
            raise EngineRefused("not_found", f"there is no offer {offer_id[:64]!r}")
        (timeline,) = await offer_timelines(self._ledger, [offer])
        return timeline

    async def offers_of_user(self, product_id: str, user_id: str, limit: int) -> list[dict[str, Any]]:
        """Return the timelines of a user's offers, newest first; see :func:`offer_timelines`.

        Raises:
            EngineRefused: the product is not this engine's, or the database is not available.
        """
        if product_id != self._product_id:
            raise EngineRefused("not_found", f"there is no product {product_id[:64]!r} here")
        history = await self._ledger.history(product_id, user_id)
        self._check_ledger()
        newest = [self._open_offers.get(offer.offer_id) or offer for offer in history[:limit]]
        return await offer_timelines(self._ledger, newest)

    def _check_ledger(self) -> None:
        if self._ledger.problem:
            raise EngineRefused(
                "unavailable",
                "the database of offers is not available",
                "The health of the channel names the reason.",
            )


async def offer_timelines(ledger: OfferLedger, offers: Sequence[Offer]) -> list[dict[str, Any]]:
    """Return offers with their timelines, for JSON.

    Args:
        ledger: has their receipts.
        offers: in the order of the result.

    Returns:
        For each offer ``{offer_id, trigger_id, user_id, session_id, body, page, golden_path, expires_at,
        status, arm, variant, life, receipts, bubbles}``. ``life`` has the time (epoch seconds) of each step
        that the offer has reached: ``queued``, ``sent``, ``rendered``, ``seen``, and its end; or
        ``withheld``, ``counted_as_shown`` and ``ended``. A receipt is ``{event, at}``, with ``detail`` if
        there is one, such as the button that was pressed. A bubble is ``{bubble, fate, at, detail}``.
    """
    reported: dict[str, list[Receipt]] = defaultdict(list)
    for receipt in await ledger.receipts([offer.offer_id for offer in offers]):
        reported[receipt.offer_id].append(receipt)
    return [_timeline(offer, reported[offer.offer_id]) for offer in offers]


def _timeline(offer: Offer, receipts: Sequence[Receipt]) -> dict[str, Any]:
    return {
        "offer_id": offer.offer_id,
        "trigger_id": offer.trigger_id,
        "user_id": offer.user_id,
        "session_id": offer.session_id,
        "body": offer.body,
        "page": offer.page,
        "golden_path": offer.golden_path,
        "expires_at": offer.expires_at,
        "status": offer.status.value,
        "arm": offer.arm.value,
        "variant": offer.variant,
        "life": offer.life(),
        "receipts": [_receipt(r) for r in receipts if not r.event.startswith(_BUBBLE)],
        "bubbles": [_bubble(r) for r in receipts if r.event.startswith(_BUBBLE)],
    }


def _receipt(receipt: Receipt) -> dict[str, Any]:
    detail = {"detail": receipt.detail} if receipt.detail else {}
    return {"event": receipt.event, "at": receipt.at, **detail}


def _bubble(receipt: Receipt) -> dict[str, Any]:
    number, _, fate = receipt.event.removeprefix(_BUBBLE).partition("_")
    return {"bubble": int(number), "fate": fate, "at": receipt.at, "detail": receipt.detail}
