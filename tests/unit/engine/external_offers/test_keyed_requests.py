"""A request with a key is carried out once, whatever happens to the engine that began it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from support.background import eventually
from support.engine_parts import Clock
from support.postgres import PostgresServer
from support.run import asynchronous

from rasa_autoplay.engine.external_offers.keyed_requests import CLAIM_S, KEPT_S, KeyedRequests
from rasa_autoplay.engine.external_offers.sql.store import SqlRequestStore
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.offer_answers import OfferAnswer, StoppedBy
from rasa_autoplay.link.offer_requests import MakeOffer

ASKED = MakeOffer("anna", "suggestion", body="Ready?", key="k1")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database."""
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        server.make_database()
        return server.url
    return f"sqlite:///{tmp_path / 'autoplay.db'}"


class FakeEngine:
    """Makes offers as they are asked for, and can be killed at any moment."""

    def __init__(self, store: SqlRequestStore, clock: Clock, engine_id: str, ledger: dict[str, str]) -> None:
        self.ledger = ledger
        #: Set to let ``make`` go on.
        self.may_make = asyncio.Event()
        self.may_make.set()
        self.refuses = self.stops = False
        self.requests = KeyedRequests(store, engine_id, self._make, self._recover, clock)

    async def _make(self, request: MakeOffer, offer_id: str) -> OfferAnswer:
        await self.may_make.wait()
        if self.refuses:
            raise EngineRefused("not_found", "no live session")
        stopped = StoppedBy("interval", "too soon", 5.0) if self.stops else None
        if stopped is None:
            self.ledger[offer_id] = request.body
        return OfferAnswer(
            request.trigger, request.user_id, "s1", "" if stopped else offer_id, stopped=stopped
        )

    async def _recover(self, offer_id: str) -> OfferAnswer | None:
        found = offer_id in self.ledger
        return OfferAnswer("suggestion", "anna", "s1", offer_id) if found else None

    async def refusal(self, request: MakeOffer) -> str:
        with pytest.raises(EngineRefused) as problem:
            await self.requests.answer(request)
        return str(problem.value.kind)


@asynccontextmanager
async def two_engines(url: str) -> AsyncIterator[tuple[FakeEngine, FakeEngine, Clock, SqlRequestStore]]:
    clock, ledger = Clock(), dict[str, str]()
    stores = [SqlRequestStore(url, "demo") for _ in range(2)]
    one, two = (FakeEngine(store, clock, name, ledger) for store, name in zip(stores, "ab", strict=True))
    try:
        yield one, two, clock, stores[0]
    finally:
        await asyncio.gather(*(store.close() for store in stores))


async def is_claimed(store: SqlRequestStore) -> str:
    """Wait until Anna's request is stored; return the id that its offer is going to have."""

    async def offer_ids() -> list[str]:
        return [str(row["offer_id"]) for row in await store.export("anna") or ()]

    await eventually(offer_ids, what="the request is stored")
    return (await offer_ids())[0]


@asynchronous
async def test_another_engine_repeats_the_answer(url: str) -> None:
    async with two_engines(url) as (one, two, _, _):
        first = await one.requests.answer(ASKED)
        assert await two.requests.answer(ASKED) == first == await one.requests.answer(ASKED)
        assert len(one.ledger) == 1
        assert await two.refusal(MakeOffer("anna", "suggestion", body="Other?", key="k1")) == "unprocessable"


@asynchronous
async def test_repeats_the_answer_of_a_gate(url: str) -> None:
    async with two_engines(url) as (one, two, _, _):
        one.stops = True
        assert (await one.requests.answer(ASKED)).stopped == StoppedBy("interval", "too soon", 5.0)
        assert (await two.requests.answer(ASKED)).stopped == StoppedBy("interval", "too soon", 5.0)


@asynchronous
async def test_a_refused_request_can_be_sent_again(url: str) -> None:
    async with two_engines(url) as (one, two, _, _):
        one.refuses = True
        assert await one.refusal(ASKED) == "not_found"
        assert (await two.requests.answer(ASKED)).is_made


@asynchronous
async def test_refuses_a_retry_while_the_first_is_answered(url: str) -> None:
    async with two_engines(url) as (one, two, _, store):
        one.may_make.clear()
        first = asyncio.create_task(one.requests.answer(ASKED))
        await is_claimed(store)
        assert await one.refusal(ASKED) == "conflict"
        assert await two.refusal(ASKED) == "conflict"
        one.may_make.set()
        assert await first == await two.requests.answer(ASKED)


@pytest.mark.parametrize("was_made", [True, False])
@asynchronous
async def test_continues_after_the_first_engine_was_killed(url: str, was_made: bool) -> None:
    async with two_engines(url) as (one, two, clock, store):
        one.may_make.clear()
        first = asyncio.create_task(one.requests.answer(ASKED))
        offer_id = await is_claimed(store)
        first.cancel()
        if was_made:
            one.ledger[offer_id] = "Ready?"
        assert await two.refusal(ASKED) == "conflict"
        clock.now += CLAIM_S
        answer = await two.requests.answer(ASKED)
        assert answer.offer_id == offer_id
        assert list(one.ledger) == [answer.offer_id]
        assert two.requests.counts["offer_requests_recovered"] == was_made
        for task in one.requests._tasks:
            task.cancel()


@asynchronous
async def test_forgets_a_key_after_a_day_and_with_its_user(url: str) -> None:
    async with two_engines(url) as (one, _, clock, store):
        await one.requests.answer(ASKED)
        assert await store.forget_before(clock.now) == 0
        assert await store.forget_before(clock.now + KEPT_S) == 1
        await one.requests.answer(ASKED)
        assert await store.forget("ben") == 0
        assert await store.forget("anna") == 1
