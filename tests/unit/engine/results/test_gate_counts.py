"""Every fire of a trigger is counted once, on every engine, also if an engine is killed."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from support.background import eventually
from support.engine_parts import PROJECTS, T0, EngineParts, action, batch, predicate_trigger, settings
from support.postgres import PostgresServer
from support.run import asynchronous

from rasa_autoplay.engine.decisions.decision_log import Decision, Outcome
from rasa_autoplay.engine.results.count_key import CountKey
from rasa_autoplay.engine.results.gate_counts import GateCounts
from rasa_autoplay.engine.results.sql.gate_count_store import GateCountStore, gate_counts
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.decorators import only_events
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.settings.limits import TriggerLimitSettings

#: T0, as a UTC date.
DAY = "2023-11-14"
ELSEWHERE = "https://app.example.com/dashboard"


class Memory:
    """A store that keeps the latest counts."""

    problem = ""

    def __init__(self) -> None:
        self.counts: dict[CountKey, int] = {}

    async def save(self, counts: Mapping[CountKey, int]) -> bool:
        self.counts.update(counts)
        return True

    async def close(self) -> None:
        """Do nothing."""


def wants(title: str, **courtesy: Any) -> ConfiguredTrigger:
    """A trigger that fires while the user is on the projects page, after an action of that title."""

    @only_events
    def did(ctx: ProactiveTriggerContext) -> bool:
        here = ctx.recent_actions[-1].canonical_url == PROJECTS
        return here and any(each.title == title for each in ctx.recent_actions)

    return predicate_trigger(did, title, courtesy=TriggerLimitSettings.parse_obj(courtesy))


def engine(folder: Path, *triggers: ConfiguredTrigger, **limits: Any) -> EngineParts:
    return EngineParts(folder, triggers or [wants("a")], configuration=settings(courtesy=limits))


async def does(made: EngineParts, title: str, page: str = PROJECTS, **fields: Any) -> None:
    """Let the user act now."""
    await made.take(batch(action(title, made.clock.now - T0, page, **fields)))


async def count(decisions: list[Decision], store: Memory) -> None:
    counts = GateCounts(store)
    for each in decisions:
        counts.decision(each)
    await counts.close()


async def counted(decisions: list[Decision]) -> dict[tuple[str, str], int]:
    """The counts of these decisions by outcome and gate, without those that are 0."""
    store = Memory()
    await count(decisions, store)
    total: Counter[tuple[str, str]] = Counter()
    for key, n in store.counts.items():
        assert n >= 0
        total[key.outcome, key.gate] += n
    return {name: n for name, n in total.items() if n}


@asynchronous
async def test_fire_that_goes_on_when_its_gate_opens_is_the_same_one(tmp_path: Path) -> None:
    async with engine(tmp_path) as made:
        await made.take(batch(action("a", 0), action("Name", 1, type="focus")))
        assert await counted(made.decisions) == {("fired", ""): 1, ("stopped", "typing"): 1}
        await made.take(batch(action("Name", 4, type="focus")))
        await made.at(20)
        assert sum(each.outcome == "fired" for each in made.decisions) > 1, "it was asked several times"
        assert await counted(made.decisions) == {("fired", ""): 1, ("offered", ""): 1}


@asynchronous
async def test_fire_that_ended_while_its_gate_was_closed_stays_stopped(tmp_path: Path) -> None:
    async with engine(tmp_path) as made:
        await made.take(batch(action("a", 0), action("Name", 1, type="focus")))
        await made.at(2)
        await does(made, "View dashboard", ELSEWHERE, type="pageview")
        await made.at(20)
        await does(made, "View projects", type="pageview")
        assert await counted(made.decisions) == {
            ("fired", ""): 2,
            ("stopped", "typing"): 1,
            ("offered", ""): 1,
        }


@asynchronous
async def test_deferred_fire_counts_as_what_it_became(tmp_path: Path) -> None:
    async with engine(tmp_path, hold_until=["save"], max_wait="20s") as made:
        await does(made, "a")
        for at in (2, 4, 6):
            await made.at(at)
            await does(made, "Open menu")
        assert await counted(made.decisions) == {("fired", ""): 1, ("deferred", "hold_until"): 1}
        await does(made, "View dashboard", ELSEWHERE, type="pageview")
        assert await counted(made.decisions) == {("fired", ""): 1, ("dropped", ""): 1}
        await made.at(8)
        await does(made, "a")
        await made.at(9)
        await does(made, "Click Save changes")
        assert await counted(made.decisions) == {("fired", ""): 2, ("dropped", ""): 1, ("offered", ""): 1}


@asynchronous
async def test_fire_about_a_topic_that_may_not_be_offered_is_stopped_each_time(tmp_path: Path) -> None:
    async with engine(tmp_path) as made:
        await does(made, "a")
        await made.reported(made.open_offer(), "dismissed")
        await made.at(40)
        await does(made, "a")
        assert await counted(made.decisions) == {
            ("fired", ""): 2,
            ("offered", ""): 1,
            ("stopped", "answered"): 1,
        }


@asynchronous
async def test_fire_that_goes_on_after_midnight_is_one_of_the_next_day(tmp_path: Path) -> None:
    before_midnight = T0 // 86_400 * 86_400 + 86_400 - 2 - T0
    async with engine(tmp_path) as made:
        made.clock.now = T0 + before_midnight
        typed = action("Name", before_midnight, type="focus")
        await made.take(batch(action("a", before_midnight - 1), typed))
        await made.at(before_midnight + 10)
        assert await made.offers()
        store = Memory()
        await count(made.decisions, store)
    by_day = {(key.day, key.outcome): n for key, n in store.counts.items()}
    assert by_day == {
        (DAY, "fired"): 1,
        (DAY, "stopped"): 1,
        ("2023-11-15", "fired"): 1,
        ("2023-11-15", "offered"): 1,
    }


@pytest.mark.parametrize("seed", range(8))
@asynchronous
async def test_outcomes_add_up_to_the_fires(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    triggers = [wants("a", per_day=2), wants("b", hold_until=["save"], max_wait="9s"), wants("c")]
    async with engine(tmp_path, *triggers, min_interval="12s", hold_until=["navigation"]) as made:
        for second in range(0, 300, 3):
            await made.at(second)
            title = chance.choice(["a", "b", "c", "Click Save changes", "Open menu"])
            page, kind = chance.choice([PROJECTS, PROJECTS, ELSEWHERE]), chance.choice(["click", "pageview"])
            if chance.random() < 0.1:
                kind = "focus"
            await does(made, title, page, type=kind)
            offer = made.open_offers.of_user("u1")
            if offer is not None and chance.random() < 0.5:
                await made.reported(offer, chance.choice(["rendered", "dismissed", "accepted"]))
        found, offers = await counted(made.decisions), await made.offers()
    fired = found.pop(("fired", ""))
    assert fired == sum(found.values())
    assert found["offered", ""] == len(offers)
    assert "stopped" in {each.outcome for each in made.decisions}


# --- the database ------------------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'autoplay.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    engine = sa.create_engine(server.url, future=True)
    with engine.begin() as connection:
        for table in ("autoplay_gate_counts", "autoplay_gate_count_version"):
            connection.execute(sa.text(f"DROP TABLE IF EXISTS {table}"))
    engine.dispose()
    yield server.url


def stored(url: str) -> Counter[tuple[str, str, str]]:
    """The sums in the database by trigger, outcome and gate."""
    engine = sa.create_engine(url, future=True)
    total: Counter[tuple[str, str, str]] = Counter()
    with engine.connect() as connection:
        for row in connection.execute(sa.select(gate_counts)).mappings():
            total[row["trigger_id"], row["outcome"], row["gate"]] += row["count"]
    engine.dispose()
    return total


async def until_written(counts: GateCounts) -> None:
    await eventually(lambda: counts.is_written, what="the counts are written in the background")


def decision(outcome: Outcome, at: float = 0.0, **fields: Any) -> Decision:
    return Decision(T0 + at, outcome, "t1", "u1", "s1", **fields)


@asynchronous
async def test_sums_of_several_engines_and_runs_are_added(url: str) -> None:
    for run in ("engine_1", "engine_2", "engine_3"):
        counts = GateCounts(GateCountStore(url, "demo", run))
        for _ in range(5):
            counts.decision(decision("stopped", gate="typing"))
        counts.decision(decision("offered", replaced_gate="typing"))
        await until_written(counts)
        counts.decision(decision("stopped", gate="typing"))
        await counts.close()
    assert stored(url) == {
        ("t1", "fired", ""): 18,
        ("t1", "stopped", "typing"): 15,
        ("t1", "offered", ""): 3,
    }


@asynchronous
async def test_repeated_write_counts_nothing_twice(url: str) -> None:
    store = GateCountStore(url, "demo", "engine_1")
    key = CountKey(DAY, "t1", "", "stopped", "typing")
    for count in (1, 5, 5):
        assert await store.save({key: count})
    await store.close()
    assert stored(url) == {("t1", "stopped", "typing"): 5}


@asynchronous
async def test_counts_wait_while_the_database_fails(tmp_path: Path) -> None:
    folder = tmp_path / "not there yet"
    url = f"sqlite:///{folder / 'autoplay.db'}"
    counts = GateCounts(GateCountStore(url, "demo", "engine_1"))
    counts.decision(decision("stopped", gate="typing"))
    await eventually(lambda: counts.problem, what="the failure is noticed")
    folder.mkdir()
    await until_written(counts)
    await counts.close()
    assert stored(url)["t1", "stopped", "typing"] == 1


_ENGINE = """
import asyncio, sys, time
from rasa_autoplay.engine.decisions.decision_log import Decision
from rasa_autoplay.engine.results.gate_counts import GateCounts
from rasa_autoplay.engine.results.sql.gate_count_store import GateCountStore

