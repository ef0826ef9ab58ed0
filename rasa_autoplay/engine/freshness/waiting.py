"""Ended sessions and reports that wait to be observed and stored, in memory and within limits."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from rasa_autoplay.engine.freshness.control_texts import ControlTexts
from rasa_autoplay.engine.freshness.observation import MissingReport, PathObservation
from rasa_autoplay.engine.freshness.path_observer import Observed, PathObserver, Use
from rasa_autoplay.engine.knowledge.attempts import StepEvidence

__all__ = ["EndedSession", "WaitingObservations"]

#: Overflow policy: while the database does not work, the oldest are dropped and counted.
_MOST_SESSIONS, _MOST_OBSERVATIONS = 2_000, 5_000
_BATCH = 500
#: Sessions that are observed at a time, in a thread.
_OBSERVED_AT_ONCE = 50


class EndedSession(NamedTuple):
    """A session of a known user that has begun a golden path.

    Args:
        user_id: the user.
        session_id: the session.
        evidence: for each path that it has begun, what observes it, and what the session proves.
        uses: the controls that the user has operated, oldest first.
    """

    user_id: str
    session_id: str
    evidence: Sequence[tuple[PathObserver, Sequence[StepEvidence]]]
    uses: Sequence[Use]

    def observe(self) -> list[Observed]:
        """Return what it shows of each path."""
        found = (
            observer.observe(self.user_id, self.session_id, actions, self.uses)
            for observer, actions in self.evidence
        )
        return [observed for observed in found if observed is not None]


class WaitingObservations:
    """What is not stored yet.

    Args:
        texts: learns the controls of the sessions.
    """

    def __init__(self, texts: ControlTexts) -> None:
        self._texts = texts
        self._ended: deque[EndedSession] = deque()
        self._observed: deque[PathObservation | MissingReport] = deque()
        #: How many sessions and observations were dropped.
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._ended) + len(self._observed)

    def add_session(self, session: EndedSession) -> None:
        """Add a session, to be observed later."""
        if len(self._ended) >= _MOST_SESSIONS:
            self._ended.popleft()
            self.dropped += 1
        self._ended.append(session)

    def add(self, observed: PathObservation | MissingReport) -> None:
        """Add an observation or a report."""
        if len(self._observed) >= _MOST_OBSERVATIONS:
            self._observed.popleft()
            self.dropped += 1
        self._observed.append(observed)

    async def next_batch(self) -> list[PathObservation | MissingReport]:
        """Observe the ended sessions, and return the oldest that wait to be stored."""
        while self._ended and len(self._observed) < _BATCH:
            await self._observe()
        return list(islice(self._observed, _BATCH))

    async def _observe(self) -> None:
        batch = list(islice(self._ended, _OBSERVED_AT_ONCE))
        # Many sessions can end at once, which would block the event loop.
        shown = await asyncio.to_thread(lambda: [session.observe() for session in batch])
        waiting = set(map(id, self._ended))
        for session, found in zip(batch, shown, strict=True):
            if id(session) in waiting:  # it may have been dropped, or forgotten with its user
                for observed in found:
                    self._texts.learn(session.user_id, observed.controls)
                    self.add(observed.observation)
        done = set(map(id, batch))
        self._ended = deque(each for each in self._ended if id(each) not in done)

    def stored(self, batch: Iterable[PathObservation | MissingReport]) -> None:
        """Remove what is durable."""
        done = set(map(id, batch))
        self._observed = deque(each for each in self._observed if id(each) not in done)

    def forget_user(self, user_id: str) -> None:
        """Drop what belongs to a user."""
        self._ended = deque(each for each in self._ended if each.user_id != user_id)
        self._observed = deque(each for each in self._observed if each.user_id != user_id)
