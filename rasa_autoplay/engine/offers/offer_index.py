"""Finds open offers by id and by user."""

from __future__ import annotations

from collections.abc import Iterator

from rasa_autoplay.engine.offers.offer import Offer

__all__ = ["OfferIndex"]


class OfferIndex:
    """The open offers of all users, and the newest one of each."""

    def __init__(self) -> None:
        self._by_id: dict[str, Offer] = {}
        self._by_user: dict[str, Offer] = {}
        #: The same without withheld offers, which nobody can answer.
        self._answerable_by_user: dict[str, Offer] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Offer]:
        return iter(list(self._by_id.values()))

    def __contains__(self, offer_id: str) -> bool:
        return offer_id in self._by_id

    def get(self, offer_id: str) -> Offer | None:
        """Return the offer with that id; None if there is none."""
        return self._by_id.get(offer_id)

    def of_user(self, user_id: str) -> Offer | None:
        """Return the user's newest offer, which may be withheld; None if there is none."""
        return self._by_user.get(user_id)

    def answerable_by(self, user_id: str) -> Offer | None:
        """Return the newest offer that the user may have got; None if there is none."""
        return self._answerable_by_user.get(user_id)

    def newest_by_user(self) -> dict[str, Offer]:
        """Return a copy: the newest offer of each user."""
        return dict(self._by_user)

    def add(self, offer: Offer) -> None:
        """Add an offer; the user's newest one stays the newest."""
        self._by_id[offer.offer_id] = offer
        current = self._by_user.get(offer.user_id)
        if current is None or current.created_at <= offer.created_at:
            self.set_newest(offer)

    def set_newest(self, offer: Offer) -> None:
        """Let an offer count as its user's newest one."""
        self._by_user[offer.user_id] = offer
        if not offer.is_withheld:
            self._answerable_by_user[offer.user_id] = offer

    def remove(self, offer: Offer) -> None:
        """Remove an offer."""
        self._by_id.pop(offer.offer_id, None)
        for by_user in (self._by_user, self._answerable_by_user):
            if by_user.get(offer.user_id) is offer:
                del by_user[offer.user_id]
