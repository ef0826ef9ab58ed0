"""Writes example.db: eight weeks of a product with 4,000 users. ``docs/does-it-help.md`` shows its results.

Chance divides the users as the engine does. Everything else is invented, always in the same way: without the
toast, 8 % of the users finish Bulk edit within a week; with it, 13 %. The other trigger changes nothing.
"""

from __future__ import annotations

import asyncio
import random
import sys
from datetime import datetime, timezone
from pathlib import Path

from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import Arm, OfferStatus
from rasa_autoplay.engine.offers.sql.ledger import SqlOfferLedger
from rasa_autoplay.engine.rollout.allocation import allocate
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.yaml_file import YamlFile

BEGINS_AT = datetime(2026, 9, 7, tzinfo=timezone.utc).timestamp()
DAY_S = 86_400.0
WEEKS = 8
#: Users, and the shares of those who reach the goal without and with the toast, of each trigger.
TRIGGERS = {"bulk_edit_opportunity": (4_000, 0.08, 0.13), "user_page_dwell": (1_200, 0.1, 0.1)}
ANSWERS = (
    (OfferStatus.ACCEPTED, 0.3),
    (OfferStatus.DISMISSED, 0.14),
    (OfferStatus.SNOOZED, 0.04),
    (OfferStatus.NEVER, 0.02),
    (OfferStatus.TIMED_OUT, 0.5),
)


async def write(folder: Path) -> None:
    """Write the database into a folder with an ``autoplay.yml``."""
    settings = YamlFile(folder / "autoplay.yml").read(EngineSettings)
    rollouts = {trigger.id or trigger.builtin: trigger.rollout for trigger in settings.triggers}
    dice = random.Random(20)  # noqa: S311 - the same example each time
    ledger = SqlOfferLedger(f"sqlite:///{folder / 'example.db'}")
    for trigger_id, (users, *shares) in TRIGGERS.items():
        for number in range(users):
            user_id, at = f"user-{number}", BEGINS_AT + dice.random() * WEEKS * 7 * DAY_S
            offer = Offer(
                f"offer_{trigger_id}_{number}", trigger_id, "", "demo", "s", user_id, at, at + 900, at
            )
            allocation = allocate(rollouts[trigger_id], settings.holdout, trigger_id, user_id)
            offer.arm, offer.show_probability, offer.holdout_probability = allocation
            offer.rendered_at = at + 1
            if offer.arm is Arm.SHOWN:
                await _show(ledger, offer, dice)
            else:
                offer.status, offer.closed_at = OfferStatus.WITHHELD, at + 61
            await ledger.save(offer)
            if dice.random() < shares[offer.arm is Arm.SHOWN]:
                await ledger.record_receipt(offer.offer_id, "goal_reached", at + dice.expovariate(1 / DAY_S))
            if dice.random() < 0.03:
                await ledger.record_receipt(offer.offer_id, "failed_after", at + 300, "Save failed")
    await ledger.close()


async def _show(ledger: SqlOfferLedger, offer: Offer, dice: random.Random) -> None:
    offer.sent_at = offer.created_at
    (offer.status,) = dice.choices([status for status, _ in ANSWERS], [share for _, share in ANSWERS])
    offer.seen_at = offer.created_at + 2
    if offer.status is not OfferStatus.TIMED_OUT:
        offer.closed_at = offer.created_at + 9
    if offer.status is OfferStatus.ACCEPTED:
        button = "show_me" if dice.random() < 0.7 else "open_chat"
        await ledger.record_receipt(offer.offer_id, "accepted", offer.closed_at, button)
        ended, step = ("tour_finished", "") if dice.random() < 0.6 else ("tour_left", "edit")
        if button == "show_me":
            await ledger.record_receipt(offer.offer_id, ended, offer.closed_at + 60, step)


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
