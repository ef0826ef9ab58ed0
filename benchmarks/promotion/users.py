"""The users whom one trigger concerns, day by day: what they do, and how they react to offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from benchmarks.promotion.behaviour import SEEN, Behaviour

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Occasions", "Reactions", "Users"]

#: How many later offers a user who refuses one accepts, compared with the first.
_AGAIN = 0.5


class Occasions(NamedTuple):
    """The users who take the slow way on a day.

    Args:
        users: their numbers.
        fires: how often the trigger fires for each.
    """

    users: NDArray[np.int64]
    fires: NDArray[np.int64]


class Reactions(NamedTuple):
    """What became of the offers of a day, or of the same occasions without one; one value for each user.

    Args:
        seen: whether the toast was visible.
        refused: whether the user closed it, or chose "Later" or "Don't show again".
        never: whether the user chose "Don't show again".
        muted: whether the user closed it and then muted everything in *My tips*.
        reached: whether the user reached the goal within a day.
        failed: whether something failed within ten minutes.
    """

    seen: NDArray[np.bool_]
    refused: NDArray[np.bool_]
    never: NDArray[np.bool_]
    muted: NDArray[np.bool_]
    reached: NDArray[np.bool_]
    failed: NDArray[np.bool_]


class Users:
    """The users whom one trigger concerns.

    Args:
        behaviour: how they behave.
        share: the share of them that gets offers at the stage 5 %.
        dice: draws everything.
    """

    def __init__(self, behaviour: Behaviour, share: float, dice: np.random.Generator) -> None:
        self._behaviour, self._dice = behaviour, dice
        count = behaviour.users
        self._daily = np.minimum(behaviour.daily * dice.gamma(1.0, 1.0, count), 0.9)
        #: Whether chance gives a user the offer at 5 %. As in the engine, a user's draw never changes.
        self.is_treated = dice.random(count) < share
        self._asked = np.zeros(count, dtype=np.int64)
        self._silenced = np.zeros(count, dtype=bool)

    def occasions(self) -> Occasions:
        """Return who takes the slow way today; the trigger is silent for users who have silenced it."""
        behaviour, dice = self._behaviour, self._dice
        users = np.flatnonzero((dice.random(behaviour.users) < self._daily) & ~self._silenced)
        return Occasions(users, 1 + dice.poisson(behaviour.again, len(users)))

    def found_alone(self, fires: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return after how many fires without an offer each user finds the fast way within two minutes."""
        return self._dice.binomial(fires, self._behaviour.base * self._behaviour.found)

    def without_offer(self, users: NDArray[np.int64]) -> Reactions:
        """Return what users do who get no offer."""
        nothing = np.zeros(len(users), dtype=bool)
        reached, failed = (self._draw(users, p) for p in (self._behaviour.base, self._behaviour.fails))
        return Reactions(nothing, nothing, nothing, nothing, reached, failed)

    def with_offer(self, users: NDArray[np.int64]) -> Reactions:
        """Return how users react to an offer, and remember it."""
        behaviour = self._behaviour
        seen = self._draw(users, SEEN)
        accepted = seen & (self._dice.random(len(users)) < behaviour.accept * _AGAIN ** self._asked[users])
        draw = self._dice.random(len(users))
        left = seen & ~accepted
        silenced = left & (draw < behaviour.never)
        refused = left & (draw < behaviour.never + behaviour.refuse)
        muted = silenced & self._draw(users, behaviour.mute)
        never = silenced & ~muted
        chance = np.where(accepted, behaviour.helped, behaviour.base)
        chance = np.where(refused, behaviour.base * behaviour.undisturbed, chance)
        reached = self._dice.random(len(users)) < chance
        failing = np.where(accepted, behaviour.fails_helped, behaviour.fails)
        failed = self._dice.random(len(users)) < failing
        self._asked[users[seen]] += 1
        self._silenced[users[silenced]] = True
        return Reactions(seen, refused, never, muted, reached, failed)

    def _draw(self, users: NDArray[np.int64], probability: float) -> NDArray[np.bool_]:
        return self._dice.random(len(users)) < probability
