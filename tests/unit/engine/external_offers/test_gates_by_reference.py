"""Offers of the team's code against a second, obvious implementation of the gates, in random sequences."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.engine_parts import Clock, Publisher, action, batch
from support.run import asynchronous

from rasa_autoplay.engine.engine import Engine
from rasa_autoplay.link.messages import Batch, Delivered, Event, FeedInfo, FeedOpened, UpMessage
from rasa_autoplay.link.offer_answers import OfferAnswer
from rasa_autoplay.link.offer_requests import MakeOffer
from rasa_autoplay.link.requests import Acknowledge
from rasa_autoplay.settings.yaml_file import YamlFile

_AUTOPLAY = """\
product_id: demo
session: {interaction_timeout: 10s, cooldown: 20s}
courtesy: {min_interval: 100s, per_user_per_day: 4, snooze: 1000s, after_accepted: 500s}
triggers:
  - {id: often, external: true, offer_ttl: 50s, body: "Often?"}
  - {id: seldom, external: true, offer_ttl: 50s, body: "Seldom?", courtesy: {min_interval: 700s, per_day: 2}}
  - {id: few, external: true, offer_ttl: 50s, body: "Few?", courtesy: {per_user: 3, snooze: 50s}}
"""
_INTERVAL_S, _PER_DAY, _TTL_S, _TOAST_S, _COOLDOWN_S, _DAY_S = 100, 4, 50, 10, 20, 86_400
_OWN_INTERVAL_S = {"seldom": 700}
_OWN_PER_DAY = {"seldom": 2}
_PER_USER = {"few": 3}
_SNOOZE_S = {"often": 1000, "seldom": 1000, "few": 50}
_ANSWERS = ("dismissed", "snoozed", "never", "accepted")


@dataclass
class Made:
    """An offer that was made."""

    offer_id: str
    trigger: str
    at: float
    rendered_at: float = 0.0
    answer: str = ""
    answered_at: float = 0.0


def expected_stop(offers: list[Made], trigger: str, now: float) -> tuple[str, float] | None:
    """The first closed gate that depends on earlier offers, in the order of docs/courtesy.md, and its end."""
    own = [each for each in offers if each.trigger == trigger]
    shown = [each for each in offers if each.rendered_at]
    own_shown = [each for each in shown if each.trigger == trigger]
    answered = [_silence(each) for each in own if each.answer]
    if answered and max(answered) > now:
        return "answered", max(answered)
    if len(own_shown) >= _PER_USER.get(trigger, 10**9):
        return "trigger_per_user", math.inf
    midnight = now // _DAY_S * _DAY_S
    if len([each for each in own_shown if each.rendered_at >= midnight]) >= _OWN_PER_DAY.get(trigger, 10**9):
        return "trigger_per_day", midnight + _DAY_S
    if len([each for each in shown if each.rendered_at >= midnight]) >= _PER_DAY:
        return "per_user_per_day", midnight + _DAY_S
    for gate, times, interval_s in (
        ("trigger_min_interval", [each.rendered_at for each in own_shown], _OWN_INTERVAL_S.get(trigger, 0)),
        ("min_interval", [each.rendered_at for each in shown], _INTERVAL_S),
    ):
        if times and now < max(times) + interval_s:
            return gate, max(times) + interval_s
    return None


def _silence(made: Made) -> float:
    if made.answer == "never":
        return math.inf
    if made.answer == "accepted":
        return made.answered_at + 500
    return made.rendered_at + _SNOOZE_S[made.trigger]


def waiting(offers: list[Made], now: float) -> list[Made]:
    """The offers that wait to be shown."""
    return [each for each in offers if not (each.rendered_at or each.answer) and now < each.at + _TTL_S]


class Walk:
    """A random walk of two users, with what the reference knows of them."""

    def __init__(self, folder: Path, seed: int) -> None:
        (folder / "autoplay.yml").write_text(_AUTOPLAY, "utf-8")
        self.random = random.Random(seed)  # noqa: S311 - a walk, not a secret
        self.clock, self.publisher = Clock(), Publisher()
        self.engine = Engine(YamlFile(folder / "autoplay.yml"), self.publisher, self.clock)
        self.offers: dict[str, list[Made]] = {"u1": [], "u2": []}
        #: By key: the request and its answer.
        self.asked: dict[str, tuple[MakeOffer, OfferAnswer]] = {}
        self.gates: dict[str, int] = {}
        self._number = 1

    async def send(self, *messages: UpMessage) -> None:
        sent = Batch("d1", "demo", self.engine.engine_id, self._number, list(messages))
        await self.engine.apply_batch(sent)
        self._number += len(messages)
        await self.engine.finish_pending()

    async def begin(self) -> None:
        for user in self.offers:
            pressed = batch(action("Click Save", 0), user=user, session=f"s-{user}")
            feed = FeedInfo(f"f-{user}", user, sends_receipts=True)
            await self.send(Event(pressed, "capture"), FeedOpened(feed))

    async def wait(self) -> None:
        until = self.clock.now + self.random.choice((1, 4, 9, 25, 60, 110, 300, 800, 20_000))
        while (due := self.engine._timers.next_due()) is not None and due <= until:
            self.clock.now = max(due, self.clock.now)
            for key in self.engine._timers.pop_due(self.clock.now):
                await self.engine._handle_timer(key)
            await self.engine.finish_pending()
        self.clock.now = until

    async def ask(self) -> None:
        user = self.random.choice(list(self.offers))
        trigger = self.random.choice(("often", "seldom", "few"))
        request = MakeOffer(user, trigger, key=f"key-{len(self.asked)}")
        now, offers = self.clock.now, self.offers[user]
        answer = await self.engine.answer(request)
        assert isinstance(answer, OfferAnswer)
        self.asked[request.key] = request, answer
        stop = expected_stop(offers, trigger, now)
        if stop is not None:
            assert answer.stopped is not None, (trigger, stop)
            until = math.inf if answer.stopped.until is None else answer.stopped.until
            assert answer.stopped.gate == stop[0]
            assert until == pytest.approx(stop[1], abs=1e-3)
        elif answer.stopped is None:
            assert waiting(offers, now) == []
            offers.append(Made(answer.offer_id, trigger, now))
        else:
            self.check_busy(answer.stopped.gate, offers, now)
        gate = answer.stopped.gate if answer.stopped else "made"
        self.gates[gate] = self.gates.get(gate, 0) + 1

    @staticmethod
    def check_busy(gate: str, offers: list[Made], now: float) -> None:
        if gate == "one_at_a_time":
            assert waiting(offers, now)
            return
        assert gate == "attention"
        last = max(max(each.rendered_at, each.answered_at) for each in offers)
        # An accepted offer opens the chat, which has the user's attention as long as a toast.
        assert now < last + _TOAST_S + _COOLDOWN_S

    async def ask_again(self) -> None:
        if self.asked:
            request, answer = self.random.choice(list(self.asked.values()))
            assert await self.engine.answer(request) == answer

    async def show(self) -> None:
        for user, offers in self.offers.items():
            for made in waiting(offers, self.clock.now):
                await self.send(Delivered(made.offer_id, [f"f-{user}"], user))
                await self.engine.answer(Acknowledge(made.offer_id, "rendered", user))
                made.rendered_at = self.clock.now

    async def reply(self) -> None:
        for user, offers in self.offers.items():
            for made in offers:
                is_open = self.clock.now < made.at + _TTL_S and not made.answer
                if made.rendered_at and is_open and self.random.random() < 0.7:
                    made.answer, made.answered_at = self.random.choice(_ANSWERS), self.clock.now
                    await self.engine.answer(Acknowledge(made.offer_id, made.answer, user))


@pytest.mark.parametrize("seed", range(6))
@asynchronous
async def test_makes_exactly_the_offers_that_the_gates_allow(tmp_path: Path, seed: int) -> None:
    walk = Walk(tmp_path, seed)
    await walk.begin()
    for _ in range(250):
        step = walk.random.choices(
            (walk.wait, walk.ask, walk.ask_again, walk.show, walk.reply), (4, 6, 1, 3, 2)
        )[0]
        await step()
    made = [each.offer_id for offers in walk.offers.values() for each in offers]
    stored = [
        each.offer_id
        for user in walk.offers
        for each in await walk.engine.stores.ledger.history("demo", user)
    ]
    assert sorted(stored) == sorted(made)
    sent = [toast["offer_id"] for toast in walk.publisher.toasts if "body" in toast]
    assert sorted(sent) == sorted(made)
    assert len(made) > 5
    assert len(walk.gates) > 4, walk.gates
    await walk.engine.stop()
