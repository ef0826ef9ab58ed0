"""An offer as of an earlier time has only the steps that it had reached by then."""

from __future__ import annotations

import pytest
from support.engine_parts import T0

from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import Arm, OfferStatus
from rasa_autoplay.engine.replay.earlier_offers import offers_as_of


def _offer(**fields: object) -> Offer:
    return Offer("o1", "t", "?", "demo", "s1", "u1", T0, T0 + 120, T0, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "status"),
    [
        (0, OfferStatus.QUEUED),
        (1, OfferStatus.SENT),
        (2, OfferStatus.RENDERED),
        (3, OfferStatus.SEEN),
        (4.9, OfferStatus.SEEN),
        (5, OfferStatus.DISMISSED),
    ],
)
def test_has_the_last_step_of_that_time(seconds: float, status: OfferStatus) -> None:
    offer = _offer(
        status=OfferStatus.DISMISSED, sent_at=T0 + 1, rendered_at=T0 + 2, seen_at=T0 + 3, closed_at=T0 + 5
    )
    (then,) = offers_as_of([offer], T0 + seconds)
    assert then.status is status
    assert max(then.sent_at, then.rendered_at, then.seen_at, then.closed_at) <= T0 + seconds
    assert offer.status is OfferStatus.DISMISSED, "the offer itself stays the same"


def test_offer_of_a_later_time_does_not_exist() -> None:
    assert offers_as_of([_offer()], T0 - 1) == []


def test_withheld_offer_stays_withheld() -> None:
    offer = _offer(status=OfferStatus.WITHHELD, arm=Arm.HOLDOUT, rendered_at=T0 + 2, closed_at=T0 + 120)
    (then,) = offers_as_of([offer], T0 + 3)
    assert (then.status, then.rendered_at, then.closed_at) == (OfferStatus.WITHHELD, T0 + 2, 0.0)
    assert then.is_open
