"""Takes proposals from stage to stage, for the command line, the studio and the engine itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from rasa_autoplay.engine.changes.change import Change, new_change_id
from rasa_autoplay.engine.proposals.base import FiguresReader
from rasa_autoplay.engine.proposals.board import Board, PlacedProposal, read_board
from rasa_autoplay.engine.proposals.decision_record import DecisionRecord, decide
from rasa_autoplay.engine.proposals.file_step import FileStep, prepare_step
from rasa_autoplay.engine.proposals.log_entry import EntryKind, LogEntry
from rasa_autoplay.engine.proposals.mending import Mended, mend_steps
from rasa_autoplay.engine.proposals.stage import STAGES, Stage
from rasa_autoplay.engine.proposals.step_change import change_of
from rasa_autoplay.engine.proposals.step_writer import take_step
from rasa_autoplay.engine.proposals.unfinished_step import UnfinishedStep, end_step
from rasa_autoplay.engine.proposals.verdict import Step
from rasa_autoplay.errors import AutoplayError, ConfigError
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["THE_RULE", "Move", "Promotion", "ProposalStatus", "Taken"]

logger = logging.getLogger(__name__)

#: Who takes a step if the engine does it by itself.
THE_RULE = "the rule"


class ProposalStatus(NamedTuple):
    """Where a proposal is, and what the rule says about it.

    Args:
        placed: the proposal and its stage.
        record: what the rule says, with its figures; None if the database cannot be read.
    """

    placed: PlacedProposal
    record: DecisionRecord | None

    @property
    def id(self) -> str:
        """The proposal's id."""
        return self.placed.proposal.id

    @property
    def is_rejected(self) -> bool:
        """Whether a person has rejected it."""
        return self.placed.proposal.rejection is not None

    def says(self, to: Stage) -> bool:
        """Whether the rule says that the proposal should go to this stage now."""
        verdict = self.record.verdict if self.record is not None else None
        return verdict is not None and verdict.step is not Step.STAY and verdict.to is to


class Move(NamedTuple):
    """A step that was checked, and not taken yet.

    Args:
        status: the proposal before the step.
        to: its new stage.
        kind: what the log says.
        file_step: the change of the files.
    """

    status: ProposalStatus
    to: Stage
    kind: EntryKind
    file_step: FileStep | None

    @property
    def is_by_rule(self) -> bool:
        """Whether the rule says the same."""
        return self.kind in (EntryKind.PROMOTED, EntryKind.DEMOTED) and self.status.says(self.to)

    @property
    def needs_reason(self) -> bool:
        """Whether the person must say why."""
        return self.kind in (EntryKind.PROMOTED, EntryKind.REJECTED) and not self.is_by_rule


class Taken(NamedTuple):
    """A step that was taken.

    Args:
        entry: its entry in the proposal's log.
        is_logged: whether the log of changes has it, too.
    """

    entry: LogEntry
    is_logged: bool


