"""Seeded decisions of invented users, written through the ledger as the engine writes them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from rasa_autoplay.engine.offers.base import OfferLedger
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import Arm, OfferStatus

DAY_S = 86_400.0


@dataclass
class DecidedUsers:
    """Writes one decision per user.

    Args:
        ledger: where to write.
        seed: the same users for the same seed.
        written: all of them, each with whether the goal was reached.
    """

    ledger: OfferLedger
    seed: int = 1
    written: list[tuple[Offer, bool]] = field(default_factory=list)

    async def decide(
        self,
        users: int,
        arm_of: Callable[[random.Random], Arm],
        reached: dict[Arm, float],
        *,
        share: float = 0.5,
        holdout: float = 0.0,
        trigger_id: str = "t",
        gate: str = "",
        dismissed: float = 0.0,
        begins_at: float = 0.0,
    ) -> None:
        """Write decisions of new users, spread over ten days.

        Args:
            users: their number.
            arm_of: draws the arm.
            reached: the share of the users who reach the goal, by arm.
            share: the trigger's share.
            holdout: the holdout's share.
            trigger_id: the trigger.
            gate: a gate that chance has opened, or has kept closed for ``gate_closed``.
            dismissed: the share of the users with the offer who close it.
            begins_at: when the first day begins, epoch seconds.
        """
        dice = random.Random(f"{self.seed} {len(self.written)}")  # noqa: S311 - the same users each time
        for _ in range(users):
            number, at = len(self.written), begins_at + dice.random() * 10 * DAY_S
            offer = Offer(
                f"offer_{number}",
                trigger_id,
                "",
                "demo",
                "s",
                f"u{number}",
                at,
                at + 900,
                at,
                explored_gate=gate,
            )
            offer.arm = arm_of(dice)
            offer.show_probability, offer.holdout_probability = (1 - holdout) * share, holdout
            if offer.arm is not Arm.SHOWN:
                offer.status = OfferStatus.WITHHELD
            else:
                is_dismissed = dice.random() < dismissed
                offer.status = OfferStatus.DISMISSED if is_dismissed else OfferStatus.TIMED_OUT
                offer.sent_at, offer.rendered_at, offer.seen_at = at, at + 1, at + 2
            await self.ledger.save(offer)
            is_reached = dice.random() < reached.get(offer.arm, 0.0)
            if is_reached:
                await self.ledger.record_receipt(offer.offer_id, "goal_reached", at + dice.random() * DAY_S)
            self.written.append((offer, is_reached))


def divided(
    share: float, treated: Arm = Arm.SHOWN, control: Arm = Arm.CONTROL
) -> Callable[[random.Random], Arm]:
    """Return a draw of one of two arms."""
    return lambda dice: treated if dice.random() < share else control
