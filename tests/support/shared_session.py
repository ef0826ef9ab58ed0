"""One session of users whose partitions are known, as the stores of several engines see it."""

from __future__ import annotations

import itertools

from rasa_autoplay.engine.sessions.base import SessionStore
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.settings.engine import SessionSettings
from rasa_autoplay.storage.redis_keys import PARTITIONS, partition_of

__all__ = ["ANN", "BOB", "KEY", "SETTINGS", "T0", "USERS", "active", "titles"]

T0 = 1_700_000_000.0
SETTINGS = SessionSettings()
#: A user for each partition.
USERS = {
    p: next(u for u in map("u{}".format, itertools.count()) if partition_of(u) == p)
    for p in range(PARTITIONS)
}
#: A session whose own partition differs from that of both users below.
KEY = ("demo", next(s for s in map("s{}".format, itertools.count()) if partition_of(s) == 5))
ANN, BOB = USERS[3], USERS[7]


def action(number: int) -> SlimAction:
    at = T0 + number
    return SlimAction(f"Click {number}", "", "/projects", index=number, timestamp_start=at, timestamp_end=at)


async def active(store: SessionStore, user: str | None, *numbers: int) -> Session:
    """Let a user (or an unknown one) act in the session."""
    session = await store.load(KEY, T0)
    session.identify(user, None)
    session.add([action(number) for number in numbers], ())
    await store.save(session, T0 + max(numbers, default=0))
    return session


def titles(session: Session | None) -> list[str] | None:
    return [action.title for action in session.window.actions] if session else None
