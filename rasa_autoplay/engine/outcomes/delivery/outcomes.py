"""Everything about outcomes in a running engine: what is recorded, delivered, kept and shown to operators."""

from __future__ import annotations

import asyncio
import logging
import math
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.engine.outcomes.base import TargetState
from rasa_autoplay.engine.outcomes.delivery.broker_queue import BrokerQueue
from rasa_autoplay.engine.outcomes.delivery.sender import Pace, Sender
from rasa_autoplay.engine.outcomes.delivery.targets import EVENT_BROKER, make_targets
from rasa_autoplay.engine.outcomes.outcome import is_outcome_id
from rasa_autoplay.engine.outcomes.schedule import Schedule
from rasa_autoplay.engine.outcomes.sql.listing import list_undelivered, read_targets, send_again
from rasa_autoplay.engine.outcomes.sql.outbox import SqlOutbox
from rasa_autoplay.engine.outcomes.sql.recorder import SqlOutcomeRecorder
from rasa_autoplay.engine.outcomes.sql.schema import migrate, prepare_nothing
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.outcome_answers import OutcomesFound, OutcomesSentAgain
from rasa_autoplay.settings.outcomes import OutcomeSettings

__all__ = ["PACE", "SCHEDULE", "Outcomes"]

logger = logging.getLogger(__name__)

#: How often the state of the targets is read, in seconds.
_REFRESH_S = 10.0
#: Outcomes beyond the limits are deleted after every this many readings.
_FORGET_EVERY = 30
_MOST_LISTED, _MOST_IDS = 200, 500
SCHEDULE = Schedule()
PACE = Pace()


