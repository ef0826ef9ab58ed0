"""The steps that a person can take with a proposal, and what each would change."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from rasa_autoplay.engine.proposals.file_step import FileStep
from rasa_autoplay.engine.proposals.log_entry import EntryKind, LogEntry
from rasa_autoplay.engine.proposals.promotion import Move, Promotion, ProposalStatus
from rasa_autoplay.errors import ConfigError

__all__ = ["ACTIONS", "base_of", "entry_in_words", "possible_steps", "prepared"]

_NEW_FILE = "--- /dev/null\n"


async def _promote(promotion: Promotion, status: ProposalStatus) -> Move:
    following = status.placed.stage.following
    if following is None:
        raise ConfigError(f"{status.id} is live, so there is no further stage.")
    return await promotion.prepare(status, following)


async def _back(promotion: Promotion, status: ProposalStatus) -> Move:
    return await promotion.prepare_back(status)


async def _reject(promotion: Promotion, status: ProposalStatus) -> Move:
    return await promotion.prepare_rejection(status)


#: Prepares each step, by the name that the page sends.
ACTIONS: Mapping[str, Callable[[Promotion, ProposalStatus], Awaitable[Move]]] = {
    "promote": _promote,
    "back": _back,
    "reject": _reject,
}


async def prepared(promotion: Promotion, status: ProposalStatus, action: str) -> Move:
    """Check a step; nothing is written.

    Args:
        promotion: takes the steps.
        status: the proposal.
        action: a key of ``ACTIONS``.

    Raises:
        ConfigError: there is no such step, or it cannot be taken.
    """
    prepare = ACTIONS.get(action)
    if prepare is None:
        raise ConfigError(f"a step is one of {', '.join(ACTIONS)}")
    return await prepare(promotion, status)


async def possible_steps(promotion: Promotion, status: ProposalStatus) -> list[dict[str, Any]]:
    """Return the steps from a proposal's stage, each with its change of the files, or with what stops it."""
    return [await _step(promotion, status, action) for action in _actions(status)]


def _actions(status: ProposalStatus) -> list[str]:
    if status.is_rejected:
        return ["back"]
    stage = status.placed.stage
    return [
        *(["promote"] if stage.following else []),
        *(["back"] if stage.former else []),
        "reject",
    ]


async def _step(promotion: Promotion, status: ProposalStatus, action: str) -> dict[str, Any]:
    stage = status.placed.stage
    to = {"promote": stage.following, "back": stage.former}.get(action) or stage
    shown = {"action": action, "to": to.value, "command": _command(status.id, action, to.value)}
    try:
        move = await prepared(promotion, status, action)
    except ConfigError as problem:
        return {**shown, "problem": str(problem), "needs_reason": True, "is_by_rule": False, "changes": []}
    return {
        **shown,
        "to": move.to.value,
        "problem": "",
        "needs_reason": move.needs_reason,
        "is_by_rule": move.is_by_rule,
        "changes": _changes(move.file_step) if move.file_step is not None else [],
    }


def _command(proposal_id: str, action: str, to: str) -> str:
    options = {"promote": f"--to {to}", "back": "--back", "reject": '--reject "…"'}[action]
    return f"rasa-autoplay propose {shlex.quote(proposal_id)} {options}"


def _changes(step: FileStep) -> list[dict[str, str]]:
    """The change of each file: ``autoplay.yml``, and the golden path's new file if there is one."""
    before, mark, new_file = step.diff.partition(_NEW_FILE)
    changes = [{"file": step.file.path.name, "diff": before}]
    if step.path_file is not None:
        name = f"{step.path_file.parent.name}/{step.path_file.name}"
        changes.append({"file": name, "diff": mark + new_file})
    return changes


def base_of(status: ProposalStatus) -> str:
    """Return a digest of all that a step depends on: the page must have seen the same."""
    placed = status.placed
    digest = hashlib.sha256(placed.file.digest)
    for text in (placed.proposal.trigger_text, placed.proposal.path_text):
        digest.update(hashlib.sha256(text.encode()).digest())
    return digest.hexdigest()


def entry_in_words(entry: LogEntry) -> str:
    """Return a step of the log in a sentence."""
    before, after = entry.before.in_words, entry.after.in_words
    said = {
        EntryKind.PROMOTED: f"Promoted from {before} to {after}",
        EntryKind.DEMOTED: f"Taken back from {before} to {after}",
        EntryKind.REJECTED: f"Rejected at the stage {before}",
        EntryKind.RESTORED: "Not rejected any more",
    }[entry.kind]
    is_against = entry.kind is EntryKind.PROMOTED and not entry.is_by_rule
    return f"{said}, against the rule" if is_against else said
