"""The contract of those who write about changes of offers, in the same transaction as the change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from rasa_autoplay.engine.offers.base import Receipt

__all__ = ["ChangeRecorder"]


class ChangeRecorder(Protocol):
    """Writes about the changes of offers. A connection is in a transaction, on the database's thread."""

    def prepare(self, connection: Any) -> None:
        """Create or migrate the tables."""
        ...

    def offer_saved(
        self, connection: Any, before: Mapping[str, Any] | None, after: Mapping[str, Any]
    ) -> None:
        """Record a saved offer.

        Args:
            connection: of the ledger's transaction.
            before: ``status``, ``rendered_at`` and ``seen_at`` as they were stored; None for a new offer.
            after: the row as it is stored now.
        """
        ...

    def receipt_stored(self, connection: Any, receipt: Receipt, number: int) -> None:
        """Record a new receipt.

        Args:
            connection: of the ledger's transaction.
            receipt: the receipt.
            number: how many receipts of the same event were stored for the same offer before.
        """
        ...

    def receipt_completed(self, connection: Any, receipt: Receipt, number: int) -> None:
        """Record that a stored receipt has got its detail; the arguments are those of ``receipt_stored``."""
        ...

    def announce(self) -> None:
        """Tell whoever waits for it that something was recorded; called after the commit, on the loop."""
        ...
