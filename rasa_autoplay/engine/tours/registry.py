"""A product's tours, and the session timeouts and cooldowns that they override.

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
        id: the tour's own id.
        user_tour_id: id of the provider's flow; None if no provider runs this tour.
        user_tour_name: the tour's name for people.
        interaction_timeout_s: while the tour runs, a session without an interaction for this long times out.
        cooldown_period_s: after such a timeout, no offers are made for this long.
    """

    id: str
    user_tour_id: str | None = None
    user_tour_name: str | None = None
    interaction_timeout_s: float = DEFAULT_INTERACTION_TIMEOUT_S
    cooldown_period_s: float = DEFAULT_COOLDOWN_PERIOD_S

    def to_dict(self) -> dict[str, Any]:
        """The JSON form, without fields that are None."""
        return {name: value for name, value in vars(self).items() if value is not None}

    @classmethod
    def from_dict(
        cls, d: Mapping[str, Any], *, registry_defaults: Mapping[str, Any] | None = None
    ) -> TourDefinition:
        """Read the JSON form; unknown keys are ignored.

        Args:
            d: ``id``, and optionally the other fields.
            registry_defaults: ``default_interaction_timeout_s`` and ``default_cooldown_period_s``, for a
                tour without its own.

        Raises:
            KeyError: ``id`` is missing.
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
        product_id: the product's id.
        tours: a few dozen at most, because they are searched one by one.
        default_interaction_timeout_s: for entries of the JSON form that have no timeout.
        default_cooldown_period_s: for entries of the JSON form that have no cooldown.
    """

    product_id: str
    tours: list[TourDefinition] = field(default_factory=list)
    default_interaction_timeout_s: float = DEFAULT_INTERACTION_TIMEOUT_S
    default_cooldown_period_s: float = DEFAULT_COOLDOWN_PERIOD_S

    def get(self, tour_id: str) -> TourDefinition | None:
        """Return the tour with that id."""
        return next((tour for tour in self.tours if tour.id == tour_id), None)

    def get_by_user_tour_id(self, user_tour_id: str) -> TourDefinition | None:
        """Return the tour with that provider's flow id; None for an empty id."""
        if not user_tour_id:
            return None
        return next((tour for tour in self.tours if tour.user_tour_id == user_tour_id), None)

    def resolve(self, tour_id: str) -> TourDefinition | None:
        """Return the tour with that id or, failing that, with that provider's flow id."""
        return self.get(tour_id) or self.get_by_user_tour_id(tour_id)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {**vars(self), "tours": [tour.to_dict() for tour in self.tours]}

    @classmethod
    def from_dict(cls, d: Mapping[str, Any]) -> TourRegistry:
        """Read the JSON form; invalid entries are skipped with a warning.

        Raises:
            KeyError: ``product_id`` is missing.
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
