"""Open offers: durable before they are sent, sent to every feed once, and forgotten when they end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import msgspec
import pytest
from support.engine_parts import Clock, Publisher
from support.run import asynchronous, passes

from rasa_autoplay.common.runtime.timers import Timers
from rasa_autoplay.engine.offers.base import PastDecision, Receipt
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import Arm, OfferStatus
from rasa_autoplay.engine.offers.open_offers import IMPLICIT_RENDER_S, OfferTimer, OpenOffers
from rasa_autoplay.engine.offers.presence import Presence
from rasa_autoplay.link.messages import FeedInfo

T0 = 1_700_000_000.0


def offer(offer_id: str = "o1", user: str = "u1") -> Offer:
    return Offer(offer_id, "t1", "Shall I?", "demo", "s1", user, T0, T0 + 120, T0)


class Ledger:
    """Writes when the test lets it."""

    problem = ""

    def __init__(self, *kept: Offer) -> None:
        self.saved: list[tuple[str, OfferStatus]] = []
        self.go = asyncio.Event()
        self.go.set()
        self._kept = list(kept)
        self.is_readable = True
        self.notes: list[tuple[str, str]] = []

    async def save(self, offer: Offer) -> bool:
        await self.go.wait()
        self.saved.append((offer.offer_id, offer.status))
        return True

    def is_stored(self, offer_id: str) -> bool:
        raise NotImplementedError

    async def open_offers(self, now: float) -> list[Offer]:
        return [each for each in self._kept if self.is_readable and each.expires_at > now]

    async def record_receipt(self, offer_id: str, event: str, at: float, detail: str = "") -> bool:
        self.notes.append((offer_id, event))
        return True

    async def receipts(self, offer_ids: Sequence[str]) -> list[Receipt]:
        raise NotImplementedError

    async def decisions_since(
        self, users: Sequence[tuple[str, str]], since: float
    ) -> Mapping[tuple[str, str], Sequence[PastDecision]] | None:
        raise NotImplementedError

    async def get(self, offer_id: str) -> Offer | None:
        raise NotImplementedError

    async def history(self, product_id: str, user_id: str) -> list[Offer]:
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError


class Parts:
    def __init__(self, *kept: Offer) -> None:
        self.ledger = Ledger(*kept)
        self.presence = Presence()
        self.publisher = Publisher()
        self.timers = Timers(Clock(T0))
        self.open_offers = OpenOffers(self.ledger, self.presence, self.publisher, self.timers)

    def sent(self) -> list[tuple[str, str, list[str]]]:
        return [(gateway, frame.id, frame.feed_ids) for gateway, frame in self.publisher.pushed]

    def due(self, until: float) -> list[tuple[str, object]]:
        return self.timers.pop_due(until)


@asynchronous
async def test_offer_is_durable_before_it_is_sent() -> None:
    parts = Parts()
    parts.presence.opened("d1", FeedInfo("f1", "u1"))
    parts.ledger.go.clear()
    posting = asyncio.get_running_loop().create_task(parts.open_offers.post(offer(), T0))
    await passes()
    assert not parts.sent()
    assert parts.open_offers.is_waiting("u1"), "there is no room for another already"
    parts.ledger.go.set()
    await posting
    assert parts.ledger.saved == [("o1", OfferStatus.QUEUED)]
    assert parts.sent() == [("d1", "o1", ["f1"])]


@asynchronous
async def test_sends_each_gateway_one_frame_for_its_feeds() -> None:
    parts = Parts()
    for gateway, feed, user in [
        ("d1", "f1", "u1"),
        ("d2", "f2", "u1"),
        ("d1", "f3", "u1"),
        ("d1", "f4", "u2"),
    ]:
        parts.presence.opened(gateway, FeedInfo(feed, user))
    await parts.open_offers.post(offer(), T0)
    assert parts.sent() == [("d1", "o1", ["f1", "f3"]), ("d2", "o1", ["f2"])]
    frame = parts.publisher.pushed[0][1]
    assert (frame.user_id, frame.event, frame.id) == ("u1", "proactive", "o1")
    assert msgspec.json.decode(frame.data) == offer().toast()


@asynchronous
async def test_presumes_a_delivered_offer_seen_only_while_a_feed_is_open() -> None:
    parts = Parts()
    parts.presence.opened("d1", FeedInfo("f1", "u1"))
    parts.presence.opened("d1", FeedInfo("f2", "u1"))
    made = offer()
    await parts.open_offers.post(made, T0)
    parts.open_offers.delivered("o1", ["f1"], T0 + 1)
    assert (OfferTimer.PRESUME_RENDERED, "o1") not in parts.due(T0 + 1 + IMPLICIT_RENDER_S - 0.25)
    assert parts.due(T0 + 1 + IMPLICIT_RENDER_S) == [(OfferTimer.PRESUME_RENDERED, "o1")]
    assert await parts.open_offers.presume_rendered("o1", T0 + 3) is made
    parts.presence.closed("d1", "f1")
    assert await parts.open_offers.presume_rendered("o1", T0 + 3) is None, (
        "f2 is open, but was not written to"
    )
    assert made.status is OfferStatus.QUEUED
    assert parts.ledger.saved[-1] == ("o1", OfferStatus.QUEUED), "with the time at which it was sent"
    assert made.sent_at == T0 + 1


@asynchronous
async def test_waits_for_the_receipt_of_a_page_that_sends_receipts() -> None:
    parts = Parts()
    parts.presence.opened("d1", FeedInfo("f1", "u1", sends_receipts=True))
    made = offer()
    await parts.open_offers.post(made, T0)
    parts.open_offers.delivered("o1", ["f1"], T0)
    assert await parts.open_offers.presume_rendered("o1", T0 + 2) is None
    assert (made.status, made.rendered_at) == (OfferStatus.SENT, 0.0)
    parts.presence.opened("d1", FeedInfo("f2", "u1"))
    parts.open_offers.delivered("o1", ["f2"], T0 + 2)
    assert await parts.open_offers.presume_rendered("o1", T0 + 4) is made, "this one never says anything"


@asynchronous
async def test_toast_carries_its_remaining_time() -> None:
    parts = Parts()
    parts.presence.opened("d1", FeedInfo("f1", "u1"))
    made = offer()
    await parts.open_offers.post(made, T0 + 20)
    parts.open_offers.send_again(made, T0 + 90, "f1")
    assert [frame.expires_in_s for _, frame in parts.publisher.pushed] == [100.0, 30.0]


@asynchronous
async def test_ignores_receipts_for_offers_that_are_not_open() -> None:
    parts = Parts()
    parts.open_offers.delivered("unknown", ["f1"], T0)
    assert await parts.open_offers.presume_rendered("unknown", T0) is None
    made = offer()
    await parts.open_offers.post(made, T0)
    assert await parts.open_offers.advance(made, OfferStatus.SEEN, T0 + 1)
    assert not await parts.open_offers.advance(made, OfferStatus.RENDERED, T0 + 2)
    parts.open_offers.delivered("o1", ["f1"], T0 + 3)
    assert await parts.open_offers.presume_rendered("o1", T0 + 5) is None
    assert made.status is OfferStatus.SEEN
    assert parts.ledger.saved == [("o1", OfferStatus.QUEUED), ("o1", OfferStatus.SEEN)]


@asynchronous
async def test_closed_offers_leave_no_state() -> None:
    parts = Parts()
    parts.presence.opened("d1", FeedInfo("f1", "u1"))
    for number in range(100):
        made = offer(f"o{number}")
        await parts.open_offers.post(made, T0)
        parts.open_offers.delivered(made.offer_id, ["f1"], T0)
        await parts.open_offers.advance(made, OfferStatus.DISMISSED, T0 + 1)
    assert len(parts.open_offers) == len(parts.timers) == 0
    assert parts.open_offers.of_user("u1") is None
    assert not parts.open_offers._sent_to


@asynchronous
async def test_shown_toast_makes_room_for_another_offer() -> None:
    parts = Parts()
    made = offer()
    await parts.open_offers.post(made, T0)
    assert parts.open_offers.is_waiting("u1")
    assert not parts.open_offers.is_waiting("u2")
    await parts.open_offers.advance(made, OfferStatus.RENDERED, T0)
    assert not parts.open_offers.is_waiting("u1")
    assert parts.open_offers.of_user("u1") is made
    assert parts.open_offers.get("o1") is made


@asynchronous
async def test_restores_open_offers_after_a_restart() -> None:
    waiting, over = offer(), offer("o2", "u2")
    over.expires_at = T0 + 5
    parts = Parts(waiting, over)
    await parts.open_offers.restore(T0 + 10)
    assert len(parts.open_offers) == 1
    assert parts.open_offers.is_waiting("u1")
    assert parts.due(T0 + 120) == [(OfferTimer.EXPIRE, "o1")]


@asynchronous
async def test_sends_only_to_the_newly_opened_feed() -> None:
    parts = Parts()
    parts.presence.opened("d1", FeedInfo("f1", "u1"))
    made = offer()
    await parts.open_offers.post(made, T0)
    second = FeedInfo("f2", "u1", "an older offer")
    parts.presence.opened("d2", second)
    parts.open_offers.send_again(made, T0, second.feed_id)
    assert parts.sent()[1:] == [("d2", "o1", ["f2"])]


def restored_outbox(ledger: Ledger, clock: Clock) -> tuple[OpenOffers, Timers]:
    timers = Timers(clock)
    return OpenOffers(ledger, Presence(), Publisher(), timers), timers


@asynchronous
async def test_restores_later_what_could_not_be_read_at_the_start() -> None:
    clock, ledger = Clock(T0 + 10), Ledger(offer("o1", "u1"), offer("o2", "u2"), offer("o3", "another's"))
    ledger.problem, ledger.is_readable = "the database is away", False
    made, timers = restored_outbox(ledger, clock)
    await made.restore(clock(), lambda user_id: user_id != "another's")
    assert not len(made)
    for _ in range(3):
        clock.now += 1
        assert (OfferTimer.RESTORE, None) in timers.pop_due(clock()), "it is tried each second"
        assert await made.restore_unread(clock()) == []
    ledger.problem, ledger.is_readable = "", True
    made.release(lambda user_id: user_id == "u2")
    clock.now += 1
    assert timers.pop_due(clock()) == [(OfferTimer.RESTORE, None)]
    assert [each.offer_id for each in await made.restore_unread(clock())] == ["o1"]
    assert len(made) == 1
    clock.now += 5
    assert (OfferTimer.RESTORE, None) not in timers.pop_due(clock())


@pytest.mark.parametrize("is_sent", [False, True])
@asynchronous
async def test_keeps_one_of_two_offers_with_the_same_reason(is_sent: bool) -> None:
    """While the database was unreachable, the engine did not know that the user had an offer already."""
    clock, ledger = Clock(T0 + 10), Ledger(offer("earlier", "u1"))
    ledger.problem, ledger.is_readable = "the database is away", False
    made, _ = restored_outbox(ledger, clock)
    await made.restore(clock())
    again = Offer("again", "t1", "Shall I?", "demo", "s1", "u1", T0 + 5, T0 + 125, T0)
    await made.post(again, T0 + 5)
    if is_sent:
        made.delivered("again", ["f1"], T0 + 6)
    ledger.problem, ledger.is_readable = "", True
    welcome = await made.restore_unread(clock())
    kept = made.of_user("u1")
    assert kept is not None
    assert kept.offer_id == ("again" if is_sent else "earlier")
    assert [each.offer_id for each in welcome] == ([] if is_sent else ["earlier"])
    assert len(made) == 1
    assert ledger.notes == [("earlier" if is_sent else "again", "withdrawn")]


def withheld(offer_id: str, created_at: float = T0) -> Offer:
    status, arm = OfferStatus.WITHHELD, Arm.GHOST
    return Offer(
        offer_id, "t1", "Shall I?", "demo", "s1", "u1", created_at, T0 + 120, T0, status=status, arm=arm
    )


@pytest.mark.parametrize("counts_as_shown", [False, True])
@asynchronous
async def test_withheld_offer_is_kept_or_replaced_like_a_shown_one(counts_as_shown: bool) -> None:
    clock, ledger = Clock(T0 + 10), Ledger(offer("earlier", "u1"))
    ledger.problem, ledger.is_readable = "the database is away", False
    made, _ = restored_outbox(ledger, clock)
    await made.restore(clock())
    again = withheld("again", T0 + 5)
    await made.post(again, T0 + 5)
    if counts_as_shown:
        await made.advance(again, OfferStatus.RENDERED, T0 + 6)
    ledger.problem, ledger.is_readable = "", True
    await made.restore_unread(clock())
    kept = made.of_user("u1")
    assert kept is not None
    assert kept.offer_id == ("again" if counts_as_shown else "earlier")
    answerable = made.answerable_by("u1")
    assert (answerable.offer_id if answerable else "") == ("" if counts_as_shown else "earlier")
    assert len(made) == 1


@asynchronous
async def test_withheld_offer_waits_in_the_queue_until_a_page_could_show_it() -> None:
    clock, publisher, presence = Clock(), Publisher(), Presence()
    timers = Timers(clock)
    made = OpenOffers(Ledger(), presence, publisher, timers)
    one = withheld("o1")
    await made.post(one, T0)
    assert made.queued() == [one]
    presence.opened("d1", FeedInfo("f1", "u1", sends_receipts=True))
    made.send_again(one, T0 + 5)
    assert made.queued() == []
    presence.closed("d1", "f1")
    assert await made.presume_rendered("o1", T0 + 5) is None, "the page was gone"
    assert made.queued() == [one]
    presence.opened("d1", FeedInfo("f2", "u1", sends_receipts=True))
    made.send_again(one, T0 + 9)
    assert await made.presume_rendered("o1", T0 + 9) is one
    assert publisher.pushed == []
