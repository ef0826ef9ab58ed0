"""The made-up users: who they are, and how they work."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from enum import Enum
from typing import Any

__all__ = ["SEED", "USERS", "Behaviour", "MadeUpUser", "invent_users", "made_up_users"]

#: Another number invents another day.
SEED = 1
USERS = 180


class Behaviour(Enum):
    """How a user works with the list of projects."""

    EXPERT = "knows bulk edit"
    NOVICE = "edits one by one"
    INTERRUPTED = "begins bulk edit and is called away"
    LOST = "cannot find what they look for"
    RETURNING = "comes back, and has learned from the first visit"


#: How many of a hundred users behave in each way.
_SHARES = {
    Behaviour.EXPERT: 13,
    Behaviour.NOVICE: 49,
    Behaviour.INTERRUPTED: 11,
    Behaviour.LOST: 11,
    Behaviour.RETURNING: 16,
}
# fmt: off
_FIRST_NAMES = (
    "Amara", "Astrid", "Bruno", "Carmen", "Chidi", "Dana", "Elif", "Emil", "Farah", "Felix", "Greta", "Hana",
    "Ines", "Ivo", "Jamal", "Jana", "Kenji", "Lars", "Leila", "Lucia", "Maya", "Milan", "Nadia", "Nils",
    "Noor", "Omar", "Paula", "Rafael", "Rosa", "Samir", "Sofia", "Tariq", "Thea", "Viktor", "Yuki", "Zofia",
)
_LAST_NAMES = (
    "Adeyemi", "Alvarez", "Bianchi", "Costa", "Dubois", "Eriksson", "Fischer", "Haddad", "Ito", "Jansen",
    "Kaya", "Kowalski", "Larsen", "Lindgren", "Marques", "Mensah", "Moreau", "Novak", "Okafor", "Petrov",
    "Rahman", "Rossi", "Sato", "Schmidt", "Silva", "Tanaka", "Vargas", "Weber", "Yilmaz", "Zhang",
)
# fmt: on
_ROLES = ("project lead", "project lead", "account manager", "designer", "developer", "operations")
_PLANS = ("team", "team", "business", "business", "trial")
_TIMEZONES = ("Europe/Berlin", "Europe/Berlin", "Europe/London", "America/New_York", "Asia/Tokyo")


@dataclass(frozen=True)
class MadeUpUser:
    """A user who does not exist.

    Args:
        user_id: their id in the host app.
        behaviour: how they work.
        properties: what the app says about them.
        timezone: where they work.
    """

    user_id: str
    behaviour: Behaviour
    properties: dict[str, Any]
    timezone: str

    @property
    def email(self) -> str:
        """An address that cannot exist."""
        return f"{self.user_id}@fernway.example"


def invent_users(dice: random.Random, count: int) -> list[MadeUpUser]:
    """Return that many users, each with another name."""
    names = dice.sample(list(itertools.product(_FIRST_NAMES, _LAST_NAMES)), count)
    behaviours = dice.choices(list(_SHARES), list(_SHARES.values()), k=count)
    return [
        MadeUpUser(
            f"{first}-{last}".lower(),
            behaviour,
            {
                "role": dice.choice(_ROLES),
                "plan": dice.choice(_PLANS),
                "seats": dice.choice((3, 5, 8, 12, 20, 40)),
                "made_up": True,
            },
            dice.choice(_TIMEZONES),
        )
        for (first, last), behaviour in zip(names, behaviours, strict=True)
    ]


def made_up_users(count: int = USERS) -> list[MadeUpUser]:
    """Return the users of the demo."""
    return invent_users(random.Random(SEED), count)  # noqa: S311 - no secret
