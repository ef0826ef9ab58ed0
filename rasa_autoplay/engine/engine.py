"""The engine: builds its parts from the settings, applies the gateways' messages, and runs the timers."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from rasa_autoplay.common.metrics.metric import Reading
from rasa_autoplay.common.runtime.gc_freeze import freeze_gc
from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.common.runtime.timers import TimerKey, Timers
from rasa_autoplay.engine.batch_hook import load_hook
from rasa_autoplay.engine.changes.change import ChangeKind
from rasa_autoplay.engine.changes.change_writer import ChangeWriter
from rasa_autoplay.engine.changes.pause_control import PauseControl
from rasa_autoplay.engine.changes.pause_poller import PausePoller
from rasa_autoplay.engine.changes.pauses import Pauses
from rasa_autoplay.engine.changes.reloader import Reloader
from rasa_autoplay.engine.changes.watched_files import WatchedFiles
from rasa_autoplay.engine.consent.consent_requests import ConsentRequests
from rasa_autoplay.engine.core.configuration import load_configuration
from rasa_autoplay.engine.core.decision_core import EngineCore, evaluation_requests
from rasa_autoplay.engine.core.live_state import LiveState
from rasa_autoplay.engine.current_assistant import CurrentAssistant
from rasa_autoplay.engine.decisions.decision_log import Decision
from rasa_autoplay.engine.engine_health import EngineHealth
from rasa_autoplay.engine.engine_version import EngineVersion, LastingParts
from rasa_autoplay.engine.external_offers.copilot import Copilot
from rasa_autoplay.engine.external_offers.external_offers import ExternalOffers
from rasa_autoplay.engine.external_offers.keyed_requests import KEPT_S
from rasa_autoplay.engine.external_offers.version_in_force import VersionInForce
from rasa_autoplay.engine.freshness.confirm_control import ConfirmControl
from rasa_autoplay.engine.freshness.freshness import Freshness
from rasa_autoplay.engine.freshness.suspect import Suspect
from rasa_autoplay.engine.live_tail.watchers import Watchers
from rasa_autoplay.engine.loaded_version import LoadedVersion, load_version
from rasa_autoplay.engine.memory.keeper import MemoryKeeper
from rasa_autoplay.engine.message_applier import MessageApplier
from rasa_autoplay.engine.metrics.engine_metrics import EngineMetrics, Measured
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.open_offers import FramePublisher
from rasa_autoplay.engine.path_drafts.path_drafts import DraftParts
from rasa_autoplay.engine.path_drafts.traffic_titles import TrafficTitles
from rasa_autoplay.engine.proposals.auto_promotion import AutoPromotion
from rasa_autoplay.engine.proposals.promotion import Promotion
from rasa_autoplay.engine.recording.recording import Recording
from rasa_autoplay.engine.recording.sql.store import delete_leftovers
from rasa_autoplay.engine.replay.recordings import RecordingParts
from rasa_autoplay.engine.rule_editor.rule_editor import RuleEditor
from rasa_autoplay.engine.sessions.base import SessionStoreMaker
from rasa_autoplay.engine.sessions.local import make_local_store
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.stores import Stores
from rasa_autoplay.engine.studio.latest_decisions import LatestDecisions
from rasa_autoplay.engine.studio.user_data import UserData
from rasa_autoplay.engine.tips.remembered_choices import RememberedChoices
from rasa_autoplay.engine.tours.problems import TourProblems
from rasa_autoplay.engine.tracing.traces import engine_traces
from rasa_autoplay.engine.user_forgetter import UserForgetter
from rasa_autoplay.engine.versions import Versions
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.messages import Batch, BatchAnswer, UpMessage
from rasa_autoplay.link.request_types import EngineRequest
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.storage.database import resolve_sqlite_url

__all__ = ["Engine"]

logger = logging.getLogger(__name__)

_FORGET_OLD: TimerKey = ("forget_old", None)
_FORGET_EVERY_S = 3600.0


class Engine:
    """Applies reports from gateways, decides on offers, and sends them to browsers.

    Args:
        file: ``autoplay.yml``.
        publisher: sends frames to the gateways.
        clock: epoch seconds.
        make_sessions: creates the store of live sessions.
        runs_in: the server that the engine runs in, for health: ``action_server``, ``rasa_server`` or
            ``own_process``.

    Raises:
        ConfigError: the file, or something that it refers to, is wrong.
    """

    def __init__(
        self,
        file: YamlFile,
        publisher: FramePublisher,
        clock: Callable[[], float] = time.time,
        make_sessions: SessionStoreMaker = make_local_store,
        runs_in: str = "action_server",
    ) -> None:
        files = WatchedFiles(file)
        configuration = load_configuration(file)
        settings, folder = configuration.settings, file.path.parent
        url = resolve_sqlite_url(folder, settings.database.url)

        self.engine_id = f"engine_{secrets.token_urlsafe(9)}"
        self._clock = clock
        self._timers = Timers(clock)
        self._traces = engine_traces(settings)
        self.stores = stores = Stores(url, settings.product_id, self.engine_id, clock, settings.outcomes)
        self._change_writer = ChangeWriter(
            stores.change_log.append, settings.product_id, self.engine_id, clock
        )
        self._pauses = Pauses()
        self._replays = ThreadPoolExecutor(1, "autoplay-replay")
        self._recording = Recording(
            settings.recording,
            stores.recordings,
            clock,
            self.engine_id,
            lambda: self._version.configuration.fingerprint,
            lambda: delete_leftovers(url, settings.product_id),
        )
        self._freshness = Freshness(
            settings.product_id, configuration.paths, stores.freshness, clock, self._record_suspect
        )
        self._memory = MemoryKeeper(
            configuration.paths,
            stores.memory,
            evaluation_requests(self._timers, clock),
            lambda records: self._version.models.narrate(records),
            self._recording.session_observer,
            self._freshness,
        )
        self.sessions = make_sessions(settings, self.engine_id, self._on_session_ended)
        self._watchers = Watchers(clock)
        self._latest_decisions = LatestDecisions()
        self._metrics = EngineMetrics(lambda user_id: bool(self._live.presence.feeds_of(user_id)))
        self._live = LiveState(
            clock,
            self._timers,
            self.sessions,
            self._memory,
            stores.ledger,
            self._traces.publishing(publisher),
            self._pauses.of,
            self._freshness.suspects,
            RememberedChoices(stores.choices).of,
            observe_decision=self._recording.with_decisions(self._observe_decision),
            observe_offer=self._recording.with_offers(self._observe_offer),
            session_observer=self._recording.session_observer,
            offer_watch=self._metrics,
        )
        self._pause_poller = PausePoller(
            stores.change_log,
            settings.product_id,
            self._pauses,
            clock,
            self._watchers.pause,
            lambda: self._core.paused_offers.withdraw(),
        )
        self._message_counts: Counter[str] = Counter()
        self._tour_problems = TourProblems()
        user_data = UserData(
            settings.product_id, stores.user_tables(), stores.change_log, clock, stores.consents.scrub
        )
        self._applier = MessageApplier(lambda: self._version.dispatch, clock, self._traces)
        forgetter = UserForgetter(
            settings.product_id,
            self._live,
            self._memory,
            stores.ledger,
            self._recording,
            self._freshness,
            self._watchers,
            self._latest_decisions,
            self._applier.applying,
            self.finish_pending,
        )
        self._rule_editor = RuleEditor(
            file.path, lambda: self._version.configuration, self.sessions, stores.change_log.append, clock
        )
        self._external_offers = ExternalOffers(
            self._version_in_force, stores.ledger, stores.offer_requests, self.engine_id, clock
        )
        promotion = Promotion(
            file.path, settings.product_id, stores.proposals, stores.change_log.append, clock
        )
        self._auto_promotion = AutoPromotion(
            lambda: self.settings.discover, promotion, stores.promotion_turns, clock
        )
        parts = LastingParts(
            self._live,
            stores,
            self._watchers,
            self._tour_problems,
            self._message_counts,
            self.health,
            folder,
            user_data,
            forgetter,
            PauseControl(stores.change_log, settings.product_id, clock),
            RecordingParts(stores.recordings, stores.ledger, stores.change_log, self._replays, clock),
            self._latest_decisions,
            self._rule_editor,
            DraftParts(
                file.path,
                stores.path_drafts,
                TrafficTitles(self.sessions),
                stores.change_log.append,
                clock,
            ),
            self._freshness,
            ConfirmControl(settings.product_id, stores.freshness, stores.change_log, clock),
            self._external_offers,
            Copilot(settings.product_id, self.answer, self._version_in_force),
            ConsentRequests(
                stores.consents, self._applier.withdrawn, self._live.presence, user_data, forgetter.forget
            ),
            promotion,
        )
        first = LoadedVersion(configuration, self._memory.follower, load_hook(settings, file))
        self._versions = Versions(first, parts, self._memory, self._applier.applying, self._metrics)
        #: Answers questions that users ask in the chat.
        self.answers = CurrentAssistant(lambda: self._version.answers)
        self._reloader = Reloader(
            files,
            configuration.fingerprint,
            lambda: load_version(file.path, self._version, runs_in),
            self._versions.put_in_force,
            self._change_writer.record,
            clock,
        )
        self._measured = Measured(
            self._live,
            stores.ledger,
            self._memory,
            lambda: stores.problem or stores.gate_counts.problem,
            self._message_counts,
            self._pauses,
            self._reloader.health,
            lambda: self._version,
        )
        self._health = EngineHealth(
            runs_in,
            self._live,
            stores,
            self._pauses,
            self._reloader.health,
            (
                lambda: self._message_counts,
                lambda: self._version.health(),
                self._tour_problems.health,
                self._freshness.health,
                lambda: self._memory.counts,
                lambda: stores.ledger.counts,
                self._recording.health,
                self._traces.health,
                stores.outcomes.health,
                lambda: self._external_offers.counts,
                self._auto_promotion.health,
            ),
        )
        self._stopping = False
        self._ticking: asyncio.Task[None] | None = None

    @property
    def settings(self) -> EngineSettings:
        """``autoplay.yml`` as it is in force."""
        return self._version.configuration.settings

    @property
    def _version(self) -> EngineVersion:
        return self._versions.current

    @property
    def _core(self) -> EngineCore:
        return self._version.core

    def _version_in_force(self) -> VersionInForce:
        return VersionInForce(self._version.configuration, self._core)

    async def start(self, is_ours: Callable[[str], bool] = lambda _user_id: True) -> None:
        """Load the offers that an earlier run left open, and start the timers.

        Args:
            is_ours: whether this engine serves a user, by id.
        """
        self._traces.start()
        # All wait for a hanging database.
        await asyncio.gather(self._pause_poller.start(), self.adopt(is_ours), self._freshness.start())
        self._core.schedule_expiry()
        self._timers.set(_FORGET_OLD, self._clock())
        self._memory.start()
        self._recording.start()
        self.stores.outcomes.start()
        self._ticking = asyncio.get_running_loop().create_task(self._timers.run(self._handle_timer))
        logger.info(
            "The autoplay engine has started: product %s, %d triggers.",
            self.settings.product_id,
            len(self.settings.triggers),
        )
        await self._version.models.start()
        self._reloader.start()
        self._auto_promotion.start()
        freeze_gc()

    async def adopt(self, is_ours: Callable[[str], bool], sessions: Iterable[Session] = ()) -> None:
        """Continue the open offers and sessions of users that an earlier run, or another engine, served.

        Args:
            is_ours: whether a user, by id, is among those to adopt.
            sessions: those of their sessions that are loaded already.
        """
        await self._live.open_offers.restore(self._clock(), is_ours)
        request_evaluation = evaluation_requests(self._timers, self._clock)
        for session in sessions:
            self._core.renewal.renew(session)
            self._traces.adopt(session)
            self._live.languages.browser_stated(session.user_id, session.language)
            self._memory.observe(session, ())
            request_evaluation(session.key)  # which checks its goals, too

    def release(self, is_theirs: Callable[[str], bool]) -> None:
        """Forget the offers and tours of these users, because another engine serves them now."""
        self._live.open_offers.release(is_theirs)
        self._live.running_tours.release(is_theirs)
        self._live.goals.release(is_theirs)

    def _observe_decision(self, decision: Decision) -> None:
        self._watchers.decision(decision)
        self.stores.gate_counts.decision(decision)
        self._latest_decisions.decision(decision)
        self._metrics.decision(decision)

    def _observe_offer(self, offer: Offer, now: float) -> None:
        self._watchers.offer(offer, now)
        self._latest_decisions.offer(offer, now)
        self._metrics.offer(offer, now)

    def _record_suspect(self, suspect: Suspect) -> None:
        found = f"step {suspect.step_id} of path {suspect.path_id}: {suspect.describe()}"
        self._change_writer.record(ChangeKind.SUSPECTED, "", found)

    def _on_session_ended(self, session: Session) -> None:
        self._memory.on_session_ended(session)
        self._live.goals.on_session_ended(session)

    async def finish_pending(self) -> None:
        """Wait for pending decisions and late deliveries."""
        await self._core.finish_pending()

    async def stop(self) -> None:
        """Finish pending work, then close the database and the language model."""
        await self._auto_promotion.stop()
        await self._reloader.stop()
        await self._change_writer.stop()
        await end_tasks([self._ticking])
        await self._pause_poller.stop()
        await self._core.late_deliveries.stop()
        self._stopping = True
        self._watchers.end_all()
        self.stores.outcomes.broker_queue.stop()
        await self._rule_editor.stop()
        await self._external_offers.finish_pending()
        async with self._applier.applying:
            await self.finish_pending()
            await self.sessions.clear()
        # Side by side, because each waits for a hanging database.
        await asyncio.gather(self._live.goals.stop(), self._memory.stop())
        await asyncio.gather(self._freshness.stop(), self._recording.stop())
        await self._version.stop()
        self._replays.shutdown(wait=False, cancel_futures=True)
        await asyncio.gather(self.stores.close(), self._traces.stop())

    async def apply_batch(self, batch: Batch) -> BatchAnswer:
        """Apply the messages of a batch in order, and skip those that were applied before.

        Raises:
            EngineRefused: the batch belongs to another product, or the engine is stopping.
        """
        if batch.product_id != self.settings.product_id:
            raise EngineRefused(
                "forbidden",
                f"credentials.yml says product_id {batch.product_id!r} and autoplay.yml says "
                f"{self.settings.product_id!r}: they must agree",
            )
        if self._stopping:
            raise EngineRefused("unavailable", "the engine is stopping")
        if batch.engine_id == self.engine_id:
            await self._applier.apply_new(batch)
        return BatchAnswer(self.engine_id, self.settings.session.window.lookback)

    async def apply_messages(self, gateway_id: str, messages: Iterable[UpMessage]) -> None:
        """Apply new messages of a gateway, in order."""
        await self._applier.apply(gateway_id, messages)

    async def _handle_timer(self, key: TimerKey) -> None:
        if key != _FORGET_OLD:
            with self._traces.on_timer():
                await self._core.handle_timer(key)
            return
        now = self._clock()
        self._timers.set(_FORGET_OLD, now + _FORGET_EVERY_S)
        self._memory.forget_before(now - self.settings.memory.retention)
        self._recording.forget_old()
        self._freshness.forget_before(now - self.settings.memory.retention)
        await self.stores.chat_owners.forget_before(now - self.settings.memory.retention)
        await self.stores.offer_requests.forget_before(now - KEPT_S)

    async def answer(self, request: EngineRequest[Any]) -> msgspec.Struct:
        """Answer a gateway's request.

        Raises:
            EngineRefused: the engine is stopping, or rejects the request.
        """
        if self._stopping:
            raise EngineRefused("unavailable", "the engine is stopping")
        with self._traces.answering(request):
            return await self._version.router.answer(request)

    def gateway_lost(self, gateway_id: str) -> None:
        """Forget the feeds of a gateway whose stream has ended; it reports them again when it reconnects."""
        self._live.presence.lost(gateway_id)

    def read_metrics(self) -> Iterator[Reading]:
        """Read all metrics."""
        return self._metrics.read(self._measured)

    def health(self) -> dict[str, Any]:
        """Return state and counts, without secrets."""
        return self._health.read(self.settings.product_id)
