"""Writes outcomes in the ledger's own transaction, so that a crash loses neither or both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from rasa_autoplay.engine.offers.base import Receipt
from rasa_autoplay.engine.offers.sql.schema import offers
from rasa_autoplay.engine.outcomes.derived import OFFER_COLUMNS, RECEIPTS, of_receipt, of_saved_offer
from rasa_autoplay.engine.outcomes.outcome import Outcome
from rasa_autoplay.engine.outcomes.sql.schema import WAITING, migrate, outcomes
from rasa_autoplay.events.outcome_types import OutcomeType

__all__ = ["SqlOutcomeRecorder"]

#: A browser reports an acceptance, and then asks for the help, which tells which button it was.
_BUTTON_WAIT_S = 2.0

# Built once: a toast waits for these statements, and building one takes longer than executing it.
_INSERT = sa.insert(outcomes)
_OFFER = sa.select(*(offers.c[name] for name in OFFER_COLUMNS)).where(
    offers.c.offer_id == sa.bindparam("of_offer_id")
)
#: An outcome that may have been sent already stays as it was.
_COMPLETE = (
    sa.update(outcomes)
    .where(
        outcomes.c.outcome_id == sa.bindparam("known_id"),
        outcomes.c.state == WAITING,
        outcomes.c.recorded_at > sa.bindparam("fresh"),
    )
    .values(body=sa.bindparam("body"), due_at=sa.bindparam("now"))
)


class SqlOutcomeRecorder:
    """A :class:`~rasa_autoplay.engine.offers.change_recorder.ChangeRecorder` that writes outcomes.

    Args:
        targets: the names of those that get outcomes.
        clock: epoch seconds.
        announce: called on the event loop after outcomes were written.
    """

    def __init__(
        self, targets: Sequence[str], clock: Callable[[], float], announce: Callable[[], None]
    ) -> None:
        self._targets = targets
        self._clock = clock
        self._announce = announce
        self._has_news = False

    @staticmethod
    def prepare(connection: Any) -> None:
        """Create or migrate the tables of outcomes."""
        migrate(connection)

    def offer_saved(
        self, connection: Any, before: Mapping[str, Any] | None, after: Mapping[str, Any]
    ) -> None:
        """Write the outcomes of a saved offer."""
        now = self._clock()
        self._write(connection, of_saved_offer(before, after, now), now, now)

    def receipt_stored(self, connection: Any, receipt: Receipt, number: int) -> None:
        """Write the outcome of a receipt, if it has one."""
        outcome = self._of_receipt(connection, receipt, number)
        if outcome is None:
            return
        now = self._clock()
        is_incomplete = outcome.type is OutcomeType.ACCEPTED and not receipt.detail
        self._write(connection, [outcome], now, now + _BUTTON_WAIT_S if is_incomplete else now)

    def receipt_completed(self, connection: Any, receipt: Receipt, number: int) -> None:
        """Add the button to an outcome that still waits for it."""
        outcome = self._of_receipt(connection, receipt, number)
        if outcome is None:
            return
        now = self._clock()
        values = {"known_id": outcome.id, "body": outcome.encode(), "now": now, "fresh": now - _BUTTON_WAIT_S}
        connection.execute(_COMPLETE, values)
        self._has_news = True

    def announce(self) -> None:
        """Wake those who deliver, if anything was written."""
        if self._has_news:
            self._has_news = False
            self._announce()

    @staticmethod
    def _of_receipt(connection: Any, receipt: Receipt, number: int) -> Outcome | None:
        if receipt.event not in RECEIPTS:
            return None
        offer = connection.execute(_OFFER, {"of_offer_id": receipt.offer_id}).mappings().first()
        # Without its offer, its user is unknown: that user's data was deleted.
        return of_receipt(receipt, number, offer) if offer else None

    def _write(self, connection: Any, found: Sequence[Outcome], now: float, due_at: float) -> None:
        rows = [_row(each, target, now, due_at) for each in found for target in self._targets]
        if rows:
            connection.execute(_INSERT, rows)
            self._has_news = True


def _row(outcome: Outcome, target: str, now: float, due_at: float) -> dict[str, Any]:
    return {
        "product_id": outcome.data.product_id,
        "user_id": outcome.data.user_id,
        "outcome_id": outcome.id,
        "target": target,
        "type": outcome.type.value,
        "body": outcome.encode(),
        "recorded_at": now,
        "state": WAITING,
        "attempts": 0,
        "due_at": due_at,
        "settled_at": 0.0,
        "problem": "",
    }
