"""The tours that may be offered: those of golden paths without a suspect step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rasa_autoplay.engine.freshness.suspect_steps import SuspectSteps
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.offers.offered_tour import OfferedTour
from rasa_autoplay.engine.tours.catalogue import TourCatalogue

__all__ = ["OfferedTours"]


class OfferedTours:
    """Withholds the tours of golden paths with a suspect step.

    Args:
        tours: all tours.
        suspects: the suspect steps.
    """

    def __init__(self, tours: TourCatalogue, suspects: SuspectSteps) -> None:
        self._tours = tours
        self._suspects = suspects

    def for_page(self, labels: Mapping[str, str], canonical_url: str) -> list[OfferedTour]:
        """Return the tours that can run on a page; see :meth:`TourCatalogue.for_page`."""
        found = self._tours.for_page(labels, canonical_url)
        return [tour for tour in found if not self.why_withheld(tour.id)]

    def path(self, path_id: str) -> GoldenPath | None:
        """Return the golden path with that id; None if there is none."""
        return self._tours.path(path_id)

    def why_withheld(self, path_id: str) -> str:
        """Return why a path's tour is withheld, for people; empty if it is not."""
        return self._suspects.why_withheld(self._tours.path(path_id))

    def why_any_withheld(self, path_ids: Iterable[str]) -> str:
        """Return the first reason why one of these paths' tours is withheld; empty if there is none."""
        return next(filter(None, map(self.why_withheld, path_ids)), "")
