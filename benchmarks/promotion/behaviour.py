"""How the users of the simulated app behave, with and without help. Written before the rule's thresholds.

The app has 80,000 monthly users. `discover` proposes triggers for slow ways that many users take, so each of
the 40 triggers concerns 8 % to 25 % of them. A user takes the slow way on some days, more or less often. The
goal is to do it the fast way within a day.

What an offer does to a user is one draw after the other: does the user see the toast; if so, accept it; if
not, close it, choose "Later" or "Don't show again", or let it time out. Who accepts reaches the goal with
`helped`; who refuses reaches it with `base`, less what the interruption costs; who sees nothing, with `base`.
A user who is asked again accepts half as often each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

__all__ = ["HARMFUL", "MONTHLY_USERS", "SEEN", "USEFUL", "Behaviour", "planted"]

MONTHLY_USERS = 80_000
#: The share of offers that are visible for a second.
SEEN = 0.85
USEFUL, HARMFUL = 20, 20
_SMALLEST, _LARGEST = 0.08, 0.30


@dataclass(frozen=True)
class Behaviour:
    """How users react to one trigger. All values but ``users`` and ``again`` are probabilities.

    Args:
        kind: ``useful``, or one of the five harmful kinds.
        users: how many users take the slow way at all.
        daily: that one of them takes it on a day, on average; each user has an own one around it.
        again: how many more times the trigger fires on such a day, on average.
        base: that a user reaches the goal without help.
        found: that a user who does so does it within two minutes.
        accept: that a user who sees the first offer accepts it.
        helped: that a user who accepts reaches the goal.
        undisturbed: that a user who refuses still does what they would have done without the toast.
        refuse: that a user who sees the offer and does not accept closes it or chooses "Later".
        never: that such a user chooses "Don't show again".
        mute: that such a user mutes all offers in *My tips* instead.
        fails: that something fails for the user within ten minutes without help.
        fails_helped: the same for a user who accepts.
    """

    kind: str
    users: int
    daily: float
    again: float
    base: float
    found: float
    accept: float
    helped: float
    undisturbed: float = 1.0
    refuse: float = 0.35
    never: float = 0.02
    mute: float = 0.1
    fails: float = 0.03
    fails_helped: float = 0.03

    @property
    def effect(self) -> float:
        """By how much the first offer changes the share of users who reach the goal."""
        helped = self.accept * (self.helped - self.base)
        disturbed = (1 - self.accept) * (self.refuse + self.never) * (1 - self.undisturbed) * self.base
        return SEEN * (helped - disturbed)


def planted(dice: np.random.Generator, monthly_users: int = MONTHLY_USERS) -> Iterator[Behaviour]:
    """Yield the useful triggers, then the harmful ones.

    Args:
        dice: draws them.
        monthly_users: the size of the app.
    """
    for number in range(USEFUL):
        effect = _SMALLEST + (_LARGEST - _SMALLEST) * number / (USEFUL - 1)
        yield _useful(_ordinary(dice, monthly_users), effect)
    for number in range(HARMFUL):
        yield _HARMFUL_KINDS[number % len(_HARMFUL_KINDS)](_ordinary(dice, monthly_users), dice)


def _ordinary(dice: np.random.Generator, monthly_users: int) -> Behaviour:
    return Behaviour(
        kind="ordinary",
        users=int(monthly_users * dice.uniform(0.08, 0.25)),
        daily=dice.uniform(0.02, 0.10),
        again=dice.uniform(0.0, 0.5),
        base=dice.uniform(0.02, 0.20),
        found=dice.uniform(0.1, 0.5),
        accept=dice.uniform(0.25, 0.60),
        helped=0.0,
        refuse=dice.uniform(0.25, 0.50),
        never=dice.uniform(0.01, 0.04),
    )


def _useful(found: Behaviour, effect: float) -> Behaviour:
    """Who accepts reaches the goal much more often, so that all users together do by ``effect``."""
    most = 0.95
    accept = max(found.accept, effect / SEEN / (most - found.base))
    return replace(found, kind="useful", accept=accept, helped=found.base + effect / SEEN / accept)


def _distracting(found: Behaviour, dice: np.random.Generator) -> Behaviour:
    """The toast interrupts: users lose the thread and reach the goal less often."""
    base = dice.uniform(0.2, 0.5)
    return replace(
        found,
        kind="distracting",
        base=base,
        accept=dice.uniform(0.05, 0.15),
        helped=base,
        undisturbed=dice.uniform(0.4, 0.8),
        refuse=dice.uniform(0.5, 0.7),
        never=dice.uniform(0.05, 0.12),
    )


def _annoying(found: Behaviour, dice: np.random.Generator) -> Behaviour:
    """It changes nothing, and users are tired of it."""
    return replace(
        found,
        kind="annoying",
        again=dice.uniform(0.5, 2.0),
        accept=dice.uniform(0.02, 0.08),
        helped=found.base,
        refuse=dice.uniform(0.5, 0.7),
        never=dice.uniform(0.12, 0.30),
        mute=0.25,
    )


def _needless(found: Behaviour, dice: np.random.Generator) -> Behaviour:
    """Most users find the fast way themselves a moment later."""
    base = dice.uniform(0.5, 0.8)
    return replace(
        found,
        kind="needless",
        base=base,
        found=dice.uniform(0.6, 0.9),
        accept=dice.uniform(0.1, 0.3),
        helped=base,
        refuse=dice.uniform(0.4, 0.6),
        never=dice.uniform(0.03, 0.08),
    )


def _useless(found: Behaviour, dice: np.random.Generator) -> Behaviour:
    """Users react as kindly as to a useful one, and nothing comes of it. Only the comparison shows that."""
    return replace(found, kind="useless", accept=dice.uniform(0.15, 0.40), helped=found.base)


def _misleading(found: Behaviour, dice: np.random.Generator) -> Behaviour:
    """Users like to accept it, and its steps lead them wrong."""
    base = dice.uniform(0.2, 0.5)
    return replace(
        found,
        kind="misleading",
        base=base,
        helped=base * dice.uniform(0.2, 0.6),
        refuse=dice.uniform(0.20, 0.35),
        fails_helped=0.12,
    )


_HARMFUL_KINDS: tuple[Callable[[Behaviour, np.random.Generator], Behaviour], ...] = (
    _distracting,
    _annoying,
    _needless,
    _useless,
    _misleading,
)
