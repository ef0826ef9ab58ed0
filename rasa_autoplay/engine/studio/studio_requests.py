"""The parts of the engine that answer the studio's requests."""

from __future__ import annotations

from typing import NamedTuple

from rasa_autoplay.engine.studio.people import PeopleRequests

__all__ = ["StudioRequests"]


class StudioRequests(NamedTuple):
    """The parts that answer the studio."""

    people: PeopleRequests
