"""A database that may be away: used by one thread beside the event loop, and never a reason to stop.

SQLite by default, PostgreSQL or another by its SQLAlchemy URL.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from rasa_autoplay.errors import ConfigError

__all__ = ["Database", "UnusableSchema", "beside"]

logger = logging.getLogger(__name__)

_ResultT = TypeVar("_ResultT")

_CONNECT_TIMEOUT_S = 5
_UNTIL_ANOTHER_IS_READY_S = (0.05, 0.2, 0.5)

#: What drivers say, and what is said of it: their own words can name hosts, files and values.
_REASONS = (
    ("locked", "the database is locked by another process"),
    ("disk is full", "the disk is full"),
    ("no space left", "the disk is full"),
    ("unable to open", "unable to open the database file"),
    ("readonly", "the database is readonly"),
    ("read-only", "the database is readonly"),
    ("not a database", "the file is not a database"),
    ("malformed", "the database file is damaged"),
    ("password", "the database refuses the user or the password"),
    ("does not exist", "the database, or a table in it, does not exist"),
)


class UnusableSchema(SQLAlchemyError):  # type: ignore[misc] # SQLAlchemy 1.4 has no types
    """What is in the database was not made by this version; its text may be shown."""


class Database:
    """Does work in transactions, one after the other.

    Args:
        url: an SQLAlchemy URL, as ``memory.url`` in ``autoplay.yml``.
        holds: what is kept there, for the log.
        without: how things go on without it, for the log.
        prepare: makes the tables; called in a transaction before the first work, and again until it succeeds.

    Raises:
        ConfigError: the URL names no database that can be used here.
    """

    def __init__(self, url: str, holds: str, without: str, prepare: Callable[[Any], None]) -> None:
        #: What is wrong, for operators; empty while all is well.
        self.problem = ""
        self._holds, self._without, self._prepare = holds, without, prepare
        self._engine = _connectable(url)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="autoplay-database")
        self._is_prepared = False

    async def run(self, work: Callable[[Any], _ResultT], otherwise: _ResultT) -> _ResultT:
        """Do the work in a transaction on the database's thread; ``otherwise`` stands in when it fails."""
        loop = asyncio.get_running_loop()
        try:
            result = await loop.run_in_executor(self._thread, self._transact, work)
        except SQLAlchemyError as failure:
            self._report(failure)
            return otherwise
        self.problem = ""
        return result

    async def close(self) -> None:
        """Finish what was begun, and let the database go."""
        await asyncio.get_running_loop().run_in_executor(None, self._thread.shutdown)
        self._engine.dispose()

    def _transact(self, work: Callable[[Any], _ResultT]) -> _ResultT:
        if not self._is_prepared:
            self._make_ready()
            self._is_prepared = True
        with self._engine.begin() as connection:
            return work(connection)

    def _make_ready(self) -> None:
        for pause_s in _UNTIL_ANOTHER_IS_READY_S:
            try:
                self._make_tables()
            except SQLAlchemyError as failure:
                words = str(getattr(failure, "orig", None) or "").lower()
                # Where several engines start at once, another one is making the tables just now.
                if "already exists" not in words and "locked" not in words:
                    raise
                time.sleep(pause_s)
            else:
                return
        self._make_tables()

    def _make_tables(self) -> None:
        with self._engine.begin() as connection:
            self._prepare(connection)

    def _report(self, failure: SQLAlchemyError) -> None:
        reason = _reason(failure)
        if reason != self.problem:
            logger.error(
                "The database of %s does not work: %s. %s Check memory.url in autoplay.yml.",
                self._holds,
                reason,
                self._without,
            )
        self.problem = reason


def _reason(failure: SQLAlchemyError) -> str:
    if isinstance(failure, UnusableSchema):
        return str(failure)
    words = str(getattr(failure, "orig", None) or "").lower()
    known = next((reason for part, reason in _REASONS if part in words), "")
    if known:
        return known
    if isinstance(failure, OperationalError):
        return "the database cannot be reached"
    return f"the database refuses it ({type(failure).__name__})"


def beside(folder: Path, url: str) -> str:
    """A relative SQLite file lies beside ``autoplay.yml``, wherever the server was started."""
    prefix = "sqlite:///"
    if not url.startswith(prefix) or url.startswith(f"{prefix}/") or url in (prefix, f"{prefix}:memory:"):
        return url
    return f"{prefix}{(folder / url.removeprefix(prefix)).resolve()}"


def _connectable(url: str) -> Any:
    try:
        parsed = sa.engine.make_url(url)
        engine = sa.create_engine(parsed, future=True, **_options(parsed))
    except (SQLAlchemyError, ImportError, ValueError) as problem:
        raise ConfigError(
            f"autoplay.yml: memory.url: no database can be reached by this URL ({type(problem).__name__}).",
            remedy='Write an SQLAlchemy URL such as "sqlite:///autoplay.db"; for PostgreSQL install '
            "rasa-autoplay[postgres].",
        ) from None
    if parsed.get_backend_name() == "sqlite":
        sa.event.listen(engine, "connect", _tune_sqlite)
    return engine


def _options(url: Any) -> dict[str, Any]:
    if url.get_backend_name() == "postgresql":
        return {"pool_pre_ping": True, "connect_args": {"connect_timeout": _CONNECT_TIMEOUT_S}}
    if url.get_backend_name() != "sqlite":
        return {"pool_pre_ping": True}
    if url.database in (None, "", ":memory:"):
        return {}
    # SQLAlchemy 1.4 would open the file anew for each transaction, and the last connection to close flushes
    # the disk: ten times slower. The connection moves between the thread and the one that closes it.
    return {"poolclass": QueuePool, "pool_size": 1, "connect_args": {"check_same_thread": False}}


def _tune_sqlite(connection: Any, _record: Any) -> None:
    # WAL with synchronous=NORMAL survives the death of the process, which is what durable means here, and
    # spares a disk flush per offer.
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=2000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
