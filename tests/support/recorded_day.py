"""A day of users, actions and scripted browsers, played through the engine's core, with a log of all of it.

The log holds what people and browsers did, and what the engine decided, in order. It is what the funnel is
compared with, so nothing in it comes from the engine's tables.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from rasa_autoplay.engine.browser_calls import BrowserCalls
from rasa_autoplay.engine.decisions.decision_log import Decision
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import OfferStatus
from rasa_autoplay.engine.results.gate_counts import GateCounts
from rasa_autoplay.engine.results.sql.gate_count_store import GateCountStore
from rasa_autoplay.engine.tours.problems import TourProblems
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.link.frames import FeedFrame
from rasa_autoplay.link.messages import ChatDelivery, FeedInfo
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.yaml_file import YamlFile
from support.engine_parts import T0, EngineParts, action, batch
from support.rules import triggers
from support.visits import APP, EXPORT, did

__all__ = ["Asked", "Day", "Log"]

DAY_S = 86_400.0
HEAD = """product_id: demo
session: {interaction_timeout: 10s, cooldown: 20s, window: {lookback: 3h, max_actions: 500}}
courtesy: {min_interval: 60s, per_user_per_day: 4, snooze: 10m, after_accepted: 20m}
holdout: {share: 10%, salt: "q4"}"""
TRIGGERS = """
  - id: help
    when: {count: {title: Click help, at_least: 1}}
    golden_path: export
    rollout: 70%
    variants:
      - {id: a, body: May I show you?, weight: 2}
      - {id: b, body: Shall I explain?, tours: false}
  - id: stuck
    when: {failure: {at_least: 2}}
    body: Is something in the way?
    reply_options: ["Yes", "No", Compare plans]
    goal: {count: {title: Click apply, at_least: 2}, within: 10m}
    courtesy: {hold_until: [save], max_wait: 25s}
  - id: shadow
    when: {count: {title: Click shadow, at_least: 1}}
    body: Nobody sees this.
    rollout: ghost
    goal: {on_page: /done, within: 1h}
