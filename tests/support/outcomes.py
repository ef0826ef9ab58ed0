"""Offers, and what delivers their outcomes, for tests of outcomes."""

from __future__ import annotations

import base64
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from rasa_autoplay.common.runtime.backoff import Backoff
from rasa_autoplay.engine.offers.offer import Offer, new_offer_id
from rasa_autoplay.engine.offers.offer_status import Arm, OfferStatus
from rasa_autoplay.engine.offers.sql.ledger import SqlOfferLedger
from rasa_autoplay.engine.outcomes.delivery.outcomes import Outcomes
from rasa_autoplay.engine.outcomes.delivery.sender import Pace
from rasa_autoplay.engine.outcomes.schedule import Schedule
from rasa_autoplay.settings.outcomes import OutcomeSettings

__all__ = ["ENVIRONMENT", "FAST", "POSTHOG_KEY", "SECRET", "SOON", "Outbound", "an_offer", "outbound"]

SECRET = f"whsec_{base64.b64encode(b's3cret-word-of-32-bytes-exactly!').decode()}"
POSTHOG_KEY = "phc_s3cret_word"
ENVIRONMENT = {"AUTOPLAY_OUTCOMES_SECRET": SECRET, "AUTOPLAY_POSTHOG_PROJECT_KEY": POSTHOG_KEY}
#: The real schedule and pace, many times faster.
SOON = Schedule((0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02))
FAST = Pace(poll_s=0.05, gather_s=0.005, down=Backoff(0.02, 0.05))


def an_offer(user: str = "u1", at: float = 0.0, **fields: Any) -> Offer:
    """Return a new offer."""
    at = at or time.time()
    return Offer(
        offer_id=new_offer_id(),
        trigger_id="bulk_edit",
        body="Shall I show you how?",
        product_id="demo",
        session_id="s1",
        user_id=user,
        created_at=at,
        expires_at=at + 120,
        evidence_until=at,
        golden_path="projects-bulk-edit",
        page="app.example.com/projects",
        **fields,
    )


class Outbound:
    """A ledger that records outcomes, and what delivers them.

    Args:
        url: the database.
        settings: the section ``outcomes``.
        clock: epoch seconds.
        schedule: when an outcome is tried again.
    """

    def __init__(
        self, url: str, settings: OutcomeSettings | None, clock: Callable[[], float], schedule: Schedule
    ) -> None:
        self.outcomes = Outcomes(url, "demo", settings, clock, ENVIRONMENT, schedule, FAST)
        self.ledger = SqlOfferLedger(url, self.outcomes.recorder)
        self._url, self._clock = url, clock

    async def withheld(self, user: str = "u1") -> Offer:
        """Store an offer that its user does not get."""
        offer = an_offer(user, self._clock(), arm=Arm.CONTROL, status=OfferStatus.WITHHELD)
        assert await self.ledger.save(offer)
        return offer

    async def made(self, user: str = "u1") -> Offer:
        """Store a new offer."""
        offer = an_offer(user, self._clock())
        assert await self.ledger.save(offer)
        return offer

    async def becomes(self, offer: Offer, *statuses: OfferStatus) -> None:
        """Let an offer take steps, each of which is stored."""
        for status in statuses:
            assert offer.advance(status, self._clock()), status
            assert await self.ledger.save(offer)

    async def says(self, offer: Offer, event: str, detail: str = "") -> None:
        """Store a receipt."""
        assert await self.ledger.record_receipt(offer.offer_id, event, self._clock(), detail)

    def in_state(self, state: str) -> int:
        """Return how many outcomes are in a state."""
        return sum(found == state for (found,) in self.rows("SELECT state FROM autoplay_outcomes"))

    def rows(self, query: str) -> list[Any]:
        """Query the database."""
        engine = sa.create_engine(self._url, future=True)
        with engine.connect() as connection:
            found = connection.execute(sa.text(query)).all()
        engine.dispose()
        return list(found)

    async def close(self) -> None:
        """Close everything."""
        await self.outcomes.close()
        await self.ledger.close()


@asynccontextmanager
async def outbound(
    folder: Path,
    clock: Callable[[], float] = time.time,
    schedule: Schedule = SOON,
    *,
    database: str = "",
    starts: bool = True,
    **settings: Any,
) -> AsyncIterator[Outbound]:
    """Run the delivery of outcomes.

    Args:
        folder: has the database.
        clock: epoch seconds.
        schedule: when an outcome is tried again.
        database: an SQLAlchemy URL; by default a file in the folder.
        starts: whether outcomes are delivered at once.
        settings: the section ``outcomes``; none to switch outcomes off.
    """
    parsed = OutcomeSettings.parse_obj(settings) if settings else None
    made = Outbound(database or f"sqlite:///{folder / 'autoplay.db'}", parsed, clock, schedule)
    if starts:
        made.outcomes.start()
    try:
        yield made
    finally:
        await made.close()
