"""Exports and deletes everything that the database holds about a user, with an entry in the log of changes.

The command line and the running engine use the same list of tables.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from rasa_autoplay.engine.changes.base import ChangeLog
from rasa_autoplay.engine.changes.change import Change, ChangeKind, new_change_id
from rasa_autoplay.engine.memory.base import UserKey
from rasa_autoplay.errors import AutoplayError

__all__ = ["Deleted", "UserData", "UserTable", "user_fingerprint", "user_tables"]

_REMEDY = "Check database.url in autoplay.yml."


class UserTable(NamedTuple):
    """One or more tables with data of users.

    Args:
        names: what the rows are, such as ``offers`` and ``receipts``.
        export: returns the rows of a user for JSON, one list for each name; None if they cannot be read.
        delete: deletes the rows of a user and returns how many, by name; None if that fails.
        problem: says what is wrong with the database.
    """

    names: tuple[str, ...]
    export: Callable[[UserKey], Awaitable[Sequence[list[Any]] | None]]
    delete: Callable[[UserKey], Awaitable[Sequence[int] | None]]
    problem: Callable[[], str]


class _Sessions(Protocol):
    problem: str

    async def export(self, user: UserKey) -> list[dict[str, Any]] | None: ...

    async def forget(self, user: UserKey) -> int | None: ...


class _Offers(Protocol):
    problem: str

    async def export(self, product_id: str, user_id: str) -> dict[str, list[dict[str, Any]]] | None: ...

    async def forget(self, product_id: str, user_id: str) -> tuple[int, int] | None: ...


class _OfProduct(Protocol):
    problem: str

    async def export(self, user_id: str) -> list[Any] | None: ...

    async def forget(self, user_id: str) -> int | None: ...


def user_tables(
    sessions: _Sessions,
    offers: _Offers,
    chats: _OfProduct,
    recordings: _OfProduct,
    observations: _OfProduct,
    outcomes: _OfProduct,
    offer_requests: _OfProduct,
    choices: _OfProduct,
    consents: _OfProduct,
) -> list[UserTable]:
    """Return all tables with data of users.

    Args:
        sessions: stores the analyses of sessions.
        offers: stores offers and receipts.
        chats: stores the owners of chat sessions, of one product.
        recordings: stores recorded sessions, of one product.
        observations: stores what sessions show of golden paths, of one product.
        outcomes: stores outcomes until some time after their delivery, of one product.
        offer_requests: stores which offers the team's own code has asked for, of one product.
        choices: stores what users have muted, and their own quiet hours, of one product.
        consents: stores who has given consent, of one product.
    """

    async def export_sessions(user: UserKey) -> Sequence[list[Any]] | None:
        return _in_list(await sessions.export(user))

    async def delete_sessions(user: UserKey) -> Sequence[int] | None:
        return _in_list(await sessions.forget(user))

    async def export_offers(user: UserKey) -> Sequence[list[Any]] | None:
        found = await offers.export(*user)
        return None if found is None else (found["offers"], found["receipts"])

    return [
        UserTable(("sessions",), export_sessions, delete_sessions, lambda: sessions.problem),
        UserTable(
            ("offers", "receipts"), export_offers, lambda user: offers.forget(*user), lambda: offers.problem
        ),
        _table_of_product("chats", chats),
        _table_of_product("recordings", recordings),
        _table_of_product("observations", observations),
        _table_of_product("outcomes", outcomes),
        _table_of_product("offer_requests", offer_requests),
        _table_of_product("choices", choices),
        _table_of_product("consents", consents),
    ]


def _table_of_product(name: str, store: _OfProduct) -> UserTable:
    async def export(user: UserKey) -> Sequence[list[Any]] | None:
        return _in_list(await store.export(user[1]))

    async def delete(user: UserKey) -> Sequence[int] | None:
        return _in_list(await store.forget(user[1]))

    return UserTable((name,), export, delete, lambda: store.problem)


def _in_list(found: Any) -> list[Any] | None:
    return None if found is None else [found]


class Deleted(NamedTuple):
    """What was deleted.

    Args:
        counts: how many rows, by name.
        fingerprint: stands for the user in the log of changes.
    """

    counts: Mapping[str, int]
    fingerprint: str

    def describe(self) -> str:
        """Return the counts in words, such as ``2 sessions, 1 offers and 4 receipts``."""
        return _enumerate(self.counts)


async def _nothing() -> None:
    """Do nothing, for a database whose files nobody checks."""


class UserData:
    """Everything that the database holds about the users of a product.

    Args:
        product_id: the product's id.
        tables: all tables with data of users.
        log: gets an entry for each export and each deletion.
        clock: epoch seconds.
        scrub: removes what was deleted from the database's files.
    """

    def __init__(
        self,
        product_id: str,
        tables: Sequence[UserTable],
        log: ChangeLog,
        clock: Callable[[], float],
        scrub: Callable[[], Awaitable[object]] = _nothing,
    ) -> None:
        self._product_id = product_id
        self._tables = tables
        self._log = log
        self._clock = clock
        self._scrub = scrub

    async def export(self, user_id: str, by: str) -> dict[str, Any]:
        """Return all that is stored about a user, for JSON.

        Args:
            user_id: the user.
            by: who exports it, for the log of changes.

        Raises:
            AutoplayError: the database cannot be used; then nothing is returned.
        """
        user = self._product_id, user_id
        export: dict[str, Any] = {"product_id": self._product_id, "user_id": user_id}
        for table in self._tables:
            rows = await table.export(user)
            if rows is None:
                raise _unusable(table.problem())
            export.update(zip(table.names, rows, strict=True))
        counts = {name: len(export[name]) for table in self._tables for name in table.names}
        await self._record(ChangeKind.USER_EXPORTED, user_id, by, counts)
        return export

    async def is_known(self, user_id: str) -> bool:
        """Return whether anything is stored about a user. This is not logged.

        Raises:
            AutoplayError: the database cannot be used.
        """
        for table in self._tables:
            rows = await table.export((self._product_id, user_id))
            if rows is None:
                raise _unusable(table.problem())
            if any(rows):
                return True
        return False

    async def delete(
        self, user_id: str, by: str, forget_live: Callable[[str], Awaitable[object]] | None = None
    ) -> Deleted:
        """Delete all that is stored about a user.

        Args:
            user_id: the user.
            by: who deletes it, for the log of changes.
            forget_live: also removes the user from a running engine; None if there is none.

        Raises:
            AutoplayError: the database cannot be used; a part may be deleted already.
        """
        counts = await self._delete_rows(user_id)
        if forget_live is not None:
            await forget_live(user_id)
            # The live session and the withdrawn offer may have been written once more in the meantime.
            again = await self._delete_rows(user_id)
            counts = {name: max(count, again[name]) for name, count in counts.items()}
        await self._record(ChangeKind.USER_DELETED, user_id, by, counts)
        await self._scrub()
        return Deleted(counts, user_fingerprint(self._product_id, user_id))

    async def _delete_rows(self, user_id: str) -> dict[str, int]:
        counts: dict[str, int] = {}
        for table in self._tables:
            deleted = await table.delete((self._product_id, user_id))
            if deleted is None:
                raise _unusable(table.problem())
            counts.update(zip(table.names, deleted, strict=True))
        return counts

    async def _record(self, kind: ChangeKind, user_id: str, by: str, counts: Mapping[str, int]) -> None:
        fingerprint = user_fingerprint(self._product_id, user_id)
        change = Change(
            new_change_id(),
            self._product_id,
            self._clock(),
            kind,
            who=" ".join(by.split()),
            fingerprint=fingerprint,
            detail=_enumerate(counts),
        )
        if not await self._log.append(change):
            raise _unusable(self._log.problem)


def user_fingerprint(product_id: str, user_id: str) -> str:
    """Return what stands for a user in the log of changes.

    The log outlives the user's data, so it must not name the user; but those who know an id can find out
    whether its data was deleted.
    """
    return hashlib.sha256(f"{product_id}\0{user_id}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _enumerate(counts: Mapping[str, int]) -> str:
    parts = [f"{count} {name}" for name, count in counts.items()]
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _unusable(problem: str) -> AutoplayError:
    return AutoplayError(f"The database cannot be used: {problem}.", remedy=_REMEDY)
