"""What ``rasa-autoplay propose`` prints: a table of all proposals, one proposal, or JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rasa_autoplay.engine.proposals.log_entry import LogEntry
    from rasa_autoplay.engine.proposals.promotion import ProposalStatus

__all__ = ["as_json", "as_page", "as_table"]


def as_table(statuses: Sequence[ProposalStatus], problems: Mapping[str, str]) -> list[str]:
    """Return all proposals, one a line."""
    from rasa_autoplay.engine.proposals.wording import next_step

    if not statuses and not problems:
        return ["There are no proposals. `rasa-autoplay discover RECORDINGS` finds them."]
    rows = [
        (each.id, "rejected" if each.is_rejected else each.placed.stage.in_words, next_step(each))
        for each in statuses
    ]
    wide = max([len("id"), *(len(row[0]) for row in rows)])
    lines = [f"{'id':<{wide}}  {'stage':<8}  next", *(f"{a:<{wide}}  {b:<8}  {c}" for a, b, c in rows)]
    return [*lines, *(f"cannot be read: {text}" for text in problems.values())]


def as_page(status: ProposalStatus) -> list[str]:
    """Return one proposal: its evidence in short, its figures, its steps, and what the rule says."""
    from rasa_autoplay.engine.proposals.wording import figures_in_words, verdict_in_words

    proposal = status.placed.proposal
    lines = [f"{proposal.id} ({status.placed.stage.in_words})"]
    lines += [proposal.title] if proposal.title else []
    lines += [f"Evidence: {proposal.folder / 'evidence.md'}", ""]
    if status.placed.entry is not None and not proposal.log:
        lines.append(
            "autoplay.yml has a trigger with this id, and no step of this proposal has put it there."
        )
    if status.record is not None:
        lines += figures_in_words(status.record.figures)
    lines += ["", *verdict_in_words(status)]
    steps = [_step(entry) for entry in proposal.log]
    return [*lines, *(["", "Steps so far:", *steps] if steps else [])]


def as_json(statuses: Sequence[ProposalStatus], problems: Mapping[str, str]) -> dict[str, Any]:
    """Return everything as plain data; times are epoch seconds."""
    import msgspec

    from rasa_autoplay.engine.proposals.wording import next_step

    return {
        "proposals": [
            {
                "id": each.id,
                "title": each.placed.proposal.title,
                "stage": each.placed.stage.value,
                "is_rejected": each.is_rejected,
                "next": next_step(each),
                "decision": msgspec.to_builtins(each.record),
                "log": msgspec.to_builtins(each.placed.proposal.log),
            }
            for each in statuses
        ],
        "problems": dict(problems),
    }


def _step(entry: LogEntry) -> str:
    day = f"{datetime.fromtimestamp(entry.at, timezone.utc):%Y-%m-%d %H:%M}"
    moved = f"{entry.before.in_words} to {entry.after.in_words}, {entry.kind.value} by {entry.who}"
    return f"{day}  {moved}{f': {entry.why}' if entry.why else ''}"
