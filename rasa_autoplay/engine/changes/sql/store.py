"""The log of changes in SQL: SQLite by default, PostgreSQL or another database by its SQLAlchemy URL."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
import sqlalchemy as sa

from rasa_autoplay.engine.changes.base import PauseEntries, Version
from rasa_autoplay.engine.changes.change import Change, ChangeKind
from rasa_autoplay.engine.changes.sql.schema import changes, migrate
from rasa_autoplay.storage.database import Database

__all__ = ["SqlChangeLog"]

logger = logging.getLogger(__name__)

_WAIT_S = 5.0
#: More entries than this are not listed.
_MOST_LISTED = 10_000
#: Longer texts are cut when they are stored.
_LONGEST_TEXT = 2000

_COLUMNS = [changes.c[name] for name in Change.__struct_fields__]
_OF_PAUSES = (
    changes.c.product_id == sa.bindparam("product"),
    changes.c.kind.in_([ChangeKind.PAUSED.value, ChangeKind.RESUMED.value]),
)
# Built once, because every engine asks several times in a second. The count is needed as well: a transaction
# can store an entry with a smaller number than one that is there already.
_VERSION = sa.select(sa.func.count(), sa.func.max(changes.c.number)).where(*_OF_PAUSES)
_PAUSES = sa.select(*_COLUMNS).where(*_OF_PAUSES).order_by(changes.c.number)
_KNOWN = sa.select(changes.c.number).where(changes.c.change_id == sa.bindparam("known"))
_INSERT = sa.insert(changes)


class SqlChangeLog(Database):
    """Stores what was loaded and refused, and who paused what, from one thread beside the event loop.

    Args:
        url: an SQLAlchemy URL, ``database.url`` in ``autoplay.yml``.
        wait_s: how long a caller waits, in seconds.
        prepare: creates or migrates the table; replaced by those who only read.

    Raises:
        ConfigError: the URL names no usable database.
    """

    def __init__(self, url: str, wait_s: float = _WAIT_S, prepare: Callable[[Any], None] = migrate) -> None:
        super().__init__(
            url,
            holds="changes and pauses",
            without="The pauses read last stay in force.",
            prepare=prepare,
            wait_s=wait_s,
        )

    async def append(self, change: Change) -> bool:
        """Add an entry, unless it is stored already; True once it is durable."""
        row = _to_row(change)

        def write(connection: Any) -> bool:
            if connection.execute(_KNOWN, {"known": change.change_id}).first() is None:
                connection.execute(_INSERT, row)
            return True

        return await self.run(write, False)

    async def pauses(
        self, product_id: str, known: Version | None = None, wait_s: float | None = None
    ) -> PauseEntries | None:
        """Return all entries about pauses; None if they cannot be read.

        Args:
            product_id: the product's id.
            known: the version that the caller has; its entries are not read again.
            wait_s: replaces the limit of the log, in seconds.
        """
        product = {"product": product_id}

        def read(connection: Any) -> PauseEntries:
            count, newest = connection.execute(_VERSION, product).one()
            version = int(count), int(newest or 0)
            if version == known:
                return PauseEntries(version, None)
            return PauseEntries(version, list(_readable(connection.execute(_PAUSES, product).mappings())))

        return await self.run(read, None, wait_s)

    async def since(self, product_id: str, begin: float) -> list[Change] | None:
        """Return the entries since ``begin`` (epoch seconds), oldest first; None if they cannot be read."""
        newest = (
            sa.select(*_COLUMNS)
            .where(changes.c.product_id == product_id, changes.c.at >= begin)
            .order_by(changes.c.number.desc())
            .limit(_MOST_LISTED)
        )

        def read(connection: Any) -> list[Change]:
            return list(_readable(connection.execute(newest).mappings()))[::-1]

        return await self.run(read, None)


def _to_row(change: Change) -> dict[str, Any]:
    texts = {name: _storable(getattr(change, name)) for name in ("trigger_id", "who", "why", "detail")}
    return {**msgspec.structs.asdict(change), **texts, "kind": change.kind.value}


def _storable(text: str) -> str:
    """Return the text as all databases accept it: not too long, without NUL and lone surrogates."""
    return text[:_LONGEST_TEXT].replace("\0", "").encode("utf-8", "replace").decode()


def _readable(rows: Iterable[Any]) -> Iterator[Change]:
    for row in rows:
        try:
            yield Change(**{**row, "kind": ChangeKind(row["kind"])})
        except ValueError:
            logger.warning("A change in the database is of a later version and is ignored: %r.", row["kind"])
