"""Chooses the tours that an offer can start."""

from __future__ import annotations

from rasa_autoplay.engine.courtesy.gate_contexts import GateContextBuilder
from rasa_autoplay.engine.decisions.trigger_asker import FiredTrigger
from rasa_autoplay.engine.freshness.offered_tours import OfferedTours
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.offers.offered_tour import OfferedTour
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger

__all__ = ["TourChoice"]


class TourChoice:
    """Picks tours that fit the trigger, the workflow and the user's page.

    Args:
        gate_contexts: knows whether the user has struggled with a workflow.
        tours: the tours that may be offered.
    """

    def __init__(self, gate_contexts: GateContextBuilder, tours: OfferedTours) -> None:
        self._gate_contexts = gate_contexts
        self._tours = tours

    def choose(
        self, trigger: ConfiguredTrigger | None, path_id: str, session: Session | None
    ) -> list[OfferedTour]:
        """Return the trigger's tours, or else the workflow's tour, if they can run on the user's page.

        A user who has struggled with the workflow gets no tour: the chat explains the workflow instead. A
        variant may have none either.

        Args:
            trigger: the offer's trigger; None if ``autoplay.yml`` no longer has it.
            path_id: the workflow that the offer is about; empty for none.
            session: has the user's page; None if the user has no session.
        """
        own = trigger.tours if trigger else {}
        if own is None or self._gate_contexts.struggles(path_id, session):
            return []
        labels = own or {path_id: ""}
        return self._tours.for_page(labels, session.window.page() if session else "")

    def path_of(self, fired: FiredTrigger) -> GoldenPath | None:
        """Return the golden path whose names the text of an offer can have; None if there is none."""
        found = str(fired.result.metadata.get("golden_path") or "")
        return self._tours.path(found) or self._tours.path(fired.golden_path)

    def why_withheld(self, trigger: ConfiguredTrigger, path_id: str) -> str:
        """Return why a tour of the offer is withheld, for people; empty if none is.

        Args:
            trigger: the offer's trigger.
            path_id: the workflow that the offer is about; empty for none.
        """
        own = trigger.tours
        return "" if own is None else self._tours.why_any_withheld(own or [path_id])
