"""Answers what the studio asks about proposals of triggers; ``engine/proposals/`` decides and writes."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable
from typing import Any, TypeVar

from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.proposals.promotion import Promotion, ProposalStatus, Taken
from rasa_autoplay.engine.proposals.thresholds import THRESHOLDS
from rasa_autoplay.engine.proposals.wording import figures_in_words, next_step, verdict_in_words
from rasa_autoplay.engine.studio.cached_reading import CachedReading
from rasa_autoplay.engine.studio.proposal_evidence import shown_evidence
from rasa_autoplay.engine.studio.proposal_progress import progress_of
from rasa_autoplay.engine.studio.proposal_steps import base_of, entry_in_words, possible_steps, prepared
from rasa_autoplay.engine.studio.proposed_trigger import shown_trigger
from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.proposal_answers import ProposalFound, ProposalsFound, ProposalStepped
from rasa_autoplay.link.proposal_requests import StepProposal

__all__ = ["ProposalRequests"]

logger = logging.getLogger(__name__)

_ResultT = TypeVar("_ResultT")

#: The command palette asks each time that it opens (seconds).
_FRESH_S = 5.0
#: The gateway waits a little longer (seconds).
_WAIT_S = 8.0
_REJECTED = "rejected"


class ProposalRequests:
    """Answers about the proposals of one version of the files.

    Args:
        configuration: the version.
        promotion: reads proposals, and takes them from stage to stage.
    """

    def __init__(self, configuration: Configuration, promotion: Promotion) -> None:
        self._configuration = configuration
        self._can_write = configuration.settings.studio.write
        self._promotion = promotion
        self._list = self._reading()
        # Two steps at once would each be checked against the files before the other one.
        self._stepping = asyncio.Lock()

    async def list_all(self) -> ProposalsFound:
        """Return ``{proposals, problems, folder, is_automatic, can_write}``, the dearest ones first.

        Raises:
            EngineRefused: ``autoplay.yml`` cannot be read, or they are still being read.
        """
        try:
            found = await self._list.get()
        except AutoplayError as problem:
            self._list = self._reading()
            raise _refused(problem) from None
        return ProposalsFound(found or {})

    async def find(self, proposal_id: str) -> ProposalFound:
        """Return one proposal, with its evidence, its log, and what each step would change.

        Raises:
            EngineRefused: there is none, it cannot be read, or it is still being read.
        """
        return ProposalFound(await _soon(self._detail(proposal_id)))

    async def step(self, asked: StepProposal) -> ProposalStepped:
        """Take a step; the engine then loads the new version of the files by itself.

        Raises:
            EngineRefused: writing is off, the files have changed, or the step cannot be taken.
        """
        if not self._can_write:
            raise EngineRefused(
                "invalid",
                "the studio may not promote or reject proposals",
                "Use rasa-autoplay propose, or set studio: {write: true} in autoplay.yml.",
            )
        async with self._stepping:
            try:
                taken = await self._take(asked)
            except AutoplayError as problem:
                raise _refused(problem) from None
        self._list = self._reading()
        said = entry_in_words(taken.entry)
        logger.warning("Proposal %s: %s, by %s.", asked.proposal_id, said, taken.entry.who)
        unlogged = "" if taken.is_logged else " The log of changes could not be reached."
        return ProposalStepped({"text": f"{said}.{unlogged}", "is_logged": taken.is_logged})

    async def _take(self, asked: StepProposal) -> Taken:
        # A step that comes after the page has given up would surprise everybody.
        status = await _soon(self._status(asked.proposal_id))
        if base_of(status) != asked.base:
            raise AutoplayError(
                f"{status.placed.file.path.name}, or the proposal, has changed since you opened this page.",
                remedy="Look at the change again, and repeat the step.",
            )
        move = await prepared(self._promotion, status, asked.action)
        return await self._promotion.take(move, asked.by, asked.why)

    async def _status(self, proposal_id: str) -> ProposalStatus:
        board = await self._promotion.board()
        if (
            all(each.proposal.id != proposal_id for each in board.placed)
            and proposal_id not in board.problems
        ):
            raise EngineRefused(
                "not_found",
                f"there is no proposal {proposal_id[:80]!r}",
                "The screen Proposals lists all of them.",
            )
        (status,) = await self._promotion.statuses(board, proposal_id)
        return status

    def _reading(self) -> CachedReading[dict[str, Any]]:
        return CachedReading(self._read_all, "proposals", _FRESH_S, time.monotonic)

    async def _read_all(self) -> dict[str, Any]:
        board = await self._promotion.board()
        rows = [_row(status) for status in await self._promotion.statuses(board)]
        discovery = self._configuration.settings.discover
        return {
            "proposals": sorted(rows, key=_dearest_first),
            "problems": [{"name": name, "text": text} for name, text in board.problems.items()],
            "folder": discovery.proposals,
            "is_automatic": discovery.promote == "auto",
            "can_write": self._can_write,
        }

    async def _detail(self, proposal_id: str) -> dict[str, Any]:
        status = await self._status(proposal_id)
        proposal, record = status.placed.proposal, status.record
        evidence, wrong = shown_evidence(proposal.evidence)
        trigger = await asyncio.to_thread(shown_trigger, proposal, self._configuration)
        said, *reasons = verdict_in_words(status)
        return {
            **_row(status),
            **evidence.whole(),
            "next": said,
            "reasons": [text.removeprefix("- ") for text in reasons],
            "figures": list(figures_in_words(record.figures)) if record and record.figures.ghost else [],
            "checks": [
                {**check._asdict(), "is_met": check.is_met}
                for check in (progress_of(record.figures, THRESHOLDS) if record is not None else ())
            ],
            "rule": trigger.rule,
            "toasts": trigger.toasts,
            "steps": await possible_steps(self._promotion, status),
            "log": [
                {
                    "at": entry.at,
                    "text": entry_in_words(entry),
                    "before": entry.before.value,
                    "who": entry.who,
                    "why": entry.why,
                }
                for entry in proposal.log
            ],
            "problem": wrong,
            "base": base_of(status),
            "file": status.placed.file.path.name,
            "can_write": self._can_write,
        }


def _row(status: ProposalStatus) -> dict[str, Any]:
    proposal = status.placed.proposal
    evidence, _ = shown_evidence(proposal.evidence)
    return {
        "id": proposal.id,
        "title": proposal.title or evidence.title,
        "stage": _REJECTED if status.is_rejected else status.placed.stage.value,
        "next": next_step(status),
        **evidence.short(),
    }


def _dearest_first(row: dict[str, Any]) -> tuple[bool, float, str]:
    return row["stage"] == _REJECTED, -(row["cost_s"] or 0.0), row["id"]


async def _soon(reading: Awaitable[_ResultT]) -> _ResultT:
    """Wait for a reading, but not as long as a hanging database would take."""
    task = asyncio.ensure_future(reading)
    done, _ = await asyncio.wait([task], timeout=_WAIT_S)
    if not done:
        task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        raise EngineRefused("unavailable", "the proposal is still being read", "Ask again in 10 s.")
    try:
        return task.result()
    except AutoplayError as problem:
        raise _refused(problem) from None


def _refused(problem: AutoplayError) -> EngineRefused:
    if isinstance(problem, EngineRefused):
        return problem
    return EngineRefused("invalid", problem.message or str(problem), problem.remedy)
