"""Pairs of users who do the same at the same times: one ignores all offers, the other is in the holdout."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from rasa_autoplay.engine.courtesy.gates import check_all
from rasa_autoplay.engine.decisions.decision_log import Decision
from rasa_autoplay.engine.memory.local import LocalMemoryStore
from rasa_autoplay.engine.offers.local import LocalOfferLedger
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import Arm
from rasa_autoplay.engine.rollout.allocation import allocate
from rasa_autoplay.engine.triggers.configured.loader import load_triggers
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.link.messages import FeedInfo
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.yaml_file import YamlFile
from support.engine_parts import PROJECTS, T0, Clock, EngineParts, action, batch, tour_path

__all__ = ["Twins"]

DAYS = 3
#: How often the engine is restarted in that time.
RESTARTS = 60
DAY_S = 86_400.0
GATEWAY = "d1"
_PAGES = (PROJECTS, f"{PROJECTS}/:id/edit", "https://app.example.com/reports")
_TITLES = ("Click Save changes", "Open menu", "Export", "Export", "Filter")
#: A page hides an ignored toast after this long.
_TOAST_S = 20.0
_EXPIRY_S = 300.0

_AUTOPLAY = """\
product_id: demo
holdout: {share: 50%, salt: twins}
session: {interaction_timeout: 30s, cooldown: 60s}
courtesy:
  min_interval: 4m
  per_user_per_day: 4
  quiet_hours: {from: "20:00", to: "06:00", tz: Europe/Berlin}
  newcomers: {after: 30s, pages: 2}
triggers:
  - id: saves
    when: {count: {title: save, at_least: 2}}
    body: Bulk edit?
    golden_path: bulk
    courtesy: {per_day: 2, min_interval: 10m}
    variants:
      - {id: at_once, body: Bulk edit?}
      - {id: at_a_pause, body: Edit them all?, hold_until: [save, idle 3s], max_wait: 20s}
  - id: dwells
    when: {dwell: 25s}
    body: Need help?
    interaction_timeout: 10s
    cooldown: 0
    offer_ttl: 60s
    courtesy: {per_user: 3}
  - id: exports
    when: {count: {title: export, at_least: 1}}
    body: Schedule it?
    offer_ttl: 10m
