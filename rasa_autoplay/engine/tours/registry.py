"""Which tours a product has, and how each of them changes the session's times.

Names, defaults and the JSON form are those of the vendor's SDK; ``resolve`` is ours.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "DEFAULT_COOLDOWN_PERIOD_S",
    "DEFAULT_INTERACTION_TIMEOUT_S",
    "TourDefinition",
    "TourRegistry",
]

logger = logging.getLogger(__name__)

DEFAULT_INTERACTION_TIMEOUT_S = 20.0
DEFAULT_COOLDOWN_PERIOD_S = 120.0


@dataclass
class TourDefinition:
    """One tour.

    Args:
        id: its own id.
        user_tour_id: the provider's flow that it is; None when the tour is not a provider's.
        user_tour_name: what people call it.
        interaction_timeout_s: while it runs, a session without an interaction for this long times out.
        cooldown_period_s: after such a timeout, no offer for this long.
    """

    id: str
    user_tour_id: str | None = None
    user_tour_name: str | None = None
    interaction_timeout_s: float = DEFAULT_INTERACTION_TIMEOUT_S
    cooldown_period_s: float = DEFAULT_COOLDOWN_PERIOD_S

    def to_dict(self) -> dict[str, Any]:
        """The JSON form, without what is None."""
        return {name: value for name, value in vars(self).items() if value is not None}

    @classmethod
    def from_dict(
        cls, d: Mapping[str, Any], *, registry_defaults: Mapping[str, Any] | None = None
    ) -> TourDefinition:
        """Read the JSON form; keys that it does not know are ignored.

        Args:
            d: ``id`` and what else is known.
            registry_defaults: ``default_interaction_timeout_s`` and ``default_cooldown_period_s`` for a
                tour without its own.

        Raises:
            KeyError: without ``id``.
            TypeError, ValueError: a time is not a number.
        """
        defaults = registry_defaults or {}
        timeout = d.get(
            "interaction_timeout_s",
            defaults.get("default_interaction_timeout_s", DEFAULT_INTERACTION_TIMEOUT_S),
        )
        cooldown = d.get(
            "cooldown_period_s", defaults.get("default_cooldown_period_s", DEFAULT_COOLDOWN_PERIOD_S)
        )
        return cls(
            id=d["id"],
            user_tour_id=d.get("user_tour_id"),
            user_tour_name=d.get("user_tour_name"),
            interaction_timeout_s=float(timeout),
            cooldown_period_s=float(cooldown),
        )


@dataclass
class TourRegistry:
    """A product's tours.

    Args:
        product_id: whose.
        tours: a few dozen at most: they are searched one by one.
        default_interaction_timeout_s: for entries of the JSON form without their own.
        default_cooldown_period_s: likewise.
    """

    product_id: str
    tours: list[TourDefinition] = field(default_factory=list)
    default_interaction_timeout_s: float = DEFAULT_INTERACTION_TIMEOUT_S
    default_cooldown_period_s: float = DEFAULT_COOLDOWN_PERIOD_S

    def get(self, tour_id: str) -> TourDefinition | None:
        """The tour with this id of its own."""
        return next((tour for tour in self.tours if tour.id == tour_id), None)

    def get_by_user_tour_id(self, user_tour_id: str) -> TourDefinition | None:
        """The tour that is this provider's flow; None for an empty id."""
        if not user_tour_id:
            return None
        return next((tour for tour in self.tours if tour.user_tour_id == user_tour_id), None)

    def resolve(self, tour_id: str) -> TourDefinition | None:
        """The tour with this id, its own or, failing that, its provider's."""
        return self.get(tour_id) or self.get_by_user_tour_id(tour_id)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {**vars(self), "tours": [tour.to_dict() for tour in self.tours]}

    @classmethod
    def from_dict(cls, d: Mapping[str, Any]) -> TourRegistry:
        """Read the JSON form; an entry that cannot be read is left out with a warning.

        Raises:
            KeyError: without ``product_id``.
        """
        names = ("default_interaction_timeout_s", "default_cooldown_period_s")
        defaults = {name: float(d[name]) for name in names if name in d}
        tours = []
        for position, entry in enumerate(d.get("tours") or ()):
            try:
                tours.append(TourDefinition.from_dict(entry, registry_defaults=defaults))
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                logger.warning(
                    "tours[%d] is left out: %s. A tour needs an id, and numbers for its times.",
                    position,
                    repr(error)[:200],
                )
        return cls(product_id=d["product_id"], tours=tours, **defaults)
