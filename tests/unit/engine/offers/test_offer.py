"""An offer's status only moves forward."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.engine.knowledge.tour_step import TourStep
from rasa_autoplay.engine.offers.offer import Offer, new_offer_id, reply_options
from rasa_autoplay.engine.offers.offer_status import ANSWERS, CLOSING, OfferStatus
from rasa_autoplay.engine.offers.offered_tour import OfferedTour
from rasa_autoplay.link.messages import RECEIPT_EVENTS

T0 = 1_700_000_000.0
S = OfferStatus

#: Which status may follow which, as the product defines it.
FOLLOWERS: dict[OfferStatus, set[OfferStatus]] = {
    S.QUEUED: {S.SENT, S.RENDERED, S.SEEN, S.TIMED_OUT, *CLOSING},
    S.SENT: {S.QUEUED, S.RENDERED, S.SEEN, S.TIMED_OUT, *CLOSING},
    S.RENDERED: {S.SEEN, S.TIMED_OUT, *CLOSING},
    S.SEEN: {S.TIMED_OUT, *CLOSING},
    S.TIMED_OUT: {*CLOSING},
    **{answer: set() for answer in ANSWERS},
    S.EXPIRED: set(ANSWERS),
}
SHOWN = set(OfferStatus) - {S.QUEUED, S.SENT, S.EXPIRED, S.WITHHELD}


def offer() -> Offer:
    return Offer("o1", "t1", "Shall I?", "demo", "s1", "u1", T0, T0 + 120, T0)


@given(st.lists(st.sampled_from(OfferStatus), max_size=12))
def test_receipts_never_reopen_or_revert_a_status(reports: Sequence[OfferStatus]) -> None:
    made = offer()
    first_shown = first_seen = last_sent = closed = 0.0
    for at, report in enumerate(reports):
        before = made.status
        is_second_look = before is S.TIMED_OUT and report is S.SEEN and not first_seen
        is_shown_late = before is S.EXPIRED and report in {S.RENDERED, S.SEEN} and not first_shown
        changed = made.advance(report, T0 + at)
        moved = report in FOLLOWERS[before]
        assert changed == (moved or is_second_look or is_shown_late)
        assert made.status is (report if moved else before)
        if (is_shown_late or (moved and report in SHOWN)) and not first_shown:
            first_shown = T0 + at
        if (
            (is_shown_late and report is S.SEEN)
            or is_second_look
            or (moved and report in {S.SEEN, *ANSWERS} and not first_seen)
        ):
            first_seen = T0 + at
        last_sent = T0 + at if moved and report is S.SENT else last_sent
        closed = T0 + at if moved and report in CLOSING else closed
        assert made.rendered_at == first_shown
        assert (made.sent_at, made.seen_at, made.closed_at) == (last_sent, first_seen, closed)
        assert made.is_open == (made.status not in CLOSING)
        assert made.awaits_rendering == (made.status in (S.QUEUED, S.SENT))


def test_receipt_can_report_only_what_a_browser_knows() -> None:
    assert {S(event) for event in RECEIPT_EVENTS} == set(OfferStatus) - {
        S.QUEUED,
        S.SENT,
        S.EXPIRED,
        S.WITHHELD,
    }


def test_expired_offer_does_not_count_as_shown() -> None:
    made = offer()
    assert made.advance(S.EXPIRED, T0 + 120)
    assert made.rendered_at == 0.0
    assert not made.awaits_rendering


@pytest.mark.parametrize("answer", sorted(ANSWERS))
def test_accepts_an_answer_after_expiry(answer: OfferStatus) -> None:
    made = offer()
    made.advance(S.RENDERED, T0 + 1)
    made.advance(S.EXPIRED, T0 + 120)
    assert made.advance(answer, T0 + 125)
    assert (made.status, made.rendered_at) == (answer, T0 + 1)


@pytest.mark.parametrize(("now", "stands_as"), [(T0 + 119.75, S.SEEN), (T0 + 120, S.EXPIRED)])
def test_failed_yes_can_be_reverted(now: float, stands_as: OfferStatus) -> None:
    made = offer()
    made.advance(S.RENDERED, T0 + 1)
    assert not made.undo_acceptance(T0 + 2)
    made.advance(S.ACCEPTED, T0 + 3)
    assert made.undo_acceptance(now)
    assert (made.status, made.rendered_at) == (stands_as, T0 + 1)
    assert made.closed_at == (0 if stands_as is S.SEEN else now)
    made.advance(S.NEVER, T0 + 200)
    assert not made.undo_acceptance(T0 + 201), "only a yes"


def test_timeline_lists_each_step_in_order_with_its_time() -> None:
    made = offer()
    for at, step in enumerate((S.SENT, S.RENDERED, S.SEEN, S.TIMED_OUT, S.DISMISSED), 1):
        made.advance(step, T0 + at)
    life = made.life()
    assert list(life) == ["queued", "sent", "rendered", "seen", "dismissed"]
    assert list(life.values()) == [T0, T0 + 1, T0 + 2, T0 + 3, T0 + 5]


def test_timeline_of_an_unseen_offer_shows_only_its_expiry() -> None:
    made = offer()
    made.advance(S.EXPIRED, T0 + 120)
    assert made.life() == {"queued": T0, "expired": T0 + 120}


def test_toast_has_the_fields_of_the_wire_contract() -> None:
    made = offer()
    step = {"id": "a", "title": "A", "element": "#a", "text": "Press A."}
    made.tours = [
        OfferedTour("bulk", "bulk", "Bulk edit", "driverjs", [TourStep("a", "A", "#a", "Press A.")]),
        OfferedTour("flow", "f_1", "Flow", "usertour"),
    ]
    assert msgspec.json.decode(msgspec.json.encode(made.toast())) == {
        "offer_id": "o1",
        "trigger_id": "t1",
        "body": "Shall I?",
        "session_id": "s1",
        "expires_at": T0 + 120,
        "tours": [
            {"id": "bulk", "flow_id": "bulk", "label": "Bulk edit", "provider": "driverjs", "steps": [step]},
            {"id": "flow", "flow_id": "f_1", "label": "Flow", "provider": "usertour"},
        ],
    }


def test_toast_lists_reply_options_only_if_any() -> None:
    made = offer()
    assert "reply_options" not in made.toast()
    made.reply_options = ["show me", "Why?"]
    assert made.toast()["reply_options"] == ["show me", "Why?"]
    made.tours = [OfferedTour("bulk", "bulk", "Show me", "driverjs")]
    assert made.toast()["reply_options"] == ["Why?"], "the other button is there already"


def test_trims_reply_options_to_what_buttons_can_show() -> None:
    labels = ["  Yes\n please ", "", "No", "yes please", 7, "x" * 100, "a", "b", "c"]
    assert reply_options(labels) == ["Yes please", "No", "7", "x" * 59 + "…", "a"]


def test_offers_do_not_share_their_tours() -> None:
    first, second = offer(), offer()
    first.tours.append(OfferedTour("a", "a", "A", "driverjs"))
    assert not second.tours


def test_ids_are_unguessable_and_fit_an_sse_field() -> None:
    ids = {new_offer_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(len(each) >= len("offer_") + 22 and each.isascii() and not each.split()[1:] for each in ids)


@pytest.mark.parametrize("status", OfferStatus)
def test_status_fits_its_column(status: OfferStatus) -> None:
    assert len(status.value) <= 16
