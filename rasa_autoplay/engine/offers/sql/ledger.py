"""The ledger in SQL: SQLite by default, PostgreSQL or another database by its SQLAlchemy URL."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
import sqlalchemy as sa

from rasa_autoplay.engine.offers.base import FAILED_AFTER, SETTLING, PastDecision, Receipt, past_decisions
from rasa_autoplay.engine.offers.change_recorder import ChangeRecorder
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import CLOSING, Arm, OfferStatus
from rasa_autoplay.engine.offers.offered_tour import OfferedTour
from rasa_autoplay.engine.offers.sql.schema import migrate
from rasa_autoplay.engine.offers.sql.schema import offers as _offers
from rasa_autoplay.engine.offers.sql.schema import receipts as _receipts
from rasa_autoplay.storage.database import Database

__all__ = ["SqlOfferLedger"]

logger = logging.getLogger(__name__)

#: The gates see this many of a user's newest offers, whatever became of them …
_HISTORY_ROWS = 200
#: … and this many older ones that still count, because they were shown, accepted or refused for ever.
_LASTING_ROWS = 1000

#: A toast waits for a hanging database this long, but only once.
_WAIT_S = 1.0
#: The engine's start can wait longer, because it would lose an open offer that it does not find.
_START_WAIT_S = 10.0

_CLOSING_NAMES = sorted(status.value for status in CLOSING)
_OF_DECISIONS = sorted(SETTLING | {FAILED_AFTER})
_FOR_EVER_NAMES = [OfferStatus.ACCEPTED.value, OfferStatus.NEVER.value]

# Built once: a toast waits for these statements, and building one takes longer than executing it.
_INSERT = sa.insert(_offers)
_UPDATE = sa.update(_offers).where(_offers.c.offer_id == sa.bindparam("known_id"))
_STATE = sa.select(_offers.c.status, _offers.c.rendered_at, _offers.c.seen_at).where(
    _offers.c.offer_id == sa.bindparam("known_id")
)
_KNOWN_RECEIPTS = (
    sa.select(_receipts.c.receipt_id, *(_receipts.c[name] for name in Receipt._fields))
    .where(*(_receipts.c[name] == sa.bindparam(f"of_{name}") for name in ("offer_id", "event")))
    .order_by(_receipts.c.receipt_id)
)
_INSERT_RECEIPT = sa.insert(_receipts)
_COMPLETE_RECEIPT = (
    sa.update(_receipts)
    .where(_receipts.c.receipt_id == sa.bindparam("known_id"))
    .values(detail=sa.bindparam("detail"))
)
_DECISIONS = sa.select(
    _offers.c.offer_id,
    _offers.c.trigger_id,
    _offers.c.golden_path,
    _offers.c.created_at,
    _offers.c.product_id,
    _offers.c.user_id,
).where(
    _offers.c.product_id == sa.bindparam("product"),
    _offers.c.user_id.in_(sa.bindparam("users", expanding=True)),
    _offers.c.created_at > sa.bindparam("since"),
)
_OF_USER = (
    sa.select(_offers)
    .where(_offers.c.product_id == sa.bindparam("product"), _offers.c.user_id == sa.bindparam("user"))
    .order_by(_offers.c.created_at.desc())
)
_NEWEST = _OF_USER.limit(_HISTORY_ROWS)
_OLDER_LASTING = _OF_USER.where(
    sa.or_(_offers.c.rendered_at > 0, _offers.c.status.in_(_FOR_EVER_NAMES)),
    _offers.c.created_at < sa.bindparam("oldest"),
).limit(_LASTING_ROWS)


class SqlOfferLedger(Database):
    """Stores offers and receipts in a database, from one thread beside the event loop.

    Args:
        url: an SQLAlchemy URL, ``database.url`` in ``autoplay.yml``.
        recorder: writes about each change, in the same transaction; None for nobody.

    Raises:
        ConfigError: the URL names no usable database.
    """

    def __init__(self, url: str, recorder: ChangeRecorder | None = None) -> None:
        super().__init__(
            url,
            holds="offers and receipts",
            without="Toasts and chat continue with the histories read last.",
            prepare=migrate if recorder is None else partial(_prepare_both, recorder=recorder),
            wait_s=_WAIT_S,
        )
        self._recorder = recorder

    async def save(self, offer: Offer) -> bool:
        """Write a new offer, or the new status of a known one; True once it is durable."""
        row = _to_row(offer)  # copied now, because the offer may change before it is written
        recorder = self._recorder
        if recorder is None:
            return await self.run(lambda connection: _upsert(connection, row), False)
        is_saved = await self.run(lambda connection: _save_and_record(connection, row, recorder), False)
        recorder.announce()
        return is_saved

    async def record_receipt(self, offer_id: str, event: str, reported_at: float, detail: str = "") -> bool:
        """Write a receipt, unless it is already stored; True once it is durable."""
        row = {"offer_id": offer_id, "event": event, "at": reported_at, "detail": detail[:500]}
        recorder = self._recorder
        is_stored = await self.run(lambda connection: _insert_receipt(connection, row, recorder), False)
        if recorder is not None:
            recorder.announce()
        return is_stored

    def is_stored(self, _offer_id: str) -> bool:
        """Return True: this ledger has no queue, and callers keep what could not be written."""
        return True

    async def get(self, offer_id: str) -> Offer | None:
        """Return the offer with that id; None if there is none."""
        found = await self._select(sa.select(_offers).where(_offers.c.offer_id == offer_id))
        return found[0] if found else None

    async def receipts(self, offer_ids: Sequence[str]) -> list[Receipt]:
        """Return the reports about these offers, in order of arrival."""
        query = _receipts_of(offer_ids).order_by(_receipts.c.receipt_id)
        return await self.run(lambda c: [Receipt(*row) for row in c.execute(query)], [])

    async def history(self, product_id: str, user_id: str) -> list[Offer]:
        """Return the user's offers, newest first, up to a limit; shown offers count longer than others."""
        user = {"product": product_id, "user": user_id}
        newest = await self._select(_NEWEST, user)
        if len(newest) < _HISTORY_ROWS:
            return newest
        return newest + await self._select(_OLDER_LASTING, {**user, "oldest": newest[-1].created_at})

    async def decisions_since(
        self, users: Sequence[tuple[str, str]], since: float
    ) -> Mapping[tuple[str, str], Sequence[PastDecision]] | None:
        """Return the decisions about users since a time, by product and user; None if they cannot be read."""
        of_product: dict[str, list[str]] = {}
        for product_id, user_id in users:
            of_product.setdefault(product_id, []).append(user_id)

        def read(connection: Any) -> Mapping[tuple[str, str], Sequence[PastDecision]]:
            asked = ({"product": each, "users": ids, "since": since} for each, ids in of_product.items())
            offers = [row for values in asked for row in connection.execute(_DECISIONS, values)]
            if not offers:
                return {}
            query = _receipts_of([row.offer_id for row in offers]).where(_receipts.c.event.in_(_OF_DECISIONS))
            return past_decisions(offers, (Receipt(*row) for row in connection.execute(query)))

        return await self.run(read, None)

    async def open_offers(self, now: float) -> list[Offer]:
        """Return all offers that are neither answered nor expired, oldest first."""
        found = await self._select(
            sa.select(_offers)
            .where(_offers.c.expires_at > now, _offers.c.status.notin_(_CLOSING_NAMES))
            .order_by(_offers.c.created_at),
            wait_s=_START_WAIT_S,
        )
        return [offer for offer in found if offer.is_open]

    async def export(self, product_id: str, user_id: str) -> dict[str, list[dict[str, Any]]] | None:
        """Return a user's offers and receipts for JSON, oldest first; None if they cannot be read."""

        def read(connection: Any) -> dict[str, list[dict[str, Any]]]:
            of_user = _are_of(product_id, user_id)
            offers = connection.execute(sa.select(_offers).where(*of_user).order_by(_offers.c.created_at))
            of_offers = _receipts.c.offer_id.in_(_ids_of(product_id, user_id))
            query = sa.select(_receipts).where(of_offers).order_by(_receipts.c.receipt_id)
            receipts = connection.execute(query)
            return {
                "offers": [_as_json(row) for row in offers.mappings()],
                "receipts": [dict(row) for row in receipts.mappings()],
            }

        return await self.run(read, None)

    async def forget(self, product_id: str, user_id: str) -> tuple[int, int] | None:
        """Delete a user's offers and receipts; return the number of each, or None if that fails."""

        def delete(connection: Any) -> tuple[int, int] | None:
            ids = _ids_of(product_id, user_id)
            receipts = connection.execute(sa.delete(_receipts).where(_receipts.c.offer_id.in_(ids)))
            offers = connection.execute(sa.delete(_offers).where(*_are_of(product_id, user_id)))
            return offers.rowcount, receipts.rowcount

        return await self.run(delete, None)

    async def _select(
        self, query: Any, values: Mapping[str, Any] | None = None, wait_s: float | None = None
    ) -> list[Offer]:
        def read(connection: Any) -> list[Offer]:
            return list(_readable(connection.execute(query, values or {}).mappings()))

        return await self.run(read, [], wait_s)


