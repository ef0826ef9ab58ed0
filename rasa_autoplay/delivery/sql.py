"""The ledger in SQL: SQLite by default, PostgreSQL or another by its SQLAlchemy URL."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from rasa_autoplay.delivery.offers import CLOSING, Offer, OfferedTour, OfferStatus
from rasa_autoplay.errors import ConfigError

__all__ = ["SqlOfferLedger"]

logger = logging.getLogger(__name__)

_ResultT = TypeVar("_ResultT")

#: A user's past that courtesy looks at: the newest offers, whatever became of them …
_HISTORY_ROWS = 200
#: … and those that count for longer: they were shown, or answered for ever.
_LASTING_ROWS = 1000

_metadata = sa.MetaData()
_offers = sa.Table(
    "autoplay_offers",
    _metadata,
    sa.Column("offer_id", sa.String(64), primary_key=True),
    sa.Column("product_id", sa.Text, nullable=False),
    sa.Column("user_id", sa.Text, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("trigger_id", sa.Text, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("expires_at", sa.Float, nullable=False),
    sa.Column("rendered_at", sa.Float, nullable=False),
    sa.Column("evidence_until", sa.Float, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("golden_path", sa.Text, nullable=False),
    sa.Column("page", sa.Text, nullable=False),
    sa.Column("interaction_timeout_s", sa.Float),
    sa.Column("cooldown_s", sa.Float),
    sa.Column("tours", sa.Text, nullable=False),
    sa.Index("autoplay_offers_of_user", "product_id", "user_id", "created_at"),
    sa.Index("autoplay_offers_by_end", "expires_at"),
)
_receipts = sa.Table(
    "autoplay_receipts",
    _metadata,
    sa.Column("receipt_id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("offer_id", sa.String(64), nullable=False, index=True),
    sa.Column("event", sa.String(32), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
)
_CLOSING_NAMES = sorted(status.value for status in CLOSING)
_FOR_EVER_NAMES = [OfferStatus.ACCEPTED.value, OfferStatus.NEVER.value]


class SqlOfferLedger:
    """Offers and receipts in a database, written by one thread beside the event loop.

    Args:
        url: an SQLAlchemy URL, as ``memory.url`` in ``autoplay.yml``.

    Raises:
        ConfigError: the URL names no database that can be used here.
    """

    def __init__(self, url: str) -> None:
        self.problem = ""
        self._engine = _connectable(url)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="autoplay-ledger")
        self._has_tables = False

    async def save(self, offer: Offer) -> None:
        """Write a new offer, or the new status of a known one; returns when it is durable."""
        await self._run(lambda connection: _upsert(connection, _to_row(offer)), None)

    async def note(self, offer_id: str, event: str, at: float, detail: str = "") -> None:
        """Write a receipt."""
        row = {"offer_id": offer_id, "event": event, "at": at, "detail": detail[:500]}
        await self._run(lambda connection: connection.execute(sa.insert(_receipts).values(**row)), None)

    async def get(self, offer_id: str) -> Offer | None:
        """The offer of that id."""
        found = await self._select(sa.select(_offers).where(_offers.c.offer_id == offer_id))
        return found[0] if found else None

    async def history(self, product_id: str, user_id: str) -> list[Offer]:
        """The user's offers, newest first, bounded; what was shown is not crowded out by what nobody saw."""
        of_user = (
            sa.select(_offers)
            .where(_offers.c.product_id == product_id, _offers.c.user_id == user_id)
            .order_by(_offers.c.created_at.desc())
        )
        newest = await self._select(of_user.limit(_HISTORY_ROWS))
        if len(newest) < _HISTORY_ROWS:
            return newest
        lasting = sa.or_(_offers.c.rendered_at > 0, _offers.c.status.in_(_FOR_EVER_NAMES))
        oldest = newest[-1].created_at
        older = of_user.where(lasting, _offers.c.created_at < oldest)
        return newest + await self._select(older.limit(_LASTING_ROWS))

    async def open_offers(self, now: float) -> list[Offer]:
        """Every offer that is neither answered nor expired, oldest first."""
        return await self._select(
            sa.select(_offers)
            .where(_offers.c.expires_at > now, _offers.c.status.notin_(_CLOSING_NAMES))
            .order_by(_offers.c.created_at)
        )

    async def close(self) -> None:
        """Finish what was begun, and let the database go."""
        await asyncio.get_running_loop().run_in_executor(None, self._thread.shutdown)
        self._engine.dispose()

    async def _select(self, query: Any) -> list[Offer]:
        return await self._run(lambda c: list(_readable(c.execute(query).mappings())), [])

    async def _run(self, work: Callable[[Any], _ResultT], otherwise: _ResultT) -> _ResultT:
        """Do the work in a transaction on the ledger's thread; ``otherwise`` stands in when it fails."""
        loop = asyncio.get_running_loop()
        try:
            result = await loop.run_in_executor(self._thread, self._transact, work)
        except SQLAlchemyError as failure:
            self._report(failure)
            return otherwise
        self.problem = ""
        return result

    def _transact(self, work: Callable[[Any], _ResultT]) -> _ResultT:
        if not self._has_tables:
            _metadata.create_all(self._engine)
            self._has_tables = True
        with self._engine.begin() as connection:
            return work(connection)

    def _report(self, failure: SQLAlchemyError) -> None:
        # Only the driver's own words: SQLAlchemy's message would repeat the statement and its values.
        reason = str(getattr(failure, "orig", None) or type(failure).__name__)
        if reason != self.problem:
            logger.error(
                "The database of offers and receipts does not work: %s. Toasts and chat go on, but courtesy "
                "has no memory until it is back. Check memory.url in autoplay.yml.",
                reason,
            )
        self.problem = reason


