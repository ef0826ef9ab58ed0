"""Stores freshness in SQL: SQLite by default, PostgreSQL or another database by its SQLAlchemy URL."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from rasa_autoplay.engine.freshness.base import Entries, EntriesVersion, OfPath
from rasa_autoplay.engine.freshness.control import Control
from rasa_autoplay.engine.freshness.entry import Entry
from rasa_autoplay.engine.freshness.observation import MissingReport, PathObservation, StepObservation
from rasa_autoplay.engine.freshness.sql.schema import controls, findings, migrate, observations, reports
from rasa_autoplay.engine.freshness.suspect import Suspect
from rasa_autoplay.storage.database import Database

__all__ = ["MOST_SESSIONS", "SqlFreshnessStore"]

logger = logging.getLogger(__name__)

_WAIT_S = 8.0
#: The latest sessions of a path that are kept; the others are deleted in batches.
MOST_SESSIONS = 600
_BATCH = 100
#: Controls whose texts are kept.
_MOST_CONTROLS = 5_000
_LONGEST_TEXT = 2_000

_O, _R, _C, _F = observations.c, reports.c, controls.c, findings.c
_STEPS = msgspec.json.Decoder(dict[str, StepObservation])
_SUSPECT = msgspec.json.Decoder(Suspect)


class SqlFreshnessStore(Database):
    """Stores what concerns one product, from one thread beside the event loop.

    Args:
        url: an SQLAlchemy URL, ``database.url`` in ``autoplay.yml``.
        product_id: the product's id.
        prepare: creates or migrates the tables; replaced by those who only read.

    Raises:
        ConfigError: the URL names no usable database.
    """

    def __init__(self, url: str, product_id: str, prepare: Callable[[Any], None] = migrate) -> None:
        super().__init__(
            url,
            holds="freshness of golden paths",
            without="The suspect steps that were read last stay suspect; what is seen is stored later.",
            prepare=prepare,
            wait_s=_WAIT_S,
        )
        self._product_id = product_id
        product = _F.product_id == product_id
        # Built once, because every engine asks regularly. A transaction can store an entry with a smaller
        # number than one that is there already, so the count is needed as well.
        self._version = sa.select(sa.func.count(), sa.func.max(_F.number)).where(product)
        self._all = sa.select(findings).where(product).order_by(_F.number)

    async def save(self, observed: Sequence[PathObservation | MissingReport]) -> bool:
        """Store observations and reports; a later one of the same session replaces it. True once durable."""
        rows = [row for each in observed if _is_storable(row := self._row_of(each))]

        def write(connection: Any) -> bool:
            for table in (observations, reports):
                key = [column.name for column in table.primary_key]
                own = {
                    tuple(row[n] for n in key): row
                    for row in rows
                    if ("steps" in row) is (table is observations)
                }
                if own:
                    same = (table.c[name] == sa.bindparam(f"of_{name}") for name in key)
                    keys = [{f"of_{name}": row[name] for name in key} for row in own.values()]
                    connection.execute(sa.delete(table).where(*same), keys)
                    connection.execute(sa.insert(table), list(own.values()))
            return True

        return await self.run(write, False) if rows else True

    def _row_of(self, observed: PathObservation | MissingReport) -> dict[str, Any]:
        row = {**msgspec.structs.asdict(observed), "product_id": self._product_id}
        if isinstance(observed, PathObservation):
            row["steps"] = msgspec.json.encode(observed.steps).decode()
        return row

    async def of_path(self, path_id: str) -> OfPath | None:
        """Return what is stored of a golden path; None if it cannot be read."""
        is_ours = sa.and_(_O.product_id == self._product_id, _O.path_id == path_id)
        newest = sa.select(_O.user_id, _O.session_id, _O.path_id, _O.at, _O.steps).where(is_ours)
        newest = newest.order_by(_O.at.desc()).limit(MOST_SESSIONS + _BATCH)
        own = sa.select(_R.user_id, _R.path_id, _R.step_id, _R.digest, _R.at, _R.page)
        own = own.where(_R.product_id == self._product_id, _R.path_id == path_id)
        known = sa.select(_C.key, _C.name, _C.element_id).where(_C.product_id == self._product_id)

        def read(connection: Any) -> OfPath:
            rows = connection.execute(newest).all()
            if len(rows) > MOST_SESSIONS:
                cut = rows[MOST_SESSIONS - 1].at
                connection.execute(sa.delete(observations).where(is_ours, _O.at < cut))
            latest = list(_readable(rows[:MOST_SESSIONS]))[::-1]
            texts = {key: Control(name, element_id) for key, name, element_id in connection.execute(known)}
            return OfPath(
                latest,
                [MissingReport(*row) for row in connection.execute(own)],
                _users_by_control(latest),
                texts,
            )

        return await self.run(read, None)

    async def name(self, shared: Mapping[str, Control]) -> bool:
        """Store what keys stand for; True once it is durable."""
        of_product = _C.product_id == self._product_id
        keys = [key for key in shared if _is_storable(shared[key]._asdict())]

        def write(connection: Any) -> bool:
            connection.execute(sa.delete(controls).where(of_product, _C.key.in_(keys)))
            count = connection.execute(
                sa.select(sa.func.count()).select_from(controls).where(of_product)
            ).scalar()
            new = [
                {"product_id": self._product_id, "key": key, **shared[key]._asdict()}
                for key in keys[: max(_MOST_CONTROLS - int(count), 0)]
            ]
            if new:
                connection.execute(sa.insert(controls), new)
            return True

        return await self.run(write, False) if keys else True

    async def append(self, entry: Entry) -> bool:
        """Add an entry, unless it is stored already; True once it is durable."""
        row = {
            **msgspec.structs.asdict(entry),
            "product_id": self._product_id,
            "suspect": msgspec.json.encode(entry.suspect).decode() if entry.suspect else "",
            "who": _plain(entry.who),
            "why": _plain(entry.why),
        }

        def write(connection: Any) -> bool:
            known = sa.select(_F.number).where(_F.entry_id == entry.entry_id)
            if connection.execute(known).first() is None:
                connection.execute(sa.insert(findings), row)
            return True

        return await self.run(write, False)

    async def entries(self, known: EntriesVersion | None = None) -> Entries | None:
        """Return all entries; None if they cannot be read.

        Args:
            known: the version that the caller has; its entries are not read again.
        """

        def read(connection: Any) -> Entries:
            count, newest = connection.execute(self._version).one()
            version = int(count), int(newest or 0)
            if version == known:
                return Entries(version, None)
            return Entries(version, list(_entries(connection.execute(self._all).mappings())))

        return await self.run(read, None)

    async def has_tables(self) -> bool | None:
        """Whether freshness has ever used this database; None if that cannot be read."""
        return await self.run(lambda c: bool(sa.inspect(c).has_table(findings.name)), None)

    async def forget_before(self, cutoff: float) -> int | None:
        """Delete what was observed before a time (epoch seconds); None if that fails."""
        deleted = await self.delete(sa.delete(observations).where(_O.at < cutoff))
        reported = await self.delete(sa.delete(reports).where(_R.at < cutoff))
        return None if deleted is None or reported is None else deleted + reported

    async def export(self, user_id: str) -> list[dict[str, Any]] | None:
        """Return what is stored of a user; None if it cannot be read."""

        def read(connection: Any) -> list[dict[str, Any]]:
            found = connection.execute(sa.select(observations).where(*self._of_user(observations, user_id)))
            missing = connection.execute(sa.select(reports).where(*self._of_user(reports, user_id)))
            return [
                *({**row, "steps": msgspec.json.decode(row["steps"])} for row in found.mappings()),
                *(dict(row) for row in missing.mappings()),
            ]

        return await self.run(read, None)

    async def forget(self, user_id: str) -> int | None:
        """Delete what is stored of a user; None if that fails."""

        def write(connection: Any) -> int:
            tables = (observations, reports)
            return sum(
                int(connection.execute(sa.delete(each).where(*self._of_user(each, user_id))).rowcount)
                for each in tables
            )

        return await self.run(write, None)

    def _of_user(self, table: Any, user_id: str) -> tuple[Any, Any]:
        return table.c.product_id == self._product_id, table.c.user_id == user_id


def _users_by_control(observed: Iterable[PathObservation]) -> dict[str, int]:
    users: defaultdict[str, set[str]] = defaultdict(set)
    for each in observed:
        for step in each.steps.values():
            for key in (*step.others, step.control):
                users[key].add(each.user_id)
    return {key: len(found) for key, found in users.items() if key}


def _readable(rows: Iterable[Any]) -> Iterator[PathObservation]:
    for user_id, session_id, path_id, at, steps in rows:
        try:
            yield PathObservation(user_id, session_id, path_id, at, _STEPS.decode(steps))
        except msgspec.DecodeError:
            logger.warning("A stored observation of path %r cannot be read and is ignored.", path_id)


def _entries(rows: Iterable[Any]) -> Iterator[Entry]:
    for row in rows:
        values = {name: row[name] for name in Entry.__struct_fields__}
        try:
            values["suspect"] = _SUSPECT.decode(values["suspect"]) if values["suspect"] else None
        except msgspec.DecodeError:
            logger.warning("A finding about path %r is of a later version and is ignored.", row["path_id"])
            continue
        yield Entry(**values)


def _is_storable(row: Mapping[str, Any]) -> bool:
    """Whether all databases accept the texts; one that is not valid must not block the others."""
    try:
        return b"\0" not in "".join(text for text in row.values() if isinstance(text, str)).encode()
    except UnicodeEncodeError:
        return False


def _plain(text: str) -> str:
    return text[:_LONGEST_TEXT].replace("\0", "").encode("utf-8", "replace").decode()