def _receipts_of(offer_ids: Sequence[str]) -> Any:
    columns = (_receipts.c[name] for name in Receipt._fields)
    return sa.select(*columns).where(_receipts.c.offer_id.in_(list(offer_ids)))


def _are_of(product_id: str, user_id: str) -> tuple[Any, Any]:
    return _offers.c.product_id == product_id, _offers.c.user_id == user_id


def _ids_of(product_id: str, user_id: str) -> Any:
    return sa.select(_offers.c.offer_id).where(*_are_of(product_id, user_id))


def _upsert(connection: Any, row: dict[str, Any]) -> bool:
    if connection.execute(_UPDATE, {**row, "known_id": row["offer_id"]}).rowcount == 0:
        connection.execute(_INSERT, row)
    return True


def _prepare_both(connection: Any, recorder: ChangeRecorder) -> None:
    migrate(connection)
    recorder.prepare(connection)


def _save_and_record(connection: Any, row: dict[str, Any], recorder: ChangeRecorder) -> bool:
    before = connection.execute(_STATE, {"known_id": row["offer_id"]}).mappings().first()
    if before is None:
        connection.execute(_INSERT, row)
    else:
        connection.execute(_UPDATE, {**row, "known_id": row["offer_id"]})
    recorder.offer_saved(connection, before, row)
    return True


