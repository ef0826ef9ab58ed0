"""Keeps user memory: reads a user's past when they appear, and writes what their sessions show.

Sessions are followed at once; the database is used in the background, for many sessions at a time. What
cannot be written stays here until it can, within a bound.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import islice

from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.engine.knowledge.facts import PathFacts, UserFacts
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.path_results import PathResult, verdicts_of
from rasa_autoplay.engine.memory.analysis import analysis_of
from rasa_autoplay.engine.memory.base import MemoryStore, SessionRecord
from rasa_autoplay.engine.memory.fact_cache import PathFollower
from rasa_autoplay.engine.memory.past import PastReader
from rasa_autoplay.engine.memory.stored_evidence import decode_proofs, encode_proofs, merged
from rasa_autoplay.engine.sessions.session import Session, SessionKey
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.events.user_properties import joined

__all__ = ["MemoryKeeper"]

logger = logging.getLogger(__name__)

#: So many sessions share a transaction, and so long others are waited for.
_BATCH = 500
_GATHER_S = 0.2
#: A database that does not work is tried again after so long.
_RETRY_S = 5.0
#: Ended sessions that wait for the database; more are dropped, the oldest first, and counted.
_MAX_WAITING = 50_000

_RecordKey = tuple[SessionKey, str]


def _nobody(_records: Sequence[SessionRecord]) -> None:
    """Nothing more is made of them."""


class MemoryKeeper:
    """Follows sessions, and remembers their users.

    Args:
        paths: all golden paths.
        store: where sessions are kept.
        recalled: is told when a session's user has become known, so that triggers can be asked again.
        written: is told of sessions that have ended, once they are durable.
    """

    def __init__(
        self,
        paths: Sequence[GoldenPath],
        store: MemoryStore,
        recalled: Callable[[SessionKey], None],
        written: Callable[[Sequence[SessionRecord]], None] = _nobody,
    ) -> None:
        self._follower = PathFollower(paths)
        self._store = store
        self._recalled = recalled
        self.written = written
        self.reader = PastReader(self._follower.tracker)
        #: Sessions whose user's past is not known yet.
        self._strangers: dict[SessionKey, Session] = {}
        #: Live sessions of which there is something new to write.
        self._changed: dict[_RecordKey, Session] = {}
        #: Sessions that are over, and not written yet.
        self._ended: dict[_RecordKey, SessionRecord] = {}
        #: Those of them of which an earlier run may have written more than this one has seen.
        self._unread: set[_RecordKey] = set()
        #: What ended before this (epoch seconds) is to be deleted; None when that is done.
        self._outdated: float | None = None
        self._news = asyncio.Event()
        self._working: asyncio.Task[None] | None = None
        self.counts: Counter[str] = Counter()

    def start(self) -> None:
        """Begin to read and write in the background."""
        self._working = asyncio.get_running_loop().create_task(self._work())

    async def stop(self) -> None:
        """Write what is left, if the database works; the store is the caller's to close."""
        await end_tasks([self._working])
        await self.settle()
        if self._ended:
            logger.warning("%d sessions could not be written to user memory.", len(self._ended))

    async def settle(self) -> bool:
        """Read and write all that there is to be read and written; False when the database does not work."""
        while self._strangers or self._changed or self._ended or self._outdated is not None:
            if not await self._turn():
                return False
        return True

    def note(self, session: Session, actions: Sequence[SlimAction]) -> None:
        """Follow a session; whoever is new in it is looked up."""
        stepped = self._follower.follow(session, actions)
        if not session.user_id:
            return
        if session.past is None:
            self._strangers[session.key] = session
            self._news.set()
        elif stepped:
            self._changed[session.key, session.user_id] = session
            self._news.set()

    def over(self, session: Session) -> None:
        """Write what a session shows, now that it has ended, or that another user takes it over."""
        self._strangers.pop(session.key, None)
        key = session.key, session.user_id or ""
        self._changed.pop(key, None)
        if not session.user_id or not session.action_count:
            return
        self._ended.pop(key, None)
        self._ended[key] = self._record_of(session)
        if session.past is None:
            self._unread.add(key)
        while len(self._ended) > _MAX_WAITING:
            dropped = next(iter(self._ended))
            del self._ended[dropped]
            self._unread.discard(dropped)
            self.counts["memory_dropped"] += 1
        self._news.set()

    def forget_before(self, at: float) -> None:
        """Delete, in the background, the sessions that ended before then (epoch seconds)."""
        self._outdated = at
        self._news.set()

    def user_facts(self, session: Session) -> UserFacts | None:
        """The user's past, once it is at hand."""
        return self._follower.user_facts(session)

    def path_facts(self, session: Session) -> PathFacts:
        """Where the session stands."""
        return self._follower.path_facts(session)

    @property
    def has_strangers(self) -> bool:
        """Whether the past of somebody who is here is not known yet."""
        return bool(self._strangers)

    def verdicts_of(self, record: SessionRecord) -> list[PathResult]:
        """What a stored session says about every path that it began."""
        tracker = self._follower.tracker
        return verdicts_of(tracker, decode_proofs(record.proofs, tracker))

    async def _work(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                works = await self.settle()
            except Exception:
                logger.exception("User memory failed; it is tried again.")
                works = False
            if not works:
                self._news.set()
            await asyncio.sleep(_GATHER_S if works else _RETRY_S)

    async def _turn(self) -> bool:
        # Written first: what has just ended belongs to the past of whoever comes next.
        return await self._write() and await self._recall() and await self._forget()

    async def _write(self) -> bool:
        if not await self._complete():
            return False
        read = (item for item in self._ended.items() if item[0] not in self._unread)
        ended = dict(islice(read, _BATCH))
        changed = dict(islice(self._changed.items(), _BATCH))
        for key in changed:
            del self._changed[key]
        live = {key: self._record_of(session) for key, session in changed.items()}
        if not await self._store.save([*{**ended, **live}.values()]):
            for key, session in changed.items():
                # Who has left in the meantime is among those that have ended.
                if key not in self._ended and session.user_id == key[1]:
                    self._changed.setdefault(key, session)
            return False
        for key, record in ended.items():
            if self._ended.get(key) is record:
                del self._ended[key]
        self.counts["sessions_written"] += len(ended)
        self.written(list(ended.values()))
        return True

    async def _complete(self) -> bool:
        """Add to what ended unread what an earlier run has written of the very session."""
        unread = {key: self._ended[key] for key in islice(self._unread, _BATCH) if key in self._ended}
        self._unread.intersection_update(self._ended)
        if not unread:
            return True
        found = await self._store.recall(list({(key[0][0], key[1]) for key in unread}))
        if found is None:
            return False
        for key, record in unread.items():
            earlier = (one for one in found[key[0][0], key[1]] if one.analysis.session_id == key[0][1])
            own = next(earlier, None)
            if self._ended.get(key) is record:
                self._unread.discard(key)
                if own is not None:
                    self._ended[key] = self._joined(own, record)
        return True

    def _joined(self, earlier: SessionRecord, later: SessionRecord) -> SessionRecord:
        tracker, one, other = self._follower.tracker, earlier.analysis, later.analysis
        proofs = merged(decode_proofs(earlier.proofs, tracker), decode_proofs(later.proofs, tracker))
        analysis = analysis_of(
            verdicts_of(tracker, proofs),
            product_id=other.product_id,
            user_id=other.user_id,
            session_id=other.session_id,
            started_at=min(one.started_at, other.started_at),
            ended_at=max(one.ended_at, other.ended_at),
            action_count=max(one.action_count, other.action_count),
            properties=joined(one.properties, other.properties),
            summary=other.summary or one.summary,
        )
        return SessionRecord(analysis, encode_proofs(proofs))

    async def _recall(self) -> bool:
        asked = {key: (s, s.user_id or "") for key, s in islice(self._strangers.items(), _BATCH)}
        if not asked:
            return True
        users = dict.fromkeys((key[0], user_id) for key, (_, user_id) in asked.items())
        found = await self._store.recall(list(users))
        if found is None:
            return False
        for key, (session, user_id) in asked.items():
            # In the meantime it may have ended, or been taken over by another user.
            if self._strangers.get(key) is session and session.user_id == user_id:
                del self._strangers[key]
                self._take_up(session, found[key[0], user_id])
                self._changed[key, user_id] = session
                self._recalled(key)
        return True

    async def _forget(self) -> bool:
        if self._outdated is not None:
            count = await self._store.forget_before(self._outdated)
            if count is None:
                return False
            self._outdated = None
            self.counts["sessions_outdated"] += count
        return True

    def _take_up(self, session: Session, records: Sequence[SessionRecord]) -> None:
        """Give a session its user's past, and what an earlier run had seen of this very session."""
        own = next((r for r in records if r.analysis.session_id == session.key[1]), None)
        session.past = self.reader.past_of([record.analysis for record in records if record is not own])
        if own is None:
            return
        proofs = decode_proofs(own.proofs, self._follower.tracker)
        if proofs:
            session.proofs = merged(proofs, session.proofs or {})
        session.began_at = min(own.analysis.started_at, session.began_at or own.analysis.started_at)
        session.action_count = max(own.analysis.action_count, session.action_count)

    def _record_of(self, session: Session) -> SessionRecord:
        newest = session.window.newest
        proofs = session.proofs
        analysis = analysis_of(
            verdicts_of(self._follower.tracker, proofs) if proofs else (),
            product_id=session.key[0],
            user_id=session.user_id or "",
            session_id=session.key[1],
            started_at=session.began_at,
            ended_at=newest.timestamp_start if newest else session.active_at,
            action_count=session.action_count,
            properties=joined(session.past.properties if session.past else {}, session.properties or {}),
            summary=session.summary.newest if session.summary else "",
        )
        return SessionRecord(analysis, encode_proofs(proofs))
