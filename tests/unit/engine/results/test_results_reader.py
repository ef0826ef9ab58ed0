"""Results read from a database are those of the decisions that were written there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.decided_users import DAY_S, DecidedUsers, divided
from support.postgres import PostgresServer
from support.run import asynchronous

from rasa_autoplay.engine.offers.offer_status import Arm
from rasa_autoplay.engine.offers.sql.ledger import SqlOfferLedger
from rasa_autoplay.engine.results import wording
from rasa_autoplay.engine.results.first_decisions import Against
from rasa_autoplay.engine.results.query import ResultsQuery
from rasa_autoplay.engine.results.report import as_json
from rasa_autoplay.engine.results.results import Results
from rasa_autoplay.engine.results.sql.reader import ResultsReader
from rasa_autoplay.engine.results.uplift import Group

LATER = 100 * DAY_S
HELPFUL = {Arm.SHOWN: 0.6, Arm.CONTROL: 0.2}


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'autoplay.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    engine = sa.create_engine(server.url, future=True)
    with engine.begin() as connection:
        for table in ("autoplay_offers", "autoplay_receipts", "autoplay_ledger_version"):
            connection.execute(sa.text(f"DROP TABLE IF EXISTS {table}"))
    engine.dispose()
    yield server.url


async def _read(url: str, trigger_id: str = "", now: float = LATER) -> Results:
    reader = ResultsReader(url, "demo")
    results = await reader.read(ResultsQuery(now, trigger_id=trigger_id))
    assert results is not None, reader.problem
    await reader.close()
    return results


@asynchronous
async def test_counts_the_users_of_both_arms(url: str) -> None:
    ledger = SqlOfferLedger(url)
    users = DecidedUsers(ledger)
    await users.decide(150, divided(0.1), HELPFUL, share=0.1)
    await users.decide(250, divided(0.5), HELPFUL, begins_at=20 * DAY_S)
    await users.decide(30, divided(1), {Arm.SHOWN: 0.5}, share=1.0, trigger_id="live")
    results = await _read(url)
    live, divided_trigger = results.triggers
    assert (live.trigger_id, live.comparison, live.funnel.offered) == ("live", None, 30)
    assert wording.verdict_of(live.comparison) == "no_comparison"
    comparison = divided_trigger.comparison
    assert comparison is not None
    for arm, group in ((Arm.SHOWN, comparison.goal.treated), (Arm.CONTROL, comparison.goal.control)):
        own = [reached for offer, reached in users.written[:400] if offer.arm is arm]
        assert group == Group(len(own), sum(own))
    assert comparison.goal.is_clear
    assert not comparison.sample_ratio.is_alarming
    assert (await _read(url, "live")).triggers == [live]
    early = (await _read(url, now=17 * DAY_S)).triggers[0].comparison
    assert early is None or early.goal.treated.users < comparison.goal.treated.users
    await ledger.close()


@asynchronous
async def test_alarms_when_decisions_of_one_arm_are_missing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'autoplay.db'}"
    ledger = SqlOfferLedger(url)
    users = DecidedUsers(ledger)
    await users.decide(300, divided(0.5), HELPFUL)
    for offer, _ in users.written:
        if offer.arm is Arm.SHOWN and offer.created_at < 5 * DAY_S:
            await ledger.forget("demo", offer.user_id)
    (result,) = (await _read(url)).triggers
    assert result.comparison is not None
    assert wording.verdict_of(result.comparison) == "untrustworthy"
    assert wording.answer_of(result.comparison, result.goal).startswith("This comparison cannot be trusted: ")
    (warning,) = wording.warnings_of(result.comparison, result.goal)
    assert warning.startswith("The groups have the wrong sizes: ")
    await ledger.close()


@asynchronous
async def test_compares_a_live_trigger_with_the_holdout_and_all_with_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'autoplay.db'}"
    ledger = SqlOfferLedger(url)
    await DecidedUsers(ledger).decide(
        300,
        divided(0.8, control=Arm.HOLDOUT),
        {Arm.SHOWN: 0.5, Arm.HOLDOUT: 0.5},
        share=1.0,
        holdout=0.2,
    )
    results = await _read(url)
    (result,) = results.triggers
    assert result.comparison is not None
    assert results.overall is not None
    assert (result.comparison.against, results.overall.against) == (Against.HOLDOUT, Against.OVERALL)
    assert result.comparison.goal == results.overall.goal
    answer = wording.answer_of(result.comparison, result.goal)
    assert "of the holdout, who get no toast of any trigger" in answer
    await ledger.close()


@asynchronous
async def test_prices_a_gate_by_what_chance_opened(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'autoplay.db'}"
    ledger = SqlOfferLedger(url)
    users = DecidedUsers(ledger)
    opened_or_closed = divided(0.5, control=Arm.GATE_CLOSED)
    reached = {Arm.SHOWN: 0.7, Arm.GATE_CLOSED: 0.3}
    await users.decide(500, opened_or_closed, reached, share=1.0, gate="min_interval", dismissed=0.4)
    await users.decide(30, opened_or_closed, reached, share=1.0, gate="mastered")
    mastered, min_interval = (await _read(url)).gates
    opened = [offer for offer, _ in users.written[:500] if offer.arm is Arm.SHOWN]
    assert min_interval.is_known
    assert min_interval.reached.treated.users == len(opened)
    assert min_interval.reached.low is not None
    assert min_interval.reached.low < 0.4 < (min_interval.reached.high or 0)
    assert min_interval.dismissed.treated_share == pytest.approx(0.4, abs=0.08)
    assert min_interval.dismissed.control_share == 0
    assert wording.price_of(min_interval).startswith("Closing it spares +")
    assert not mastered.is_known
    assert wording.price_of(mastered).startswith("Not enough data: ")
    await ledger.close()


@asynchronous
async def test_an_empty_database_has_empty_results(tmp_path: Path) -> None:
    results = await _read(f"sqlite:///{tmp_path / 'autoplay.db'}")
    assert as_json(results) == {
        "product_id": "demo",
        "at": LATER,
        "since": None,
        "triggers": [],
        "overall": None,
        "gates": [],
    }


@asynchronous
async def test_a_report_that_is_being_read_does_not_delay_the_end(tmp_path: Path) -> None:
    reader = ResultsReader(f"sqlite:///{tmp_path / 'missing' / 'autoplay.db'}", "demo")
    assert await reader.read(ResultsQuery(LATER)) is None
    assert reader.problem == "unable to open the database file"
    await reader.close()
