"""Keeps user memory: loads a user's history when the user appears, and stores the results of their sessions.

Sessions are followed immediately; the database is used in the background, in batches. Records that cannot be
written wait here, up to a limit.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.common.runtime.backoff import Backoff, Retry
from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.path_results import PathResult, path_results_of
from rasa_autoplay.engine.knowledge.user_progress import UserHistory, WorkflowProgress
from rasa_autoplay.engine.memory.analysis import analysis_of
from rasa_autoplay.engine.memory.base import MemoryStore, SessionRecord
from rasa_autoplay.engine.memory.evidence_observer import NO_EVIDENCE_OBSERVER, EvidenceObserver
from rasa_autoplay.engine.memory.joined_records import joined
from rasa_autoplay.engine.memory.path_follower import PathFollower
from rasa_autoplay.engine.memory.stored_evidence import decode_evidence, encode_evidence, merged
from rasa_autoplay.engine.memory.stored_history import HistoryReader
from rasa_autoplay.engine.sessions.files_version import StepIds
from rasa_autoplay.engine.sessions.session import Session, SessionKey
from rasa_autoplay.engine.sessions.session_observer import NO_SESSION_OBSERVER, SessionObserver
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.events.user_properties import merged_properties

__all__ = ["MemoryKeeper"]

logger = logging.getLogger(__name__)

#: Maximum number of sessions in a transaction, and how long a batch is collected (seconds).
_BATCH = 500
_GATHER_S = 0.2
#: Pause before a failing database is tried again (seconds).
_BACKOFF = Backoff(1.0, 5.0)
#: Maximum number of ended sessions that wait for the database; the oldest are dropped and counted.
_MAX_WAITING = 50_000

_RecordKey = tuple[SessionKey, str]


def _no_observer(_records: Sequence[SessionRecord]) -> None:
    """Do nothing, because nothing observes persisted sessions."""


def _no_renewal(_session: Session) -> None:
    """Do nothing, because the golden paths never change."""


class MemoryKeeper:
    """Follows sessions, and remembers their users.

    Args:
        paths: all golden paths.
        store: stores the sessions.
        on_history_loaded: called when the history of a session's user is loaded, so that triggers are
            evaluated again.
        on_persisted: called with ended sessions once they are durable.
        session_observer: sees the histories that are loaded.
        evidence_observer: sees what sessions prove.
    """

    def __init__(
        self,
        paths: Sequence[GoldenPath],
        store: MemoryStore,
        on_history_loaded: Callable[[SessionKey], None],
        on_persisted: Callable[[Sequence[SessionRecord]], None] = _no_observer,
        session_observer: SessionObserver = NO_SESSION_OBSERVER,
        evidence_observer: EvidenceObserver = NO_EVIDENCE_OBSERVER,
    ) -> None:
        #: Follows sessions along the golden paths.
        self.follower = PathFollower(paths)
        self._renew: Callable[[Session], object] = _no_renewal
        self._store = store
        self._on_history_loaded = on_history_loaded
        self.on_persisted = on_persisted
        self._session_observer = session_observer
        self._evidence_observer = evidence_observer
        self.reader = HistoryReader(self.follower.tracker)
        #: Sessions whose user's history is not loaded yet.
        self._unloaded: dict[SessionKey, Session] = {}
        #: Live sessions with unsaved changes.
        self._changed: dict[_RecordKey, Session] = {}
        #: Ended sessions that are not saved yet.
        self._ended: BoundedDict[_RecordKey, SessionRecord] = BoundedDict(_MAX_WAITING, self._drop)
        #: The ended sessions whose stored record, by an earlier run, must be merged first.
        self._unmerged: set[_RecordKey] = set()
        #: Sessions that ended before this time (epoch seconds) are to be deleted; None once that is done.
        self._outdated: float | None = None
        self._has_work = asyncio.Event()
        self._working: asyncio.Task[None] | None = None
        self.counts: Counter[str] = Counter()

    def start(self) -> None:
        """Start reading and writing in the background."""
        self._working = asyncio.get_running_loop().create_task(self._work())

    async def stop(self) -> None:
        """Write what is left, if the database works; the caller closes the store."""
        await end_tasks([self._working])
        await self.finish_pending()
        if self._ended:
            logger.warning("%d sessions could not be written to user memory.", len(self._ended))

    async def finish_pending(self) -> bool:
        """Load and save everything that is pending; False if the database does not work."""
        while self._unloaded or self._changed or self._ended or self._outdated is not None:
            if not await self._process_batch():
                return False
        return True

    def switch_to(self, follower: PathFollower, renew: Callable[[Session], object]) -> None:
        """Follow sessions along other golden paths from now on.

        Args:
            follower: follows the paths.
            renew: brings a session up to date with these paths, and calls :meth:`carry_over` if they differ.
        """
        if follower is not self.follower:
            self.follower, self.reader = follower, HistoryReader(follower.tracker)
        self._renew = renew

    def carry_over(self, session: Session, step_ids: StepIds | None) -> None:
        """Translate what a session has proved, and what is known about its user, by other golden paths."""
        self.follower.carry_over(session, step_ids)
        if session.user_history is not None:
            session.user_history = self.reader.provisional(session.user_history)
        if session.user_id:
            # The stored sessions say more about the new paths.
            self._unloaded[session.key] = session
            self._has_work.set()

    def observe(self, session: Session, actions: Sequence[SlimAction]) -> None:
        """Follow a session, and load the history of its user."""
        has_progress = self.follower.follow(session, actions)
        self._evidence_observer.observe(session, actions)
        if not session.user_id:
            return
        if session.user_history is None:
            self._unloaded[session.key] = session
            self._has_work.set()
        elif has_progress:
            self._changed[session.key, session.user_id] = session
            self._has_work.set()

    def on_session_ended(self, session: Session) -> None:
        """Save a session that has ended, or that another user takes over."""
        self._renew(session)
        self._evidence_observer.on_session_ended(session)
        self._unloaded.pop(session.key, None)
        key = session.key, session.user_id or ""
        self._changed.pop(key, None)
        if not session.user_id or not session.action_count:
            return
        self._ended[key] = self._record_of(session)
        if session.user_history is None:
            self._unmerged.add(key)
        self._has_work.set()

    def _drop(self, key: _RecordKey, _record: SessionRecord) -> None:
        self._unmerged.discard(key)
        self.counts["memory_dropped"] += 1

    def forget_user(self, user_id: str) -> None:
        """Drop everything about a user that waits to be loaded or saved."""
        for key in [key for key, session in self._unloaded.items() if session.user_id == user_id]:
            del self._unloaded[key]
        waiting: tuple[dict[_RecordKey, Any], ...] = (self._changed, self._ended)
        for records in waiting:
            for record_key in [each for each in records if each[1] == user_id]:
                del records[record_key]
        self._unmerged = {each for each in self._unmerged if each[1] != user_id}

    def forget_before(self, cutoff: float) -> None:
        """Delete the sessions that ended before ``cutoff`` (epoch seconds), in the background."""
        self._outdated = cutoff
        self._has_work.set()

    def user_history(self, session: Session) -> UserHistory | None:
        """Return the user's history, once it is loaded."""
        return self.follower.user_history(session)

    def workflow_progress(self, session: Session) -> WorkflowProgress:
        """Return the session's progress in the golden paths."""
        return self.follower.workflow_progress(session)

    @property
    def waiting(self) -> int:
        """How many sessions wait to be written."""
        return len(self._changed) + len(self._ended)

    @property
    def dropped(self) -> int:
        """How many sessions were never written, because too many waited."""
        return self.counts["memory_dropped"]

    @property
    def is_loading(self) -> bool:
        """Whether the history of a present user is not loaded yet."""
        return bool(self._unloaded)

    def results_of(self, record: SessionRecord) -> list[PathResult]:
        """Return a stored session's results for all paths that it began."""
        tracker = self.follower.tracker
        return path_results_of(tracker, decode_evidence(record.evidence, tracker))

    async def _work(self) -> None:
        retry = Retry(_BACKOFF)
        while True:
            await self._has_work.wait()
            self._has_work.clear()
            try:
                works = await self.finish_pending()
            except Exception:
                logger.exception("User memory failed and will be tried again.")
                works = False
            if works:
                retry.succeeded()
                await asyncio.sleep(_GATHER_S)
            else:
                self._has_work.set()
                await retry.wait()

    async def _process_batch(self) -> bool:
        # Saving comes first, because a session that has just ended belongs to its user's history.
        return await self._write() and await self._recall() and await self._forget()

    async def _write(self) -> bool:
        if not await self._merge_stored():
            return False
        read = (item for item in self._ended.items() if item[0] not in self._unmerged)
        ended = dict(islice(read, _BATCH))
        changed = dict(islice(self._changed.items(), _BATCH))
        for key in changed:
            del self._changed[key]
        live = {key: self._record_of(session) for key, session in changed.items()}
        if not await self._store.save([*{**ended, **live}.values()]):
            for key, session in changed.items():
                # A session that has ended in the meantime is among the ended ones.
                if key not in self._ended and session.user_id == key[1]:
                    self._changed.setdefault(key, session)
            return False
        for key, record in ended.items():
            if self._ended.get(key) is record:
                del self._ended[key]
        self.counts["sessions_written"] += len(ended)
        self.on_persisted(list(ended.values()))
        return True

    async def _merge_stored(self) -> bool:
        """Merge ended sessions with the records that an earlier run stored of them."""
        unread = {key: self._ended[key] for key in islice(self._unmerged, _BATCH) if key in self._ended}
        self._unmerged.intersection_update(self._ended)
        if not unread:
            return True
        found = await self._store.recall(list({(key[0][0], key[1]) for key in unread}))
        if found is None:
            return False
        for key, record in unread.items():
            earlier = (one for one in found[key[0][0], key[1]] if one.analysis.session_id == key[0][1])
            own = next(earlier, None)
            if self._ended.get(key) is record:
                self._unmerged.discard(key)
                if own is not None:
                    self._ended[key] = joined(own, record, self.follower.tracker)
        return True

    async def _recall(self) -> bool:
        asked = {key: (s, s.user_id or "") for key, s in islice(self._unloaded.items(), _BATCH)}
        if not asked:
            return True
        users = dict.fromkeys((key[0], user_id) for key, (_, user_id) in asked.items())
        found = await self._store.recall(list(users))
        if found is None:
            return False
        for key, (session, user_id) in asked.items():
            # Meanwhile, the session may have ended, or another user may have taken it over.
            if self._unloaded.get(key) is session and session.user_id == user_id:
                del self._unloaded[key]
                self._load_history(session, found[key[0], user_id])
                self._changed[key, user_id] = session
                self._session_observer.history_loaded(session)
                self._on_history_loaded(key)
        return True

    async def _forget(self) -> bool:
        if self._outdated is not None:
            count = await self._store.forget_before(self._outdated)
            if count is None:
                return False
            self._outdated = None
            self.counts["sessions_outdated"] += count
        return True

    def _load_history(self, session: Session, records: Sequence[SessionRecord]) -> None:
        """Set a session's user history, and merge what an earlier run stored of the same session."""
        self._renew(session)
        own = next((r for r in records if r.analysis.session_id == session.key[1]), None)
        session.user_history = self.reader.history_of(
            [record.analysis for record in records if record is not own]
        )
        if own is None:
            return
        evidence = decode_evidence(own.evidence, self.follower.tracker)
        if evidence:
            session.step_evidence = merged(evidence, session.step_evidence or {})
        session.began_at = min(own.analysis.started_at, session.began_at or own.analysis.started_at)
        session.action_count = max(own.analysis.action_count, session.action_count)

    def _record_of(self, session: Session) -> SessionRecord:
        self._renew(session)
        newest = session.window.newest
        evidence = session.step_evidence
        analysis = analysis_of(
            path_results_of(self.follower.tracker, evidence) if evidence else (),
            product_id=session.key[0],
            user_id=session.user_id or "",
            session_id=session.key[1],
            started_at=session.began_at,
            ended_at=newest.timestamp_start if newest else session.active_at,
            action_count=session.action_count,
            properties=merged_properties(
                session.user_history.properties if session.user_history else {}, session.properties or {}
            ),
            summary=session.summary.newest if session.summary else "",
        )
        return SessionRecord(analysis, encode_evidence(evidence, self.follower.tracker))
