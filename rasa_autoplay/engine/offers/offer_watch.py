"""The contract of an observer of what browsers report about offers. The metrics are one."""

from __future__ import annotations

from typing import Protocol

from rasa_autoplay.engine.offers.offer import Offer

__all__ = ["NO_OFFER_WATCH", "OfferWatch"]


class OfferWatch(Protocol):
    """Sees receipts and acceptances. It is called in the middle of a request, so it must not block."""

    def receipt(self, offer: Offer, event: str, /) -> None:
        """Observe a receipt, also one that was reported before."""

    def accepted(self, offer: Offer, button: str, /) -> None:
        """Observe that an offer has become accepted; the button is empty if it is unknown."""


class _NoOfferWatch:
    def receipt(self, _offer: Offer, _event: str, /) -> None:
        """Do nothing."""

    def accepted(self, _offer: Offer, _button: str, /) -> None:
        """Do nothing."""


#: Sees nothing.
NO_OFFER_WATCH: OfferWatch = _NoOfferWatch()
