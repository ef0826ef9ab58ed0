"""A database that may be down or hang, used from one thread next to the event loop.

SQLite by default; PostgreSQL or another by its SQLAlchemy URL.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from rasa_autoplay.errors import AutoplayError, ConfigError
from rasa_autoplay.storage.bounded_thread import BoundedThread, Overdue
from rasa_autoplay.storage.postgres_driver import with_installed_driver

__all__ = ["Database", "UnusableSchema", "resolve_sqlite_url"]

logger = logging.getLogger(__name__)

_ResultT = TypeVar("_ResultT")

_CONNECT_TIMEOUT_S = 5
#: The server ends a statement that takes longer.
_STATEMENT_TIMEOUT_S = 10
#: After this time, the connection to a hanging server is cut.
_ABORT_S = 15.0
#: A server that vanished is noticed after 10 + 3 · 5 s.
_KEEPALIVE = {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
#: Limits for statements and locks. A value in the URL is kept.
_LIMIT_STATEMENTS = tuple(
    f"SELECT set_config('{name}', '{seconds}s', false) WHERE current_setting('{name}') = '0'"
    for name, seconds in (("statement_timeout", _STATEMENT_TIMEOUT_S), ("lock_timeout", 5))
)
_TOO_SLOW = "the database does not answer in time"
_PREPARE_RETRIES_S = (0.05, 0.2, 0.5)

#: Part of a driver's message → the reason to report. The driver's own text can contain hosts, files and
#: values.
_REASONS = (
    ("locked", "the database is locked by another process"),
    ("lock timeout", "a table of the database is locked by another process"),
    ("statement timeout", _TOO_SLOW),
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


class UnusableSchema(AutoplayError, SQLAlchemyError):  # type: ignore[misc] # SQLAlchemy 1.4 has no types
    """The tables were created by a later version. The text contains no secrets."""


class Database:
    """Runs work in transactions, one after the other.

    Args:
        url: an SQLAlchemy URL, as ``database.url`` in ``autoplay.yml``.
        holds: describes the content, for the log.
        without: describes how the engine continues without the database, for the log.
        prepare: creates the tables; called in a transaction before the first work, until it succeeds.
        wait_s: how long a caller waits, in seconds; while the database hangs, callers do not wait.
        abort_s: work that takes longer is cut off, in seconds.

    Raises:
        ConfigError: the URL does not name a usable database.
    """

    def __init__(
        self,
        url: str,
        holds: str,
        without: str,
        prepare: Callable[[Any], None],
        wait_s: float,
        abort_s: float = _ABORT_S,
    ) -> None:
        #: The current problem, for operators; empty if there is none.
        self.problem = ""
        self._holds, self._without, self._prepare = holds, without, prepare
        self._engine = _connectable(url)
        #: The driver's connection, which can be cut from outside when it hangs.
        self._driver_connection: Any = None
        sa.event.listen(self._engine, "connect", self._store_connection)
        self._thread = BoundedThread(
            "autoplay-database", wait_s, abort_s, self._abort, self._attempt_failed, self._works
        )
        self._is_prepared = False

    async def run(
        self, work: Callable[[Any], _ResultT], otherwise: _ResultT, wait_s: float | None = None
    ) -> _ResultT:
        """Run work in a transaction on the database's thread, and return ``otherwise`` if it fails.

        Work that took too long may still run later, so it must be safe to run twice.

        Args:
            work: called with a connection.
            otherwise: the result after a failure.
            wait_s: replaces the database's limit.
        """
        try:
            result = await self._thread.run(lambda: self._transact(work), wait_s)
        except Overdue:
            self._report(self.problem or _TOO_SLOW)
            return otherwise
        except SQLAlchemyError as failure:
            self._report(_reason(failure))
            return otherwise
        self._works()
        return result

    async def delete(self, statement: Any) -> int | None:
        """Delete rows; return how many, or None if that fails."""
        return await self.run(lambda connection: int(connection.execute(statement).rowcount), None)

    async def scrub(self) -> None:
        """Remove deleted rows from SQLite's log, too; other databases do so by themselves."""
        if self._engine.dialect.name == "sqlite":
            await self.run(_truncate_log, None)

    async def close(self) -> None:
        """Finish the current work and disconnect. A hanging database is not waited for."""
        is_stuck = self._thread.is_stuck
        await self._thread.close()
        if not is_stuck:
            self._engine.dispose()

    def _works(self) -> None:
        self.problem = ""

    def _attempt_failed(self, failure: Exception) -> bool:
        """Whether the database responded, so that the work is at fault and not the database."""
        if not isinstance(failure, SQLAlchemyError):
            logger.error("The database of %s cannot do the requested work.", self._holds, exc_info=failure)
            return True
        self._report(_reason(failure))
        return not isinstance(failure, (OperationalError, InterfaceError, sa.exc.TimeoutError))

    def _store_connection(self, connection: Any, _record: Any) -> None:
        self._driver_connection = connection

    def _abort(self) -> None:
        """Cut the connection, because a server that hangs does not respond to a cancellation."""
        connection = self._driver_connection
        with suppress(Exception):  # the work may have ended just now
            if hasattr(connection, "interrupt"):
                connection.interrupt()
            elif hasattr(connection, "fileno"):
                with socket.socket(fileno=os.dup(connection.fileno())) as raw:
                    raw.shutdown(socket.SHUT_RDWR)

    def _transact(self, work: Callable[[Any], _ResultT]) -> _ResultT:
        if not self._is_prepared:
            self._create_tables_with_retries()
            self._is_prepared = True
        with self._engine.begin() as connection:
            return work(connection)

    def _create_tables_with_retries(self) -> None:
        for pause_s in _PREPARE_RETRIES_S:
            try:
                self._create_tables()
            except SQLAlchemyError as failure:
                text = str(getattr(failure, "orig", None) or "").lower()
                # If several engines start at once, another one may be creating the tables.
                if "already exists" not in text and "locked" not in text:
                    raise
                time.sleep(pause_s)
            else:
                return
        self._create_tables()

    def _create_tables(self) -> None:
        with self._engine.begin() as connection:
            self._prepare(connection)

    def _report(self, reason: str) -> None:
        if reason != self.problem:
            logger.error(
                "The database of %s cannot be used: %s. %s Check database.url in autoplay.yml.",
                self._holds,
                reason,
                self._without,
            )
        self.problem = reason


