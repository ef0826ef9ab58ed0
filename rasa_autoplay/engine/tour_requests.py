"""Tours that users ask for in the chat: which explanation offers one, and what the bot answers."""

from __future__ import annotations

from collections.abc import Callable

from rasa_autoplay.engine.decisions.tour_orders import TourOrders
from rasa_autoplay.engine.freshness.suspect_steps import SuspectSteps
from rasa_autoplay.engine.knowledge.spoken_path import SpokenPath
from rasa_autoplay.engine.languages.user_languages import UserLanguages
from rasa_autoplay.engine.tours.catalogue import TourCatalogue
from rasa_autoplay.link.answers import TourOrdered
from rasa_autoplay.link.base import EngineRefused

__all__ = ["TourRequests"]


class TourRequests:
    """Orders tours for users who ask for them.

    Args:
        product_id: the product.
        orders: sends the tour to the user's feeds.
        tours: the tours that can be started.
        suspects: the suspect steps.
        languages: the languages of users.
        clock: epoch seconds.
    """

    def __init__(
        self,
        product_id: str,
        orders: TourOrders,
        tours: TourCatalogue,
        suspects: SuspectSteps,
        languages: UserLanguages,
        clock: Callable[[], float],
    ) -> None:
        self._product_id = product_id
        self._orders = orders
        self._tours = tours
        self._suspects = suspects
        self._languages = languages
        self._clock = clock

    async def order_tour(self, user_id: str, tour_id: str) -> TourOrdered:
        """Start a tour in the user's browser.

        Returns:
            What the bot says: that the tour starts, or why not and the steps.

        Raises:
            EngineRefused: there is no such tour.
        """
        path = self._tours.path(tour_id)
        if path is None or self._tours.resolve(tour_id) is None:
            raise EngineRefused("not_found", f"there is no tour {tour_id[:64]!r}")
        refusal = await self._orders.show(self._product_id, user_id, tour_id, self._clock())
        told = SpokenPath(self._suspects.as_written(path), self._languages.of(user_id))
        if not refusal:
            return TourOrdered(told.sentences.showing, told.button)
        sentences = told.sentences
        reason = sentences.on_another_page if refusal == "on_another_page" else sentences.not_now
        return TourOrdered(f"{reason}\n\n{told.how_to()}", told.button)
