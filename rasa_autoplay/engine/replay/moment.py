"""What a replay applies: one moment of a recording."""

from __future__ import annotations

from rasa_autoplay.events.models import ActionsPayload

__all__ = ["Moment", "NumberedMoment"]

#: Epoch seconds; a batch with one action, or with none if it only identifies the user; and the source's name.
Moment = tuple[float, ActionsPayload, str]

#: A moment after its number among the moments of all users, which orders moments at the same time.
NumberedMoment = tuple[int, float, ActionsPayload, str]
