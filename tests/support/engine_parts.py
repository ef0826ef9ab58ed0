"""The engine's own parts, wired as in the engine; the test controls the time and the frames."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from rasa_autoplay.common.runtime.timers import Timers
from rasa_autoplay.engine.browser_calls import BrowserCalls
from rasa_autoplay.engine.changes.pauses import Pauses
from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.core.decision_core import build_core, evaluation_requests
from rasa_autoplay.engine.core.live_state import LiveState
from rasa_autoplay.engine.courtesy.judge_contract import Judge
from rasa_autoplay.engine.courtesy.user_choices import ChoicesOf, no_choices
from rasa_autoplay.engine.decisions.decision_log import Decision, Observer
from rasa_autoplay.engine.decisions.trigger_explainer import Explainer
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.memory.base import MemoryStore
from rasa_autoplay.engine.memory.keeper import MemoryKeeper
from rasa_autoplay.engine.memory.path_follower import PathFollower
from rasa_autoplay.engine.offers.base import OfferLedger
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.open_offers import OfferObserver, no_offer_observer
from rasa_autoplay.engine.offers.sql.ledger import SqlOfferLedger
from rasa_autoplay.engine.rollout.exploration import exploration_of
from rasa_autoplay.engine.sessions.local import LocalSessionStore
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.sessions.session_follower import SessionFollower
from rasa_autoplay.engine.tours.catalogue import TourCatalogue
from rasa_autoplay.engine.tours.problems import TourProblems
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.predicate import PredicateProactiveTrigger
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.link.frames import FeedFrame
from rasa_autoplay.link.messages import FeedInfo
from rasa_autoplay.settings.engine import EngineSettings
from support.patient import be_patient

__all__ = [
    "PROJECTS",
    "T0",
    "Clock",
    "EngineParts",
    "Publisher",
    "action",
    "batch",
    "browser_calls",
    "predicate_trigger",
    "save",
    "settings",
    "tour_path",
]

T0 = 1_700_000_000.0
PROJECTS = "https://app.example.com/projects"


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self, now: float = T0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Publisher:
    """Collects frames for gateways; those in ``away`` are not connected."""

    def __init__(self) -> None:
        self.pushed: list[tuple[str, FeedFrame]] = []
        self.away: set[str] = set()

    def push(self, gateway_id: str, frame: FeedFrame) -> bool:
        """Push a frame like the link."""
        if gateway_id in self.away:
            return False
        self.pushed.append((gateway_id, frame))
        return True

    @property
    def toasts(self) -> list[dict[str, Any]]:
        """The data of every frame, in order."""
        return [msgspec.json.decode(frame.data) for _, frame in self.pushed]


def action(title: str, at: float, page: str = PROJECTS, **fields: Any) -> SlimAction:
    """Return a user's action ``at`` seconds after T0."""
    fields.setdefault("type", "click")
    return SlimAction(title, f"User: {title}", page, timestamp_start=T0 + at, timestamp_end=T0 + at, **fields)


def save(at: float, page: str = f"{PROJECTS}/:id/edit") -> SlimAction:
    """Return a press of "Save changes"."""
    return action("Click Save changes", at, page)


def batch(
    *actions: SlimAction, user: str | None = "u1", session: str = "s1", product: str = "demo"
) -> ActionsPayload:
    """Return a batch as the gateway passes it on; actions are copied, since the engine changes them."""
    copies = [msgspec.structs.replace(a) for a in actions]
    return ActionsPayload(product, session, user, None, copies)


def predicate_trigger(
    predicate: Callable[[ProactiveTriggerContext], bool | Awaitable[bool]],
    trigger_id: str = "t1",
    **fields: Any,
) -> ConfiguredTrigger:
    """Return a trigger as ``autoplay.yml`` makes it from a predicate."""
    body = fields.pop("body", f"May I, for {trigger_id}?")
    trigger = PredicateProactiveTrigger(trigger_id=trigger_id, body=body, predicate=predicate)
    return ConfiguredTrigger(
        trigger_id,
        trigger.evaluate,
        getattr(trigger, "wakes_at", None),
        getattr(trigger, "remembers", {}),
        body=body,
        **fields,
    )


def tour_path(path_id: str = "bulk", page: str = "/projects", **fields: Any) -> GoldenPath:
    """Return a workflow of one step with an element."""
    step = {"id": "one", "title": "One", "element": "#one", "text": "Press one."}
    return GoldenPath.parse_obj(
        {"id": path_id, "title": "Bulk edit", "page": page, "steps": [step], **fields}
    )


def settings(**sections: Any) -> EngineSettings:
    """Return settings with a 10 s timeout, a 20 s cooldown and no minimum interval, unless overridden."""
    session = {"interaction_timeout": "10s", "cooldown": "20s", **sections.pop("session", {})}
    courtesy = {"min_interval": 0, **sections.pop("courtesy", {})}
    given = {"product_id": "demo", "session": session, "courtesy": courtesy, **sections}
    return EngineSettings.parse_obj(given)


