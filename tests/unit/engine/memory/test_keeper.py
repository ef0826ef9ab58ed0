"""Returning users and restarted engines, with the engine's parts and a real database."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from support.engine_parts import T0, batch
from support.postgres import PostgresServer
from support.run import asynchronous
from support.visits import CHECKED, DAY, U1, comes, did, leaves, parts, stored

from rasa_autoplay.engine.knowledge.user_progress import WorkflowMemory
from rasa_autoplay.engine.memory import keeper
from rasa_autoplay.engine.memory.base import SessionRecord, UserKey
from rasa_autoplay.engine.memory.local import LocalMemoryStore
from rasa_autoplay.engine.memory.sql.store import SqlMemoryStore

BACK = "  - {builtin: return_after_gap}\n"


@asynchronous
async def test_summarizes_a_session_when_it_ends(tmp_path: Path) -> None:
    store = LocalMemoryStore()
    async with parts(tmp_path, store) as made:
        await comes(made, 0, "other", "menu", "format", session="s1")
        await leaves(made)
    (only,) = await stored(store)
    found = only.analysis
    assert (found.user_id, found.session_id, found.action_count) == ("u1", "s1", 3)
    assert (found.started_at, found.ended_at) == (T0, T0 + 2)
    (finding,) = found.findings
    assert (finding.path_id, finding.completion_pct, finding.missed) == ("export", 66.7, ["download"])


@asynchronous
async def test_offers_unfinished_workflows_days_later(tmp_path: Path) -> None:
    async with parts(tmp_path, LocalMemoryStore(), BACK) as made:
        await comes(made, 0, "menu", "format", session="s1")
        await leaves(made)
        await comes(made, 4 * DAY, "other", session="s2")
        await made.at(4 * DAY + 2)
        (offer,) = await made.offers()
        assert "“Export a report” is 67% done" in offer.body


@pytest.mark.parametrize("first", [("menu", "format", "download"), ("other",)])
@asynchronous
async def test_offers_nothing_when_nothing_was_left_unfinished(tmp_path: Path, first: Sequence[str]) -> None:
    async with parts(tmp_path, LocalMemoryStore(), BACK) as made:
        await comes(made, 0, *first, session="s1")
        await leaves(made)
        await comes(made, 4 * DAY, "other", session="s2")
        await made.at(4 * DAY + 2)
        assert await made.offers() == []


@asynchronous
async def test_history_contains_only_earlier_sessions(tmp_path: Path) -> None:
    async with parts(tmp_path, LocalMemoryStore()) as made:
        await comes(made, 0, "menu", session="s1")
        first = (await made.session("s1")).user_history
        assert first is not None
        assert (first.previous_visit_at, first.workflows["export"].state) == (None, "untouched")
        await comes(made, 50, "menu", "format", session="s2")
        past = (await made.session("s2")).user_history
        assert past is not None, "although the first session has not ended"
        assert past.previous_visit_at == T0
        assert past.workflows == {
            "export": WorkflowMemory("Export a report", "in_progress", 1, 33.3, "Choose")
        }


@asynchronous
async def test_splits_a_session_by_user(tmp_path: Path) -> None:
    store = LocalMemoryStore()
    async with parts(tmp_path, store) as made:
        await comes(made, 0, "menu", "format", session="s1")
        await comes(made, 10, "download", session="s1", user="u2")
        await leaves(made)
    (his,), (hers,) = await stored(store), await stored(store, ("demo", "u2"))
    assert his.analysis.findings[0].done == ["menu", "format"]
    assert (hers.analysis.findings, hers.analysis.action_count) == ([], 1)


@asynchronous
async def test_attributes_anonymous_actions_once_the_user_is_known(tmp_path: Path) -> None:
    store = LocalMemoryStore()
    async with parts(tmp_path, store) as made:
        await made.take(batch(did("menu", 0), user=None))
        assert await stored(store) == []
        await made.take(batch(did("format", 1)))
        await leaves(made)
    (only,) = await stored(store)
    assert only.analysis.findings[0].done == ["menu", "format"]


@asynchronous
async def test_restarted_engine_continues_from_the_stored_state(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'memory.db'}"
    async with parts(tmp_path, SqlMemoryStore(url)) as made:
        await comes(made, 0, "menu", "format", session="s1")
    store = SqlMemoryStore(url)
    async with parts(tmp_path, store) as again:
        # The gateway resends its recent window, which no longer contains the beginning.
        await comes(again, 400, "download", session="s1")
        await leaves(again)
        (only,) = await stored(store)
        assert only.analysis.findings[0].completed == 1
        assert only.analysis.started_at == T0
    await store.close()


KILLED = """
import asyncio, sys
from pathlib import Path
from rasa_autoplay.engine.memory.sql.store import SqlMemoryStore
from support.visits import comes, leaves, parts

async def run():
    async with parts(Path(sys.argv[1]), SqlMemoryStore(sys.argv[2])) as made:
        await comes(made, 0, "menu", session="ended")
        await leaves(made)
        await comes(made, 9000, "menu", "format", session="live")
        print("written", flush=True)
        await asyncio.sleep(60)

