"""Whose turn it is to promote: of several engines with one database, one takes each turn."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from rasa_autoplay.storage.database import Database
from rasa_autoplay.storage.migrations import Migrations

__all__ = ["PromotionTurns"]

_WAIT_S = 5.0
turns = sa.Table(
    "autoplay_promotion_turns",
    sa.MetaData(),
    sa.Column("product_id", sa.String(255), primary_key=True),
    sa.Column("due_at", sa.Float, nullable=False),
)
_IS_OURS = turns.c.product_id == sa.bindparam("product")
_TAKE = (
    sa.update(turns)
    .where(_IS_OURS, turns.c.due_at <= sa.bindparam("now"))
    .values(due_at=sa.bindparam("next"))
)
_GIVE_BACK = sa.update(turns).where(_IS_OURS).values(due_at=sa.bindparam("next"))
_KNOWN = sa.select(turns.c.due_at).where(_IS_OURS)


def _create(connection: Any) -> None:
    turns.create(connection, checkfirst=True)


_migrate = Migrations("autoplay_promotion_version", "the turns of promotion", [_create]).run


class PromotionTurns(Database):
    """Lets one engine promote at a time. If it dies, the next turn comes as usual.

    Args:
        url: an SQLAlchemy URL, ``database.url`` in ``autoplay.yml``.
        product_id: the product.

    Raises:
        ConfigError: the URL names no usable database.
    """

    def __init__(self, url: str, product_id: str) -> None:
        super().__init__(
            url,
            holds="the turns of promotion",
            without="No proposal is promoted without it.",
            prepare=_migrate,
            wait_s=_WAIT_S,
        )
        self._product_id = product_id

    async def take(self, now: float, every_s: float) -> bool:
        """Take the turn if it is due; False if it is not, or another engine has it.

        Args:
            now: epoch seconds.
            every_s: when the next turn is due, in seconds from now.
        """
        values = {"product": self._product_id, "now": now, "next": now + every_s}

        def run(connection: Any) -> bool:
            if connection.execute(_KNOWN, {"product": self._product_id}).first() is not None:
                return int(connection.execute(_TAKE, values).rowcount) == 1
            try:
                with connection.begin_nested():
                    row = {"product_id": self._product_id, "due_at": now + every_s}
                    connection.execute(sa.insert(turns), row)
            except IntegrityError:  # another engine was faster
                return False
            return True

        return await self.run(run, False)

    async def postpone(self, until: float) -> None:
        """Let the next turn come at another time, epoch seconds."""
        values = {"product": self._product_id, "next": until}

        def run(connection: Any) -> None:
            connection.execute(_GIVE_BACK, values)

        await self.run(run, None)
