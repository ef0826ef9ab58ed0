"""What the gateway asks the engine about drafts of golden paths, for the recorder and the studio."""

from __future__ import annotations

import msgspec

from rasa_autoplay.link.answers import JsonObject
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
from rasa_autoplay.link.request_types import EngineRequest

__all__ = [
    "CheckDraft",
    "DeleteDraft",
    "FindDraft",
    "FindDrafts",
    "MatchAction",
    "PrepareRecorder",
    "SaveDraft",
    "WriteDraft",
]


class PrepareRecorder(EngineRequest[RecorderPrepared], tag="prepare_recorder", frozen=True):
    """Get what a recorder begins with; ``path_id`` is a path to record again, or empty."""

    path_id: str = ""


class MatchAction(EngineRequest[ActionMatched], tag="match_action", frozen=True):
    """Get what an action proves in a draft.

    Args:
        captured: an action as the intake accepts it: the fields of ``SlimAction``.
        draft: a golden path as in its file, perhaps unfinished; empty for none.
    """

    captured: JsonObject
    draft: JsonObject = msgspec.field(default_factory=dict)


class CheckDraft(EngineRequest[DraftChecked], tag="check_draft", frozen=True):
    """Get a draft as its file, with its errors and warnings."""

    draft: JsonObject


class SaveDraft(EngineRequest[DraftSaved], tag="save_draft", frozen=True):
    """Store a draft for the studio."""

    draft: JsonObject


class FindDrafts(EngineRequest[DraftsFound], tag="find_drafts", frozen=True):
    """List the stored drafts, newest first."""


class FindDraft(EngineRequest[DraftFound], tag="find_draft", frozen=True):
    """Get one stored draft with the change of its file."""

    draft_id: str


class WriteDraft(EngineRequest[DraftWritten], tag="write_draft", frozen=True):
    """Write a stored draft into the golden path's file, if ``studio: {write: true}`` allows it.

    Args:
        draft_id: the draft.
        base: the digest of the file that the page has read; empty for a file that does not exist.
        by: who writes.
        why: the reason; may be empty.
    """

    draft_id: str
    base: str
    by: str
    why: str = ""


class DeleteDraft(EngineRequest[DraftDeleted], tag="delete_draft", frozen=True):
    """Delete a stored draft."""

    draft_id: str
