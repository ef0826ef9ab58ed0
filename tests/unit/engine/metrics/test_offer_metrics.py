"""Counts and durations of offers, with hostile ids, too."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.engine_parts import T0, Clock
from support.metrics import Scrape

from rasa_autoplay.common.metrics.known_names import OTHER, KnownNames
from rasa_autoplay.common.metrics.page import MetricsPage
from rasa_autoplay.engine.decisions.decision_log import Decision
from rasa_autoplay.engine.metrics.offer_metrics import OfferMetrics
from rasa_autoplay.engine.offers.cause import begin_cause, resume_cause
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import OfferStatus

KNOWN = ("edit", "export")
#: What people, browsers and attackers choose.
HOSTILE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            'x"} 1\nautoplay_database_up 0\n#',
            "\\",
            "edit\n",
            "__name__",
            "a" * 5_000,
            "user@example.com",
            "\ud800",
            "",
        ]
    ),
)


class Page:
    """The metrics of offers on a clock that stands still, and the page that shows them."""

    def __init__(self, *, has_feed: bool = True) -> None:
        self.clock = Clock(1000.0)
        self.triggers = KnownNames()
        self.triggers.learn(KNOWN)
        self.metrics = OfferMetrics(self.triggers, lambda _user_id: has_feed, self.clock)

    def scrape(self) -> Scrape:
        return Scrape(MetricsPage(self.metrics.readings).render().decode())

    def decides(self, trigger: str = "edit", outcome: Any = "offered", **more: Any) -> None:
        self.metrics.decision(
            Decision(T0, outcome, trigger, more.pop("user", "u1"), more.pop("session", "s1"), **more)
        )


def offer(trigger: str = "edit", **fields: Any) -> Offer:
    given = {"offer_id": "o1", "body": "?", "product_id": "demo", "session_id": "s1", "user_id": "u1"}
    times = {"created_at": T0, "expires_at": T0 + 60, "evidence_until": T0}
    return Offer(**{**given, **times, "trigger_id": trigger, **fields})


def test_counts_decisions_by_arm_and_gates_by_result() -> None:
    page = Page()
    page.decides(arm="shown", offer_id="o1")
    page.decides(outcome="withheld", arm="control", offer_id="o2")
    page.decides(outcome="stopped", gate="attention")
    page.decides(outcome="deferred", gate="hold_until")
    page.decides(outcome="fired")
    seen = page.scrape()
    assert seen.value("autoplay_decisions_total", trigger="edit") == 2
    assert seen.value("autoplay_decisions_total", trigger="edit", arm="control") == 1
    assert seen.value("autoplay_gates_total", gate="attention", result="stopped") == 1
    assert seen.value("autoplay_gates_total", gate="hold_until", result="deferred") == 1


def test_every_series_of_a_known_trigger_exists_from_the_start() -> None:
    """Otherwise ``increase()`` would miss the first offer."""
    seen = Page().scrape()
    for trigger in (*KNOWN, OTHER):
        for arm in ("shown", "control", "ghost", "holdout", "gate_closed"):
            labels = (("arm", arm), ("trigger", trigger))
            assert seen.series["autoplay_decisions_total"][labels] == 0


def test_measures_each_stage() -> None:
    page = Page()
    begin_cause("g1", 7.0)
    page.metrics._clock = lambda: page.clock.now
    made = offer()
    page.decides(arm="shown", offer_id="o1")
    resume_cause(None)
    page.clock.now += 0.3
    assert made.advance(OfferStatus.SENT, T0 + 1)
    page.metrics.offer(made, T0 + 1)
    page.clock.now += 0.2
    page.metrics.receipt(made, "rendered")
    page.metrics.receipt(made, "rendered")
    seen = page.scrape()
    assert seen.value("autoplay_offer_delivery_seconds_sum") == pytest.approx(0.3)
    assert seen.value("autoplay_offer_rendering_seconds_sum") == pytest.approx(0.2)
    assert seen.value("autoplay_offer_rendering_seconds_count") == 1
    assert seen.value("autoplay_decision_seconds_count") == 1


def test_offer_that_waits_for_its_user_is_not_slow() -> None:
    page = Page(has_feed=False)
    page.decides(arm="shown", offer_id="o1")
    page.clock.now += 3600
    made = offer()
    made.advance(OfferStatus.SENT, T0 + 3600)
    page.metrics.offer(made, T0 + 3600)
    assert page.scrape().value("autoplay_offer_delivery_seconds_count") == 0


def test_undone_answer_counts_no_second_look() -> None:
    page = Page()
    made = offer()
    for at, status in enumerate((OfferStatus.SENT, OfferStatus.SEEN, OfferStatus.ACCEPTED), start=1):
        assert made.advance(status, T0 + at)
        page.metrics.offer(made, T0 + at)
    assert made.undo_acceptance(T0 + 9)
    page.metrics.offer(made, T0 + 9)
    seen = page.scrape()
    assert seen.value("autoplay_offers_total", status="seen") == 1
    assert seen.value("autoplay_offers_total", status="accepted") == 1


def test_looks_after_a_timeout_and_after_the_end_count_once() -> None:
    page = Page()
    late, over = offer(), offer(offer_id="o2")
    for made, statuses in (
        (late, (OfferStatus.SENT, OfferStatus.RENDERED, OfferStatus.TIMED_OUT, OfferStatus.SEEN)),
        (over, (OfferStatus.SENT, OfferStatus.EXPIRED, OfferStatus.RENDERED)),
    ):
        for at, status in enumerate(statuses, start=1):
            assert made.advance(status, T0 + at)
            page.metrics.offer(made, T0 + at)
    seen = page.scrape()
    counts = {
        status: seen.value("autoplay_offers_total", status=status)
        for status in ("sent", "rendered", "timed_out", "seen", "expired")
    }
    assert counts == {"sent": 2, "rendered": 2, "timed_out": 1, "seen": 1, "expired": 1}


@given(st.lists(st.tuples(HOSTILE, HOSTILE, HOSTILE), max_size=30))
def test_nobody_can_create_a_series(texts: list[tuple[str, str, str]]) -> None:
    page = Page()
    for gate in ("paused", "attention"):
        page.decides(OTHER, outcome="stopped", gate=gate)
    page.metrics.receipt(offer(), "nonsense")
    before = page.scrape()
    for one, two, three in texts:
        for outcome, gate in (("offered", ""), ("withheld", ""), ("stopped", "paused")):
            arm = "" if gate else "shown"
            page.decides(one, outcome, user=two, session=three, offer_id=two, gate=gate, arm=arm, detail=two)
        made = offer(one, offer_id=two, user_id=three, session_id=two, body=one, page=two, golden_path=three)
        made.advance(OfferStatus.SENT, T0)
        page.metrics.offer(made, T0)
        page.metrics.receipt(made, two)
        page.metrics.accepted(made, three)
    after = page.scrape()
    assert series_of(after) == series_of(before)
    for name, values in before.series.items():
        assert all(
            after.series[name][labels] >= value for labels, value in values.items() if "process" not in name
        )


def series_of(page: Scrape) -> set[tuple[str, Any]]:
    own = {name: values for name, values in page.series.items() if not name.startswith("process_")}
    return {(name, labels) for name, values in own.items() for labels in values}


@given(st.lists(st.lists(HOSTILE, max_size=40), max_size=20))
def test_reloaded_triggers_stay_bounded_and_known(versions: list[list[str]]) -> None:
    names = KnownNames(["always"])
    named: set[str] = set()
    for version in versions:
        names.learn(version)
        labels = {names.label(each) for each in version}
        assert all(names.label(each) == each for each in named)  # once known, for ever
        named |= labels - {OTHER}
    assert len(list(names)) <= 201
    assert names.label("always") == "always"


def test_more_triggers_than_there_is_room_for_count_as_other() -> None:
    names = KnownNames()
    names.learn(f"t{number}" for number in range(1000))
    assert names.label("t199") == "t199"
    assert names.label("t200") == OTHER
    assert len(list(names)) == 201
