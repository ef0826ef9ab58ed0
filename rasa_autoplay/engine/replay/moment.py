"""What a replay applies: one moment of a recording."""

from __future__ import annotations

from rasa_autoplay.events.models import ActionsPayload

__all__ = ["Moment"]

#: Epoch seconds; a batch with one action, or with none if it only identifies the user; and the source's name.
Moment = tuple[float, ActionsPayload, str]
