"""The store of consents in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from rasa_autoplay.engine.consent.base import Consent
from rasa_autoplay.storage.database import Database
from rasa_autoplay.storage.migrations import Migrations

__all__ = ["SqlConsentStore", "consents"]

#: A gateway holds events while it waits.
_WAIT_S = 1.0

consents = sa.Table(
    "autoplay_consents",
    sa.MetaData(),
    sa.Column("product_id", sa.Text, primary_key=True),
    sa.Column("user_id", sa.Text, primary_key=True),
    sa.Column("given_at", sa.Float, nullable=False),
    sa.Column("version", sa.String(64), nullable=False, server_default=""),
)


def _create(connection: Any) -> None:
    consents.create(connection, checkfirst=True)


_migrate = Migrations("autoplay_consent_version", "The consents of users", [_create]).run


class SqlConsentStore(Database):
    """Stores consents.

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
            holds="consents",
            without="With `consent: required`, events of users whom the gateway does not know are dropped.",
            prepare=_migrate,
            wait_s=_WAIT_S,
        )

    async def find(self, user_ids: Sequence[str]) -> dict[str, float] | None:
        """Return when these users gave consent, for those who did; None if that cannot be read."""
        statement = sa.select(consents.c.user_id, consents.c.given_at).where(
            consents.c.product_id == self._product_id, consents.c.user_id.in_(list(user_ids))
        )

        def read(connection: Any) -> dict[str, float] | None:
            return {str(user_id): float(at) for user_id, at in connection.execute(statement)}

        return await self.run(read, None)

    async def give(self, consent: Consent) -> float | None:
        """Store a consent; return when the user first gave it, None if that fails."""
        find = sa.select(consents.c.given_at).where(*self._is(consent.user_id))

        def give(connection: Any) -> float | None:
            known = connection.execute(find).scalar()
            if known is None:
                row = {"product_id": self._product_id, **consent._asdict()}
                connection.execute(sa.insert(consents).values(**row))
                return consent.given_at
            if consent.version:
                new = sa.update(consents).where(*self._is(consent.user_id)).values(version=consent.version)
                connection.execute(new)
            return float(known)

        return await self.run(give, None)

    async def export(self, user_id: str) -> list[dict[str, Any]] | None:
        """Return a user's consent for JSON; None if it cannot be read."""
        statement = sa.select(consents.c.given_at, consents.c.version).where(*self._is(user_id))

        def read(connection: Any) -> list[dict[str, Any]] | None:
            return [dict(row) for row in connection.execute(statement).mappings()]

        return await self.run(read, None)

    async def forget(self, user_id: str) -> int | None:
        """Delete a user's consent; return the number of rows, None on failure."""
        return await self.delete(sa.delete(consents).where(*self._is(user_id)))

    def _is(self, user_id: str) -> tuple[Any, Any]:
        return consents.c.product_id == self._product_id, consents.c.user_id == user_id