async def main():
    counts = GateCounts(GateCountStore(sys.argv[1], "demo", sys.argv[2]))
    number = 0
    while True:
        counts.decision(Decision(1_700_000_000.0, "stopped", "t1", "u", "s", gate="typing"))
        number += 1
        print(number, time.monotonic(), flush=True)
        await asyncio.sleep(0.002)

asyncio.run(main())
"""


def test_kill_loses_at_most_the_last_second(url: str) -> None:
    """Two processes count, and are killed at different moments."""
    engines = [
        subprocess.Popen([sys.executable, "-c", _ENGINE, url, run], stdout=subprocess.PIPE, text=True)
        for run in ("engine_1", "engine_2")
    ]
    printed: list[list[tuple[int, float]]] = []
    for place, process in enumerate(engines):
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        end = time.monotonic() + 2.3 + 0.4 * place
        while time.monotonic() < end:
            lines.append(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        lines += process.stdout.read().splitlines()
        process.stdout.close()
        assert process.wait() == -signal.SIGKILL
        whole = (line.split() for line in lines)
        printed.append([(int(pair[0]), float(pair[1])) for pair in whole if len(pair) == 2])
    all_of_them = sum(rows[-1][0] for rows in printed)
    older = sum(max(n for n, at in rows if at <= rows[-1][1] - 1.0) for rows in printed)
    assert older > 200
    assert older <= stored(url)["t1", "stopped", "typing"] <= all_of_them
    assert stored(url)["t1", "fired", ""] == stored(url)["t1", "stopped", "typing"]
