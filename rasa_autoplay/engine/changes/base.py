"""The contract of the log of changes."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from rasa_autoplay.engine.changes.change import Change

__all__ = ["ChangeLog", "PauseEntries", "Version"]

#: Changes when an entry about a pause is added.
Version = tuple[int, int]


class PauseEntries(NamedTuple):
    """All entries about pauses.

    Args:
        version: of these entries.
        changes: in the order in which they were stored; None if they are those of the version that the caller
            knows.
    """

    version: Version
    changes: list[Change] | None


class ChangeLog(Protocol):
    """Stores what was loaded and refused, and who did what. Entries are only added."""

    @property
    def problem(self) -> str:
        """What is wrong with the database; empty if it works."""
        ...

    async def append(self, change: Change) -> bool:
        """Add an entry, unless it is stored already; True once it is durable."""
        ...

    async def pauses(
        self, product_id: str, known: Version | None = None, wait_s: float | None = None
    ) -> PauseEntries | None:
        """Return all entries about pauses; None if they cannot be read.

        Args:
            product_id: the product's id.
            known: the version that the caller has; its entries are not read again.
            wait_s: replaces the limit of the log, in seconds.
        """
        ...

    async def since(self, product_id: str, begin: float) -> list[Change] | None:
        """Return the entries since ``begin`` (epoch seconds), oldest first; None if they cannot be read."""
        ...