"""
_CLICKS = ("other", "help", "menu", "format", "download", "shadow", "apply", "save changes")


@dataclass(frozen=True)
class Asked:
    """A trigger was asked about a session, and fired or not."""

    session_id: str
    trigger_id: str
    fired: bool


@dataclass
class Log:
    """Everything that happened.

    Args:
        actions: every user's actions, by session.
        user_of: the user of each session.
        evaluations: what triggers answered, and every decision, in order.
        delivered: offers that a browser got, with the time.
        reported: the receipts that browsers sent, by offer.
        pressed: the buttons that users pressed to accept, by offer.
        tours: how tours ended, with the step, by offer.
        presumed: offers that counted as shown because a feed without receipts stayed open.
        withdrawn: offers that the engine took back.
    """

    actions: dict[str, list[SlimAction]] = field(default_factory=lambda: defaultdict(list))
    user_of: dict[str, str] = field(default_factory=dict)
    evaluations: list[Asked | Decision] = field(default_factory=list)
    delivered: dict[str, float] = field(default_factory=dict)
    reported: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    pressed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    tours: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    presumed: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)


class Day:
    """A day of sessions.

    Args:
        folder: for ``autoplay.yml``.
        url: the database of the gate counts.
        ledger: stores the offers.
        sessions: how many.
        seed: of the chance.
    """

    def __init__(self, folder: Path, url: str, ledger: Any, sessions: int, seed: int = 7) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - no secret
        self.log = Log()
        found = triggers(folder, TRIGGERS, HEAD)
        configuration = YamlFile(folder / "autoplay.yml").read(EngineSettings)
        watched = [self._watched(trigger) for trigger in found]
        self.engine = EngineParts(
            folder,
            watched,
            configuration=configuration,
            paths=[EXPORT],
            ledger=ledger,
            observe_decision=self._decided,
            observe_offer=self._changed,
        )
        self.counts = GateCounts(GateCountStore(url, "demo", "engine_1"))
        made = self.engine
        self._calls = BrowserCalls(
            configuration,
            watched,
            made.lifecycle,
            made.open_offers,
            made.ledger,
            made.tours,
            None,
            made.follower,
            made.clock,
            TourProblems(),
        )
        self._queue: list[tuple[float, int, Callable[[], Awaitable[None]]]] = []
        self._numbers = itertools.count()
        self._frames = 0
        #: Users whose feed is open, and whether it sends receipts.
        self._feeds: dict[str, bool] = {}
        self._last_without_receipts: dict[str, tuple[str, float]] = {}
        self._plan(sessions)

    async def play(self) -> None:
        """Play the whole day, until every offer has ended and everything is stored."""
        while self._queue:
            at, _, happens = heapq.heappop(self._queue)
            await self._pass_time(at)
            await happens()
            await self._settle()
        await self._pass_time(self.engine.clock.now + 600)
        await self.counts.close()

    async def _pass_time(self, until: float) -> None:
        made = self.engine
        while (due := made.timers.next_due()) is not None and due <= until:
            made.clock.now = max(due, made.clock.now)
            for key in made.timers.pop_due(made.clock.now):
                await made.core.handle_timer(key)
            await self._settle()
        made.clock.now = max(until, made.clock.now)

    async def _settle(self) -> None:
        await self.engine.finish_pending()
        pushed = self.engine.publisher.pushed
        for _, frame in pushed[self._frames :]:
            if frame.event == "proactive":
                self._receive(frame.user_id, _data_of(frame))
        self._frames = len(pushed)

    # --- what is logged ------------------------------------------------------------------------------------

    def _watched(self, trigger: ConfiguredTrigger) -> ConfiguredTrigger:
        """The same trigger and variants, whose answers are logged."""

        def evaluate(ctx: ProactiveTriggerContext) -> Any:
            result = trigger.evaluate(ctx)
            self.log.evaluations.append(Asked(ctx.session_id, trigger.id, result is not None))
            return result

        variants = tuple(replace(variant, evaluate=evaluate) for variant in trigger.variants)
        return replace(trigger, evaluate=evaluate, variants=variants)

    def _decided(self, decision: Decision) -> None:
        self.log.evaluations.append(decision)
        self.counts.decision(decision)

    def _changed(self, offer: Offer, now: float) -> None:
        if offer.status is OfferStatus.EXPIRED and not offer.rendered_at and now < offer.expires_at:
            self.log.withdrawn.add(offer.offer_id)

    # --- what users do -------------------------------------------------------------------------------------

    def _later(self, at: float, happens: Callable[[], Awaitable[None]]) -> None:
        heapq.heappush(self._queue, (at, next(self._numbers), happens))

    def _plan(self, sessions: int) -> None:
        numbers, chance = itertools.count(), self._chance
        while len(self.log.user_of) < sessions:
            user, begin = f"u{next(numbers)}", T0 + chance.uniform(0, 0.6 * DAY_S)
            for _ in range(chance.choice([1, 1, 2, 3])):
                begin = self._plan_session(user, f"s{len(self.log.user_of)}", begin) + chance.uniform(
                    900, 9000
                )

    def _plan_session(self, user: str, session: str, begin: float) -> float:
        """Plan the actions and the feed of a session; return its end."""
        chance, at = self._chance, begin
        self.log.user_of[session] = user
        for _ in range(chance.randint(6, 22)):
            at += chance.choice([1.0, 2.5, 4.0, 7.0, 15.0, 45.0])
            done = self._some_action(at - T0)
            self.log.actions[session].append(done)
            # Some actions arrive late, and so after later ones.
            arrival = at + (chance.uniform(5, 40) if chance.random() < 0.05 else 0.0)
            self._later(arrival, self._does(user, session, done))
        if chance.random() < 0.85:
            self._later(begin + chance.choice([0.0, 0.0, 20.0, 60.0]), self._opens_feed(user, session))
            self._later(at + 150, self._closes_feed(user, session))
        return at + 150

    def _some_action(self, at: float) -> SlimAction:
        chance = self._chance
        kind = chance.random()
        if kind < 0.12:
            return action("Rage click on Save", at, f"{APP}/reports", signal="rage_click")
        if kind < 0.2:
            return action("Name", at, f"{APP}/reports", type="focus")
        if kind < 0.26:
            return action("View done", at, f"{APP}/done", type="pageview")
        name = chance.choice(_CLICKS)
        return did(name, at, "/files" if name == "download" else "/reports")

    def _does(self, user: str, session: str, done: SlimAction) -> Callable[[], Awaitable[None]]:
        async def act() -> None:
            made = self.engine
            payload = batch(done, user=user, session=session)
            await made.core.updater.apply(payload, "capture", made.clock())

        return act

    def _opens_feed(self, user: str, session: str) -> Callable[[], Awaitable[None]]:
        async def opens() -> None:
            self._feeds[user] = self._chance.random() < 0.8
            feed = FeedInfo(session, user, "", sends_receipts=self._feeds[user])
            self.engine.presence.opened("g1", feed)
            self.engine.core.late_deliveries.feed_opened(feed, self.engine.clock())

        return opens

    def _closes_feed(self, user: str, session: str) -> Callable[[], Awaitable[None]]:
        async def closes() -> None:
            self._feeds.pop(user, None)
            offer_id, got_at = self._last_without_receipts.pop(user, ("", 0.0))
            if self.engine.clock.now - got_at < 2.01:
                self.log.presumed.discard(offer_id)
            self.engine.presence.closed("g1", session)

        return closes

    # --- what browsers do ----------------------------------------------------------------------------------

    def _receive(self, user: str, toast: dict[str, Any]) -> None:
        """A frame reaches the user's browser, which acts by a script."""
        offer_id, chance, now = toast["offer_id"], self._chance, self.engine.clock.now
        if offer_id in self.log.delivered or user not in self._feeds:
            return
        self.log.delivered[offer_id] = now

        async def delivered() -> None:
            feeds = self.engine.presence.feeds_of(user)
            self.engine.open_offers.delivered(offer_id, list(feeds), self.engine.clock())

        self._later(now + 0.01, delivered)
        if not self._feeds[user]:
            self.log.presumed.add(offer_id)
            self._last_without_receipts[user] = offer_id, now
            return
        script = chance.choices(
            ["lost", "rendered", "seen", "timed_out", "dismissed", "snoozed", "never", "accepted"],
            [1, 1, 2, 2, 2, 1, 1, 8],
        )[0]
        if script == "lost":
            return
        self._report(now + 0.5, user, offer_id, "rendered")
        if script == "rendered":
            return
        if chance.random() < 0.9:
            self._report(now + 1.5, user, offer_id, "seen")
        if script == "timed_out" or chance.random() < 0.1:
            self._report(now + 8, user, offer_id, "timed_out")
        if script == "accepted":
            self._accept(now + chance.uniform(3, 12), user, toast)
        elif script not in ("seen", "timed_out"):
            self._report(now + chance.uniform(3, 12), user, offer_id, script)

    def _report(self, at: float, user: str, offer_id: str, event: str, button: str = "") -> None:
        """Send a receipt, sometimes twice."""
        self.log.reported[offer_id].add(event)

        async def reports() -> None:
            await self._calls.acknowledge(offer_id, event, user, button)

        self._later(at, reports)
        if self._chance.random() < 0.2:
            self._later(at + 5, reports)

    def _accept(self, at: float, user: str, toast: dict[str, Any]) -> None:
        offer_id, chance = toast["offer_id"], self._chance
        replies = [reply for reply in toast.get("reply_options", ()) if reply != "No"]
        buttons = ["open_chat", *(["show_me"] * 3 if toast["tours"] else []), *(["reply"] if replies else [])]
        button = chance.choice(buttons)
        self.log.pressed[offer_id].add(button)
        names_it = button == "reply" or chance.random() < 0.7 or (button == "open_chat" and bool(replies))
        self._report(at + chance.choice([-0.2, 0.2]), user, offer_id, "accepted", button if names_it else "")
        if button == "show_me":
            self._tour(at, user, toast)
        else:
            self._chat(at, user, toast)

    def _tour(self, at: float, user: str, toast: dict[str, Any]) -> None:
        offer_id, tour = toast["offer_id"], toast["tours"][0]
        outcome = self._chance.choice(["finished", "finished", "left", "missing", "elsewhere"])
        step = self._chance.choice([step["id"] for step in tour["steps"]])
        self.log.tours[offer_id].add((outcome, "" if outcome == "finished" else step))

        async def starts() -> None:
            await self._calls.start_tour(user, tour["id"], offer_id)

        async def ends() -> None:
            await self._calls.end_tour(user, outcome, step)

        self._later(at, starts)
        self._later(at + self._chance.uniform(2, 9), ends)
        if outcome == "missing":
            self._chat(at + 10, user, toast, step)
        elif outcome == "left" and self._chance.random() < 0.3:
            self.log.pressed[offer_id].add("open_chat")
            self._chat(at + 12, user, toast)

    def _chat(self, at: float, user: str, toast: dict[str, Any], step: str = "") -> None:
        offer_id = toast["offer_id"]

        async def opens() -> None:
            await self._calls.prepare_inject(user, toast["trigger_id"], offer_id, step)

        async def fails() -> None:
            report = ChatDelivery(offer_id, 1, "failed", user, "w1", "the window is gone")
            await self.engine.lifecycle.record_chat_delivery(report, self.engine.clock())

        self._later(at, opens)
        if self._chance.random() < 0.25:
            self._later(at + 0.4, fails)


def _data_of(frame: FeedFrame) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.json.decode(frame.data)
    return data