def _insert_receipt(connection: Any, row: dict[str, Any], recorder: ChangeRecorder | None) -> bool:
    new = Receipt(**row)
    same_event = {"of_offer_id": new.offer_id, "of_event": new.event}
    known_rows = connection.execute(_KNOWN_RECEIPTS, same_event).all()
    incomplete = None
    for number, (receipt_id, *fields) in enumerate(known_rows):
        known = Receipt(*fields)
        if new.repeats(known):
            return True
        if new.completes(known):
            incomplete = receipt_id, number
    if incomplete is None:
        connection.execute(_INSERT_RECEIPT, row)
        if recorder is not None:
            recorder.receipt_stored(connection, new, len(known_rows))
        return True
    receipt_id, number = incomplete
    connection.execute(_COMPLETE_RECEIPT, {"known_id": receipt_id, "detail": new.detail})
    if recorder is not None:
        recorder.receipt_completed(connection, new, number)
    return True


def _to_row(offer: Offer) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.structs.asdict(offer)
    del row["texts"]
    row["status"], row["arm"] = offer.status.value, offer.arm.value
    row["tours"] = msgspec.json.encode(offer.tours).decode()
    row["reply_options"] = msgspec.json.encode(offer.reply_options).decode()
    return row


def _as_json(row: Any) -> dict[str, Any]:
    return {**row, **{name: msgspec.json.decode(row[name]) for name in ("tours", "reply_options")}}


def _readable(rows: Iterable[Any]) -> Iterator[Offer]:
    for row in rows:
        try:
            yield _from_row(row)
        except (ValueError, TypeError, msgspec.DecodeError) as problem:
            logger.warning(
                "An offer in the database cannot be read and is ignored: %s.", type(problem).__name__
            )


def _from_row(row: Any) -> Offer:
    values = dict(row)
    values["status"], values["arm"] = OfferStatus(values["status"]), Arm(values["arm"])
    values["tours"] = msgspec.json.decode(values["tours"], type=list[OfferedTour])
    values["reply_options"] = msgspec.json.decode(values["reply_options"], type=list[str])
    return Offer(**values)
