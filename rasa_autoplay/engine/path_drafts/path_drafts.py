"""Answers the recorder and the studio about drafts of golden paths."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from rasa_autoplay.engine.changes.change import Change, ChangeKind, new_change_id
from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.knowledge.draft_file import file_of
from rasa_autoplay.engine.knowledge.drafting import proof_of
from rasa_autoplay.engine.path_drafts.draft_check import check_draft
from rasa_autoplay.engine.path_drafts.draft_warnings import warnings_of
from rasa_autoplay.engine.path_drafts.path_files import FileChange, PathFiles
from rasa_autoplay.engine.path_drafts.sql.store import SqlPathDrafts, StoredDraft
from rasa_autoplay.engine.path_drafts.step_proofs import proved_steps, with_proofs
from rasa_autoplay.engine.path_drafts.traffic_titles import TrafficTitles
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.link.answers import JsonObject
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.path_draft_answers import (
    ActionMatched,
    DraftChecked,
    DraftDeleted,
    DraftFound,
    DraftSaved,
    DraftsFound,
    DraftWritten,
    RecorderPrepared,
)
from rasa_autoplay.settings.yaml_file import nearest_name

__all__ = ["DraftParts", "PathDrafts"]

logger = logging.getLogger(__name__)

_ResultT = TypeVar("_ResultT")


class DraftParts(NamedTuple):
    """What outlives a version of the files.

    Args:
        path: ``autoplay.yml``.
        store: stores drafts.
        titles: knows the titles in the traffic.
        append: stores an entry in the log of changes; True once it is durable.
        clock: epoch seconds.
    """

    path: Path
    store: SqlPathDrafts
    titles: TrafficTitles
    append: Callable[[Change], Awaitable[bool]]
    clock: Callable[[], float]


class PathDrafts:
    """Checks, stores and writes drafts.

    Args:
        configuration: the version of the files.
        parts: what the drafts are kept with.
    """

    def __init__(self, configuration: Configuration, parts: DraftParts) -> None:
        settings = configuration.settings
        self._product_id = settings.product_id
        self._path_ids = [path.id for path in configuration.paths]
        self._files = PathFiles(parts.path, settings.golden_paths) if settings.golden_paths else None
        self._can_write = settings.studio.write and self._files is not None
        self._parts = parts

    async def prepare(self, path_id: str) -> RecorderPrepared:
        """Return what a recorder begins with.

        Raises:
            EngineRefused: there is no such path.
        """
        if not path_id:
            return RecorderPrepared(self._can_write, {})
        files = self._files
        content = await _in_thread(lambda: files.content(path_id)) if files is not None else None
        if content is None:
            hint = nearest_name(path_id, self._path_ids) or "."
            raise EngineRefused("not_found", f"there is no golden path {path_id[:64]!r}{hint}")
        return RecorderPrepared(self._can_write, content)

    def match(self, captured: JsonObject, draft: JsonObject) -> ActionMatched:
        """Return what an action proves."""
        action = SlimAction.from_dict(captured)
        return ActionMatched(proof_of(action), proved_steps(draft, action))

    async def check(self, draft: JsonObject) -> DraftChecked:
        """Return a draft as a file, with its errors and warnings."""
        whole = with_proofs(draft)
        path, errors = check_draft(whole)
        if path is None:
            return DraftChecked("", [error._asdict() for error in errors], [])
        warnings = warnings_of(whole, path, await self._parts.titles.controls())
        return DraftChecked(file_of(whole), [], [warning._asdict() for warning in warnings])

    async def save(self, draft: JsonObject) -> DraftSaved:
        """Store a draft.

        Raises:
            EngineRefused: the draft is wrong, or the database is not available.
        """
        whole = with_proofs(draft)
        _check(whole)
        stored = StoredDraft(f"draft_{secrets.token_urlsafe(12)}", self._parts.clock(), whole)
        if not await self._parts.store.add(stored):
            raise self._unavailable()
        return DraftSaved(stored.draft_id)

    async def list_all(self) -> DraftsFound:
        """Return ``{drafts: [{draft_id, made_at, path_id, title, steps, is_new}], can_write}``.

        Raises:
            EngineRefused: the database is not available.
        """
        rows = [
            {
                "draft_id": each.draft_id,
                "made_at": each.made_at,
                "path_id": each.content["id"],
                "title": each.content["title"],
                "steps": len(_steps_in(each.content)),
                "is_new": each.content["id"] not in self._path_ids,
            }
            for each in await self._stored()
        ]
        return DraftsFound({"drafts": rows, "can_write": self._can_write})

    async def find(self, draft_id: str) -> DraftFound:
        """Return a draft with its file, the file's change, and its errors and warnings.

        Raises:
            EngineRefused: there is no such draft, or the database is not available.
        """
        draft = await self._find(draft_id)
        checked = await self.check(draft.content)
        path_id = str(draft.content["id"])
        files = self._files
        change = FileChange("", "", "")
        if files is not None and checked.yaml:
            change = await _in_thread(lambda: files.change(path_id, checked.yaml))
        return DraftFound(
            {
                "draft_id": draft.draft_id,
                "made_at": draft.made_at,
                "path_id": path_id,
                "title": draft.content["title"],
                "yaml": checked.yaml,
                "file": change.file,
                "diff": change.diff,
                "base": change.base,
                "can_write": self._can_write,
                "errors": checked.errors,
                "warnings": checked.warnings,
            }
        )

    async def write(self, draft_id: str, base: str, by: str, why: str) -> DraftWritten:
        """Write a draft into its file; the engine then loads the new version by itself.

        Raises:
            EngineRefused: writing is off, there is no such draft, it is wrong, or its file has changed or
                cannot be written.
        """
        files = self._files
        if not self._can_write or files is None:
            raise EngineRefused(
                "invalid",
                "the studio may not write golden paths",
                "Download the file, or set golden_paths and studio: {write: true} in autoplay.yml.",
            )
        content = (await self._find(draft_id)).content
        _check(content)
        try:
            name = await _in_thread(partial(files.write, content, file_of(content), base))
        except ConfigError as problem:
            raise EngineRefused("invalid", str(problem), problem.remedy) from None
        change = Change(
            new_change_id(),
            self._product_id,
            self._parts.clock(),
            ChangeKind.WRITTEN,
            trigger_id=str(content["id"]),
            who=by,
            why=why,
            detail=name,
        )
        logger.warning("%s", change.describe())
        is_logged = await self._parts.append(change)
        return DraftWritten({"path_id": content["id"], "file": name, "is_logged": is_logged})

    async def delete(self, draft_id: str) -> DraftDeleted:
        """Delete a draft.

        Raises:
            EngineRefused: the database is not available.
        """
        was_there = await self._parts.store.delete(draft_id)
        if was_there is None:
            raise self._unavailable()
        return DraftDeleted(was_there)

    async def _find(self, draft_id: str) -> StoredDraft:
        found = [each for each in await self._stored() if each.draft_id == draft_id]
        if not found:
            raise EngineRefused(
                "not_found",
                f"there is no draft {draft_id[:64]!r}",
                "Drafts are kept for 30 days, the newest 50 of them. Record the path again.",
            )
        return found[0]

    async def _stored(self) -> list[StoredDraft]:
        drafts = await self._parts.store.all(self._parts.clock())
        if drafts is None:
            raise self._unavailable()
        return drafts

    def _unavailable(self) -> EngineRefused:
        problem = self._parts.store.problem
        return EngineRefused(
            "unavailable",
            f"drafts cannot be stored or read: {problem}",
            "Check database.url in autoplay.yml.",
        )


def _check(draft: Mapping[str, Any]) -> None:
    _, errors = check_draft(draft)
    if errors:
        first = errors[0]
        raise EngineRefused("invalid", f"{first.place}: {first.message}", first.remedy)


def _steps_in(draft: JsonObject) -> list[Any]:
    steps = draft.get("steps")
    return steps if isinstance(steps, list) else []


async def _in_thread(work: Callable[[], _ResultT]) -> _ResultT:
    return await asyncio.get_running_loop().run_in_executor(None, work)
