"""The engine's answers about drafts of golden paths (:mod:`rasa_autoplay.link.path_draft_requests`)."""

from __future__ import annotations

import msgspec

from rasa_autoplay.link.answers import JsonObject

__all__ = [
    "ActionMatched",
    "DraftChecked",
    "DraftDeleted",
    "DraftFound",
    "DraftSaved",
    "DraftWritten",
    "DraftsFound",
    "RecorderPrepared",
]


class RecorderPrepared(msgspec.Struct, frozen=True):
    """What a recorder begins with.

    Args:
        can_write: whether the studio may write golden paths into their files.
        draft: the golden path that is recorded again, as in its file; empty for a new one.
    """

    can_write: bool
    draft: JsonObject


class ActionMatched(msgspec.Struct, frozen=True):
    """What an action proves.

    Args:
        done_when: the pattern that proves a step by this action, as in a golden path's file.
        steps: ids of the draft's steps that the action proves.
    """

    done_when: JsonObject
    steps: list[str]


class DraftChecked(msgspec.Struct, frozen=True):
    """A draft as its file, and what is wrong with it.

    Args:
        yaml: the file; empty if the draft cannot be written as one.
        errors: each with ``place``, ``message`` and ``remedy``; the draft cannot be used with them.
        warnings: each with ``step`` (an id; empty for the whole path) and ``message``.
    """

    yaml: str
    errors: list[JsonObject]
    warnings: list[JsonObject]


class DraftSaved(msgspec.Struct, frozen=True):
    """The id of a stored draft."""

    draft_id: str


class DraftsFound(msgspec.Struct, frozen=True):
    """The stored drafts; see ``engine.path_drafts.path_drafts``."""

    drafts: JsonObject


class DraftFound(msgspec.Struct, frozen=True):
    """One stored draft with its file and its diff; see ``engine.path_drafts.path_drafts``."""

    draft: JsonObject


class DraftWritten(msgspec.Struct, frozen=True):
    """A golden path was written into its file; see ``engine.path_drafts.path_drafts``."""

    written: JsonObject


class DraftDeleted(msgspec.Struct, frozen=True):
    """Whether there was such a draft."""

    was_there: bool
