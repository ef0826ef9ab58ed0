"""The store of users' choices in SQL: one row for each topic, one for everything, one for quiet hours."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import time
from typing import Any

import sqlalchemy as sa

from rasa_autoplay.engine.courtesy.user_choices import NO_CHOICES, Mute, OwnQuietHours, UserChoices
from rasa_autoplay.storage.database import Database
from rasa_autoplay.storage.migrations import Migrations

__all__ = ["SqlChoiceStore", "choices"]

#: A toast waits for a hanging database this long, but only once.
_WAIT_S = 1.0
#: The subjects of the rows that are not about a topic; a topic has a colon.
_EVERYTHING, _QUIET_HOURS = "everything", "quiet_hours"

choices = sa.Table(
    "autoplay_user_choices",
    sa.MetaData(),
    sa.Column("product_id", sa.Text, primary_key=True),
    sa.Column("user_id", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("muted_at", sa.Float, nullable=False, server_default="0"),
    # NULL: until the user unmutes it.
    sa.Column("muted_until", sa.Float),
    # The user has unmuted it at this time; it is muted if that was before `muted_at`.
    sa.Column("lifted_at", sa.Float, nullable=False, server_default="0"),
    sa.Column("quiet_from", sa.String(5), nullable=False, server_default=""),
    sa.Column("quiet_to", sa.String(5), nullable=False, server_default=""),
    sa.Column("zone", sa.String(64), nullable=False, server_default=""),
)
_COLUMNS = [column for column in choices.c if column.name not in ("product_id", "user_id")]


def _create(connection: Any) -> None:
    choices.create(connection, checkfirst=True)


_migrate = Migrations("autoplay_user_choice_version", "What users have muted", [_create]).run


class SqlChoiceStore(Database):
    """Stores what users have chosen in "My tips".

    Args:
        url: an SQLAlchemy URL, ``database.url`` in ``autoplay.yml``.
        product_id: the product's id.

    Raises:
        ConfigError: the URL names no usable database.
    """

    def __init__(self, url: str, product_id: str) -> None:
        self._product_id = product_id
        # Built once, because a toast waits for it.
        self._of_user = sa.select(*_COLUMNS).where(
            choices.c.product_id == product_id, choices.c.user_id == sa.bindparam("user")
        )
        super().__init__(
            url,
            holds="what users have muted",
            without="What was read last counts, and users cannot change it.",
            prepare=_migrate,
            wait_s=_WAIT_S,
        )

    async def of(self, user_id: str) -> UserChoices | None:
        """Return what a user has chosen; None if it cannot be read."""

        def read(connection: Any) -> UserChoices | None:
            return _choices(connection.execute(self._of_user, {"user": user_id}).mappings())

        return await self.run(read, None)

    async def mute(self, user_id: str, topic: str, mute: Mute) -> bool:
        """Mute a topic; an empty topic stands for everything."""
        until = None if mute.until == math.inf else mute.until
        return await self._put(user_id, topic or _EVERYTHING, muted_at=mute.at, muted_until=until)

    async def unmute(self, user_id: str, topic: str, now: float) -> bool:
        """Unmute a topic; an empty topic stands for everything."""
        return await self._put(user_id, topic or _EVERYTHING, lifted_at=now)

    async def set_quiet_hours(self, user_id: str, hours: OwnQuietHours | None, now: float) -> bool:
        """Replace the user's own quiet hours; None for none."""
        if hours is None:
            gone = sa.delete(choices).where(*self._is(user_id, _QUIET_HOURS))
            return await self.delete(gone) is not None
        begin, end = f"{hours.from_:%H:%M}", f"{hours.to:%H:%M}"
        return await self._put(
            user_id, _QUIET_HOURS, muted_at=now, quiet_from=begin, quiet_to=end, zone=hours.zone
        )

    async def export(self, user_id: str) -> list[dict[str, Any]] | None:
        """Return a user's rows for JSON; None if they cannot be read."""

        def read(connection: Any) -> list[dict[str, Any]] | None:
            return [dict(row) for row in connection.execute(self._of_user, {"user": user_id}).mappings()]

        return await self.run(read, None)

    async def forget(self, user_id: str) -> int | None:
        """Delete everything about a user; return the number of rows, or None if that fails."""
        own = choices.c.product_id == self._product_id, choices.c.user_id == user_id
        return await self.delete(sa.delete(choices).where(*own))

    async def _put(self, user_id: str, subject: str, **values: Any) -> bool:
        """Change a row; create it if there is none. Another engine may create it at the same moment."""
        change = sa.update(choices).where(*self._is(user_id, subject)).values(**values)
        row = {"product_id": self._product_id, "user_id": user_id, "subject": subject, **values}

        def put(connection: Any) -> bool:
            if connection.execute(change).rowcount == 0:
                connection.execute(sa.insert(choices), row)
            return True

        return await self.run(put, False) or await self.run(put, False)

    def _is(self, user_id: str, subject: str) -> tuple[Any, ...]:
        own = choices.c.product_id == self._product_id, choices.c.user_id == user_id
        return *own, choices.c.subject == subject


def _choices(rows: Iterable[Any]) -> UserChoices:
    by_subject = {str(row["subject"]): row for row in rows}
    if not by_subject:
        return NO_CHOICES
    hours, everything = by_subject.pop(_QUIET_HOURS, None), by_subject.pop(_EVERYTHING, None)
    return UserChoices(
        {topic: mute for topic, row in by_subject.items() if (mute := _mute(row))},
        _mute(everything) if everything else None,
        {topic: row["lifted_at"] for topic, row in by_subject.items() if row["lifted_at"]},
        _hours(hours) if hours else None,
    )


def _mute(row: Any) -> Mute | None:
    if row["muted_at"] <= row["lifted_at"]:
        return None
    return Mute(row["muted_at"], math.inf if row["muted_until"] is None else row["muted_until"])


def _hours(row: Any) -> OwnQuietHours:
    return OwnQuietHours(_clock(row["quiet_from"]), _clock(row["quiet_to"]), row["zone"])


def _clock(text: str) -> time:
    hours, minutes = text.split(":")
    return time(int(hours), int(minutes))
