"""A proposal, as its folder describes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rasa_autoplay.engine.proposals.backtest import Backtest
from rasa_autoplay.engine.proposals.log_entry import EntryKind, LogEntry

__all__ = ["Proposal"]


@dataclass(frozen=True)
class Proposal:
    """A proposal.

    Args:
        id: the name of its folder, which is also the trigger's id.
        folder: its folder.
        trigger_text: ``trigger.yml``, with ``\\n`` at the end of each line.
        trigger: the same as plain data, without expanded variables.
        path_text: ``path.yml``; empty if there is none.
        path_id: the id of that golden path; empty if there is none.
        title: one sentence for people; empty if the evidence has none.
        backtest: what the trigger would have done on held-out days; None if nothing was held out.
        evidence: ``evidence.json``; empty if there is none.
        log: its steps so far, in order.
    """

    id: str
    folder: Path
    trigger_text: str
    trigger: Mapping[str, Any]
    path_text: str
    path_id: str
    title: str
    backtest: Backtest | None
    evidence: Mapping[str, Any] = field(repr=False)
    log: Sequence[LogEntry] = ()

    @property
    def rejection(self) -> LogEntry | None:
        """The entry that has rejected the proposal; None if it is not rejected."""
        last = self.log[-1] if self.log else None
        return last if last is not None and last.kind is EntryKind.REJECTED else None
