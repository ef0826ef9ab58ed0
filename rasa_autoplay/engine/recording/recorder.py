"""Records sessions in the background: what users did, what was decided, and what became of it.

An observer only appends to a queue. Rows are written in batches, so a killed engine loses at most the last
half second. The oldest rows are deleted after ``keep``, and earlier if there are more than ``max_actions``.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Any

from rasa_autoplay.common.runtime.backoff import Backoff, Retry
from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.engine.decisions.decision_log import Decision
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import OfferStatus
from rasa_autoplay.engine.recording.base import RecordingStore
from rasa_autoplay.engine.recording.remembered import describe_known
from rasa_autoplay.engine.recording.row_encoder import Seen, encode_rows
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.settings.engine import RecordingSettings

__all__ = ["UNDONE", "WITHDRAWN", "Recorder"]

logger = logging.getLogger(__name__)

#: The user said yes but got no help, so the acceptance was undone.
UNDONE = "acceptance_undone"
#: The offer ended before its time, because its user had moved on or its trigger was paused.
WITHDRAWN = "withdrawn"
#: Rows are written this long after they have happened, in seconds; a killed engine loses no more than that.
_WRITE_AFTER_S = 0.5
_BATCH = 2_000
#: Overflow policy: while the database does not work, the oldest rows are dropped and counted.
_MAX_WAITING = 20_000
_BACKOFF = Backoff(0.5, 5.0)
#: How often old rows are deleted while rows are written, in seconds.
_TIDY_EVERY_S = 60.0


class Recorder:
    """Observes sessions, decisions and offers, and records them.

    Args:
        store: stores the rows.
        settings: ``recording`` in ``autoplay.yml``.
        clock: epoch seconds.
        engine_id: this engine's run; a restarted engine has forgotten its live sessions.
        fingerprint: returns that of the files in force.
    """

    def __init__(
        self,
        store: RecordingStore,
        settings: RecordingSettings,
        clock: Callable[[], float],
        engine_id: str,
        fingerprint: Callable[[], str],
    ) -> None:
        self._store, self._settings = store, settings
        self._clock, self._fingerprint = clock, fingerprint
        self._engine_id = engine_id
        self._waiting: deque[Seen] = deque()
        self._writing: asyncio.Task[None] | None = None
        self._tidied_at = 0.0
        self._entries: int | None = None
        self._seen = self._written = self._dropped = self._dropped_oldest = 0

    def applied(
        self, session: Session, payload: ActionsPayload, source: str, now: float, /, *, is_new: bool
    ) -> None:
        """Record a batch that was applied to a session; ``is_new`` says that it is the session's first."""
        if is_new:
            self._add(
                session, now, {"event": "began", "engine": self._engine_id, "files": self._fingerprint()}
            )
        self._add(session, now, (payload, source))

    def happened(self, session: Session, event: str, now: float, /, **fields: Any) -> None:
        """Record an event of a session that is no action of the user."""
        self._add(session, now, {"event": event, **{name: value for name, value in fields.items() if value}})

    def history_loaded(self, session: Session) -> None:
        """Record what memory knows of a session's user."""
        self._add(session, self._clock(), {"event": "history", **describe_known(session)})

    def decision(self, decision: Decision) -> None:
        """Record a decision; this is an observer of decisions."""
        self._append(decision.user_id, decision.session_id, decision.at, decision)

    def offer(self, offer: Offer, now: float) -> None:
        """Record an offer's new status; this is an observer of offers."""
        fields = {"event": "offer", "offer_id": offer.offer_id, "status": _step_of(offer, now)}
        self._append(offer.user_id, offer.session_id, now, fields)

    def forget_user(self, user_id: str) -> None:
        """Drop what waits to be written about a user."""
        self._waiting = deque(seen for seen in self._waiting if seen.user_id != user_id)

    @property
    def is_written(self) -> bool:
        """Whether everything that was seen is durable."""
        return self._writing is None

    @property
    def problem(self) -> str:
        """What is wrong with the database, for operators; empty if it works."""
        return self._store.problem

    def forget_old(self) -> None:
        """Delete what is too old, in the background."""
        if self._writing is None:
            self._write_later()

    async def stop(self) -> None:
        """Write what waits, if the database works; the caller closes the store."""
        await end_tasks([self._writing])
        while self._waiting and await self._write():
            pass
        if self._waiting:
            logger.warning("%d rows of recorded sessions could not be written.", len(self._waiting))

    def health(self) -> dict[str, Any]:
        """Return state and counts, without secrets.

        ``dropped`` rows were never written, because the database did not work for too long.
        ``dropped_oldest`` entries were deleted before ``keep`` had passed, because there were more than
        ``max_actions``.
        """
        health: dict[str, Any] = {
            "state": "failed" if self.problem else "recording",
            "keep_s": self._settings.keep,
            "max_actions": self._settings.max_actions,
            "actions": self._entries,
            "written": self._written,
            "waiting": len(self._waiting),
            "dropped": self._dropped,
            "dropped_oldest": self._dropped_oldest,
        }
        if self.problem:
            health["remedy"] = f"{self.problem}: check database.url in autoplay.yml"
        elif self._dropped_oldest:
            health["remedy"] = (
                "sessions are recorded for less than `recording: {keep: …}`: raise max_actions or lower keep"
            )
        return health

    def _add(self, session: Session, at: float, what: Any) -> None:
        self._append(session.user_id or "", session.key[1], at, what)

    def _append(self, user_id: str, session_id: str, at: float, what: Any) -> None:
        if len(self._waiting) >= _MAX_WAITING:
            self._waiting.popleft()
            self._dropped += 1
        self._seen += 1
        self._waiting.append(Seen(user_id, session_id, at, what, self._seen))
        if self._writing is None:
            self._write_later()

    def _write_later(self) -> None:
        self._writing = asyncio.get_running_loop().create_task(self._write_on(), name="autoplay, recording")

    async def _write_on(self) -> None:
        retry = Retry(_BACKOFF)
        try:
            while True:
                await self._tidy()
                await asyncio.sleep(_WRITE_AFTER_S)
                # What is seen meanwhile waits for the next batch, so that a batch has many rows.
                seen = self._seen
                while self._waiting and self._waiting[0].number <= seen:
                    if await self._write():
                        retry.succeeded()
                    else:
                        await retry.wait()
                if not self._waiting:
                    return
        finally:
            self._writing = None

    async def _write(self) -> bool:
        """Write the oldest rows; they are removed from the queue once they are durable."""
        batch = [self._waiting[at] for at in range(min(len(self._waiting), _BATCH))]
        if not await self._store.append(self._engine_id, lambda: encode_rows(batch)):
            return False
        self._written += len(batch)
        if self._entries is not None:
            self._entries += len(batch)  # until they are counted again
        # Some of them may have been dropped in the meantime.
        while self._waiting and self._waiting[0].number <= batch[-1].number:
            self._waiting.popleft()
        return True

    async def _tidy(self) -> None:
        now = self._clock()
        if now - self._tidied_at < _TIDY_EVERY_S:
            return
        await self._store.forget_before(now - self._settings.keep)
        dropped = await self._store.drop_oldest(self._settings.max_actions)
        self._dropped_oldest += dropped or 0
        self._entries = await self._store.count_entries()
        if self._entries is not None:
            self._tidied_at = now


def _step_of(offer: Offer, now: float) -> str:
    """Return the step that an offer has just reached, which its status does not always show."""
    if offer.is_withheld and not offer.closed_at:
        return OfferStatus.RENDERED.value
    if (offer.is_withheld or offer.status is OfferStatus.EXPIRED) and offer.closed_at == now:
        return OfferStatus.EXPIRED.value if now >= offer.expires_at else WITHDRAWN
    if offer.status is OfferStatus.EXPIRED and offer.rendered_at == now:
        return OfferStatus.SEEN.value if offer.seen_at == now else OfferStatus.RENDERED.value
    if offer.status is OfferStatus.TIMED_OUT and offer.seen_at == now:
        return OfferStatus.SEEN.value
    if offer.status is OfferStatus.SEEN and offer.seen_at != now:
        return UNDONE
    return offer.status.value