"""


@dataclass
class _User:
    """One of two twins."""

    user_id: str
    feeds: list[FeedInfo] = field(default_factory=list)


@dataclass
class _Told:
    """What the engine did for one user."""

    decisions: list[tuple[Any, ...]] = field(default_factory=list)
    gates: list[tuple[Any, ...]] = field(default_factory=list)
    offers: list[tuple[Any, ...]] = field(default_factory=list)


class Twins:
    """A simulation of pairs of users through the real core, with a clock that only it moves.

    Args:
        folder: for the settings' file.
        pairs: the number of pairs.
    """

    def __init__(self, folder: Path, pairs: int) -> None:
        file = folder / "autoplay.yml"
        file.write_text(_AUTOPLAY, encoding="utf-8")
        self._settings = YamlFile(file).read(EngineSettings)
        self._triggers = load_triggers(self._settings, ["bulk"], YamlFile(file))
        self._decisions: list[Decision] = []
        self._folder, self._clock = folder, Clock()
        self._ledger, self._memory = LocalOfferLedger(), LocalMemoryStore()
        self._made = self._start()
        self._pairs = list(itertools.islice(self._all_pairs(), pairs))
        self._chance = random.Random(17)  # noqa: S311 - the same cases each time
        self._agenda: list[tuple[float, int, Callable[[], Any]]] = []
        self._numbers = itertools.count()
        self._by_id = {user.user_id: user for pair in self._pairs for user in pair}
        self.told: dict[str, _Told] = defaultdict(_Told)

    def _start(self) -> EngineParts:
        """Start an engine with nothing but what is stored."""
        return EngineParts(
            self._folder,
            self._triggers,
            self._clock,
            self._settings,
            [tour_path("bulk")],
            self._ledger,
            memory=self._memory,
            observe_decision=self._decisions.append,
        )

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The ids of each pair: the user who gets offers, and the one who does not."""
        return [(shown.user_id, held.user_id) for shown, held in self._pairs]

    def _all_pairs(self) -> Iterator[tuple[_User, _User]]:
        """Pairs with the same variant."""
        free: dict[tuple[str, Arm], list[str]] = defaultdict(list)
        for user_id in (f"user-{number}" for number in itertools.count()):
            trigger = self._triggers[0]
            variant = trigger.variant_for(user_id).variant
            arm = allocate(trigger.rollout, self._settings.holdout, trigger.id, user_id).arm
            free[variant, arm].append(user_id)
            shown, held = free[variant, Arm.SHOWN], free[variant, Arm.HOLDOUT]
            if shown and held:
                yield _User(shown.pop()), _User(held.pop())

    def run(self) -> None:
        """Let all days pass."""
        asyncio.run(self._run())

    async def _run(self) -> None:
        for number in range(int((DAYS + 1) * DAY_S / _EXPIRY_S)):
            self._at(T0 + number * _EXPIRY_S, self._expires)
        for _ in range(RESTARTS):
            self._at(T0 + self._chance.uniform(0, DAYS * DAY_S), self._restarts)
        for pair in self._pairs:
            self._plan(pair)
        while self._agenda:
            due_at, _, step = heapq.heappop(self._agenda)
            await self._pass_time(due_at)
            self._made.clock.now = due_at
            await step()
            await self._finish_pending()
            await self._let_browsers_show()
        await self._pass_time(T0 + (DAYS + 1) * DAY_S)
        for decision in self._decisions:
            self.told[decision.user_id].decisions.append(_of_decision(decision))
        for user_id in self._by_id:
            self.told[user_id].offers = [_of_offer(offer) for offer in await self._made.offers(user_id)]

    # --- what users do -------------------------------------------------------------------------------------

    def _plan(self, pair: tuple[_User, _User]) -> None:
        """Plan both users' days: sessions in one or two tabs, with a feed that opens early, late or never."""
        chance = self._chance
        for day in range(DAYS):
            for visit in range(chance.choice((0, 1, 1, 2))):
                begins = T0 + day * DAY_S + chance.uniform(0, DAY_S * 0.8)
                session = f"{day}-{visit}"
                feed_after = chance.choice((0.0, 0.0, 0.0, 45.0, None))
                receipts = chance.random() < 0.7
                at = begins
                for _ in range(chance.randint(3, 9)):
                    at += chance.choice((0.5, 2.0, 7.0, 31.0, 70.0, 200.0))
                    done = self._action(at)
                    tab = session if chance.random() < 0.85 else f"{session}-other"
                    for user in pair:
                        self._at(at, self._does(user, tab, done))
                    if chance.random() < 0.3:
                        after_s = chance.choice((0.0, 1.0, 15.0))
                        for user in pair:
                            self._at(at + after_s, self._asks(user))
                if feed_after is not None:
                    for user in pair:
                        feed = FeedInfo(f"{user.user_id}-{session}", user.user_id, "", receipts)
                        self._at(begins + feed_after, self._opens(user, feed))
                        self._at(at + 100.0, self._closes(user, feed))

    def _action(self, at: float) -> SlimAction:
        chance = self._chance
        kind = chance.choice(("click", "click", "click", "pageview", "focus"))
        return action(chance.choice(_TITLES), at - T0, chance.choice(_PAGES), type=kind)

    def _at(self, due_at: float, step: Callable[[], Any]) -> None:
        heapq.heappush(self._agenda, (due_at, next(self._numbers), step))

    async def _expires(self) -> None:
        """Expire idle sessions, less often than the engine does."""
        await self._made.sessions.expire(self._made.clock())

    def _does(self, user: _User, tab: str, done: SlimAction) -> Callable[[], Any]:
        payload = batch(done, user=user.user_id, session=f"{user.user_id}-{tab}")
        return lambda: self._made.take(payload)

    def _opens(self, user: _User, feed: FeedInfo) -> Callable[[], Any]:
        async def step() -> None:
            user.feeds.append(feed)
            self._made.presence.opened(GATEWAY, feed)
            self._made.core.late_deliveries.feed_opened(feed, self._made.clock())

        return step

    def _closes(self, user: _User, feed: FeedInfo) -> Callable[[], Any]:
        async def step() -> None:
            user.feeds = [each for each in user.feeds if each.feed_id != feed.feed_id]
            self._made.presence.closed(GATEWAY, feed.feed_id)

        return step

    async def _restarts(self) -> None:
        """Restart the engine; gateways report the feeds that are open."""
        made = self._made = self._start()
        await made.open_offers.restore(made.clock())
        for feed in [feed for user in self._by_id.values() for feed in user.feeds]:
            made.presence.opened(GATEWAY, feed)
            made.core.late_deliveries.feed_opened(feed, made.clock())

    # --- what their browsers do -----------------------------------------------------------------------

    async def _finish_pending(self) -> None:
        if self._made.keeper is not None:
            await self._made.keeper.finish_pending()
        await self._made.finish_pending()

    async def _let_browsers_show(self) -> None:
        """Let browsers show what they were sent; nobody answers."""
        made = self._made
        while made.publisher.pushed:
            _, frame = made.publisher.pushed.pop(0)
            user, now = self._by_id[frame.user_id], made.clock()
            user.feeds = [msgspec.structs.replace(feed, last_offer_id=frame.id) for feed in user.feeds]
            feeds = [feed for feed in user.feeds if feed.feed_id in frame.feed_ids]
            made.open_offers.delivered(frame.id, [feed.feed_id for feed in feeds], now)
            if any(feed.sends_receipts for feed in feeds):
                await self._report(user, frame.id, "rendered")
                for after_s, event in ((1.0, "seen"), (_TOAST_S, "timed_out")):
                    self._at(now + after_s, self._reports(user, frame.id, event))
                await self._finish_pending()

    async def _report(self, user: _User, offer_id: str, event: str) -> None:
        await self._made.lifecycle.receipt(offer_id, event, self._made.clock(), user.user_id)

    def _reports(self, user: _User, offer_id: str, event: str) -> Callable[[], Any]:
        async def step() -> None:
            if user.feeds:
                await self._report(user, offer_id, event)

        return step

    async def _pass_time(self, until: float) -> None:
        """Fire the timers that are due, each at its own time."""
        made = self._made
        while (due := made.timers.next_due()) is not None and due <= until:
            made.clock.now = max(due, made.clock.now)
            for key in made.timers.pop_due(made.clock.now):
                await made.core.handle_timer(key)
                await self._finish_pending()
            # A browser never reports in the same moment.
            await self._let_browsers_show()

    # --- what the engine says -------------------------------------------------------------------------

    def _asks(self, user: _User) -> Callable[[], Any]:
        """Ask every gate of every trigger."""

        async def step() -> None:
            made, now = self._made, self._made.clock()
            history = await made.ledger.history("demo", user.user_id)
            session = await made.sessions.latest_of("demo", user.user_id)
            for trigger in self._triggers:
                variant = trigger.variant_for(user.user_id)
                topic = variant.golden_path or (session.window.page() if session else "")
                context = await made.core.gate_contexts.of(
                    variant.id, topic, variant.courtesy, user.user_id, session, history, now
                )
                found = tuple((gate.gate, gate.stops, gate.until) for gate in check_all(context))
                self.told[user.user_id].gates.append((now, trigger.id, found))

        return step


def _of_decision(decision: Decision) -> tuple[Any, ...]:
    outcome = "offered" if decision.outcome == "withheld" else decision.outcome
    return (
        decision.at,
        outcome,
        decision.trigger_id,
        decision.session_id.partition("-")[2].partition("-")[2],
        decision.gate,
        decision.until,
        decision.variant,
        decision.replaced_gate,
    )


def _of_offer(offer: Offer) -> tuple[Any, ...]:
    times = (offer.created_at, offer.rendered_at, offer.expires_at, offer.closed_at, offer.evidence_until)
    return (offer.trigger_id, offer.golden_path, offer.page, offer.variant, offer.body, *times)