class Promotion:
    """Reads proposals, and takes them from stage to stage.

    Args:
        path: ``autoplay.yml``.
        product_id: the product's id.
        reader: reads figures from the database.
        append: stores an entry in the log of changes; True once it is durable.
        clock: epoch seconds.
    """

    def __init__(
        self,
        path: Path,
        product_id: str,
        reader: FiguresReader,
        append: Callable[[Change], Awaitable[bool]],
        clock: Callable[[], float],
    ) -> None:
        self._path, self._product_id = path, product_id
        self._reader, self._append = reader, append
        self._clock = clock
        #: What was said about unfinished steps: a file that cannot be written is named once.
        self._said: set[str] = set()

    async def board(self) -> Board:
        """Read all proposals and their stages. Steps that a killed process has begun are completed before.

        Raises:
            ConfigError: ``autoplay.yml`` cannot be read.
        """
        await self.mend()
        return await asyncio.to_thread(lambda: read_board(YamlFile(self._path)))

    async def mend(self) -> None:
        """Complete the steps that a killed process has begun, or say that they were broken off.

        Raises:
            ConfigError: ``autoplay.yml`` cannot be read.
        """
        for mended in await asyncio.to_thread(lambda: mend_steps(YamlFile(self._path))):
            if mended.text and mended.text not in self._said:
                self._said.add(mended.text)
                logger.warning("%s", mended.text)
            await self._log_change(mended)

    async def _log_change(self, mended: Mended) -> bool:
        """Add a step that is in the proposal's log to the log of changes; True once it is durable."""
        if mended.step is None:
            return False
        step = mended.step
        is_logged = await self._append(
            change_of(self._product_id, mended.folder.name, step.entry, step.change_id)
        )
        if is_logged:
            await asyncio.to_thread(lambda: end_step(mended.folder))
        return is_logged

    async def statuses(self, board: Board, proposal_id: str = "") -> Sequence[ProposalStatus]:
        """Return what the rule says about each proposal.

        Args:
            board: the proposals.
            proposal_id: only this one; empty for all.

        Raises:
            ConfigError: there is no such proposal.
        """
        placed = [board.of(proposal_id)] if proposal_id else board.placed
        stored = await self._reader.read([board.query(each) for each in placed], self._clock())
        if stored is None:
            return [ProposalStatus(each, None) for each in placed]
        figures = await asyncio.to_thread(
            lambda: [board.figures(each, stored[each.proposal.id]) for each in placed]
        )
        return [ProposalStatus(each, decide(found)) for each, found in zip(placed, figures, strict=True)]

    async def status(self, proposal_id: str) -> ProposalStatus:
        """Return what the rule says about one proposal.

        Raises:
            ConfigError: there is no such proposal.
        """
        (found,) = await self.statuses(await self.board(), proposal_id)
        return found

    async def prepare(self, status: ProposalStatus, to: Stage) -> Move:
        """Check a step; nothing is written.

        Args:
            status: the proposal.
            to: its new stage.

        Raises:
            ConfigError: it is there already, is rejected, or the files would be wrong.
        """
        placed = status.placed
        if placed.proposal.rejection is not None:
            raise ConfigError(
                f"{status.id} was rejected: {placed.proposal.rejection.why}",
                remedy=f"To take that back: rasa-autoplay propose {status.id} --back",
            )
        if to is placed.stage and not (to is Stage.DRAFT and placed.is_switched_off):
            raise ConfigError(f"{status.id} is at the stage {to.in_words} already.")
        is_up = STAGES.index(to) > STAGES.index(placed.stage)
        file_step = await asyncio.to_thread(lambda: prepare_step(placed.file, placed.proposal, to))
        return Move(status, to, EntryKind.PROMOTED if is_up else EntryKind.DEMOTED, file_step)

    async def prepare_back(self, status: ProposalStatus) -> Move:
        """Check the step back to the stage before; for a rejected proposal, the end of the rejection.

        Raises:
            ConfigError: it is a draft, or the files would be wrong.
        """
        if status.is_rejected:
            return Move(status, Stage.DRAFT, EntryKind.RESTORED, None)
        former = status.placed.stage.former
        if former is None:
            raise ConfigError(f"{status.id} is a draft, so there is no step back.")
        return await self.prepare(status, former)

    async def prepare_rejection(self, status: ProposalStatus) -> Move:
        """Check the rejection of a proposal: its trigger, if there is one, goes out of ``autoplay.yml``.

        Raises:
            ConfigError: it is rejected already, or its trigger cannot be removed.
        """
        placed = status.placed
        if placed.proposal.rejection is not None:
            raise ConfigError(f"{status.id} is rejected already: {placed.proposal.rejection.why}")
        file_step = None
        if placed.entry is not None:
            file_step = await asyncio.to_thread(
                lambda: prepare_step(placed.file, placed.proposal, Stage.DRAFT)
            )
        return Move(status, Stage.DRAFT, EntryKind.REJECTED, file_step)

    async def take(self, move: Move, who: str, why: str) -> Taken:
        """Take a step, and log it.

        Args:
            move: the step.
            who: the person, or ``THE_RULE``.
            why: the reason; may be empty if the rule says the same.

        Raises:
            AutoplayError: the reason is missing, the files have changed, or something cannot be written.
        """
        who, why = " ".join(who.split()), " ".join(why.split())
        says = move.is_by_rule
        if move.needs_reason and not why:
            raise AutoplayError("The rule does not say so, so this step needs a reason.")
        record = move.status.record
        reasons = " ".join(record.verdict.reasons) if says and record is not None else ""
        entry = LogEntry(
            self._clock(),
            move.kind,
            move.status.placed.stage,
            move.to,
            who,
            why or reasons,
            says,
            record,
            move.file_step.removed if move.file_step is not None else "",
        )
        step = UnfinishedStep(
            entry,
            new_change_id(),
            move.file_step.digest if move.file_step is not None else "",
            move.file_step is not None and move.file_step.path_file is not None,
        )
        await asyncio.to_thread(lambda: take_step(move.status.placed.proposal, move.file_step, step))
        return Taken(entry, await self._log_change(Mended(move.status.placed.proposal.folder, step)))
