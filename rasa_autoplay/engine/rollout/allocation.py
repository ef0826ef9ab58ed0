"""The last step of a decision: whether this user gets the offer, or only a record of it."""

from __future__ import annotations

from typing import NamedTuple

from rasa_autoplay.engine.offers.offer_status import Arm
from rasa_autoplay.engine.rollout.buckets import bucket
from rasa_autoplay.settings.rollout import HoldoutSettings, RolloutSettings

__all__ = ["Allocation", "allocate", "why_withheld"]

_REASONS = {
    Arm.CONTROL: "the user is outside the trigger's share",
    Arm.GHOST: "the trigger's rollout is ghost",
    Arm.HOLDOUT: "the user is in the holdout",
    Arm.GATE_CLOSED: "chance kept a gate closed",
}


class Allocation(NamedTuple):
    """The arm that a decision belongs to.

    Args:
        arm: the arm.
        show_probability: the probability that a user gets the offer, as :class:`Offer` stores it.
        holdout_probability: the probability that a user is in the holdout.
    """

    arm: Arm
    show_probability: float
    holdout_probability: float


def allocate(
    rollout: RolloutSettings, holdout: HoldoutSettings | None, trigger_id: str, user_id: str
) -> Allocation:
    """Allocate a decision to an arm. For the same settings and user, the result is always the same.

    Args:
        rollout: of the trigger.
        holdout: for all triggers; None for no holdout.
        trigger_id: the trigger's id.
        user_id: the user's id.
    """
    held_out, share = holdout.share if holdout else 0.0, rollout.shown_share
    probability = (1 - held_out) * share
    if holdout is not None and bucket("holdout", holdout.salt, user_id) < held_out:
        arm = Arm.HOLDOUT
    elif rollout.is_ghost:
        arm = Arm.GHOST
    elif share >= 1 or bucket("share", rollout.salt, trigger_id, user_id) < share:
        arm = Arm.SHOWN
    else:
        arm = Arm.CONTROL
    return Allocation(arm, probability, held_out)


def why_withheld(arm: Arm) -> str:
    """Return why users of an arm get nothing, as text for people; empty if they get the offer."""
    return _REASONS.get(arm, "")
