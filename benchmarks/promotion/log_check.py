"""Writes the decisions of a run into logs as the product does, and decides again from what the logs say."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.promotion.campaign import Planted
from rasa_autoplay.engine.proposals.decision_record import difference_in
from rasa_autoplay.engine.proposals.log_entry import EntryKind, LogEntry
from rasa_autoplay.engine.proposals.promotion import THE_RULE
from rasa_autoplay.engine.proposals.proposal_folder import LOG
from rasa_autoplay.engine.proposals.proposal_log import append_entry
from rasa_autoplay.engine.proposals.verdict import Step

__all__ = ["decided_again"]


def decided_again(triggers: Sequence[Planted]) -> tuple[int, list[str]]:
    """Return how many decisions were computed again from the logs, and which answers differ."""
    count, different = 0, []
    with tempfile.TemporaryDirectory() as name:
        for number, trigger in enumerate(triggers):
            folder = Path(name) / f"p{number}"
            folder.mkdir()
            for day, record in trigger.decisions:
                is_up = record.verdict.step is Step.UP
                kind = EntryKind.PROMOTED if is_up else EntryKind.DEMOTED
                entry = LogEntry(
                    day, kind, record.figures.stage, record.verdict.to, THE_RULE, "", True, record
                )
                append_entry(folder, entry)
            for line in (folder / LOG).read_text().splitlines() if trigger.decisions else ():
                logged = msgspec.json.decode(line, type=LogEntry)
                count += 1
                found = difference_in(logged.decision) if logged.decision is not None else "no figures"
                different += [f"{folder.name}: {found}"] if found else []
    return count, different
