"""A step of a proposal in the files: the new ``autoplay.yml``, checked as a whole, and the golden path.

The functions block, so call them in a thread.
"""

from __future__ import annotations

import contextlib
import difflib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath, load_golden_paths
from rasa_autoplay.engine.proposals.draft_check import DraftCheck
from rasa_autoplay.engine.proposals.proposal import Proposal
from rasa_autoplay.engine.proposals.rollout_text import with_stage
from rasa_autoplay.engine.proposals.stage import Stage
from rasa_autoplay.engine.rule_editor.draft import EditedFile
from rasa_autoplay.engine.rule_editor.trigger_text import find_triggers, read_trigger, remove_trigger
from rasa_autoplay.engine.triggers.configured.loader import load_triggers
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.bot_language import bot_language
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.file_writer import create_file, new_content, write_file
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["GOLDEN_PATHS", "FileStep", "prepare_step", "write_step"]

_AGAIN = "Look at the proposal again, and repeat the step."
#: The folder of golden paths in a project that has none.
GOLDEN_PATHS = "golden_paths"


@dataclass(frozen=True)
class FileStep:
    """A step that was checked, and not written yet.

    Args:
        file: ``autoplay.yml`` as it was read.
        text: its new text.
        path_file: the golden path's file to create; None for none.
        path_text: its text.
        removed: the text of the trigger that the step removes; empty for none.
    """

    file: YamlFile
    text: str
    path_file: Path | None
    path_text: str
    removed: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of the new ``autoplay.yml``, in hexadecimal digits."""
        return hashlib.sha256(new_content(self.file, self.text)).hexdigest()

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        name = self.file.path.name
        before = self.file.content.decode("utf-8").replace("\r\n", "\n")
        lines = [*difflib.unified_diff(before.splitlines(), self.text.splitlines(), name, name, lineterm="")]
        if self.path_file is not None:
            new = self.path_text.splitlines()
            shown = f"{self.path_file.parent.name}/{self.path_file.name}"
            lines += difflib.unified_diff([], new, "/dev/null", shown, lineterm="")
        return "".join(f"{line}\n" for line in lines)


def prepare_step(file: YamlFile, proposal: Proposal, to: Stage) -> FileStep:
    """Return the files with a proposal at another stage, checked exactly as the engine loads them.

    Args:
        file: ``autoplay.yml`` as it was read with the proposals.
        proposal: the proposal.
        to: the new stage.

    Raises:
        ConfigError: the files would be wrong, or cannot be edited.
    """
    path = file.path
    if to is Stage.DRAFT:
        return _without(EditedFile(path, file.content), proposal)
    edited = EditedFile(path, file.content)
    if proposal.id in edited.ids:
        draft = edited.with_trigger(proposal.id, with_stage(edited.text_of(proposal.id), to))
        _check(draft.file, None)
        return FileStep(file, draft.file_text, None, "")
    problems = DraftCheck(file).problems(proposal)
    if problems:
        raise ConfigError("\n".join(problems))
    edited = _with_paths_folder(edited, proposal)
    draft = edited.with_trigger("", with_stage(proposal.trigger_text, to))
    path_file = _new_path_file(draft.file, proposal)
    _check(draft.file, proposal if path_file is not None else None)
    return FileStep(file, draft.file_text, path_file, proposal.path_text)


def write_step(step: FileStep) -> None:
    """Write a step. The golden path comes first, because the trigger names it.

    Raises:
        ConfigError: ``autoplay.yml`` has changed since it was read, or a file cannot be written.
    """
    with _created(step):
        write_file(step.file, step.text, _AGAIN)


@contextlib.contextmanager
def _created(step: FileStep) -> Iterator[None]:
    """Create the golden path's file; it does not stay if the step fails."""
    if step.path_file is None:
        yield
        return
    try:
        step.path_file.parent.mkdir(exist_ok=True)
    except OSError as problem:
        raise ConfigError(f"{step.path_file.parent.name}/: cannot be created: {problem.strerror}.") from None
    create_file(step.path_file, step.path_text, _AGAIN)
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            step.path_file.unlink()
        raise


def _without(edited: EditedFile, proposal: Proposal) -> FileStep:
    """Return the files without the trigger. Its golden path stays, for people who ask in the chat."""
    index = edited.ids.index(proposal.id)
    text = remove_trigger(edited.text, edited.triggers, index)
    file = YamlFile(edited.file.path, text.encode())
    before, after = edited.file.raw(), file.raw()
    del before["triggers"][index]
    if {**after, "triggers": after.get("triggers") or []} != before:
        raise ConfigError(
            f"{proposal.id} cannot be removed from {file.path.name} without other changes.",
            remedy="Remove it with an editor.",
        )
    _check(file, None)
    return FileStep(edited.file, text, None, "", read_trigger(edited.text, edited.triggers[index]))


def _with_paths_folder(edited: EditedFile, proposal: Proposal) -> EditedFile:
    """Name a folder of golden paths in the file if the proposal has a path and there is none."""
    if not proposal.path_text or edited.file.raw().get("golden_paths"):
        return edited
    text = f"{edited.text.rstrip()}\n\ngolden_paths: {GOLDEN_PATHS}\n"
    return EditedFile(edited.file.path, text.encode())


def _new_path_file(file: YamlFile, proposal: Proposal) -> Path | None:
    """Return the file to create; None if the proposal has no golden path, or there is one with its id."""
    if not proposal.path_text:
        return None
    folder = file.path.parent / str(file.raw()["golden_paths"])
    if folder.is_dir() and proposal.path_id in _ids(folder, file):
        return None
    created = folder / f"{proposal.path_id}.yml"
    if created.exists():
        raise ConfigError(
            f"{folder.name}/{created.name} exists already, and holds another golden path.",
            remedy="Rename that file: a golden path may be in a file of any name.",
        )
    return created


def _ids(folder: Path, file: YamlFile) -> list[str]:
    return [each.id for each in load_golden_paths(folder, bot_language(file))]


def _check(file: YamlFile, new: Proposal | None) -> None:
    """Check the file together with the golden paths; ``new`` is the proposal whose path is to be created."""
    settings = file.read(EngineSettings)
    folder = file.path.parent / (settings.golden_paths or "")
    ids = _ids(folder, file) if settings.golden_paths and (folder.is_dir() or new is None) else []
    if new is not None:
        ids.append(YamlFile(new.folder / "path.yml", new.path_text.encode()).read(GoldenPath).id)
    load_triggers(settings, ids, file)
    find_triggers(file.content.decode("utf-8"))
