"""The product as a contestant of the timing benchmark: the engine's real core, told by messages alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from benchmarks.timing.apps import APPS
from benchmarks.timing.contestants.configurations import (
    all_builtins,
    default_configuration,
    rules,
    struggle_and_slow_way,
)
from benchmarks.timing.contestants.judge import JudgeStandIn
from benchmarks.timing.contestants.product import FilesOf, Product
from benchmarks.timing.generator import generate
from benchmarks.timing.labels import Label
from benchmarks.timing.messages import AnswerMessage, AppMessage, EventMessage, TickMessage
from benchmarks.timing.referee import Offer, Verdict
from benchmarks.timing.runner import play
from benchmarks.timing.scorer import judge_offers

SESSIONS = generate("product", 30)
PAGE = "https://projects.example.com/projects"


@contextmanager
def product_with(files_of: FilesOf) -> Iterator[Product]:
    product = Product(files_of)
    try:
        yield product
    finally:
        product.close()


def _dwell(app: AppMessage) -> Mapping[str, str]:
    return {
        "autoplay.yml": f"product_id: {app.id}\ntriggers: [{{builtin: user_page_dwell, dwell: 10s}}]\n",
    }


@pytest.mark.parametrize("files_of", [default_configuration, struggle_and_slow_way])
def test_all_configurations_are_valid_and_deterministic(files_of: FilesOf) -> None:
    made = []
    for _ in range(2):
        with product_with(files_of) as product:
            made.append(play(SESSIONS[:4], product))
    assert made[0] == made[1]


@pytest.mark.parametrize("files_of", [all_builtins, rules])
def test_the_other_configurations_are_valid(files_of: FilesOf) -> None:
    with product_with(files_of) as product:
        for app in APPS:
            assert product.react(AppMessage(**app.as_dict())) == ()


def test_time_alone_makes_an_offer_at_the_next_tick() -> None:
    app = APPS[0].as_dict()
    with product_with(_dwell) as product:
        product.react(AppMessage(**app))
        told = EventMessage("s", "u", "projects", 100.0, "pageview", PAGE, "View projects", "", "")
        assert not product.react(told)
        offers = [offer for second in range(101, 130) for offer in product.react(TickMessage("s", second))]
    assert offers == [Offer("s", 110)]


def test_an_offer_for_an_earlier_session_is_seen_by_its_user_alone() -> None:
    def held(app: AppMessage) -> Mapping[str, str]:
        trigger = "{id: saves, body: b, when: {count: {title: save, at_least: 1}}}"
        courtesy = "{hold_until: [idle 20s], max_wait: 60s}"
        return {"autoplay.yml": f"product_id: {app.id}\ncourtesy: {courtesy}\ntriggers: [{trigger}]\n"}

    def seen_by(user: str) -> list[str]:
        with product_with(held) as product:
            product.react(AppMessage(**APPS[0].as_dict()))
            product.react(EventMessage("s", "u", "projects", 100.0, "click", PAGE, "Click Save", "", ""))
            product.react(EventMessage("t", user, "projects", 105.0, "pageview", PAGE, "View", "", ""))
            ticks = [TickMessage("t", second) for second in range(106, 180)]
            offers = [offer for tick in ticks for offer in product.react(tick)]
            for offer in offers:
                product.react(AnswerMessage(offer.session, 181.0, "dismissed"))
        return [offer.session for offer in offers]

    assert seen_by("v") == []
    assert set(seen_by("u")) <= {"t"}


def test_nobody_gets_an_offer_after_the_page_is_closed() -> None:
    with product_with(_dwell) as product:
        product.react(AppMessage(**APPS[0].as_dict()))
        product.react(EventMessage("s", "u", "projects", 100.0, "pageview", PAGE, "View", "", ""))
        later = EventMessage("t", "v", "projects", 200.0, "pageview", PAGE, "View", "", "")
        assert not product.react(later)


def test_the_judge_stand_in_is_wrong_as_often_as_stated() -> None:
    judged = judge_offers(SESSIONS, play(SESSIONS, JudgeStandIn(SESSIONS, 0.0, min_interval_s=0.0)))
    verdicts = {one.verdict for each in judged.values() for one in each}
    assert verdicts <= {Verdict.HELPED, Verdict.REPEATED}
    always_wrong = play(SESSIONS, JudgeStandIn(SESSIONS, 1.0, min_interval_s=0.0))
    labels = {session.id: session for session in SESSIONS}
    assert all(labels[offer.session].label_at(offer.at) is not Label.WANTED for offer in always_wrong)
