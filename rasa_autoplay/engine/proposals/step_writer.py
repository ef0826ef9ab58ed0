"""Writes a step: the files first, then the proposal's log."""

from __future__ import annotations

from rasa_autoplay.engine.proposals.file_step import FileStep, write_step
from rasa_autoplay.engine.proposals.proposal import Proposal
from rasa_autoplay.engine.proposals.proposal_folder import ProposalFolder
from rasa_autoplay.engine.proposals.proposal_log import append_entry, locked_log
from rasa_autoplay.engine.proposals.unfinished_step import UnfinishedStep, begin_step, end_step
from rasa_autoplay.errors import ConfigError

__all__ = ["take_step"]


def take_step(proposal: Proposal, file_step: FileStep | None, step: UnfinishedStep) -> None:
    """Write a step. It blocks, so call it in a thread.

    ``step.json`` stays until the caller has added the step to the log of changes.

    Args:
        proposal: the proposal as it was read.
        file_step: the change of the files; None for none.
        step: what goes into the logs.

    Raises:
        ConfigError: somebody else has taken a step since the proposal was read, or something cannot be
            written.
    """
    folder = proposal.folder
    with locked_log(folder):
        if ProposalFolder(folder.parent).read_log(proposal.id) != tuple(proposal.log):
            raise ConfigError(
                f"Somebody has taken a step with {proposal.id} since you looked at it.",
                remedy="Look at the proposal again, and repeat the step.",
            )
        begin_step(folder, step)
        try:
            if file_step is not None:
                write_step(file_step)
        except BaseException:
            end_step(folder)
            raise
        _log(proposal, step)


def _log(proposal: Proposal, step: UnfinishedStep) -> None:
    try:
        append_entry(proposal.folder, step.entry)
    except ConfigError as problem:
        if not step.file_digest:
            end_step(proposal.folder)
            raise
        raise ConfigError(
            f"The step is taken, but not logged yet. {problem.message}",
            remedy=f"{problem.remedy} The next `rasa-autoplay propose` then logs it.",
        ) from None