class Outcomes:
    """The outcomes of an engine.

    Args:
        url: an SQLAlchemy URL, ``database.url`` in ``autoplay.yml``.
        product_id: the product's id.
        settings: the section ``outcomes``; None to record and deliver nothing.
        clock: epoch seconds.
        environment: has the secrets.
        schedule: when an outcome is tried again; None for ``SCHEDULE``.
        pace: how fast outcomes are delivered; None for ``PACE``.

    Raises:
        ConfigError: a secret is missing or wrong.
    """

    def __init__(
        self,
        url: str,
        product_id: str,
        settings: OutcomeSettings | None,
        clock: Callable[[], float],
        environment: Mapping[str, str] = os.environ,
        schedule: Schedule | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._product_id, self._settings, self._clock = product_id, settings, clock
        #: Also knows the outcomes of a time when they were still switched on.
        prepare, pace = migrate if settings else prepare_nothing, pace or PACE
        self.outbox = SqlOutbox(url, product_id, clock, schedule or SCHEDULE, prepare, pace.claim_s)
        targets = make_targets(settings, clock, environment) if settings else []
        self._addresses = {target.name: target.address for target in targets}
        self._senders = [Sender(target, self.outbox, clock, pace) for target in targets]
        to_broker = settings is not None and settings.event_broker
        self.broker_queue = BrokerQueue(self.outbox, is_wanted=to_broker)
        self._names = [*self._addresses, *([EVENT_BROKER] if to_broker else [])]
        #: Writes outcomes in the transactions of the ledger; None if they are switched off.
        self.recorder = SqlOutcomeRecorder(self._names, clock, self._wake) if settings else None
        self._states: Sequence[TargetState] = [TargetState(name) for name in self._names]
        self._refreshing: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start delivering."""
        if self._settings is None:
            return
        for sender in self._senders:
            sender.start()
        self._refreshing = asyncio.get_running_loop().create_task(
            self._refresh_on(self._settings), name="autoplay, outcomes"
        )

    async def close(self) -> None:
        """Stop delivering, and close the database. What is not delivered waits in it."""
        self.broker_queue.stop()
        await end_tasks([self._refreshing])
        await asyncio.gather(*(sender.stop() for sender in self._senders))
        await self.outbox.close()

    def _wake(self) -> None:
        for sender in self._senders:
            sender.wake()
        self.broker_queue.wake()

    async def _refresh_on(self, settings: OutcomeSettings) -> None:
        readings = 0
        while True:
            try:
                if readings % _FORGET_EVERY == 0:
                    await self._forget_old(settings)
                await self._refresh()
            except Exception:
                logger.exception("The state of the outcomes could not be read.")
            readings += 1
            await asyncio.sleep(_REFRESH_S)

    async def _forget_old(self, settings: OutcomeSettings) -> None:
        for name in self._names:
            dropped = await self.outbox.forget_before(name, self._clock() - settings.keep)
            dropped = (dropped or 0) + (await self.outbox.drop_surplus(name, settings.max_rows) or 0)
            if dropped:
                logger.error("%d outcomes for %s were deleted undelivered.", dropped, name)

    async def _refresh(self) -> None:
        read = partial(read_targets, product_id=self._product_id, names=self._names)
        states = await self.outbox.run(read, None)
        if states is None:
            return
        self._states = states
        for sender in self._senders:
            state = next(each for each in states if each.target == sender.name)
            sender.is_gone = bool(state.gone) and state.gone == self._addresses[sender.name]

    async def find(self, limit: int) -> OutcomesFound:
        """Return what waits, what failed, and the state of each target.

        Raises:
            EngineRefused: outcomes are switched off, or the database does not work.
        """
        self._check_on()
        await self._refresh()
        most = min(max(limit, 1), _MOST_LISTED)
        listing = partial(list_undelivered, product_id=self._product_id, limit=most)
        undelivered = await self.outbox.run(listing, None)
        if undelivered is None:
            raise _unavailable()
        return OutcomesFound(
            {"at": self._clock(), "targets": self.health()["outcomes"], "undelivered": undelivered}
        )

    async def send_again(self, ids: Sequence[str], since_s: float) -> OutcomesSentAgain:
        """Let outcomes be sent again.

        Raises:
            EngineRefused: outcomes are switched off, the request names none, or the database does not work.
        """
        self._check_on()
        names_some = all(map(is_outcome_id, ids)) if ids else 0 < since_s < math.inf
        if not names_some or len(ids) > _MOST_IDS:
            raise EngineRefused(
                "invalid",
                "the request names no outcomes",
                f"Send since_s, or at most {_MOST_IDS} ids, which begin with msg_.",
            )
        now = self._clock()
        again = partial(
            send_again,
            product_id=self._product_id,
            targets=self._names,
            ids=ids,
            since=now - since_s,
            now=now,
        )
        count = await self.outbox.run(again, None)
        if count is None:
            raise _unavailable()
        await self._refresh()
        self._wake()
        return OutcomesSentAgain(count)

    def _check_on(self) -> None:
        if self._settings is None:
            raise EngineRefused(
                "not_found",
                "outcomes are switched off",
                "Add the section outcomes to autoplay.yml (docs/outcomes.md).",
            )

    def health(self) -> dict[str, Any]:
        """Return the state of each target by its name, without secrets; empty if outcomes are off."""
        if self._settings is None:
            return {}
        down = {sender.name for sender in self._senders if sender.is_down}
        return {"outcomes": {state.target: self._health_of(state, down) for state in self._states}}

    def _health_of(self, state: TargetState, down: set[str]) -> dict[str, Any]:
        is_gone = bool(state.gone) and state.gone == self._addresses.get(state.target)
        health: dict[str, Any] = {
            "state": "gone" if is_gone else "down" if state.target in down else "ok",
            "waiting": state.waiting,
            "delivered": state.delivered,
            "failed": state.failed,
        }
        more = {
            "dropped": state.dropped,
            "oldest_at": state.oldest_at,
            "succeeded_at": state.succeeded_at,
            "problem": state.problem,
            "problem_at": state.problem_at if state.problem else 0,
        }
        return {**health, **{name: value for name, value in more.items() if value}}


def _unavailable() -> EngineRefused:
    return EngineRefused(
        "unavailable",
        "the database of outcomes is not available",
        "The health of the channel names the reason.",
    )
