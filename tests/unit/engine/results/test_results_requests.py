"""Results are read once for all who ask, and nobody waits long."""

from __future__ import annotations

import asyncio

import pytest
from support.run import asynchronous

from rasa_autoplay.engine.results import results_requests
from rasa_autoplay.engine.results.query import ResultsQuery
from rasa_autoplay.engine.results.results import Results, TriggerGoal
from rasa_autoplay.engine.results.results_requests import ResultsRequests
from rasa_autoplay.link.base import EngineRefused

DAY_S = 86_400.0


class _Reader:
    """Reads when it is let."""

    problem = "the database is locked"

    def __init__(self) -> None:
        self.queries: list[ResultsQuery] = []
        self.may_read = asyncio.Event()
        self.works = True

    async def read(self, query: ResultsQuery) -> Results | None:
        self.queries.append(query)
        await self.may_read.wait()
        return Results("demo", query.now, query.since, [], None) if self.works else None


class _Asked:
    def __init__(self) -> None:
        self.now = 100 * DAY_S
        self.reader = _Reader()
        self.requests = ResultsRequests(self.reader, {"known": TriggerGoal()}, lambda: self.now)

    async def refusal(self, since: str = "", trigger_id: str = "") -> EngineRefused:
        with pytest.raises(EngineRefused) as caught:
            await self.requests.find(since, trigger_id)
        return caught.value


@pytest.fixture
def asked() -> _Asked:
    return _Asked()


@asynchronous
async def test_reads_once_for_all_who_ask_the_same(asked: _Asked) -> None:
    asking = [asyncio.ensure_future(asked.requests.find("30d", "")) for _ in range(5)]
    asked.reader.may_read.set()
    found = await asyncio.gather(*asking)
    assert found[0]["since"] == 70 * DAY_S
    assert all(one == found[0] for one in found)
    assert len(asked.reader.queries) == 1


@asynchronous
async def test_keeps_results_for_30_s(asked: _Asked) -> None:
    asked.reader.may_read.set()
    for later_s in (0, 29, 2):
        asked.now += later_s
        await asked.requests.find("", "")
    assert [query.now for query in asked.reader.queries] == [100 * DAY_S, 100 * DAY_S + 31]


@asynchronous
async def test_keeps_results_that_took_longer_than_30_s(
    asked: _Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results_requests, "_WAIT_S", 0.01)
    await asked.refusal()
    asked.now += 85
    asked.reader.may_read.set()
    await asyncio.wait([asyncio.ensure_future(asked.requests.find("", ""))])
    asked.now += 20
    await asked.requests.find("", "")
    assert len(asked.reader.queries) == 1


@asynchronous
async def test_refuses_after_a_while_and_answers_later(
    asked: _Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results_requests, "_WAIT_S", 0.01)
    refusal = await asked.refusal()
    assert (refusal.kind, refusal.message) == ("unavailable", "the results are still being read")
    asked.now += 60
    asked.reader.may_read.set()
    monkeypatch.setattr(results_requests, "_WAIT_S", 4)
    await asked.requests.find("", "")
    assert len(asked.reader.queries) == 1


@asynchronous
async def test_a_database_that_fails_is_named_and_asked_again(asked: _Asked) -> None:
    asked.reader.works = False
    asked.reader.may_read.set()
    refusal = await asked.refusal()
    assert refusal.kind == "unavailable"
    assert "the database is locked" in refusal.message
    asked.reader.works = True
    await asked.requests.find("", "")


@asynchronous
async def test_refuses_wrong_questions(asked: _Asked) -> None:
    asked.reader.may_read.set()
    assert (await asked.refusal(since="yesterday")).kind == "invalid"
    assert (await asked.refusal(trigger_id="other")).kind == "not_found"
    await asked.requests.find("", "known")


@asynchronous
async def test_reads_a_few_different_results_at_a_time(
    asked: _Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results_requests, "_WAIT_S", 0.001)
    refusals = [await asked.refusal(since=f"{days}d") for days in range(1, 12)]
    assert "too many" in refusals[-1].message
    assert len(asked.reader.queries) == 8
    asked.reader.may_read.set()
