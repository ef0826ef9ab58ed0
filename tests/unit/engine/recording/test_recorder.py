"""The engine records sessions in the background, within its limits, and nothing when recording is off."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from support.background import eventually
from support.engine_parts import T0, Clock, action, save
from support.recorded_engine import RecordedEngine, recorded_engine
from support.run import asynchronous

from rasa_autoplay.engine.recording import recorder as module
from rasa_autoplay.engine.recording.recorder import Recorder
from rasa_autoplay.engine.recording.row import NumberedRow, RecordingRow
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.studio_requests import DeleteUser, ExportUser, FindRecordings, FindTimeline
from rasa_autoplay.settings.engine import RecordingSettings

RULE = """\
product_id: demo
%s
session: {interaction_timeout: 10s, cooldown: 10s}
courtesy: {min_interval: 0}
triggers:
  - id: saves
    when: {count: {title: save changes, at_least: 2}}
    body: Several at once?
"""
ON = "recording: {keep: 7d}"


class _Store:
    """A database that can be away."""

    def __init__(self) -> None:
        self.rows: list[RecordingRow] = []
        self.works = True
        self.problem = ""
        self.cutoffs: list[float] = []
        self.surplus = 0

    async def append(self, _run_id: str, rows: Callable[[], Sequence[NumberedRow]]) -> bool:
        self.problem = "" if self.works else "it is away"
        if self.works:
            self.rows += [row for _, row in rows()]
        return self.works

    async def count_entries(self) -> int | None:
        return len(self.rows) if self.works else None

    async def forget_before(self, cutoff: float) -> int | None:
        self.cutoffs.append(cutoff)
        return 0 if self.works else None

    async def drop_oldest(self, max_entries: int) -> int | None:
        dropped, self.surplus = self.surplus, 0
        return dropped if self.works else None


def _recorder(store: _Store, clock: Clock | None = None) -> Recorder:
    settings = RecordingSettings.parse_obj({"keep": "7d", "max_actions": 1000})
    return Recorder(store, settings, clock or Clock(), "e1", lambda: "f1")


def _tables(folder: Path) -> set[str]:
    with sqlite3.connect(folder / "autoplay.db") as database:
        return {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


async def _acts(engine: RecordedEngine) -> None:
    await engine.act(save(0))
    await engine.wait(2)
    await engine.act(save(0))


@asynchronous
async def test_records_actions_decisions_and_what_became_of_offers(tmp_path: Path) -> None:
    (tmp_path / "autoplay.yml").write_text(RULE % ON)
    async with recorded_engine(tmp_path) as engine:
        await engine.listen(receipts=True)
        await _acts(engine)
        await engine.report("rendered")
        await engine.write()
        rows = await engine.rows()
    found = [(row.kind, row.decoded()) for row in rows]
    events = [data["event"] for kind, data in found if kind == "session"]
    assert events == ["began", "history", "offer", "chat_message"]
    assert [data["outcome"] for kind, data in found if kind == "decision"] == ["fired", "offered"]
    assert [len(data["actions"]) for kind, data in found if kind == "actions"] == [1, 1]


@asynchronous
async def test_records_nothing_when_it_is_off(tmp_path: Path) -> None:
    (tmp_path / "autoplay.yml").write_text(RULE % "")
    async with recorded_engine(tmp_path) as engine:
        await _acts(engine)
        assert "recording" not in engine.engine.health()
        with pytest.raises(EngineRefused) as refusal:
            await engine.ask(FindRecordings("u1", "demo"))
        assert "recording:" in refusal.value.remedy
        assert "autoplay_recordings" not in _tables(tmp_path)


@asynchronous
async def test_deletes_what_was_recorded_once_it_is_switched_off(tmp_path: Path) -> None:
    (tmp_path / "autoplay.yml").write_text(RULE % ON)
    async with recorded_engine(tmp_path) as engine:
        await _acts(engine)
    (tmp_path / "autoplay.yml").write_text(RULE % "")
    async with recorded_engine(tmp_path) as engine:
        assert await engine.engine.stores.recordings.rows_of(["s1"])
        engine.engine._recording.start()

        async def is_empty() -> bool:
            return await engine.engine.stores.recordings.rows_of(["s1"]) == []

        await eventually(is_empty, what="the recording is deleted")


@asynchronous
async def test_recordings_are_exported_and_deleted_with_the_user(tmp_path: Path) -> None:
    (tmp_path / "autoplay.yml").write_text(RULE % ON)
    async with recorded_engine(tmp_path) as engine:
        await engine.act(action("View home", 0), user=None)
        await _acts(engine)
        await engine.act(save(0), user="u2", session="s2")
        await engine.rows()
        export = (await engine.ask(ExportUser("u1", "demo", "Ann"))).export
        assert [row["kind"] for row in export["recordings"]].count("actions") == 3
        assert (await engine.ask(DeleteUser("u1", "demo", "Ann"))).deleted["recordings"] > 3
        with pytest.raises(EngineRefused):
            await engine.ask(FindTimeline("u1", "demo", "s1"))
        assert {row.user_id for row in await engine.rows()} == {"u2"}


@asynchronous
async def test_writes_within_a_second_and_deletes_what_is_too_old() -> None:
    store, clock = _Store(), Clock()
    recorder = _recorder(store, clock)
    recorder.forget_old()
    await eventually(lambda: recorder.is_written, what="the recorder has nothing to write")
    assert store.cutoffs == [T0 - 7 * 86_400]
    recorder._append("u1", "s1", T0, {"event": "chat_message"})
    await eventually(lambda: len(store.rows) == 1, what="the row is written")
    assert (recorder.health()["written"], recorder.health()["waiting"]) == (1, 0)
    await recorder.stop()


@asynchronous
async def test_writes_in_batches_while_there_is_always_something_new() -> None:
    store = _Store()
    recorder = _recorder(store)
    batches = 0
    append = store.append

    async def append_and_see_more(run_id: str, rows: Callable[[], Sequence[NumberedRow]]) -> bool:
        nonlocal batches
        batches += 1
        recorder._append("u1", "s1", T0, {"event": "chat_message"})
        return await append(run_id, rows)

    store.append = append_and_see_more  # type: ignore[method-assign, assignment]
    recorder._append("u1", "s1", T0, {"event": "chat_message"})
    began = asyncio.get_running_loop().time()
    await eventually(lambda: batches == 3, what="three batches are written")
    assert asyncio.get_running_loop().time() - began >= 1.4, "half a second before each batch"
    store.append = append  # type: ignore[method-assign]
    await recorder.stop()


@asynchronous
async def test_waits_for_the_database_and_drops_the_oldest_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAX_WAITING", 10)
    store = _Store()
    recorder = _recorder(store)
    store.works = False
    for number in range(14):
        recorder._append("u1", f"s{number}", T0, {"event": "chat_message"})
    await eventually(lambda: bool(recorder.problem), what="the database fails")
    health = recorder.health()
    assert (health["state"], health["waiting"], health["dropped"]) == ("failed", 10, 4)
    assert "database.url" in health["remedy"]
    store.works = True
    await eventually(lambda: recorder.is_written, what="the recorder has nothing to write")
    assert [row.session_id for row in store.rows] == [f"s{number}" for number in range(4, 14)]
    await recorder.stop()


@asynchronous
async def test_health_says_that_the_bound_has_dropped_the_oldest() -> None:
    store = _Store()
    store.surplus = 50
    recorder = _recorder(store)
    recorder.forget_old()
    await eventually(lambda: recorder.health()["dropped_oldest"] == 50, what="the oldest are dropped")
    assert "max_actions" in recorder.health()["remedy"]
    await recorder.stop()


@asynchronous
async def test_forgets_what_waits_to_be_written_about_a_user() -> None:
    store = _Store()
    recorder = _recorder(store)
    for user in ("u1", "u2"):
        recorder._append(user, "s", T0, {"event": "chat_message"})
    recorder.forget_user("u1")
    await recorder.stop()
    assert [row.user_id for row in store.rows] == ["u2"]


def test_keeps_the_settings_positive() -> None:
    with pytest.raises(ValueError, match="more than 0"):
        RecordingSettings.parse_obj({"keep": "0s"})


def test_observers_need_no_running_database(tmp_path: Path) -> None:
    (tmp_path / "autoplay.yml").write_text(RULE % ON)

    async def run() -> dict[str, Any]:
        async with recorded_engine(tmp_path) as engine:
            await _acts(engine)
            await engine.rows()
            return dict(engine.engine.health()["recording"])

    health = asyncio.run(run())
    assert (health["state"], health["written"], health["waiting"]) == ("recording", 6, 0)
