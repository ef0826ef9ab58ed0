"""What the gateway asks the engine for the studio's rule editor."""

from __future__ import annotations

import msgspec

from rasa_autoplay.link.answers import JsonObject, RuleEdited
from rasa_autoplay.link.request_types import EngineRequest

__all__ = [
    "BacktestRule",
    "DiffRule",
    "EditRule",
    "FindCapturedWords",
    "FindRule",
    "SweepRule",
    "WriteRule",
]


class FindRule(EngineRequest[RuleEdited], tag="find_rule", frozen=True):
    """Get a trigger as text and as blocks; without an id, a template for a new one."""

    trigger_id: str = ""


class EditRule(EngineRequest[RuleEdited], tag="edit_rule", frozen=True):
    """Get an edited text with its blocks and its problems.

    Args:
        trigger_id: the trigger; empty for a new one.
        text: its text.
        base: the digest of the file that the page has read.
        edit: an edit of a block, which is applied to the text; empty for none.
    """

    trigger_id: str
    text: str
    base: str
    edit: JsonObject = msgspec.field(default_factory=dict)


class BacktestRule(EngineRequest[RuleEdited], tag="backtest_rule", frozen=True):
    """Compare an edited trigger with the loaded one, on the recording. See :class:`EditRule`.

    Args:
        trigger_id: as in :class:`EditRule`, with the next two.
        text: see above.
        base: see above.
        user_id: the user of ``session_id``.
        session_id: a session that is compared by itself, too; empty for none.
    """

    trigger_id: str
    text: str
    base: str
    user_id: str = ""
    session_id: str = ""


class SweepRule(EngineRequest[RuleEdited], tag="sweep_rule", frozen=True):
    """Get the volume of a trigger for several values of the number at ``path``. See :class:`EditRule`."""

    trigger_id: str
    text: str
    base: str
    path: list[str | int]


class DiffRule(EngineRequest[RuleEdited], tag="diff_rule", frozen=True):
    """Get the change of the file. The fields are those of :class:`EditRule`."""

    trigger_id: str
    text: str
    base: str


class WriteRule(EngineRequest[RuleEdited], tag="write_rule", frozen=True):
    """Write an edited trigger into the file, if ``studio: {write: true}`` allows it.

    Args:
        trigger_id: the trigger; empty for a new one.
        text: its text.
        base: the digest of the file that the page has read.
        by: who writes.
        why: the reason; may be empty.
    """

    trigger_id: str
    text: str
    base: str
    by: str
    why: str = ""


class FindCapturedWords(EngineRequest[RuleEdited], tag="captured_words", frozen=True):
    """Get the titles, pages and properties that were captured, with counts."""
