"""Deletes what an earlier made-up day has written, so that each run has one day and not several."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.storage.database import resolve_sqlite_url

__all__ = ["forget_day", "mark_counts"]

#: The engine's run to which the counts of gates of a made-up day belong.
_RUN = "made-up-day"
_PREFIX = "autoplay_"
_COUNTS, _OFFERS, _RECEIPTS = f"{_PREFIX}gate_counts", f"{_PREFIX}offers", f"{_PREFIX}receipts"


def forget_day(config: Path, user_ids: Sequence[str]) -> None:
    """Delete everything about these users, and the counts of the earlier day.

    Args:
        config: ``autoplay.yml``.
        user_ids: the made-up users.
    """
    with _database(config) as connection:
        tables = _tables(connection)
        users = sa.bindparam("users", list(user_ids), expanding=True)
        if _OFFERS in tables and _RECEIPTS in tables:
            theirs = sa.select(tables[_OFFERS].c.offer_id).where(tables[_OFFERS].c.user_id.in_(users))
            connection.execute(sa.delete(tables[_RECEIPTS]).where(tables[_RECEIPTS].c.offer_id.in_(theirs)))
        for table in tables.values():
            if "user_id" in table.c:
                connection.execute(sa.delete(table).where(table.c.user_id.in_(users)))
        if _COUNTS in tables:
            connection.execute(sa.delete(tables[_COUNTS]).where(tables[_COUNTS].c.engine_id == _RUN))


def mark_counts(config: Path, engine_id: str) -> None:
    """Mark the counts of a run of the engine as those of a made-up day.

    Args:
        config: ``autoplay.yml``.
        engine_id: the run.
    """
    with _database(config) as connection:
        counts = _tables(connection)[_COUNTS]
        connection.execute(sa.update(counts).where(counts.c.engine_id == engine_id).values(engine_id=_RUN))


def _database(config: Path) -> sa.engine.base.Engine._trans_ctx:
    file = YamlFile(config)
    url = resolve_sqlite_url(file.path.parent, file.read(EngineSettings).database.url)
    return sa.create_engine(url, future=True).begin()


def _tables(connection: sa.engine.Connection) -> dict[str, sa.Table]:
    metadata = sa.MetaData()
    metadata.reflect(connection, only=lambda name, _: name.startswith(_PREFIX))
    return dict(metadata.tables)
