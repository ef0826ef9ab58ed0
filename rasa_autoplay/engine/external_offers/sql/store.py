"""The store of keyed requests in SQL."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from rasa_autoplay.engine.external_offers.base import KeyedRequest
from rasa_autoplay.storage.database import Database
from rasa_autoplay.storage.migrations import Migrations

__all__ = ["SqlRequestStore"]

#: The team's program waits, but it can send the request again.
_WAIT_S = 1.0

requests = sa.Table(
    "autoplay_offer_requests",
    sa.MetaData(),
    sa.Column("product_id", sa.Text, primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("user_id", sa.Text, nullable=False),
    sa.Column("offer_id", sa.String(64), nullable=False),
    sa.Column("engine_id", sa.String(64), nullable=False),
    sa.Column("claimed_at", sa.Float, nullable=False),
    sa.Column("answer", sa.Text, nullable=False, server_default=""),
    sa.Index("autoplay_offer_requests_of_user", "product_id", "user_id"),
    sa.Index("autoplay_offer_requests_by_age", "claimed_at"),
)
_COLUMNS = [requests.c[name] for name in KeyedRequest._fields]


def _create(connection: Any) -> None:
    requests.create(connection, checkfirst=True)


_migrate = Migrations("autoplay_offer_request_version", "The requests for offers", [_create]).run


class SqlRequestStore(Database):
    """Stores requests with a key.

    Args:
        url: an SQLAlchemy URL, ``database.url`` in ``autoplay.yml``.
        product_id: the product's id.

    Raises:
        ConfigError: the URL names no usable database.
    """

    def __init__(self, url: str, product_id: str) -> None:
        self._product_id = product_id
        super().__init__(
            url,
            holds="requests for offers",
            without="Offers of your own code with a key are refused until it is back.",
            prepare=_migrate,
            wait_s=_WAIT_S,
        )

    async def claim(self, request: KeyedRequest) -> KeyedRequest | None:
        """Store a request if its key is new; return the stored request of that key, None if that fails."""
        row = {"product_id": self._product_id, **request._asdict()}
        find = sa.select(*_COLUMNS).where(*self._is(request.key))

        def claim(connection: Any) -> KeyedRequest:
            known = connection.execute(find).first()
            if known is None:
                connection.execute(_insert_new(connection), row)
                # Another engine may have been faster.
                known = connection.execute(find).one()
            return KeyedRequest(*known)

        return await self.run(claim, None)

    async def take_over(self, known: KeyedRequest, engine_id: str, now: float) -> bool | None:
        """Claim a request that has no answer, unless another engine has; None if that fails."""
        unchanged = (requests.c.engine_id == known.engine_id, requests.c.claimed_at == known.claimed_at)
        claim = (
            sa.update(requests)
            .where(*self._is(known.key), *unchanged, requests.c.answer == "")
            .values(engine_id=engine_id, claimed_at=now)
        )
        return await self.run(lambda connection: connection.execute(claim).rowcount == 1, None)

    async def settle(self, key: str, answer: str) -> bool:
        """Store the answer; False if that fails."""
        statement = sa.update(requests).where(*self._is(key)).values(answer=answer)
        return await self.run(lambda connection: bool(connection.execute(statement)), False)

    async def release(self, key: str, engine_id: str) -> bool:
        """Forget a request that was not carried out; False if that fails."""
        is_own = (requests.c.engine_id == engine_id, requests.c.answer == "")
        return await self.delete(sa.delete(requests).where(*self._is(key), *is_own)) is not None

    async def export(self, user_id: str) -> list[dict[str, Any]] | None:
        """Return the requests for a user's offers; None if they cannot be read."""
        statement = sa.select(*_COLUMNS).where(*self._are_of(user_id)).order_by(requests.c.claimed_at)

        def read(connection: Any) -> list[dict[str, Any]] | None:
            return [dict(row) for row in connection.execute(statement).mappings()]

        return await self.run(read, None)

    async def forget(self, user_id: str) -> int | None:
        """Delete the requests for a user's offers; return how many, None on failure."""
        return await self.delete(sa.delete(requests).where(*self._are_of(user_id)))

    async def forget_before(self, cutoff: float) -> int | None:
        """Delete requests from before ``cutoff`` (epoch seconds); return how many, None on failure."""
        return await self.delete(sa.delete(requests).where(requests.c.claimed_at < cutoff))

    def _is(self, key: str) -> tuple[Any, Any]:
        return requests.c.product_id == self._product_id, requests.c.key == key

    def _are_of(self, user_id: str) -> tuple[Any, Any]:
        return requests.c.product_id == self._product_id, requests.c.user_id == user_id


def _insert_new(connection: Any) -> Any:
    """An INSERT that does nothing if the key exists; other databases than these two raise an error then."""
    dialects = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
    insert = dialects.get(connection.dialect.name)
    return sa.insert(requests) if insert is None else insert(requests).on_conflict_do_nothing()