def _reason(failure: SQLAlchemyError) -> str:
    if isinstance(failure, UnusableSchema):
        return str(failure)
    text = str(getattr(failure, "orig", None) or "").lower()
    known = next((reason for part, reason in _REASONS if part in text), "")
    if known:
        return known
    if isinstance(failure, OperationalError):
        return "the database cannot be reached"
    return f"the database refuses the statement ({type(failure).__name__})"


def resolve_sqlite_url(folder: Path, url: str) -> str:
    """Resolve a relative SQLite file against the folder of ``autoplay.yml``."""
    prefix = "sqlite:///"
    if not url.startswith(prefix) or url.startswith(f"{prefix}/") or url in (prefix, f"{prefix}:memory:"):
        return url
    return f"{prefix}{(folder / url.removeprefix(prefix)).resolve()}"


def _connectable(url: str) -> Any:
    try:
        parsed = with_installed_driver(sa.engine.make_url(url))
        engine = sa.create_engine(parsed, future=True, **_options(parsed))
    except (SQLAlchemyError, ImportError, ValueError) as problem:
        raise ConfigError(
            f"autoplay.yml: database.url: this is not a usable database URL ({type(problem).__name__}).",
            remedy='Write an SQLAlchemy URL such as "sqlite:///autoplay.db" or "postgresql://user@host/name".',
        ) from None
    tune = {"sqlite": _tune_sqlite, "postgresql": _tune_postgres}.get(parsed.get_backend_name())
    if tune is not None:
        sa.event.listen(engine, "connect", tune)
    return engine


def _options(url: Any) -> dict[str, Any]:
    if url.get_backend_name() == "postgresql":
        defaults = {"connect_timeout": _CONNECT_TIMEOUT_S, **_KEEPALIVE}
        arguments = {name: value for name, value in defaults.items() if name not in url.query}
        return {"pool_pre_ping": True, "connect_args": arguments}
    if url.get_backend_name() != "sqlite":
        return {"pool_pre_ping": True}
    if url.database in (None, "", ":memory:"):
        return {}
    # SQLAlchemy 1.4 would reopen the file for each transaction, and closing the last connection flushes the
    # disk, which is ten times slower. Another thread may close the connection.
    return {"poolclass": QueuePool, "pool_size": 1, "connect_args": {"check_same_thread": False}}


def _tune_sqlite(connection: Any, _record: Any) -> None:
    # WAL with synchronous=NORMAL survives a crash of the process, which is enough here, and saves a disk
    # flush
    # per offer.
    cursor = connection.cursor()
    # Deleted rows are overwritten, so that the file does not keep what was deleted about a user.
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=2000", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _truncate_log(connection: Any) -> None:
    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _tune_postgres(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for statement in _LIMIT_STATEMENTS:
        cursor.execute(statement)
    cursor.close()
    connection.commit()
