"""Stores the daily counts of fires and gates in SQL. They name no user."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from rasa_autoplay.engine.results.count_key import CountKey
from rasa_autoplay.storage.database import Database
from rasa_autoplay.storage.migrations import Migrations

__all__ = ["GateCountStore", "gate_counts", "migrate"]

_WAIT_S = 5.0

gate_counts = sa.Table(
    "autoplay_gate_counts",
    sa.MetaData(),
    sa.Column("product_id", sa.Text, primary_key=True),
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("trigger_id", sa.Text, primary_key=True),
    sa.Column("variant", sa.Text, primary_key=True),
    sa.Column("outcome", sa.String(16), primary_key=True),
    sa.Column("gate", sa.String(32), primary_key=True),
    sa.Column("engine_id", sa.String(64), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)


def _create(connection: Any) -> None:
    gate_counts.create(connection, checkfirst=True)


migrate = Migrations("autoplay_gate_count_version", "the daily counts of gates", [_create]).run

_KEY = (*CountKey._fields, "product_id", "engine_id")
# Delete and insert, because databases have no common syntax for an upsert.
_DELETE = sa.delete(gate_counts).where(*(gate_counts.c[name] == sa.bindparam(f"of_{name}") for name in _KEY))
_INSERT = sa.insert(gate_counts)


class GateCountStore(Database):
    """Stores counts, from one thread beside the event loop.

    Args:
        url: an SQLAlchemy URL, ``database.url`` in ``autoplay.yml``.
        product_id: the product's id.
        engine_id: the engine's current run. Each run has its own rows, whose sum is the count.

    Raises:
        ConfigError: the URL names no usable database.
    """

    def __init__(self, url: str, product_id: str, engine_id: str) -> None:
        super().__init__(
            url,
            holds="the daily counts of gates",
            without="Toasts and chat continue; the counts are written once it is available again.",
            prepare=migrate,
            wait_s=_WAIT_S,
        )
        self._of_run = {"product_id": product_id, "engine_id": engine_id}

    async def save(self, counts: Mapping[CountKey, int]) -> bool:
        """Replace this run's counts with newer ones; True once they are durable.

        Args:
            counts: the whole counts of this run, so that a repeated write counts nothing twice.
        """
        rows = [{**key._asdict(), **self._of_run, "count": count} for key, count in counts.items()]
        keys = [{f"of_{name}": row[name] for name in _KEY} for row in rows]

        def write(connection: Any) -> bool:
            connection.execute(_DELETE, keys)
            connection.execute(_INSERT, rows)
            return True

        return await self.run(write, False) if rows else True
