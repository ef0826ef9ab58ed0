"""Drafts are stored, compared with their files, and written into them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from support.run import asynchronous

from rasa_autoplay.engine.changes.change import Change
from rasa_autoplay.engine.core.configuration import load_configuration
from rasa_autoplay.engine.knowledge.draft_file import file_of
from rasa_autoplay.engine.path_drafts.path_drafts import DraftParts, PathDrafts
from rasa_autoplay.engine.path_drafts.sql.store import LONGEST_S, MOST_DRAFTS, SqlPathDrafts, StoredDraft
from rasa_autoplay.engine.path_drafts.traffic_titles import TrafficTitles
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.settings.yaml_file import YamlFile

_CONFIG = """\
product_id: demo
golden_paths: golden_paths
studio: {write: true}
triggers:
  - id: bulk
    golden_path: save
    body: May I?
    when: {count: {title: save, at_least: 3, within: 60s}}
"""
SAVE: dict[str, Any] = {
    "id": "save",
    "title": "Save",
    "description": "Saves it.",
    "page": "/projects",
    "steps": [{"id": "save", "title": "Save", "element": "#save", "text": "Press it."}],
}
T0 = 1_795_900_000.0


class Desk:
    """Drafts of a folder with one golden path."""

    def __init__(self, folder: Path, config: str = _CONFIG) -> None:
        self.config = folder / "autoplay.yml"
        self.paths = folder / "golden_paths"
        self.paths.mkdir(exist_ok=True)
        self.file = self.paths / "10-save.yml"
        self.file.write_text("# Ours.\n" + file_of(SAVE), "utf-8")
        self.config.write_text(config, "utf-8")
        self.store = SqlPathDrafts(f"sqlite:///{folder / 'autoplay.db'}", "demo")
        self.changes: list[Change] = []
        self.now = T0
        self.drafts = self.open(self.store)

    def open(self, store: SqlPathDrafts) -> PathDrafts:
        parts = DraftParts(self.config, store, TrafficTitles([]), self._append, lambda: self.now)
        return PathDrafts(load_configuration(YamlFile(self.config)), parts)

    async def _append(self, change: Change) -> bool:
        self.changes.append(change)
        return True

    async def write(self, draft: dict[str, Any], base: str | None = None) -> dict[str, Any]:
        saved = await self.drafts.save(draft)
        found = (await self.drafts.find(saved.draft_id)).draft
        seen = str(found["base"]) if base is None else base
        return (await self.drafts.write(saved.draft_id, seen, "Ann", "clearer")).written


@asynccontextmanager
async def desk(folder: Path, config: str = _CONFIG) -> AsyncIterator[Desk]:
    made = Desk(folder, config)
    try:
        yield made
    finally:
        await made.store.close()


@asynchronous
async def test_any_engine_finds_a_stored_draft(tmp_path: Path) -> None:
    async with desk(tmp_path) as made:
        saved = await made.drafts.save({**SAVE, "id": "new"})
        other = SqlPathDrafts(f"sqlite:///{tmp_path / 'autoplay.db'}", "demo")
        found: Any = (await made.open(other).list_all()).drafts["drafts"]
        (row,) = found
        await other.close()
        assert row == {
            "draft_id": saved.draft_id,
            "made_at": T0,
            "path_id": "new",
            "title": "Save",
            "steps": 1,
            "is_new": True,
        }
        assert (await made.drafts.delete(saved.draft_id)).was_there
        assert not (await made.drafts.delete(saved.draft_id)).was_there
        with pytest.raises(EngineRefused, match="there is no draft"):
            await made.drafts.find(saved.draft_id)


@asynchronous
async def test_keeps_the_newest_fifty_of_the_last_thirty_days(tmp_path: Path) -> None:
    async with desk(tmp_path) as made:
        foreign = SqlPathDrafts(f"sqlite:///{tmp_path / 'autoplay.db'}", "other")
        assert await foreign.add(StoredDraft("theirs", T0, SAVE))
        for number in range(MOST_DRAFTS + 3):
            assert await made.store.add(StoredDraft(f"d{number}", T0 + number, SAVE))
        kept = await made.store.all(T0)
        assert kept is not None
        assert [each.draft_id for each in kept] == [f"d{n}" for n in range(MOST_DRAFTS + 2, 2, -1)]
        assert await made.store.all(T0 + LONGEST_S + MOST_DRAFTS + 3) == []
        assert await made.store.add(StoredDraft("late", T0 + LONGEST_S + MOST_DRAFTS + 3, SAVE))
        assert [each.draft_id for each in await made.store.all(T0) or ()] == ["late"]
        assert [each.draft_id for each in await foreign.all(T0) or ()] == ["theirs"]
        await foreign.close()


@asynchronous
async def test_refuses_to_store_a_draft_that_is_wrong(tmp_path: Path) -> None:
    async with desk(tmp_path) as made:
        with pytest.raises(EngineRefused, match="step 1, id: this key is required") as refused:
            await made.drafts.save({**SAVE, "steps": [{}]})
        assert refused.value.remedy
        assert await made.store.all(T0) == []


@asynchronous
async def test_shows_the_change_of_the_file_and_writes_it(tmp_path: Path) -> None:
    async with desk(tmp_path) as made:
        edited = {**SAVE, "title": "Save it"}
        saved = await made.drafts.save(edited)
        found = (await made.drafts.find(saved.draft_id)).draft
        assert found["file"] == "golden_paths/10-save.yml"
        lines = str(found["diff"]).splitlines()
        assert lines[:2] == ["--- a/golden_paths/10-save.yml", "+++ b/golden_paths/10-save.yml"]
        assert '-title: "Save"' in lines
        assert '+title: "Save it"' in lines
        assert '+    done_when: {element_id: "save"}' in lines, "filled in"
        assert (found["can_write"], found["errors"]) == (True, [])
        written = await made.drafts.write(saved.draft_id, str(found["base"]), "Ann", "clearer")
        assert written.written == {
            "path_id": "save",
            "file": "golden_paths/10-save.yml",
            "is_logged": True,
        }
        assert made.file.read_text("utf-8") == found["yaml"]
        (change,) = made.changes
        assert change.describe() == "Ann wrote save into golden_paths/10-save.yml: clearer"
        again = (await made.drafts.find(saved.draft_id)).draft
        assert again["diff"] == ""


@asynchronous
async def test_writes_a_new_path_into_a_file_of_its_own(tmp_path: Path) -> None:
    async with desk(tmp_path) as made:
        (made.paths / "export-all.yml").write_text(file_of({**SAVE, "id": "other"}), "utf-8")
        saved = await made.drafts.save({**SAVE, "id": "../export all"})
        found = (await made.drafts.find(saved.draft_id)).draft
        assert str(found["diff"]).startswith("--- /dev/null\n+++ b/golden_paths/export-all-2.yml\n")
        assert found["base"] == ""
        await made.drafts.write(saved.draft_id, "", "Ann", "")
        names = ["10-save.yml", "export-all-2.yml", "export-all.yml"]
        assert sorted(os.listdir(made.paths)) == names
        ids = [path.id for path in load_configuration(YamlFile(made.config)).paths]
        assert sorted(ids) == ["../export all", "other", "save"]


@asynchronous
async def test_one_of_two_people_who_write_the_same_new_path_wins(tmp_path: Path) -> None:
    async with desk(tmp_path) as made:
        first, second = [await made.drafts.save({**SAVE, "id": "new", "title": t}) for t in ("A", "B")]
        writing = [made.drafts.write(each.draft_id, "", "Ann", "") for each in (first, second)]
        done = await asyncio.gather(*writing, return_exceptions=True)
        assert sorted(type(each).__name__ for each in done) == ["DraftWritten", "EngineRefused"]
        assert sorted(os.listdir(made.paths)) == ["10-save.yml", "new.yml"]


def _changed(made: Desk) -> None:
    made.file.write_text(file_of({**SAVE, "title": "Mine"}), "utf-8")


def _removed(made: Desk) -> None:
    made.file.unlink()


def _another_broken(made: Desk) -> None:
    (made.paths / "broken.yml").write_text("id: [", "utf-8")


def _trigger_of_another_path(made: Desk) -> None:
    made.config.write_text(_CONFIG.replace("golden_path: save", "golden_path: gone"), "utf-8")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_changed, "has changed since you opened it"),
        (_removed, "has changed since you opened it"),
        (_another_broken, "broken.yml"),
        (_trigger_of_another_path, "gone"),
    ],
)
@asynchronous
async def test_writes_nothing_that_would_not_load(
    tmp_path: Path, spoil: Callable[[Desk], None], message: str
) -> None:
    async with desk(tmp_path) as made:
        saved = await made.drafts.save({**SAVE, "title": "Save it"})
        base = str((await made.drafts.find(saved.draft_id)).draft["base"])
        spoil(made)
        before = {file.name: file.read_bytes() for file in made.paths.iterdir()}
        with pytest.raises(EngineRefused, match=message):
            await made.drafts.write(saved.draft_id, base, "Ann", "")
        assert {file.name: file.read_bytes() for file in made.paths.iterdir()} == before
        assert not made.changes


@pytest.mark.parametrize(
    "config",
    [
        _CONFIG.replace("studio: {write: true}\n", ""),
        "product_id: demo\nstudio: {write: true}\ntriggers: []\n",
    ],
)
@asynchronous
async def test_writes_only_where_the_settings_allow_it(tmp_path: Path, config: str) -> None:
    async with desk(tmp_path, config) as made:
        saved = await made.drafts.save(SAVE)
        assert not (await made.drafts.find(saved.draft_id)).draft["can_write"]
        assert not (await made.drafts.prepare("")).can_write
        with pytest.raises(EngineRefused, match="may not write") as refused:
            await made.drafts.write(saved.draft_id, "", "Ann", "")
        assert "studio: {write: true}" in refused.value.remedy


@asynchronous
async def test_begins_with_the_path_that_is_recorded_again(tmp_path: Path) -> None:
    async with desk(tmp_path) as made:
        assert (await made.drafts.prepare("save")).draft == SAVE
        assert (await made.drafts.prepare("")).draft == {}
        with pytest.raises(EngineRefused, match="did you mean 'save'"):
            await made.drafts.prepare("sav")
