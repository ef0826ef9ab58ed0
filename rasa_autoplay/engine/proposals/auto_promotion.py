"""Promotes proposals by the rule, if ``discover: {promote: auto}`` says so. Otherwise it does nothing."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any, Protocol

from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.engine.proposals.promotion import THE_RULE, Promotion, ProposalStatus
from rasa_autoplay.engine.proposals.verdict import Step
from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.settings.discovery import DiscoverySettings

__all__ = ["AutoPromotion"]

logger = logging.getLogger(__name__)

#: How often the engine looks whether its turn has come, in seconds.
_POLL_S = 60.0
#: The rule looks once a day: its figures do not change faster.
_EVERY_S = 86_400.0
#: After a failure, the next turn comes sooner.
_AGAIN_S = 3600.0


class _Turns(Protocol):
    async def take(self, now: float, every_s: float) -> bool: ...

    async def postpone(self, until: float) -> None: ...


class AutoPromotion:
    """Takes at most one step for each proposal a day.

    Args:
        settings: returns ``discover`` as it is in force.
        promotion: takes steps.
        turns: whose turn it is.
        clock: epoch seconds.
        poll_s: how often the engine looks whether its turn has come, in seconds.
    """

    def __init__(
        self,
        settings: Callable[[], DiscoverySettings],
        promotion: Promotion,
        turns: _Turns,
        clock: Callable[[], float],
        poll_s: float = _POLL_S,
    ) -> None:
        self._settings, self._promotion, self._turns = settings, promotion, turns
        self._clock, self._poll_s = clock, poll_s
        self._looked_at = 0.0
        self._steps = 0
        #: Why the last look could not take a step that the rule says; empty if there was none.
        self._problem = ""
        self._looking: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Look in the background."""
        self._looking = asyncio.get_running_loop().create_task(
            self._look_for_ever(), name="autoplay, promotion"
        )

    async def stop(self) -> None:
        """Look no longer."""
        await end_tasks([self._looking])

    def health(self) -> dict[str, Any]:
        """Describe the last look; nothing without the setting."""
        if not self._is_on:
            return {}
        found: dict[str, Any] = {"looked_at": self._looked_at or None, "steps": self._steps}
        return {"promotion": {**found, **({"problem": self._problem} if self._problem else {})}}

    @property
    def _is_on(self) -> bool:
        return self._settings().promote == "auto"

    async def _look_for_ever(self) -> None:
        with contextlib.suppress(AutoplayError):
            await self._promotion.mend()
        while True:
            await asyncio.sleep(self._poll_s)
            try:
                if self._is_on and await self._turns.take(self._clock(), _EVERY_S):
                    await self.look()
            except Exception:
                logger.exception("Promoting proposals failed; the engine will retry.")

    async def look(self) -> None:
        """Take the steps that the rule says now."""
        self._looked_at = self._clock()
        problems = []
        try:
            statuses = await self._promotion.statuses(await self._promotion.board())
        except AutoplayError as problem:
            statuses, problems = [], [str(problem)]
        if any(status.record is None for status in statuses):
            problems.append("the database cannot be read")
        for status in statuses:
            if status.record is not None and status.record.verdict.step is not Step.STAY:
                problems += await self._step(status.id)
        self._report("; ".join(problems))
        if problems:
            await self._turns.postpone(self._clock() + _AGAIN_S)

    async def _step(self, proposal_id: str) -> list[str]:
        """Take one step; return why it could not be taken.

        Each step changes the file, so the proposal is read again before it.
        """
        try:
            status: ProposalStatus = await self._promotion.status(proposal_id)
            if status.record is None or status.record.verdict.step is Step.STAY:
                return []
            move = await self._promotion.prepare(status, status.record.verdict.to)
            taken = await self._promotion.take(move, THE_RULE, "")
        except AutoplayError as problem:
            return [f"{proposal_id}: {problem}"]
        self._steps += 1
        logger.warning(
            "The rule moved the proposal %s from %s to %s: %s",
            proposal_id,
            taken.entry.before.value,
            taken.entry.after.value,
            taken.entry.why,
        )
        return []

    def _report(self, problem: str) -> None:
        if problem and problem != self._problem:
            logger.error("Proposals cannot be promoted: %s", problem)
        self._problem = problem
