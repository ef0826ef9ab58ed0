"""Reads users from the database, from a thread of its own, so that toasts never wait for a search."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from rasa_autoplay.engine.memory.analysis import SessionAnalysis
from rasa_autoplay.engine.memory.base import SessionRecord
from rasa_autoplay.engine.memory.sql import schema as memory_schema
from rasa_autoplay.engine.memory.sql.schema import sessions
from rasa_autoplay.engine.memory.sql.store import readable_sessions
from rasa_autoplay.engine.offers.offer_status import OfferStatus
from rasa_autoplay.engine.offers.sql import schema as offers_schema
from rasa_autoplay.engine.offers.sql.schema import offers
from rasa_autoplay.engine.studio.person import Answer
from rasa_autoplay.storage.database import Database

__all__ = ["FoundUser", "PeopleReader", "UserRecords"]

_WAIT_S = 4.0
#: At most this many sessions of the users of one search are read, the newest first.
_MOST_SESSIONS = 20_000
_SESSIONS_OF_USER = 1_000
_NO_ANSWERS = [status.value for status in (OfferStatus.DISMISSED, OfferStatus.SNOOZED, OfferStatus.NEVER)]
#: SQL databases limit the number of parameters.
_IDS_AT_ONCE = 500


class FoundUser(NamedTuple):
    """What the database knows about a user.

    Args:
        user_id: the user.
        analyses: the user's sessions, newest first; at least one.
        answers: the user's answers "No", "Later" and "Never".
    """

    user_id: str
    analyses: Sequence[SessionAnalysis]
    answers: Sequence[Answer]


class UserRecords(NamedTuple):
    """All that memory stores about one user.

    Args:
        records: the user's sessions, newest first, up to a limit; empty for an unknown user.
        answers: the user's answers "No", "Later" and "Never".
    """

    records: Sequence[SessionRecord]
    answers: Sequence[Answer]


class PeopleReader(Database):
    """Reads the users of a product, those seen last first.

    Args:
        url: an SQLAlchemy URL, ``database.url`` in ``autoplay.yml``.
        product_id: the product.

    Raises:
        ConfigError: the URL names no usable database.
    """

    def __init__(self, url: str, product_id: str) -> None:
        super().__init__(
            url,
            holds="users, for the studio",
            without="The studio cannot search for people.",
            prepare=_prepare,
            wait_s=_WAIT_S,
        )
        self._product_id = product_id

    async def read(self, text: str, most: int) -> list[FoundUser] | None:
        """Return the users seen last; None if they cannot be read, and ``problem`` says why.

        Args:
            text: must occur in the id or in the properties, as a first filter; empty for all users.
            most: how many users, at most.
        """
        return await self.run(lambda connection: self._read(connection, text, most), None)

    async def read_user(self, user_id: str) -> UserRecords | None:
        """Return what is stored about one user; None if it cannot be read."""
        query = (
            sa.select(sessions)
            .where(sessions.c.product_id == self._product_id, sessions.c.user_id == user_id)
            .order_by(sessions.c.ended_at.desc())
            .limit(_SESSIONS_OF_USER)
        )

        def read(connection: Any) -> UserRecords:
            rows = connection.execute(query).mappings().all()
            answers = [answer for _, answer in self._answers(connection, [user_id])]
            return UserRecords(list(readable_sessions(rows)), answers)

        return await self.run(read, None)

    def _read(self, connection: Any, text: str, most: int) -> list[FoundUser]:
        of_product = sessions.c.product_id == self._product_id
        newest = (
            sa.select(sessions.c.user_id)
            .where(of_product, *_occurs(text))
            .group_by(sessions.c.user_id)
            .order_by(sa.func.max(sessions.c.ended_at).desc())
            .limit(most)
        )
        ids = [str(row[0]) for row in connection.execute(newest)]
        analyses: defaultdict[str, list[SessionAnalysis]] = defaultdict(list)
        answers: defaultdict[str, list[Answer]] = defaultdict(list)
        left = _MOST_SESSIONS
        for some in (ids[at : at + _IDS_AT_ONCE] for at in range(0, len(ids), _IDS_AT_ONCE)):
            query = (
                sa.select(sessions)
                .where(of_product, sessions.c.user_id.in_(some))
                .order_by(sessions.c.ended_at.desc())
                .limit(left)
            )
            rows = connection.execute(query).mappings().all()
            left = max(left - len(rows), 1)
            for record in readable_sessions(rows):
                analyses[record.analysis.user_id].append(record.analysis)
            for user_id, answer in self._answers(connection, some):
                answers[user_id].append(answer)
        return [FoundUser(each, analyses[each], answers[each]) for each in ids if analyses.get(each)]

    def _answers(self, connection: Any, user_ids: Sequence[str]) -> Iterable[tuple[str, Answer]]:
        query = sa.select(offers).where(
            offers.c.product_id == self._product_id,
            offers.c.user_id.in_(user_ids),
            offers.c.status.in_(_NO_ANSWERS),
        )
        for row in connection.execute(query).mappings():
            yield str(row["user_id"]), _answer_of(row)


def _answer_of(row: Mapping[str, Any]) -> Answer:
    subject = str(row["golden_path"] or row["page"])
    return Answer(row["trigger_id"], subject, row["status"], row["rendered_at"] or row["created_at"])


def _occurs(text: str) -> list[Any]:
    """Return a condition that is true for all rows in which a text occurs, and for some others."""
    if not text:
        return []
    in_json = msgspec.json.encode(text).decode()[1:-1]
    lower, lower_json = text.lower(), in_json.lower()
    return [
        sa.or_(
            sessions.c.user_id.contains(text, autoescape=True),
            sa.func.lower(sessions.c.user_id).contains(lower, autoescape=True),
            sessions.c.properties.contains(in_json, autoescape=True),
            sa.func.lower(sessions.c.properties).contains(lower_json, autoescape=True),
        )
    ]


def _prepare(connection: Any) -> None:
    memory_schema.migrate(connection)
    offers_schema.migrate(connection)
