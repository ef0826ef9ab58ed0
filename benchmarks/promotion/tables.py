"""Writes the simulated decisions into the engine's own tables, to compare both ways of counting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from benchmarks.promotion.users import Reactions
from rasa_autoplay.engine.offers.sql.schema import migrate, offers, receipts
from rasa_autoplay.engine.tips.sql.store import choices

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["DAY_S", "NO_TABLES", "PRODUCT", "TRIGGER", "SqlTables", "Tables"]

DAY_S = 86_400.0
PRODUCT, TRIGGER = "demo", "planted"
_TEXTS = dict.fromkeys(("session_id", "body", "golden_path", "page"), "")
_NUMBERS = {"expires_at": 0.0, "rendered_at": 0.0, "evidence_until": 0.0}


class Tables:
    """Gets every decision, and keeps none."""

    def next_day(self) -> None:
        """A day begins."""

    def ghost(self, users: NDArray[np.int64], fires: NDArray[np.int64], found: NDArray[np.int64]) -> None:
        """Decisions as ghost.

        Args:
            users: who.
            fires: how many for each.
            found: after how many of them the user found the fast way within two minutes.
        """

    def decided(self, arm: str, share: float, users: NDArray[np.int64], reactions: Reactions) -> None:
        """One decision for each user.

        Args:
            arm: ``shown`` or ``control``.
            share: the share of users with the offer.
            users: who.
            reactions: what became of it.
        """


NO_TABLES = Tables()


class SqlTables(Tables):
    """Writes every decision.

    Args:
        url: an SQLAlchemy URL.
    """

    def __init__(self, url: str) -> None:
        self._engine = sa.create_engine(url)
        self._day = self._count = 0
        with self._engine.begin() as connection:
            migrate(connection)
            choices.create(connection, checkfirst=True)

    @property
    def now(self) -> float:
        """The end of the day, epoch seconds."""
        return (self._day + 1) * DAY_S

    def next_day(self) -> None:
        """A day begins."""
        self._day += 1

    def ghost(self, users: NDArray[np.int64], fires: NDArray[np.int64], found: NDArray[np.int64]) -> None:
        """Write decisions as ghost."""
        rows, reached = [], []
        for user, number, alone in zip(users.tolist(), fires.tolist(), found.tolist(), strict=True):
            for each in range(number):
                at = self._day * DAY_S + 3600.0 * each
                row = self._row(user, at, "ghost", 0.0)
                rows.append(row)
                if each < alone:
                    reached.append(_receipt(row, "goal_reached", 60.0))
        self._write(rows, reached, [])

    def decided(self, arm: str, share: float, users: NDArray[np.int64], reactions: Reactions) -> None:
        """Write one decision for each user."""
        rows, reports, mutes = [], [], []
        for place, user in enumerate(users.tolist()):
            row = self._row(user, self._day * DAY_S + 1000.0, arm, share)
            found = [bool(each[place]) for each in reactions]
            seen, refused, never, muted, reached, failed = found
            answer = "never" if never else "dismissed" if refused else "seen" if seen else "sent"
            row.update(seen_at=row["created_at"] if seen else 0.0)
            row.update(status=answer if arm == "shown" else "withheld")
            rows.append(row)
            reports += [_receipt(row, "goal_reached", 3600.0)] if reached else []
            reports += [_receipt(row, "failed_after", 60.0)] if failed else []
            if muted:
                at = row["created_at"] + 120.0
                mutes.append(
                    {
                        "product_id": PRODUCT,
                        "user_id": row["user_id"],
                        "subject": "everything",
                        "muted_at": at,
                    }
                )
        self._write(rows, reports, mutes)

    def close(self) -> None:
        """Disconnect."""
        self._engine.dispose()

    def _row(self, user: int, at: float, arm: str, share: float) -> dict[str, Any]:
        self._count += 1
        own = {"offer_id": f"o{self._count}", "user_id": f"u{user:06}", "created_at": at, "arm": arm}
        place = {"product_id": PRODUCT, "trigger_id": TRIGGER, "tours": "[]", "status": "withheld"}
        return {**_TEXTS, **_NUMBERS, **place, **own, "show_probability": share, "seen_at": 0.0}

    def _write(
        self, rows: list[dict[str, Any]], reports: list[dict[str, Any]], mutes: list[dict[str, Any]]
    ) -> None:
        with self._engine.begin() as connection:
            for table, new in ((offers, rows), (receipts, reports), (choices, mutes)):
                if new:
                    connection.execute(sa.insert(table), new)


def _receipt(row: dict[str, Any], event: str, after_s: float) -> dict[str, Any]:
    return {"offer_id": row["offer_id"], "event": event, "at": row["created_at"] + after_s, "detail": ""}