asyncio.run(run())
"""


def _killed_after_writing(folder: Path, url: str) -> None:
    tests = Path(__file__).parents[3]
    running = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(folder), url], cwd=tests, stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    try:
        assert running.stdout.readline() == "written\n"
    finally:
        running.send_signal(signal.SIGKILL)
        running.wait()
        running.stdout.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_killed_process_loses_no_written_data(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path / 'memory.db'}"
    if kind == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.url
    _killed_after_writing(tmp_path, url)

    async def look() -> None:
        store = SqlMemoryStore(url)
        live, ended = await stored(store)
        assert (live.analysis.session_id, ended.analysis.session_id) == ("live", "ended")
        assert live.analysis.findings[0].done == ["menu", "format"]
        await store.forget(U1)
        await store.close()

    asyncio.run(look())


class AwayStore(LocalMemoryStore):
    """A store that works only while the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.works = False

    async def save(self, records: Sequence[SessionRecord]) -> bool:
        return self.works and await super().save(records)

    async def recall(self, users: Sequence[UserKey]) -> Any:
        return await super().recall(users) if self.works else None


@asynchronous
async def test_outage_hides_the_history_and_loses_nothing(tmp_path: Path) -> None:
    store = AwayStore()
    async with parts(tmp_path, store, "  - {builtin: skipped_step}\n" + BACK, CHECKED) as made:
        assert made.keeper is not None
        await comes(made, 0, "menu", "download", session="s1")
        assert (await made.session("s1")).user_history is None
        assert len(await made.offers()) == 1, "what needs no past goes on"
        await leaves(made)
        await comes(made, 4 * DAY, "other", session="s2")
        store.works = True
        assert await made.keeper.finish_pending()
        await made.at(4 * DAY + 2)
        assert [offer.trigger_id for offer in await made.offers()] == ["skipped_step", "return_after_gap"]
    assert {one.analysis.session_id for one in await stored(store)} == {"s1", "s2"}


@asynchronous
async def test_keeps_what_earlier_runs_have_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "_BATCH", 1)
    store, names = AwayStore(), [f"s{number}" for number in range(8)]
    store.works = True
    async with parts(tmp_path, store) as made:
        for name in names:
            await comes(made, 0, "menu", session=name)
        await leaves(made)
    store.works = False
    async with parts(tmp_path, store) as again:
        assert again.keeper is not None
        for name in names:
            await comes(again, 10, "format", session=name)
        await leaves(again)
        store.works = True
        assert await again.keeper.finish_pending()
    found = {one.analysis.session_id: one.analysis.findings[0].done for one in await stored(store)}
    assert found == {name: ["menu", "format"] for name in names}


class ToldStore(LocalMemoryStore):
    """A store that signals each save."""

    def __init__(self) -> None:
        super().__init__()
        self.saved = asyncio.Event()

    async def save(self, records: Sequence[SessionRecord]) -> bool:
        if records:
            self.saved.set()
        return await super().save(records)


@asynchronous
async def test_writes_in_the_background_and_finishes_on_close(tmp_path: Path) -> None:
    store = ToldStore()
    async with parts(tmp_path, store) as made:
        assert made.keeper is not None
        keeper, made.keeper = made.keeper, None
        keeper.start()
        await comes(made, 0, "menu", session="s1")
        await asyncio.wait_for(store.saved.wait(), 60.0)
        await made.sessions.clear()
        await comes(made, 100, "menu", session="s2")
        await made.sessions.clear()
        await keeper.stop()
    assert {one.analysis.session_id for one in await stored(store)} == {"s1", "s2"}


HELP = """
  - id: help
    body: May I help with exporting?
    golden_path: export
    when: {count: {title: other, at_least: 1}}
"""


@pytest.mark.parametrize(
    ("first", "more", "offers"),
    [
        (("menu", "format"), "", 1),
        (("menu", "format", "download"), "", 0),
        (("menu", "download"), "", 0),  # the last step is done: the omitted ones were not needed
        (("menu", "format", "download"), "    courtesy: {skip_mastered: false}\n", 1),
    ],
)
@asynchronous
async def test_offers_nothing_after_mastery(
    tmp_path: Path, first: Sequence[str], more: str, offers: int
) -> None:
    async with parts(tmp_path, LocalMemoryStore(), HELP.removeprefix("\n") + more) as made:
        await comes(made, 0, *first, session="s1")
        await leaves(made)
        await comes(made, DAY, "elsewhere", session="s2")
        await comes(made, DAY + 5, "other", session="s2")
        await made.at(DAY + 7)
        assert len(await made.offers()) == offers


@asynchronous
async def test_offers_nothing_when_mastered_in_this_session(tmp_path: Path) -> None:
    async with parts(tmp_path, LocalMemoryStore(), HELP.removeprefix("\n")) as made:
        await comes(made, 0, "menu", "format", "download", "other", session="s1")
        await made.at(10)
        assert await made.offers() == []
        gates = (await made.explainer.explain("u1"))["triggers"][0]["gates"]
        assert [gate["gate"] for gate in gates if gate["stops"]] == ["mastered"]