class EngineParts:
    """The engine's core, sessions and ledger, with timers that only a test fires.

    Args:
        folder: where the database is; the same folder again is the same database.
        triggers: in order of priority.
        clock: the clock of an earlier run, if this is a restart.
        configuration: ``autoplay.yml``.
        paths: the workflows.
        ledger: replaces the database.
        judge: reviews every offer.
        follower: knows users' history and progress; by default memory or a path follower.
        memory: stores users' sessions; without it, they are followed and forgotten.
        observe_decision: called with every decision; by default, they are collected.
        observe_offer: called whenever an offer changes its status.
        choices_of: knows what users have muted.
    """

    def __init__(
        self,
        folder: Path,
        triggers: Sequence[ConfiguredTrigger],
        clock: Clock | None = None,
        configuration: EngineSettings | None = None,
        paths: Sequence[GoldenPath] = (),
        ledger: OfferLedger | None = None,
        judge: Judge | None = None,
        follower: SessionFollower | None = None,
        memory: MemoryStore | None = None,
        observe_decision: Observer | None = None,
        observe_offer: OfferObserver = no_offer_observer,
        choices_of: ChoicesOf = no_choices,
    ) -> None:
        self._folder, self.triggers, self._paths = folder, triggers, paths
        self.settings = configuration or settings()
        self.clock = clock or Clock()
        self.timers = Timers(self.clock)
        self.publisher = Publisher()
        self.pauses = Pauses()
        request_evaluation = evaluation_requests(self.timers, self.clock)
        self.keeper = MemoryKeeper(paths, memory, request_evaluation) if memory else None
        self.follower: SessionFollower = follower or self.keeper or PathFollower(paths)
        self.sessions = LocalSessionStore(self.settings.session, self.follower.on_session_ended)
        self.ledger: OfferLedger = ledger or _ledger_in(folder)
        self.tours = TourCatalogue(paths)
        #: Every decision, unless another observer gets them.
        self.decisions: list[Decision] = []
        self.live = LiveState(
            self.clock,
            self.timers,
            self.sessions,
            self.follower,
            self.ledger,
            self.publisher,
            self.pauses.of,
            choices_of=choices_of,
            observe_decision=observe_decision or self.decisions.append,
            observe_offer=observe_offer,
        )
        self.configuration = Configuration(
            "autoplay.yml", self.settings, list(triggers), list(paths), self.tours
        )
        self.core = build_core(self.configuration, self.live, judge)
        self.presence = self.core.presence
        self.open_offers = self.core.open_offers
        self.driver = self.core.driver
        self.lifecycle = self.core.lifecycle
        self.explainer = Explainer(
            self.settings.product_id,
            triggers,
            self.sessions,
            self.ledger,
            self.core.gate_contexts,
            self.clock,
            self.core.asker,
            self.follower,
            self.settings.holdout,
            exploration_of(self.settings),
        )

    async def take(self, *payloads: ActionsPayload, source: str = "capture") -> None:
        """Apply batches one after another, and wait for every decision."""
        for payload in payloads:
            await self.core.updater.apply(payload, source, self.clock())
            if self.keeper:
                await self.keeper.finish_pending()
            await self.driver.finish_pending()
            await self.core.live.goals.finish_pending()

    async def listen(
        self,
        user: str = "u1",
        feed: str = "f1",
        gateway: str = "d1",
        last: str = "",
        *,
        receipts: bool = False,
        languages: tuple[str, ...] = (),
    ) -> None:
        """Open a feed like a browser."""
        opened = FeedInfo(feed, user, last, receipts, languages)
        self.presence.opened(gateway, opened)
        self.live.languages.page_stated(user, languages)
        self.core.late_deliveries.feed_opened(opened, self.clock())
        await self.finish_pending()

    async def at(self, seconds: float) -> None:
        """Let time pass until ``seconds`` after T0, in quarters of a second, and fire what is due."""
        while self.clock.now < T0 + seconds:
            self.clock.now = min(self.clock.now + 0.25, T0 + seconds)
            for key in self.timers.pop_due(self.clock.now):
                await self.core.handle_timer(key)
            await self.finish_pending()

    async def finish_pending(self) -> None:
        """Let late deliveries and decisions come to their end."""
        await self.core.finish_pending()

    async def delivered(self, offer: Offer, *feeds: str) -> None:
        """Report that the gateway has written the offer to these feeds."""
        self.open_offers.delivered(offer.offer_id, feeds or ("f1",), self.clock())

    async def reported(self, offer: Offer, event: str) -> None:
        """Send a receipt like a browser."""
        assert await self.lifecycle.receipt(offer.offer_id, event, self.clock())
        await self.driver.finish_pending()

    async def session(self, session: str = "s1", product: str = "demo") -> Session:
        """Return a live session."""
        found = await self.sessions.find((product, session))
        assert found is not None
        return found

    async def offers(self, user: str = "u1", product: str = "demo") -> list[Offer]:
        """Return the user's offers in the ledger, oldest first."""
        return list(reversed(await self.ledger.history(product, user)))

    def open_offer(self, user: str = "u1") -> Offer:
        """Return the user's open offer, which must exist."""
        offer = self.open_offers.of_user(user)
        assert offer is not None, "no offer is open"
        return offer

    async def restarted(self) -> EngineParts:
        """Return new parts on the same database; only durable data is left."""
        await self.ledger.close()
        again = EngineParts(self._folder, self.triggers, self.clock, self.settings, self._paths)
        await again.open_offers.restore(self.clock())
        return again

    async def __aenter__(self) -> EngineParts:
        return self

    async def __aexit__(self, *_failure: object) -> None:
        await self.finish_pending()
        await self.ledger.close()


def _ledger_in(folder: Path) -> SqlOfferLedger:
    ledger = SqlOfferLedger(f"sqlite:///{folder / 'autoplay.db'}")
    be_patient(ledger)
    return ledger


def browser_calls(made: EngineParts) -> BrowserCalls:
    """Return the answers to browsers' requests, without a language model."""
    return BrowserCalls(
        made.settings,
        made.triggers,
        made.lifecycle,
        made.open_offers,
        made.ledger,
        made.tours,
        None,
        made.follower,
        made.clock,
        TourProblems(),
        languages=made.live.languages,
    )
