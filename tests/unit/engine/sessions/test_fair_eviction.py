"""When the store is full, the user who holds the most sessions loses one first."""

from __future__ import annotations

import asyncio
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from rasa_autoplay.engine.sessions.holders import FAIR_SHARE
from rasa_autoplay.engine.sessions.local import LocalSessionStore
from rasa_autoplay.settings.engine import SessionSettings

ROOM = 4 * FAIR_SHARE
HONEST = st.sampled_from(["anna", "ben", "clara"])
FLOODS = st.sampled_from(["mallory", "oscar"])
#: Who acts, and whether in a new session.
STEPS = st.lists(
    st.one_of(
        st.tuples(FLOODS, st.just(True)), st.tuples(FLOODS, st.booleans()), st.tuples(HONEST, st.booleans())
    ),
    min_size=ROOM,
    max_size=3 * ROOM,
)


class Played:
    """A store, and its users' actions."""

    def __init__(self) -> None:
        self.lost: list[str] = []
        self.store = LocalSessionStore(
            SessionSettings(max_sessions=ROOM), lambda session: self.lost.append(session.held_by)
        )
        self.made: Counter[str] = Counter()
        self.now = 0.0

    async def act(self, user: str, is_new: bool = True) -> None:
        self.now += 1.0
        self.made[user] += is_new or not self.made[user]
        key = ("demo", f"{user} {self.made[user]}")
        await self.store.save(await self.store.load(key, self.now, user), self.now)

    def held(self) -> Counter[str]:
        return Counter(session.held_by for session in self.store)


@settings(max_examples=60)
@given(STEPS)
def test_flood_evicts_nothing_of_users_within_their_share(steps: list[tuple[str, bool]]) -> None:
    async def play() -> None:
        played = Played()
        for user, is_new in steps:
            before = played.held()
            lost = len(played.lost)
            await played.act(user, is_new)
            before[user] += len(played.store) > sum(before.values()) or len(played.lost) > lost
            for holder in played.lost[lost:]:
                if max(before.values()) > FAIR_SHARE:
                    assert before[holder] == max(before.values())
            assert len(played.store) <= ROOM
            counts = {holder: count for holder, count in played.store._holders._counts.items() if count}
            assert counts == played.held()

    asyncio.run(play())


def test_flood_evicts_its_own_longest_idle_sessions() -> None:
    async def play() -> None:
        played = Played()
        for user in ("anna", "ben"):
            await played.act(user)
        for _ in range(2 * ROOM):
            await played.act("mallory")
        left = [session.key[1] for session in played.store]
        newest = range(2 * ROOM - (ROOM - 2) + 1, 2 * ROOM + 1)
        assert left == ["anna 1", "ben 1", *(f"mallory {number}" for number in newest)]

    asyncio.run(play())


def test_evicts_the_longest_idle_session_without_a_flood() -> None:
    async def play() -> None:
        played = Played()
        for number in range(ROOM + 5):
            await played.act(f"user {number}")
        assert played.lost == [f"user {number}" for number in range(5)]

    asyncio.run(play())


def test_does_not_evict_a_recently_active_session() -> None:
    async def play() -> None:
        played = Played()
        for _ in range(ROOM + 1):
            await played.act("mallory")
        kept = ("demo", "mallory 3")
        played.now += 1.0
        await played.store.save(await played.store.load(kept, played.now, "mallory"), played.now)
        for _ in range(10):
            await played.act("mallory")
        assert await played.store.find(kept) is not None
        assert await played.store.find(("demo", "mallory 4")) is None

    asyncio.run(play())
