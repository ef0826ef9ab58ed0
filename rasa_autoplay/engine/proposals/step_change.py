"""What the log of changes says of a proposal's step."""

from __future__ import annotations

from rasa_autoplay.engine.changes.change import Change, ChangeKind
from rasa_autoplay.engine.proposals.log_entry import EntryKind, LogEntry

__all__ = ["change_of"]


def change_of(product_id: str, proposal_id: str, entry: LogEntry, change_id: str) -> Change:
    """Return the entry for the log of changes.

    Args:
        product_id: the product's id.
        proposal_id: the proposal's id.
        entry: the step in the proposal's log.
        change_id: the id of the change.
    """
    against = ", against the rule" if entry.kind is EntryKind.PROMOTED and not entry.is_by_rule else ""
    detail = f"from {entry.before.value} to {entry.after.value}{against}"
    if entry.kind in (EntryKind.REJECTED, EntryKind.RESTORED):
        detail = f"{detail} ({entry.kind.value})"
    return Change(
        change_id,
        product_id,
        entry.at,
        ChangeKind.PROMOTED,
        proposal_id,
        entry.who,
        entry.why,
        detail=detail,
    )
