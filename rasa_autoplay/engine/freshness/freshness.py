"""Follows how users do the steps of golden paths, and finds out in the background which steps are suspect."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from rasa_autoplay.common.runtime.backoff import Backoff, Retry
from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.engine.freshness.assessment import Evidence, assess
from rasa_autoplay.engine.freshness.base import EntriesVersion, FreshnessStore, OfPath
from rasa_autoplay.engine.freshness.control_texts import ControlTexts
from rasa_autoplay.engine.freshness.entry import InForce, in_force_after, suspicion
from rasa_autoplay.engine.freshness.observation import MissingReport, PathObservation
from rasa_autoplay.engine.freshness.path_observer import PathObserver
from rasa_autoplay.engine.freshness.replacements import StepOfPath
from rasa_autoplay.engine.freshness.step_names import StepNames
from rasa_autoplay.engine.freshness.suspect import StepKey, Suspect
from rasa_autoplay.engine.freshness.suspect_steps import SuspectSteps
from rasa_autoplay.engine.freshness.traces import Traces
from rasa_autoplay.engine.freshness.waiting import EndedSession, WaitingObservations
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.events.models import SlimAction

__all__ = ["Freshness"]

logger = logging.getLogger(__name__)

#: A suspicion or a confirmation reaches every engine within this time and a short transaction.
_POLL_S = 0.5
#: A busy path is assessed this often, in seconds.
_ASSESS_EVERY_S = 60.0
_BACKOFF = Backoff(1.0, 15.0)


class Freshness:
    """Observes sessions, and keeps the suspect steps up to date.

    Args:
        product_id: the product.
        paths: all golden paths.
        store: stores observations and findings.
        clock: epoch seconds.
        on_suspected: called with each suspicion that this engine finds.
    """

    def __init__(
        self,
        product_id: str,
        paths: Sequence[GoldenPath],
        store: FreshnessStore,
        clock: Callable[[], float],
        on_suspected: Callable[[Suspect], object] = lambda _suspect: None,
    ) -> None:
        self._product_id = product_id
        self._store = store
        self._clock = clock
        self._on_suspected = on_suspected
        #: The suspect steps in force.
        self.suspects = SuspectSteps()
        self.traces = Traces()
        self._texts = ControlTexts()
        self._observers: dict[str, PathObserver] = {}
        self._in_force = InForce({}, {})
        self._version: EntriesVersion | None = None
        self._waiting = WaitingObservations(self._texts)
        self._assessed_at: dict[str, float] = {}
        #: The paths with something new, or whose last observations this engine has not read.
        self._unassessed: set[str] = set()
        self._last_done: dict[StepKey, float] = {}
        #: What was observed before this time (epoch seconds) is to be deleted; None once that is done.
        self._outdated: float | None = None
        self._stored = 0
        self._working: asyncio.Task[None] | None = None
        self.switch_to(paths)

    def switch_to(self, paths: Sequence[GoldenPath]) -> None:
        """Observe sessions along other golden paths from now on."""
        former = self._observers
        self._observers = {
            path.id: known
            if (known := former.get(path.id)) and known.path == path
            else PathObserver(self._product_id, path)
            for path in paths
        }
        changed = {path_id for path_id, each in self._observers.items() if former.get(path_id) is not each}
        self._unassessed = (self._unassessed | changed) & self._observers.keys()
        self._last_done = {key: at for key, at in self._last_done.items() if key[0] in self._observers}

    def observe(self, session: Session, actions: Sequence[SlimAction]) -> None:
        """Observe new actions of a session, after what they prove was stored in it."""
        self.traces.observe(session, actions)

    def on_session_ended(self, session: Session) -> None:
        """Observe what a session shows as a whole."""
        uses = self.traces.end(session)
        evidence = session.step_evidence
        if not evidence or not session.user_id:
            return
        observed = [
            (observer, actions)
            for path_id, actions in evidence.items()
            if (observer := self._observers.get(path_id)) is not None
        ]
        if observed:
            self._waiting.add_session(EndedSession(session.user_id, session.key[1], observed, uses))

    def report_missing(self, path_id: str, step_id: str, user_id: str, page: str) -> None:
        """Observe that a browser could not find a step's element."""
        observer = self._observers.get(path_id)
        digest = observer.digests.get(step_id) if observer else None
        if digest and user_id:
            self._waiting.add(MissingReport(user_id, path_id, step_id, digest, self._clock(), page))

    def forget_user(self, user_id: str) -> None:
        """Drop everything about a user that is not stored yet."""
        self._waiting.forget_user(user_id)
        self._texts.forget_user(user_id)
        self.traces.forget_user(user_id)

    def forget_before(self, cutoff: float) -> None:
        """Delete what was observed before a time (epoch seconds), in the background."""
        self._outdated = cutoff

    async def start(self) -> None:
        """Read the suspect steps, and then work in the background."""
        await self._read()
        self._working = asyncio.get_running_loop().create_task(self._work(), name="autoplay, freshness")

    async def stop(self) -> None:
        """Store what waits, if the database works; the caller closes the store."""
        await end_tasks([self._working])
        await self._write()
        if self._waiting:
            logger.warning("%d observations of golden paths could not be stored.", len(self._waiting))

    async def finish_pending(self) -> bool:
        """Store what waits and assess every path with something new; False if the database does not work."""
        if not await self._write():
            return False
        while self._unassessed:
            if not await self._assess(self._unassessed.pop()):
                return False
        return await self._read()

    async def _work(self) -> None:
        retry = Retry(_BACKOFF)
        while True:
            await asyncio.sleep(_POLL_S)
            try:
                works = await self._read() and await self._write() and await self._assess_due()
                works = works and await self._forget()
            except Exception:
                logger.exception("Freshness failed and will be tried again.")
                works = False
            if works:
                retry.succeeded()
            else:
                await retry.wait()

    async def _read(self) -> bool:
        found = await self._store.entries(self._version)
        if found is None:
            return False
        self._version = found.version
        if found.entries is not None:
            self._in_force = in_force_after(found.entries)
            self.suspects.know(self._in_force.suspects)
        return True

    async def _write(self) -> bool:
        while batch := await self._waiting.next_batch():
            if not await self._store.save(batch):
                return False
            self._waiting.stored(batch)
            self._unassessed.update(each.path_id for each in batch)
            self._stored += len(batch)
        return True

    async def _forget(self) -> bool:
        if self._outdated is not None:
            if await self._store.forget_before(self._outdated) is None:
                return False
            self._outdated = None
        return True

    async def _assess_due(self) -> bool:
        now = self._clock()
        due = [p for p in self._unassessed if now - self._assessed_at.get(p, 0.0) >= _ASSESS_EVERY_S]
        for path_id in due:
            self._unassessed.discard(path_id)
            if not await self._assess(path_id):
                self._unassessed.add(path_id)
                return False
        return True

    async def _assess(self, path_id: str) -> bool:
        observer = self._observers.get(path_id)
        if observer is None:
            return True
        self._assessed_at[path_id] = self._clock()
        stored = await self._store.of_path(path_id)
        if stored is None:
            return False
        new = {
            key: control
            for key, control in self._texts.shared(stored.users).items()
            if stored.controls.get(key) not in (control, control.kind)
        }
        if new and not await self._store.name(new):
            return False
        stored.controls.update(new)
        self._learn_last_done(stored.observations)
        in_force = self._in_force
        found = await asyncio.to_thread(lambda: list(_suspects_in(observer, stored, in_force)))
        for suspect in found:
            if not await self._suspect(suspect):
                return False
        return True

    async def _suspect(self, suspect: Suspect) -> bool:
        key = suspect.path_id, suspect.step_id, suspect.digest
        entry = suspicion(suspect, self._in_force.confirmed_at.get(key, 0.0), self._clock())
        if not await self._store.append(entry):
            return False
        if key not in self._in_force.suspects:
            logger.warning(
                "step %s of path %s is suspect: %s", suspect.step_id, suspect.path_id, suspect.describe()
            )
            self._on_suspected(suspect)
        return await self._read()

    def _learn_last_done(self, observations: Iterable[PathObservation]) -> None:
        for each in observations:
            for step_id, step in each.steps.items():
                key = each.path_id, step_id
                if step.done_at > self._last_done.get(key, 0.0):
                    self._last_done[key] = step.done_at

    def health(self) -> dict[str, Any]:
        """Return the suspect steps, and when each step was last done, without any user."""
        problem = self._store.problem
        last_done: dict[str, dict[str, float]] = {}
        for (path_id, step_id), at in self._last_done.items():
            last_done.setdefault(path_id, {})[step_id] = at
        suspects = [
            suspect.as_json()
            for each in self._observers.values()
            for suspect in self.suspects.of_path(each.path)
        ]
        return {
            "freshness": {
                "state": "failed" if problem else "watching",
                **({"remedy": f"{problem}: check database.url in autoplay.yml"} if problem else {}),
                "suspects": suspects,
                "last_done": last_done,
                "waiting": len(self._waiting),
                "stored": self._stored,
                "dropped": self._waiting.dropped,
            }
        }


def _suspects_in(observer: PathObserver, stored: OfPath, in_force: InForce) -> Iterable[Suspect]:
    """Return the suspicions to store: new ones, and those in force whose replacement is known only now."""
    path, shared = observer.path, stored.controls
    confirmed: Mapping[tuple[str, str], float] = {
        (step_id, digest): at
        for (path_id, step_id, digest), at in in_force.confirmed_at.items()
        if path_id == path.id
    }
    evidence = Evidence(stored.observations, stored.reports, confirmed)
    for step in path.steps:
        digest = observer.digests[step.id]
        known = in_force.suspects.get((path.id, step.id, digest))
        if known is not None and known.replacement is not None:
            continue
        found = assess(StepOfPath(path, step, digest, StepNames(step), shared), evidence)
        if found is not None and (known is None or found.replacement is not None):
            yield found
