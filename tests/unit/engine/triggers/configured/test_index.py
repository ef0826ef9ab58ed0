"""Which triggers an event evaluates: exactly those whose result it can change."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from support.engine_parts import PROJECTS, T0, EngineParts, action, batch, save, settings
from support.rules import triggers
from support.run import asynchronous

from rasa_autoplay.engine.triggers.configured.index import TriggerIndex
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger

DASHBOARD = "https://app.example.com/dashboard"
ENTRIES = """
  - {id: saves, body: b, when: {count: {title: save, at_least: 3}}}
  - {id: page, body: b, when: {on_page: /dashboard}}
  - {id: unseen, body: b, when: {count: {title: export, at_least: 1}, never: {title: bulk}}}
  - {id: quiet, body: b, when: {idle: 30s}}
  - {id: new, body: b, when: {segment: {user: new}}}
"""


@pytest.fixture
def made(tmp_path: Path) -> list[ConfiguredTrigger]:
    return triggers(tmp_path, ENTRIES)


def names(asked: Sequence[ConfiguredTrigger]) -> list[str]:
    return [trigger.id for trigger in asked]


def test_action_reaches_the_triggers_that_match_it(made: list[ConfiguredTrigger]) -> None:
    index = TriggerIndex(made)
    assert names(index.affected_by([action("Click", 0)], moved=False)) == []
    assert names(index.affected_by([save(0)], moved=False)) == ["saves"]
    assert names(index.affected_by([action("Export", 0), save(0)], moved=True)) == ["saves", "unseen"]
    assert names(index.affected_by([action("View", 0, DASHBOARD)], moved=False)) == []
    assert names(index.affected_by([action("View", 0, DASHBOARD)], moved=True)) == ["page"]
    assert names(index.affected_by([], remembered=['never title "bulk"'], moved=False)) == ["unseen"]
    assert names(index.affected_by([], also=["new", "quiet"], moved=False)) == ["quiet", "new"], (
        "in order of priority"
    )


def test_derives_what_rules_remember_from_their_text(made: list[ConfiguredTrigger]) -> None:
    index = TriggerIndex(made)
    assert index.remembered_of([save(0)]) == frozenset()
    assert index.remembered_of([save(0), action("Click Bulk edit", 1)]) == {'never title "bulk"'}
    assert not index.opaque_matchers


async def asked_in(engine: EngineParts, *batches: object) -> int:
    before = engine.core.counts["evaluations"]
    await engine.take(*batches)  # type: ignore[arg-type]
    return engine.core.counts["evaluations"] - before


@asynchronous
async def test_irrelevant_event_evaluates_no_trigger(tmp_path: Path) -> None:
    rules = triggers(tmp_path, "\n".join(ENTRIES.splitlines()[:4]))
    async with EngineParts(tmp_path, rules) as engine:
        engine.clock.now = T0 + 60
        assert await asked_in(engine, batch(action("Click", 0))) == 1, "all of them, of a new session"
        assert await asked_in(engine, batch(action("Click", 1)), batch(action("Open", 2))) == 0
        assert await asked_in(engine, batch(save(3))) == 1
        assert await asked_in(engine, batch(action("View", 4, PROJECTS + "/:id/edit"))) == 0
        assert len(engine.timers) == 0, "none of them waits for a time"
        assert await asked_in(engine, batch(action("View", 5, DASHBOARD))) == 1


@asynchronous
async def test_leaving_and_returning_in_one_batch_is_a_page_change(tmp_path: Path) -> None:
    rules = triggers(tmp_path, "  - {builtin: canonical_url_ping_pong}\n")
    async with EngineParts(tmp_path, rules) as engine:
        engine.clock.now = T0 + 60
        await engine.take(batch(action("View", 0)))
        await engine.take(batch(action("View", 2), action("View", 1, DASHBOARD)))
        assert len(await engine.offers()) == 1


@asynchronous
async def test_late_action_can_lengthen_a_stay(tmp_path: Path) -> None:
    rules = triggers(tmp_path, "  - {id: long, body: b, when: {dwell: 60s}}\n")
    async with EngineParts(tmp_path, rules) as engine:
        await engine.at(40)
        await engine.take(batch(action("View", 40)))
        await engine.take(batch(action("View", 0)))
        await engine.at(59.75)
        assert not await engine.offers()
        await engine.at(60)
        assert len(await engine.offers()) == 1


@asynchronous
async def test_evicting_an_action_from_a_full_window_counts_as_an_event(tmp_path: Path) -> None:
    rules = triggers(tmp_path, "  - {id: none, body: b, when: {not: {count: {title: save, at_least: 1}}}}\n")
    configuration = settings(session={"window": {"max_actions": 2}})
    async with EngineParts(tmp_path, rules, configuration=configuration) as engine:
        engine.clock.now = T0 + 60
        await engine.take(batch(save(0)), batch(action("a", 1)))
        assert not await engine.offers()
        await engine.take(batch(action("b", 2)))
        assert len(await engine.offers()) == 1


@asynchronous
async def test_consumed_evidence_can_restart_with_any_action(tmp_path: Path) -> None:
    rules = triggers(tmp_path, "  - {id: long, body: b, offer_ttl: 5s, when: {dwell: 30s}}\n")
    async with EngineParts(tmp_path, rules) as engine:
        await engine.take(batch(action("View", 0)))
        await engine.at(36)
        assert len(await engine.offers()) == 1, "and it has expired unseen"
        await engine.take(batch(action("Click", 36)))
        await engine.at(65.75)
        assert len(await engine.offers()) == 1
        await engine.at(66)
        assert len(await engine.offers()) == 2
