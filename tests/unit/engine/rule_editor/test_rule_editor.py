"""The engine's side of the rule editor: a real worker, its answers, and its end."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rasa_autoplay.engine.changes.change import Change, ChangeKind
from rasa_autoplay.engine.core.configuration import load_configuration
from rasa_autoplay.engine.recording.row_encoder import Seen, encode_rows
from rasa_autoplay.engine.recording.sql.store import SqlRecordingStore
from rasa_autoplay.engine.rule_editor.draft import EditedFile
from rasa_autoplay.engine.rule_editor.rule_editor import RuleEditor
from rasa_autoplay.engine.rule_editor.sweep_values import values_around
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.link import rule_requests
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.settings.file_writer import write_file
from rasa_autoplay.settings.yaml_file import YamlFile

_FILE = """\
product_id: demo
studio: {write: true}
triggers:
  # The only one.
  - id: it
    body: May I?
    when: {count: {title: save, at_least: 3, within: 60s}}
"""
_AT = 1_795_900_000.0


async def _record(folder: Path) -> None:
    """Record three users with two, three and four saves, twenty seconds apart."""
    store = SqlRecordingStore(f"sqlite:///{folder / 'autoplay.db'}", "demo")
    rows: list[Seen] = []
    for saves in (2, 3, 4):
        for number in range(saves):
            at = _AT + saves * 1_000 + number * 15
            action = SlimAction("Click Save", "", "https://app.example.com/x", number, "click", at, at)
            batch = ActionsPayload("demo", f"s{saves}", f"u{saves}", None, [action])
            rows.append(Seen(f"u{saves}", f"s{saves}", at, (batch, "stream"), len(rows) + 1))
    assert await store.append("run", lambda: encode_rows(rows))
    await store.close()


def _editor(folder: Path, log: list[Change]) -> RuleEditor:
    configuration = load_configuration(YamlFile(folder / "autoplay.yml"))

    async def append(change: Change) -> bool:
        log.append(change)
        return True

    return RuleEditor(folder / "autoplay.yml", lambda: configuration, None, append, lambda: _AT)


def _run(folder: Path, test: Callable[[RuleEditor, list[Change]], Any]) -> None:
    (folder / "autoplay.yml").write_text(_FILE)

    async def run() -> None:
        await _record(folder)
        log: list[Change] = []
        editor = _editor(folder, log)
        try:
            await test(editor, log)
        finally:
            await editor.stop()

    asyncio.run(run())


def test_answers_from_the_recording_and_writes_the_file(tmp_path: Path) -> None:
    async def test(editor: RuleEditor, log: list[Change]) -> None:
        found = await editor.answer(rule_requests.FindRule("it"))
        text, base = found["text"], found["base"]
        assert text.startswith("# The only one.\nid: it\n")
        edit = {"set": ["when", "count", "at_least"], "value": 2}
        edited = await editor.answer(rule_requests.EditRule("it", text, base, edit))
        assert edited["text"] == text.replace("at_least: 3", "at_least: 2")
        words = await editor.answer(rule_requests.FindCapturedWords())
        assert words["captured"]["title"] == [{"word": "Save", "count": 9}]
        tested = await editor.answer(rule_requests.BacktestRule("it", edited["text"], base))
        assert (tested["loaded"]["fires"], tested["draft"]["fires"]) == (2, 3)
        assert (tested["new"], tested["gone"], tested["moved"]) == (1, 0, 2)
        assert tested["is_complete"]
        assert {sample["session_id"] for sample in tested["samples"]} == {"s2", "s3", "s4"}
        assert "session" not in tested
        for number, times in ((2, ([], [_AT + 2_015])), (4, ([_AT + 4_030], [_AT + 4_015]))):
            of_session = rule_requests.BacktestRule("it", edited["text"], base, f"u{number}", f"s{number}")
            found = (await editor.answer(of_session))["session"]
            assert (found["loaded"], found["draft"], found["is_recorded"]) == (*times, True)
        unknown = rule_requests.BacktestRule("it", edited["text"], base, "stranger", "s2")
        assert (await editor.answer(unknown))["session"]["is_recorded"] is False
        swept = await editor.answer(rule_requests.SweepRule("it", text, base, ["when", "count", "at_least"]))
        assert [point["fires"] for point in swept["points"]][:5] == [3, 3, 2, 1, 0]
        with pytest.raises(EngineRefused, match=r"autoplay\.yml:7: triggers\.0\.when\.count\.at_least"):
            await editor.answer(
                rule_requests.BacktestRule("it", text.replace("at_least: 3", "at_least: 0"), base)
            )
        written = await editor.answer(rule_requests.WriteRule("it", edited["text"], base, "Ann", "too late"))
        assert written["trigger_id"] == "it"
        assert (tmp_path / "autoplay.yml").read_text() == _FILE.replace("at_least: 3", "at_least: 2")
        assert [(each.kind, each.who, each.trigger_id) for each in log] == [(ChangeKind.WRITTEN, "Ann", "it")]
        assert log[0].describe() == "Ann wrote it into autoplay.yml: too late"
        with pytest.raises(EngineRefused, match="has changed since you opened"):
            await editor.answer(rule_requests.WriteRule("it", text, base, "Bob"))

    _run(tmp_path, test)


def test_the_worker_ends_with_the_engine_and_a_new_one_starts(tmp_path: Path) -> None:
    async def test(editor: RuleEditor, _log: list[Change]) -> None:
        found = await editor.answer(rule_requests.FindRule("it"))
        text, base = found["text"], found["base"]
        first = editor._worker
        assert first is not None
        assert first.process.stdin is not None
        first.process.stdin.close()  # what happens when the engine's process is killed
        assert await asyncio.wait_for(first.process.wait(), 30) == 0
        await asyncio.wait_for(first.reading, 30)
        await editor.answer(rule_requests.BacktestRule("it", text, base))
        assert (await editor.answer(rule_requests.FindCapturedWords()))["recording"]["events"] == 9
        await SqlRecordingStore(f"sqlite:///{tmp_path / 'autoplay.db'}", "demo").forget("u4")
        await editor.forget_recording()
        assert (await editor.answer(rule_requests.FindCapturedWords()))["recording"]["events"] == 5
        second = editor._worker
        assert second is not None
        assert second.process.pid != first.process.pid
        await editor.stop()
        assert second.process.returncode == -9
        with pytest.raises(EngineRefused, match="stopping"):
            await editor.answer(rule_requests.FindRule("it"))

    _run(tmp_path, test)


def test_writes_in_one_step_and_keeps_rights_and_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "autoplay.yml"
    path.write_bytes(_FILE.replace("\n", "\r\n").encode())
    path.chmod(0o640)
    link = tmp_path / "link.yml"
    link.symlink_to(path)
    file = EditedFile(link)
    write_file(file.file, file.text.replace("May I?", "Shall I?"), "Open it again.")
    assert path.read_bytes() == _FILE.replace("May I?", "Shall I?").replace("\n", "\r\n").encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert link.is_symlink()
    assert sorted(os.listdir(tmp_path)) == ["autoplay.yml", "link.yml"]
    with pytest.raises(ConfigError, match="has changed since you opened it"):
        write_file(file.file, _FILE, "Open it again.")


def test_tries_values_around_a_number_or_a_duration() -> None:
    assert values_around(3) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert values_around("120s") == ["30s", "1m", "1m30s", "120s", "3m", "4m", "6m", "8m"]
    with pytest.raises(ConfigError, match="neither a number nor a duration"):
        values_around("save")
