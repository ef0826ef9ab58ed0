"""The composition root: settings → running parts. Alone here it is decided which implementations are used."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from rasa_autoplay.common.runtime.gc_freeze import freeze_gc
from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.common.runtime.timers import TimerKey, Timers, TimeSlice
from rasa_autoplay.engine.assistant.assistant import Assistant
from rasa_autoplay.engine.assistant.embeddings import Embeddings
from rasa_autoplay.engine.assistant.hybrid_search import HybridSearch
from rasa_autoplay.engine.assistant.judge import ModelJudge
from rasa_autoplay.engine.assistant.language_model import LanguageModel
from rasa_autoplay.engine.assistant.narrator import Narrator
from rasa_autoplay.engine.assistant.summarizer import Summarizer
from rasa_autoplay.engine.assistant.user_facts import FactsUserKnowledge
from rasa_autoplay.engine.assistant_calls import AssistantCalls
from rasa_autoplay.engine.batch_hook import BatchHook
from rasa_autoplay.engine.browser_calls import BrowserCalls
from rasa_autoplay.engine.decisions.driver import Driver
from rasa_autoplay.engine.decisions.explain import Explainer
from rasa_autoplay.engine.decisions.offer_lifecycle import OfferLifecycle
from rasa_autoplay.engine.decisions.tour_orders import TourOrders
from rasa_autoplay.engine.dispatch import Dispatch
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath, load_golden_paths
from rasa_autoplay.engine.knowledge.search import KnowledgeBase, document_of
from rasa_autoplay.engine.live_tail.watchers import Watchers
from rasa_autoplay.engine.memory.base import MemoryStore, SessionRecord
from rasa_autoplay.engine.memory.keeper import MemoryKeeper
from rasa_autoplay.engine.memory.memory_queries import MemoryQueries
from rasa_autoplay.engine.memory.sql.store import SqlMemoryStore
from rasa_autoplay.engine.offers.buffered_ledger import BufferedLedger
from rasa_autoplay.engine.offers.offer import OfferStatus
from rasa_autoplay.engine.offers.open_offers import FramePublisher, OpenOffers
from rasa_autoplay.engine.offers.presence import Presence
from rasa_autoplay.engine.offers.sql.ledger import SqlOfferLedger
from rasa_autoplay.engine.offers.timeline import OfferTimeline
from rasa_autoplay.engine.request_router import RequestRouter
from rasa_autoplay.engine.session_owners import SessionOwnerStore
from rasa_autoplay.engine.sessions.base import SessionStore
from rasa_autoplay.engine.sessions.local import LocalSessionStore
from rasa_autoplay.engine.sessions.session import Session, SessionKey
from rasa_autoplay.engine.source_limits import SourceLimits
from rasa_autoplay.engine.tours.catalogue import TourCatalogue
from rasa_autoplay.engine.triggers.configured.loader import load_object, load_triggers
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.messages import Batch, BatchAnswer, UpMessage
from rasa_autoplay.link.requests import EngineRequest
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.storage.database import resolve_sqlite_url

__all__ = ["Engine", "StoreMaker"]

logger = logging.getLogger(__name__)

_EXPIRY_S = 15.0
_NEXT_EXPIRY_S = 0.05
_EXPIRY: TimerKey = ("expiry", None)
_RETENTION: TimerKey = ("retention", None)
_RETENTION_S = 3600.0
_MAX_GATEWAYS = 64
#: Lies beside ``autoplay.yml``; can be deleted at any time.
_EMBEDDINGS_FILE = "autoplay-embeddings.db"


#: Makes a session store of the settings, the engine's id and who is to be told of sessions that are over.
StoreMaker = Callable[[EngineSettings, str, Callable[[Session], object]], SessionStore]


def _in_this_process(
    settings: EngineSettings, _engine_id: str, over: Callable[[Session], object]
) -> SessionStore:
    return LocalSessionStore(settings.session, over)


class Engine:
    """The brain: takes what the gateways report, decides, and sends offers down.

    Args:
        file: ``autoplay.yml``.
        publisher: the link's way down.
        clock: epoch seconds.
        make_store: makes the place of live sessions.

    Raises:
        ConfigError: the file, or something that it refers to, is wrong.
    """

    def __init__(
        self,
        file: YamlFile,
        publisher: FramePublisher,
        clock: Callable[[], float] = time.time,
        make_store: StoreMaker = _in_this_process,
    ) -> None:
        settings = file.read(EngineSettings)
        folder = file.path.parent
        paths = load_golden_paths(folder / settings.golden_paths) if settings.golden_paths else []
        tours = TourCatalogue(paths)
        triggers = load_triggers(settings, [path.id for path in paths], file)
        self._source_limits = SourceLimits(paths, settings.triggers)
        self._hook = _hook(settings, file)

        self.engine_id = f"engine_{secrets.token_urlsafe(9)}"
        self.settings = settings
        self._clock = clock
        self._timers = Timers(clock)
        self._presence = Presence()
        url = resolve_sqlite_url(folder, settings.database.url)
        self._ledger = BufferedLedger(SqlOfferLedger(url))
        self._memory_store = SqlMemoryStore(url)
        self._chat_owners = SessionOwnerStore(url, settings.product_id, clock)
        self._model = LanguageModel(settings.llm) if settings.llm else None
        self._narrator = _narrator(settings, self._model, paths, self._memory_store)
        self._memory = MemoryKeeper(paths, self._memory_store, self._look_at, self._words_for)
        self._sessions = make_store(settings, self.engine_id, self._memory.over)
        every = settings.llm.summary_every if settings.llm else None
        self._summarizer = Summarizer(self._model, every, self._sessions) if self._model and every else None
        self._watchers = Watchers(clock)
        self._outbox = OpenOffers(self._ledger, self._presence, publisher, self._timers, self._watchers.offer)
        self._driver = Driver(
            settings,
            triggers,
            self._sessions,
            self._ledger,
            self._outbox,
            tours,
            self._timers,
            clock,
            self._watchers.decision,
            judge=_judge(settings, self._model),
            facts=self._memory,
        )
        self._interactions = OfferLifecycle(
            settings,
            self._sessions,
            self._outbox,
            self._ledger,
            tours,
            self._driver.evaluate,
            self._driver.late_stop,
            self._driver.tours_for,
        )
        self._tour_orders = TourOrders(self._interactions, tours, self._ledger, self._presence, publisher)
        self._dispatch = Dispatch(
            self._driver,
            self._sessions,
            self._interactions,
            self._outbox,
            self._presence,
            self._ledger,
            self._tour_orders,
            self._watchers,
            self._summarizer,
            self._hook,
        )
        self._calls = BrowserCalls(
            settings,
            triggers,
            self._interactions,
            self._outbox,
            self._ledger,
            tours,
            self._model,
            self._memory,
            clock,
        )
        self._embeddings = _embeddings(settings, paths, folder)
        knowledge = HybridSearch(KnowledgeBase(paths), self._embeddings)
        assistant = Assistant(knowledge, self._model, FactsUserKnowledge(self._memory))
        self.answers = AssistantCalls(settings.product_id, assistant, knowledge, self._interactions, clock)
        explainer = Explainer(
            settings.product_id,
            triggers,
            self._sessions,
            self._ledger,
            self._driver.situations,
            clock,
            self._driver.asker,
            self._memory,
        )
        self._router = RequestRouter(
            self._calls,
            self.answers,
            explainer,
            OfferTimeline(settings.product_id, self._ledger, self._outbox),
            MemoryQueries(settings.product_id, paths, self._memory_store),
            self._watchers,
            self._chat_owners,
            self.health,
        )
        self._taken: dict[str, int] = {}
        self._turn = asyncio.Lock()
        self._stopping = False
        self._ticking: asyncio.Task[None] | None = None
        self._restoring: asyncio.Task[None] | None = None

    async def start(self, is_ours: Callable[[str], bool] = lambda _user_id: True) -> None:
        """Take up what an earlier run left open for the users who are ours, and let time run."""
        await self.adopt(is_ours)
        self._timers.set(_EXPIRY, self._clock() + _EXPIRY_S)
        self._timers.set(_RETENTION, self._clock())
        self._memory.start()
        self._ticking = asyncio.get_running_loop().create_task(self._timers.run(self._wake))
        logger.info(
            "The autoplay engine is up: product %s, %d triggers.",
            self.settings.product_id,
            len(self.settings.triggers),
        )
        if self._model is not None:
            await self._model.prepare()
        if self._embeddings is not None:
            self._embeddings.start()
        freeze_gc()

    async def adopt(self, is_ours: Callable[[str], bool], sessions: Iterable[Session] = ()) -> None:
        """Take up what an earlier run, or another engine, left open.

        Args:
            is_ours: the users who are meant.
            sessions: theirs, as far as they are at hand already.
        """
        await self._outbox.restore(self._clock(), is_ours)
        for session in sessions:
            self._memory.note(session, ())
            self._look_at(session.key)

    def let_go(self, is_theirs: Callable[[str], bool]) -> None:
        """Another engine takes these users up."""
        self._outbox.let_go(is_theirs)

    async def settle(self) -> None:
        """Wait for the decisions and the late deliveries that are under way."""
        await self._interactions.settle()
        await self._driver.settle()

    async def stop(self) -> None:
        """Finish what is under way, then let the database and the model go."""
        await end_tasks([self._ticking, self._restoring])
        self._stopping = True
        self._watchers.end_all()
        async with self._turn:
            await self.settle()
            await self._sessions.clear()
        if self._hook is not None:
            await self._hook.stop()
        await self._memory.stop()
        if self._narrator is not None:
            await self._narrator.stop()
        await self._memory_store.close()
        await self._ledger.close()
        await self._chat_owners.close()
        if self._summarizer is not None:
            await self._summarizer.stop()
        if self._embeddings is not None:
            await self._embeddings.stop()
        if self._model is not None:
            await self._model.close()

    async def take(self, batch: Batch) -> BatchAnswer:
        """Take the messages of a batch, in order; those that were taken before are passed over."""
        if batch.product_id != self.settings.product_id:
            raise EngineRefused(
                "forbidden",
                f"credentials.yml says product_id {batch.product_id!r} and autoplay.yml says "
                f"{self.settings.product_id!r}: they must agree",
            )
        if self._stopping:
            raise EngineRefused("unavailable", "the engine is stopping")
        if batch.engine_id == self.engine_id:
            # A gateway that hangs up in the middle sends the batch again: what was begun is finished.
            await asyncio.shield(asyncio.get_running_loop().create_task(self._take_all(batch)))
        return BatchAnswer(self.engine_id, self.settings.session.window.lookback)

    async def take_messages(self, gateway_id: str, messages: Iterable[UpMessage]) -> None:
        """Take messages that have not been taken before, in order."""
        async with self._turn:
            await self._take_each(gateway_id, messages)

    async def _take_each(self, gateway_id: str, messages: Iterable[UpMessage]) -> None:
        turn = TimeSlice()
        for message in messages:
            await self._dispatch.take(gateway_id, message, self._clock())
            await turn.yield_if_due()

    async def _take_all(self, batch: Batch) -> None:
        async with self._turn:
            taken = self._taken.pop(batch.gateway_id, batch.first_number - 1)
            await self._take_each(batch.gateway_id, batch.messages[max(taken + 1 - batch.first_number, 0) :])
            self._taken[batch.gateway_id] = max(taken, batch.first_number + len(batch.messages) - 1)
            while len(self._taken) > _MAX_GATEWAYS:
                del self._taken[next(iter(self._taken))]

    async def _wake(self, key: TimerKey) -> None:
        now = self._clock()
        kind, argument = key
        if kind == "session":
            await self._driver.wake(argument)
        elif kind == "render":
            offer = await self._outbox.presume_rendered(argument, now)
            if offer is not None:
                await self._interactions.advance(offer, OfferStatus.RENDERED, now)
        elif kind == "deliver":
            await self._interactions.deliver(argument, now)
        elif kind == "restore":
            # Beside the timers: a database that hangs may take its time once more.
            self._restoring = asyncio.get_running_loop().create_task(self._restore_again())
        elif kind == "expire":
            offer = self._outbox.get(argument)
            if offer is not None:
                await self._interactions.advance(offer, OfferStatus.EXPIRED, now)
        elif key == _RETENTION:
            self._timers.set(_RETENTION, now + _RETENTION_S)
            self._memory.forget_before(now - self.settings.memory.retention)
            await self._chat_owners.forget_before(now - self.settings.memory.retention)
        else:
            more = await self._sessions.expire(now)
            self._timers.set(_EXPIRY, now + (_NEXT_EXPIRY_S if more else _EXPIRY_S))

    async def _restore_again(self) -> None:
        for offer in await self._outbox.restore_again(self._clock()):
            await self._interactions.deliver(offer.offer_id, self._clock())

    def _words_for(self, records: Sequence[SessionRecord]) -> None:
        """Sessions have ended, and what they show is stored."""
        if self._narrator is not None:
            self._narrator.take(records)

    def _look_at(self, key: SessionKey) -> None:
        """Let all triggers be asked about a session."""
        self._timers.set_sooner(("session", key), self._clock())

    async def answer(self, request: EngineRequest[Any]) -> msgspec.Struct:
        """Answer a request of a gateway's by the type that it names.

        Raises:
            EngineRefused: the engine is stopping, or does not do it.
        """
        if self._stopping:
            raise EngineRefused("unavailable", "the engine is stopping")
        return await self._router.answer(request)

    def gateway_lost(self, gateway_id: str) -> None:
        """The gateway's stream has ended: nothing can be sent to its feeds until it is back."""
        self._presence.lost(gateway_id)

    def health(self) -> dict[str, Any]:
        """State and counts, without secrets."""
        problem = self._ledger.problem or self._memory_store.problem
        health: dict[str, Any] = {
            "state": "running",
            "product_id": self.settings.product_id,
            "sessions": len(self._sessions),
            "sessions_evicted": self._sessions.evicted,
            "open_offers": len(self._outbox),
            "feeds": len(self._presence),
            "memory": {"state": "failed" if problem else "connected"},
            **({"llm": self._model.health()} if self._model else {}),
            **({"embeddings": self._embeddings.health()} if self._embeddings else {}),
            **self._source_limits.health(self._driver.sources),
            **self._dispatch.counts,
            **self._driver.counts,
            **self._interactions.counts,
            **self._outbox.counts,
            **self._calls.counts,
            **self._tour_orders.counts,
            **self._memory.counts,
            **self._ledger.counts,
            **(self._hook.counts if self._hook else {}),
            **(self._summarizer.counts if self._summarizer else {}),
            **(self._narrator.counts if self._narrator else {}),
        }
        if self._ledger.waiting:
            health["memory"]["waiting"] = self._ledger.waiting
        if problem:
            health["memory"]["remedy"] = f"{problem}: check database.url in autoplay.yml"
        return health


def _hook(settings: EngineSettings, file: YamlFile) -> BatchHook | None:
    if settings.on_actions is None:
        return None
    return BatchHook(load_object(settings.on_actions, file, ["on_actions"]), settings.on_actions_timeout)


def _judge(settings: EngineSettings, model: LanguageModel | None) -> ModelJudge | None:
    if model is None or settings.llm is None or not settings.llm.judge:
        return None
    return ModelJudge(model, settings.llm.judge_timeout)


def _narrator(
    settings: EngineSettings, model: LanguageModel | None, paths: Sequence[GoldenPath], store: MemoryStore
) -> Narrator | None:
    if model is None or settings.llm is None or not settings.llm.session_notes:
        return None
    return Narrator(model, paths, store)


def _embeddings(settings: EngineSettings, paths: Sequence[GoldenPath], folder: Path) -> Embeddings | None:
    if settings.llm is None or not settings.llm.embedding_model or not paths:
        return None
    documents = {path.id: document_of(path) for path in paths}
    return Embeddings(settings.llm, documents, str(folder / _EMBEDDINGS_FILE))