def _connectable(url: str) -> Any:
    try:
        parsed = sa.engine.make_url(url)
        engine = sa.create_engine(parsed, pool_pre_ping=True, future=True, **_pooling(parsed))
    except (SQLAlchemyError, ImportError, ValueError) as problem:
        raise ConfigError(
            f"autoplay.yml: memory.url: no database can be reached by this URL ({type(problem).__name__}).",
            remedy='Write an SQLAlchemy URL such as "sqlite:///autoplay.db"; for PostgreSQL install '
            "rasa-autoplay[postgres].",
        ) from None
    if parsed.get_backend_name() == "sqlite":
        sa.event.listen(engine, "connect", _tune_sqlite)
    return engine


def _pooling(url: Any) -> dict[str, Any]:
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return {}
    # SQLAlchemy 1.4 would open the file anew for each transaction, and the last connection to close flushes
    # the disk: ten times slower. The connection moves between the ledger's thread and the one that closes it.
    return {"poolclass": QueuePool, "pool_size": 1, "connect_args": {"check_same_thread": False}}


def _tune_sqlite(connection: Any, _record: Any) -> None:
    # WAL with synchronous=NORMAL survives the death of the process, which is what durable means here, and
    # spares a disk flush per offer.
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=2000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _upsert(connection: Any, row: dict[str, Any]) -> None:
    known = sa.update(_offers).where(_offers.c.offer_id == row["offer_id"]).values(**row)
    if connection.execute(known).rowcount == 0:
        connection.execute(sa.insert(_offers).values(**row))


def _to_row(offer: Offer) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.structs.asdict(offer)
    row["status"] = offer.status.value
    row["tours"] = msgspec.json.encode(offer.tours).decode()
    return row


def _readable(rows: Iterable[Any]) -> Iterator[Offer]:
    for row in rows:
        try:
            yield _from_row(row)
        except (ValueError, TypeError, msgspec.DecodeError) as problem:
            logger.warning(
                "An offer in the database cannot be read, and is left out: %s.", type(problem).__name__
            )


def _from_row(row: Any) -> Offer:
    values = dict(row)
    values["status"] = OfferStatus(values["status"])
    values["tours"] = msgspec.json.decode(values["tours"], type=list[OfferedTour])
    return Offer(**values)
