"""All proposals of a project, with their stages and what the rule needs to know about each from the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from rasa_autoplay.engine.proposals.base import FiguresQuery, StoredFigures
from rasa_autoplay.engine.proposals.draft_check import DraftCheck
from rasa_autoplay.engine.proposals.figures import Figures
from rasa_autoplay.engine.proposals.log_entry import EntryKind, LogEntry
from rasa_autoplay.engine.proposals.proposal import Proposal
from rasa_autoplay.engine.proposals.proposal_folder import ProposalFolder
from rasa_autoplay.engine.proposals.stage import Stage, entry_of, stage_of
from rasa_autoplay.engine.results.results import DEFAULT_WITHIN_S
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.discovery import DiscoverySettings
from rasa_autoplay.settings.durations import parse_duration_s
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["Board", "PlacedProposal", "read_board"]


class PlacedProposal(NamedTuple):
    """A proposal and where it is.

    Args:
        proposal: the proposal.
        stage: its stage.
        is_switched_off: whether a person has switched its trigger off.
        entry: its entry in ``autoplay.yml``; None for none.
        file: ``autoplay.yml`` as it was read.
    """

    proposal: Proposal
    stage: Stage
    is_switched_off: bool
    entry: Mapping[str, Any] | None
    file: YamlFile


@dataclass(frozen=True)
class Board:
    """All proposals.

    Args:
        file: ``autoplay.yml`` as it was read.
        placed: the proposals, in order of their ids.
        problems: why others cannot be read, by the folder's name.
        draft_check: checks drafts against this ``autoplay.yml``.
    """

    file: YamlFile
    placed: Sequence[PlacedProposal]
    problems: Mapping[str, str]
    draft_check: DraftCheck

    def of(self, proposal_id: str) -> PlacedProposal:
        """Return one proposal.

        Raises:
            ConfigError: there is none with this id, or it cannot be read.
        """
        found = next((each for each in self.placed if each.proposal.id == proposal_id), None)
        if found is None:
            raise ConfigError(
                self.problems.get(proposal_id) or f"There is no proposal {proposal_id[:80]!r}.",
                remedy="" if proposal_id in self.problems else "`rasa-autoplay propose` lists all proposals.",
            )
        return found

    def query(self, placed: PlacedProposal) -> FiguresQuery:
        """Return what to read from the database about a proposal."""
        log = placed.proposal.log
        return FiguresQuery(
            placed.proposal.id,
            str((placed.entry or placed.proposal.trigger).get("golden_path") or ""),
            placed.stage,
            _since(log, Stage.GHOST),
            _since(log, Stage.TRIAL),
            self._number(placed.proposal),
            _within_s(placed.entry or placed.proposal.trigger),
        )

    def figures(self, placed: PlacedProposal, stored: StoredFigures) -> Figures:
        """Return everything on which the rule decides about a proposal."""
        proposal = placed.proposal
        return Figures(
            placed.stage,
            self._problems_of(placed),
            proposal.backtest,
            sum(entry.kind is EntryKind.DEMOTED for entry in proposal.log),
            placed.is_switched_off,
            *stored,
        )

    def _problems_of(self, placed: PlacedProposal) -> tuple[str, ...]:
        """Why a draft cannot be written into ``autoplay.yml``."""
        rejection = placed.proposal.rejection
        if rejection is not None:
            return (f"It is rejected: {rejection.why}",)
        return self.draft_check.problems(placed.proposal) if placed.stage is Stage.DRAFT else ()

    def _number(self, proposal: Proposal) -> int:
        """1 for the first proposal that ever went on trial, 2 for the next; one that was not comes last."""
        trials = sorted(
            (entry.at, placed.proposal.id)
            for placed in self.placed
            for entry in placed.proposal.log
            if entry.after is Stage.TRIAL and entry.kind is EntryKind.PROMOTED
        )
        own = [number for number, (_, of) in enumerate(trials, 1) if of == proposal.id]
        return own[-1] if own else len(trials) + 1


def read_board(file: YamlFile) -> Board:
    """Read all proposals of a project. It blocks, so call it in a thread.

    Args:
        file: ``autoplay.yml``.

    Raises:
        ConfigError: ``discover`` or a rollout in the file is wrong.
    """
    raw = file.raw()
    settings = file.read_as(DiscoverySettings, raw.get("discover") or {}, ("discover",))
    found = ProposalFolder(file.path.parent / settings.proposals).read_all()
    placed = [_place(file, each, raw.get("triggers")) for each in found.proposals]
    return Board(file, placed, found.problems, DraftCheck(file))


def _place(file: YamlFile, proposal: Proposal, triggers: object) -> PlacedProposal:
    entry = entry_of(triggers, proposal.id)
    try:
        stage = stage_of(entry)
    except ValueError as problem:
        raise ConfigError(f"{file.path.name}: the rollout of {proposal.id}: {problem}.") from None
    return PlacedProposal(proposal, stage, entry is not None and stage is Stage.DRAFT, entry, file)


def _since(log: Sequence[LogEntry], stage: Stage) -> float | None:
    """When the proposal came to a stage last, by a step upwards; epoch seconds."""
    times = [entry.at for entry in log if entry.after is stage and entry.kind is EntryKind.PROMOTED]
    return times[-1] if times else None


def _within_s(trigger: Mapping[str, Any]) -> float:
    goal = trigger.get("goal")
    if not isinstance(goal, Mapping) or "within" not in goal:
        return DEFAULT_WITHIN_S
    try:
        return parse_duration_s(goal["within"])
    except ValueError:
        return DEFAULT_WITHIN_S  # the file is refused anyway
