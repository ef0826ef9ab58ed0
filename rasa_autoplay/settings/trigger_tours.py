"""Tours of a trigger in ``autoplay.yml``."""

from __future__ import annotations

from rasa_autoplay.settings.models import Settings
from rasa_autoplay.settings.texts import FilledText

__all__ = ["TriggerTourSettings"]


class TriggerTourSettings(Settings):
    """One of several tours of a trigger.

    Args:
        tour: the id of the golden path that has the tour.
        label: the text of the toast's button; by default, the golden path's own tour_label.
    """

    tour: str
    label: FilledText | None = None
