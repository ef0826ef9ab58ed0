"""The tours that golden paths define, and which of them fit a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from rasa_autoplay.engine.knowledge.golden_path import EMBEDDED_PROVIDER, FLOW_PROVIDERS, GoldenPath
from rasa_autoplay.engine.knowledge.tour_step import TourStep
from rasa_autoplay.engine.offers.offered_tour import OfferedTour
from rasa_autoplay.engine.tours.registry import TourDefinition, TourRegistry
from rasa_autoplay.settings.engine import SessionSettings

__all__ = ["SHOW_ME", "TourCatalogue", "first_of_tour"]

#: The text of the button for a tour; the browser translates it.
SHOW_ME = "Show me"


class TourCatalogue:
    """The tours that golden paths define.

    Args:
        paths: all golden paths; one without elements and without a flow has no tour.
    """

    def __init__(self, paths: Iterable[GoldenPath]) -> None:
        self._paths = {path.id: path for path in paths}
        self._tours = {path.id: tour for path in self._paths.values() if (tour := _tour_of(path))}
        self._by_flow = {tour.flow_id: tour for tour in self._tours.values()}

    def resolve(self, tour_or_flow_id: str) -> OfferedTour | None:
        """Return the tour with that id or provider's flow id."""
        return self._tours.get(tour_or_flow_id) or self._by_flow.get(tour_or_flow_id)

    def for_page(self, labels: Mapping[str, str], canonical_url: str) -> list[OfferedTour]:
        """Return the tours that can run on a page.

        Args:
            labels: button texts by golden path id; an empty text stands for the tour's own label.
            canonical_url: the user's page; empty if unknown, and then no tour fits.
        """
        return [
            replace(tour, label=label) if label else tour
            for path_id, label in labels.items()
            if (tour := self._tours.get(path_id)) and self._paths[path_id].is_on(canonical_url)
        ]

    def registry(self, product_id: str, session: SessionSettings) -> TourRegistry:
        """Return the tours whose timeout or cooldown differs from the session's, for the FSM."""
        registry = TourRegistry(product_id=product_id)
        for tour in self._tours.values():
            path = self._paths[tour.id]
            if path.interaction_timeout is not None or path.cooldown is not None:
                registry.tours.append(_timed(tour, path, session))
        return registry

    def path(self, path_id: str) -> GoldenPath | None:
        """Return the golden path with that id."""
        return self._paths.get(path_id)


def first_of_tour(path: GoldenPath) -> str:
    """Return the id of the tour's first step, or of the path's first step if the tour has none."""
    return next((step.id for step in path.tour_steps()), path.steps[0].id)


def _tour_of(path: GoldenPath) -> OfferedTour | None:
    """Return the tour with its texts in all languages; an offer chooses one of them."""
    path = path.source
    steps, label = path.tour_steps(), path.tour_label or SHOW_ME
    if path.flow_id:
        # If the flow cannot start, the browser names the first step, and the chat explains all of them.
        first = path.steps[0]
        steps = steps or [TourStep(first.id, first.title, "", first.text)]
        provider = path.provider or FLOW_PROVIDERS[0]
        return OfferedTour(path.id, path.flow_id, label, provider, steps, path.title)
    return OfferedTour(path.id, path.id, label, EMBEDDED_PROVIDER, steps, path.title) if steps else None


def _timed(tour: OfferedTour, path: GoldenPath, session: SessionSettings) -> TourDefinition:
    timeout = session.interaction_timeout if path.interaction_timeout is None else path.interaction_timeout
    cooldown = session.cooldown if path.cooldown is None else path.cooldown
    return TourDefinition(tour.id, tour.flow_id, path.title, timeout, cooldown)
