"""Completes the steps that a killed process has begun, or says that they were broken off.

A step writes ``step.json``, the golden path, ``autoplay.yml``, ``log.jsonl`` and the log of changes, in this
order, and deletes ``step.json`` at the end. So the files tell how far it came.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from rasa_autoplay.engine.proposals.file_step import GOLDEN_PATHS
from rasa_autoplay.engine.proposals.folder_files import is_proposal_id
from rasa_autoplay.engine.proposals.proposal import Proposal
from rasa_autoplay.engine.proposals.proposal_folder import ProposalFolder
from rasa_autoplay.engine.proposals.proposal_log import StepBusy, append_entry, locked_log
from rasa_autoplay.engine.proposals.stage import entry_of, stage_of
from rasa_autoplay.engine.proposals.unfinished_step import STEP, UnfinishedStep, end_step, read_step
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.discovery import DiscoverySettings
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["Mended", "mend_steps"]


class Mended(NamedTuple):
    """What has become of a step that was begun.

    Args:
        folder: the proposal's folder.
        step: the step, which is in the proposal's log; None if it was not taken.
        text: what was done, for people; empty if only the log of changes misses it.
    """

    folder: Path
    step: UnfinishedStep | None
    text: str = ""


def mend_steps(file: YamlFile) -> list[Mended]:
    """Look at all steps that were begun. It blocks, so call it in a thread.

    Steps that a living process takes now are left to it.

    Args:
        file: ``autoplay.yml``.

    Raises:
        ConfigError: ``discover`` in the file is wrong.
    """
    settings = file.read_as(DiscoverySettings, file.raw().get("discover") or {}, ("discover",))
    root = file.path.parent / settings.proposals
    return [found for folder in _begun(root) if (found := _mended(folder, file.path)) is not None]


def _begun(root: Path) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        yield from sorted(each.parent for each in root.glob(f"*/{STEP}") if is_proposal_id(each.parent.name))


def _mended(folder: Path, autoplay: Path) -> Mended | None:
    try:
        with locked_log(folder, wait_s=0.0):
            step = read_step(folder)
            return _look(folder, step, YamlFile(autoplay)) if step is not None else None
    except StepBusy:
        return None
    except ConfigError as problem:
        if (folder / STEP).exists():
            return Mended(folder, None, f"A step of {folder.name} is not finished. {problem}")
        return None


def _look(folder: Path, step: UnfinishedStep, file: YamlFile) -> Mended:
    proposal = ProposalFolder(folder.parent).read(folder.name)
    entry = step.entry
    moved = f"{folder.name}, from {entry.before.value} to {entry.after.value} by {entry.who or 'somebody'}"
    if entry in proposal.log:
        return Mended(folder, step)
    if _is_taken(step, proposal, file):
        append_entry(folder, entry)
        text = f"A step of {moved} was taken, and its process ended before it was logged. It is logged now."
        return Mended(folder, step, text)
    if step.creates_path:
        _remove_path(proposal, file)
    end_step(folder)
    text = f"A step of {moved} was broken off before autoplay.yml changed. Nothing has changed; repeat it."
    return Mended(folder, None, text)


def _is_taken(step: UnfinishedStep, proposal: Proposal, file: YamlFile) -> bool:
    """Whether ``autoplay.yml`` has the step, even if somebody has edited it since."""
    if not step.file_digest or file.digest.hex() == step.file_digest:
        return bool(step.file_digest)
    try:
        stage = stage_of(entry_of(file.raw().get("triggers"), proposal.id))
    except ValueError:
        return False
    return step.entry.before is not step.entry.after and stage is step.entry.after


def _remove_path(proposal: Proposal, file: YamlFile) -> None:
    """Remove the golden path that the step has created; one with another content is somebody else's."""
    folder = file.path.parent / str(file.raw().get("golden_paths") or GOLDEN_PATHS)
    created = folder / f"{proposal.path_id}.yml"
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if proposal.path_id and created.read_bytes().decode("utf-8") == proposal.path_text:
            created.unlink()
