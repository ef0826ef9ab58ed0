"""What the rule says about a proposal: the step to take, or what is missing."""

from __future__ import annotations

from enum import Enum

import msgspec

from rasa_autoplay.engine.proposals.stage import Stage

__all__ = ["Step", "Verdict"]


class Step(str, Enum):
    """What to do."""

    UP = "up"
    DOWN = "down"
    STAY = "stay"


class Verdict(msgspec.Struct, frozen=True):
    """The rule's answer.

    Args:
        step: what to do.
        to: the stage after that; the present one for "stay".
        reasons: why, in sentences for people.
        missing: what the next stage still needs, in sentences for people; empty if nothing more can come by
            itself.
        more_users: about how many more users the decision needs; None if that cannot be said.
    """

    step: Step
    to: Stage
    reasons: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    more_users: int | None = None
