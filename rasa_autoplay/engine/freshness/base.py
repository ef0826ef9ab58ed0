"""The contract of the store of freshness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from rasa_autoplay.engine.freshness.control import Control
from rasa_autoplay.engine.freshness.entry import Entry
from rasa_autoplay.engine.freshness.observation import MissingReport, PathObservation

__all__ = ["Entries", "EntriesVersion", "FreshnessStore", "OfPath"]

#: Changes when an entry is added.
EntriesVersion = tuple[int, int]


class Entries(NamedTuple):
    """All entries.

    Args:
        version: of these entries.
        entries: in the order in which they were stored; None if they are those of the version that the caller
            knows.
    """

    version: EntriesVersion
    entries: list[Entry] | None


class OfPath(NamedTuple):
    """What is stored of one golden path.

    Args:
        observations: the latest ones, in order of their times.
        reports: of browsers that could not find an element.
        users: how many users operated each control, by key.
        controls: the known controls, by key.
    """

    observations: list[PathObservation]
    reports: list[MissingReport]
    users: Mapping[str, int]
    controls: dict[str, Control]


class FreshnessStore(Protocol):
    """Stores what sessions show of golden paths, and what was found and confirmed."""

    @property
    def problem(self) -> str:
        """What is wrong with the database, for operators; empty if it works."""

    async def save(self, observed: Sequence[PathObservation | MissingReport]) -> bool:
        """Store observations and reports; a later one of the same session replaces it. True once durable."""

    async def of_path(self, path_id: str) -> OfPath | None:
        """Return what is stored of a golden path; None if it cannot be read."""

    async def name(self, controls: Mapping[str, Control]) -> bool:
        """Store what keys stand for; True once it is durable."""

    async def append(self, entry: Entry) -> bool:
        """Add an entry, unless it is stored already; True once it is durable."""

    async def entries(self, known: EntriesVersion | None = None) -> Entries | None:
        """Return all entries; None if they cannot be read.

        Args:
            known: the version that the caller has; its entries are not read again.
        """

    async def forget_before(self, cutoff: float) -> int | None:
        """Delete what was observed before a time (epoch seconds); None if that fails."""

    async def export(self, user_id: str) -> list[dict[str, Any]] | None:
        """Return what is stored of a user; None if it cannot be read."""

    async def forget(self, user_id: str) -> int | None:
        """Delete what is stored of a user; None if that fails."""

    async def close(self) -> None:
        """Finish pending operations, and close the database."""
