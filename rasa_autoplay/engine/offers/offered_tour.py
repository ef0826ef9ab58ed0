"""A tour that a toast offers."""

from __future__ import annotations

import msgspec

from rasa_autoplay.engine.knowledge.tour_step import TourStep

__all__ = ["OfferedTour"]


class OfferedTour(msgspec.Struct, frozen=True, omit_defaults=True):
    """A tour as the toast carries it.

    Args:
        id: the tour's own id.
        flow_id: the id that starts the tour: the provider's flow, or the embedded tour's own id.
        label: the button's text.
        provider: ``driverjs`` for the embedded default, or the tour product's name.
        steps: ``{id, title, element, text}`` of each step. An embedded tour shows them; if a provider's flow
            cannot start, the chat explains them.
        title: the tour's name, which the button shows if several buttons would have the same label.
    """

    id: str
    flow_id: str
    label: str
    provider: str
    steps: list[TourStep] = []
    title: str = ""
