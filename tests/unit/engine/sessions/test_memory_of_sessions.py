"""What sessions cost in memory, while they live and after they have ended."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

from support.engine_parts import T0
from support.run import asynchronous

from rasa_autoplay.engine.sessions.local import LocalSessionStore
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.settings.engine import SessionSettings


@contextmanager
def traced() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
    finally:
        tracemalloc.stop()


def size() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def done(number: int, n: int) -> SlimAction:
    """Return an action whose texts are new objects, as after decoding; 50 different texts repeat."""
    at, text = T0 + number + n / 64, f"item {n % 50} of the navigation"
    url = f"https://app.example.com/area-{n % 50}/projects"
    return SlimAction(f"Click {text}", f"User clicked {text}", url, n, "click", at, at, f"{url}?tab=overview")


async def does(store: LocalSessionStore, number: int, actions: int) -> None:
    product, user = "".join(["de", "mo"]), f"user-{number:05}"
    session = await store.load((product, f"ps_{user}"), T0 + number)
    session.identify(user, f"{user}@example.com")
    session.add([done(number, n) for n in range(actions)], ())
    await store.save(session, T0 + number)


@asynchronous
async def test_sessions_that_come_and_go_leave_nothing() -> None:
    store = LocalSessionStore(SessionSettings(max_sessions=1_000))
    with traced():
        # Tables have their full size only after many sessions have gone.
        for number in range(6_000):
            await does(store, number, 1)
        full = size()
        for number in range(6_000, 12_000):
            await does(store, number, 1)
        left = (size() - full) / 6_000
    assert len(store) == 1_000
    assert left < 10, "bytes for each session that has gone"


@asynchronous
async def test_a_session_of_50_actions_takes_little_memory() -> None:
    store = LocalSessionStore(SessionSettings(max_sessions=10_000))
    await does(store, 0, 50)
    with traced():
        for number in range(1, 301):
            await does(store, number, 50)
        # An action takes 128 bytes, its time 24, its place in the window 8.
        assert size() / 300 < 50 * 160 + 1_100
