"""Delivers outcomes to one target. Each target has its own sender, so that none waits for another one."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

from rasa_autoplay.common.runtime.backoff import Backoff, Retry
from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.engine.outcomes.base import Claimed, Settlement, Target
from rasa_autoplay.engine.outcomes.delivery.http_post import TIMEOUT_S
from rasa_autoplay.engine.outcomes.delivery.pause import ReceiverPause
from rasa_autoplay.engine.outcomes.sql.outbox import CLAIM_S, SqlOutbox

__all__ = ["Pace", "Sender"]

logger = logging.getLogger(__name__)

#: When the engine stops, open requests have this long to end, in seconds.
_STOP_S = 2.0
#: For each request that may be open, this many are claimed …
_AHEAD = 8
#: … but at most this many outcomes.
_MOST_AHEAD = 400


class _Batch(NamedTuple):
    """Outcomes for one request, and when it must have begun, in monotonic seconds."""

    valid_until: float
    outcomes: Sequence[Claimed]


class Pace(NamedTuple):
    """How fast a sender works.

    Args:
        poll_s: pause between two looks at the database: another engine may have recorded something, or died.
        gather_s: new outcomes, and results, are collected for this long, so that each is no transaction of
            its own: toasts wait for the same database.
        down: the pauses of a receiver that is down.
        claim_s: how long a claimed outcome is this engine's; longer than a request may take.
        begin_s: a request begins this soon after its outcomes were claimed, so that it ends before the claim.
    """

    poll_s: float = 2.0
    gather_s: float = 0.05
    down: Backoff = Backoff(1.0, 60.0)
    claim_s: float = CLAIM_S
    begin_s: float = CLAIM_S - TIMEOUT_S - 5.0


class Sender:
    """Claims outcomes, sends them, and stores what became of them.

    Args:
        target: gets the outcomes.
        outbox: has them.
        clock: epoch seconds.
        pace: how fast it works.
    """

    def __init__(self, target: Target, outbox: SqlOutbox, clock: Callable[[], float], pace: Pace) -> None:
        self._target = target
        self._outbox = outbox
        self._clock = clock
        self._pace = pace
        self._pause = ReceiverPause(target.requests, pace.down)
        self._wake = asyncio.Event()
        self._ready: deque[_Batch] = deque()
        self._open: set[asyncio.Task[None]] = set()
        self._settled: list[Settlement] = []
        #: Whether the receiver has answered that it wants nothing any more.
        self.is_gone = False
        self._running: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """The target's name."""
        return self._target.name

    @property
    def is_down(self) -> bool:
        """Whether the receiver seems to be down."""
        return self._pause.is_down

    def start(self) -> None:
        """Start delivering."""
        self._running = asyncio.get_running_loop().create_task(
            self._run(), name=f"autoplay, outcomes to {self._target.name}"
        )

    def wake(self) -> None:
        """Look at the database now."""
        self._wake.set()

    async def stop(self) -> None:
        """Let open requests end, store what became of them, and stop. The rest waits in the database."""
        await end_tasks([self._running])
        untried = self._give_back()
        if self._open:
            await asyncio.wait(self._open, timeout=_STOP_S)
        await end_tasks(self._open)
        if self._settled or untried:
            name, address = self._target.name, self._target.address
            await self._outbox.exchange(name, 0, self._settled, untried, address, _STOP_S)
        await self._target.close()

    async def _run(self) -> None:
        retry = Retry(Backoff(0.5, 5.0))
        while True:
            try:
                claimed = await self._exchange()
            except Exception:
                logger.exception("Outcomes for %s wait, because of an error.", self._target.name)
                claimed = None
            if claimed is None:
                await retry.wait()
                continue
            retry.succeeded()
            valid_until, size = time.monotonic() + self._pace.begin_s, self._target.batch_size
            for begin in range(0, len(claimed), size):
                self._ready.append(_Batch(valid_until, claimed[begin : begin + size]))
            self._send_ready()
            await self._until_there_is_work(may_be_more=bool(claimed))

    async def _exchange(self) -> list[Claimed] | None:
        """Store results, and claim as much as can be sent soon."""
        self._wake.clear()
        settled, self._settled = self._settled, []
        untried = self._give_back() if self.is_gone or self._pause.is_down else []
        most = self._wanted()
        if not (settled or most or untried):
            return []
        name, address = self._target.name, self._target.address
        claimed = await self._outbox.exchange(name, most, settled, untried, address)
        if claimed is None:
            self._settled = settled + self._settled
        return claimed

    def _wanted(self) -> int:
        free = 0 if self.is_gone else self._pause.free(len(self._open), time.monotonic())
        if self._pause.is_down:
            return free
        ahead = min(self._target.requests * _AHEAD, _MOST_AHEAD // self._target.batch_size)
        return (ahead - len(self._ready)) * self._target.batch_size if free else 0

    def _give_back(self) -> list[int]:
        """Return the numbers of the outcomes that were claimed and not tried; they are forgotten here."""
        untried = [each.number for batch in self._ready for each in batch.outcomes]
        self._ready.clear()
        return untried

    async def _until_there_is_work(self, *, may_be_more: bool) -> None:
        """Wait for a result, for new outcomes, or for the time of the next look."""
        if not may_be_more and not self._settled:
            paused_s = self._pause.ends_in_s(time.monotonic())
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(
                    self._wake.wait(), min(paused_s or self._pace.poll_s, self._pace.poll_s)
                )
        await asyncio.sleep(self._pace.gather_s)

    def _send_ready(self) -> None:
        now = time.monotonic()
        while self._ready and not self.is_gone and self._pause.free(len(self._open), now):
            batch = self._ready.popleft()
            if batch.valid_until < now:
                continue  # The claim may expire during the request, and another engine would send it, too.
            task = asyncio.get_running_loop().create_task(self._send(batch.outcomes))
            self._open.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._open.discard(task)
        if not task.cancelled():
            self._send_ready()
        self._wake.set()

    async def _send(self, batch: Sequence[Claimed]) -> None:
        try:
            settled = await self._target.send(batch)
        except Exception as problem:
            logger.exception("Outcomes for %s could not be sent.", self._target.name)
            settled = [Settlement(each.number, f"it failed ({type(problem).__name__})") for each in batch]
        self._settled += settled
        last = settled[-1]
        if last.is_delivered:
            if self._pause.is_down:
                logger.info("Outcomes reach %s again.", self._target.name)
            self._pause.succeeded()
            return
        self.is_gone = self.is_gone or last.is_gone
        was_down = self._pause.is_down
        wish_s = last.not_before - self._clock() if last.not_before else 0.0
        self._pause.failed(time.monotonic(), wish_s)
        if self._pause.is_down and not was_down:
            logger.warning(
                "Outcomes do not reach %s: %s. They wait in the database.", self._target.name, last.problem
            )
