"""Tours that users ask for in the chat: which explanation offers one, and what the bot answers."""

from __future__ import annotations

from collections.abc import Callable

from rasa_autoplay.common.conversation.show_me import SHOW_ME_ON_PAGE
from rasa_autoplay.engine.decisions.tour_orders import TourOrders
from rasa_autoplay.engine.freshness.suspect_steps import SuspectSteps
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.tours.catalogue import TourCatalogue
from rasa_autoplay.link.answers import TourOrdered
from rasa_autoplay.link.base import EngineRefused

__all__ = ["TourRequests", "button_title"]

_SHOWING = "Here you go — I'll point it out on the page."
_ON_ANOTHER_PAGE = "I can't show you that here, because it begins on another page. This is how it goes."
_NOT_NOW = "I can't show you that on the page right now. This is how it goes."


def button_title(path: GoldenPath) -> str:
    """What the chat's button for a path's tour says."""
    return path.tour_label or SHOW_ME_ON_PAGE


class TourRequests:
    """Orders tours for users who ask for them.

    Args:
        product_id: the product.
        orders: sends the tour to the user's feeds.
        tours: the tours that can be started.
        suspects: the suspect steps.
        clock: epoch seconds.
    """

    def __init__(
        self,
        product_id: str,
        orders: TourOrders,
        tours: TourCatalogue,
        suspects: SuspectSteps,
        clock: Callable[[], float],
    ) -> None:
        self._product_id = product_id
        self._orders = orders
        self._tours = tours
        self._suspects = suspects
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
        if not refusal:
            return TourOrdered(_SHOWING, button_title(path))
        reason = _ON_ANOTHER_PAGE if refusal == "on_another_page" else _NOT_NOW
        return TourOrdered(f"{reason}\n\n{self._suspects.as_written(path).how_to()}", button_title(path))
