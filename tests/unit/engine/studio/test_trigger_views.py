"""Triggers in the studio: each in words, with its toasts; pauses are those of ``rasa-autoplay pause``."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from support.background import eventually
from support.engine_parts import Clock, Publisher
from support.run import asynchronous

from rasa_autoplay.engine.engine import Engine
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.studio_requests import (
    ChangePause,
    FindGoldenPath,
    FindGoldenPaths,
    FindTrigger,
    FindTriggers,
)
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.cli.main import main

AUTOPLAY = """
product_id: demo
golden_paths: paths
holdout: {share: 5%}
courtesy: {min_interval: 5m, per_user_per_day: 3, hold_until: [save, idle 3s]}
triggers:
  - id: saves
    when: [{on_page: /projects}, {count: {title: save, at_least: 3, within: 2m}}]
    body: "Shall I?"
    golden_path: export
    rollout: 25%
    goal: {within: 1d}
    courtesy: {per_day: 1}
    reply_options: [Maybe, maybe]
  - id: stuck
    when: {path: {stalled: any, for: 60s}}
    body: "{workflow}: {steps_left} steps left. Next: {next_step}."
    rollout: ghost
  - id: choice
    when: {idle: 5s}
    body: Hi
    goal: {count: {title: save, at_least: 1}}
    variants:
      - {id: tour, weight: 3, body: "Show?", golden_path: export}
      - {id: chat, weight: 1, body: "Talk?", golden_path: export, tours: false}
  - {builtin: canonical_url_ping_pong, rollout: off, golden_path: export}
  - {builtin: rage_click, goal: {count: {title: save, at_least: 1}}}
"""
EXPORT = """
id: export
title: Export a report
page: /reports
steps:
  - {id: menu, title: Menu, element: "#menu", text: Open it., done_when: {element_id: menu}}
  - {id: format, text: Choose one., done_when: {element_id: format}}
"""


class _Studio:
    def __init__(self, folder: Path) -> None:
        self.config = folder / "autoplay.yml"
        self.engine = Engine(YamlFile(self.config), Publisher(), Clock())

    async def trigger(self, trigger_id: str) -> Any:
        return (await self.engine.answer(FindTrigger(trigger_id))).trigger  # type: ignore[attr-defined]

    async def triggers(self) -> Any:
        return (await self.engine.answer(FindTriggers())).triggers  # type: ignore[attr-defined]

    async def change(self, action: str, trigger_id: str, who: str = "Ann", why: str = "wrong words") -> Any:
        return await self.engine.answer(ChangePause(action, trigger_id, who, why))

    async def refusal(self, *change: str) -> EngineRefused:
        with pytest.raises(EngineRefused) as caught:
            await self.change(*change)
        return caught.value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "paths").mkdir()
    (tmp_path / "autoplay.yml").write_text(AUTOPLAY)
    (tmp_path / "paths" / "export.yml").write_text(EXPORT)
    return tmp_path


@asynccontextmanager
async def studio_of(folder: Path) -> AsyncIterator[_Studio]:
    studio = _Studio(folder)
    await studio.engine.start()
    try:
        yield studio
    finally:
        await studio.engine.stop()


@asynchronous
async def test_lists_triggers_in_order_of_priority_with_their_state(folder: Path) -> None:
    async with studio_of(folder) as studio:
        found = await studio.triggers()
    cards = found["triggers"]
    assert [(card["trigger_id"], card["kind"], card["state"], card["share"]) for card in cards] == [
        ("saves", "rule", "live", 0.25),
        ("stuck", "rule", "ghost", 0.0),
        ("choice", "rule", "live", 1.0),
        ("canonical_url_ping_pong", "built-in", "off", 0.0),
        ("rage_click", "built-in", "live", 1.0),
    ]
    assert cards[0]["golden_path"] == {"id": "export", "title": "Export a report"}
    assert cards[2]["variants"] == ["tour", "chat"]
    assert found["holdout"] == "5 % of all users never get a toast of any trigger (the holdout)."


@asynchronous
async def test_trigger_is_described_in_words(folder: Path) -> None:
    async with studio_of(folder) as studio:
        saves, choice = await studio.trigger("saves"), await studio.trigger("choice")
        ping_pong = await studio.trigger("canonical_url_ping_pong")
    assert [each["text"] for each in saves["rule"]] == [
        "the user is on /projects",
        'at least 3 times within 2 minutes: an action with title "save"',
    ]
    assert saves["rollout"].startswith("25 % of the users can get its toast.")
    assert saves["goal"] == "The user finishes “Export a report” within 1 day after the decision."
    assert saves["limits"] == [
        "At least 5 minutes between two toasts to a user, of any trigger.",
        "At most 3 toasts to a user in a day, of all triggers together.",
        "At most 1 toast of this trigger to a user in a day.",
        "Silent for 7 days about a workflow after the user accepted help with it.",
        "Silent for 1 day about a workflow after the user closed the toast.",
        "No offer to users who master the workflow.",
        "Waits for a natural pause (save, idle 3s), for at most 30 s.",
    ]
    assert choice["goal"] == (
        'At least once within 5 minutes: an action with title "save"; within 7 days after the decision.'
    )
    assert ping_pong["rollout"] == "It is off: it is never evaluated."
    assert "back and forth" in ping_pong["rule"][0]["text"]
    assert "`" not in ping_pong["rule"][0]["text"]


@asynchronous
async def test_toast_is_the_feed_s_data(folder: Path) -> None:
    async with studio_of(folder) as studio:
        (shown,) = (await studio.trigger("saves"))["toasts"]
    assert (shown["variant"], shown["share"], shown["is_sample"]) == ("", 1.0, False)
    assert shown["toast"]["body"] == "Shall I?"
    assert shown["toast"]["reply_options"] == ["Maybe"]
    (tour,) = shown["toast"]["tours"]
    assert (tour["id"], tour["label"], len(tour["steps"])) == ("export", "Show me", 1)


@asynchronous
async def test_placeholders_are_filled_in_with_an_example(folder: Path) -> None:
    async with studio_of(folder) as studio:
        (stuck,) = (await studio.trigger("stuck"))["toasts"]
        (rage,) = (await studio.trigger("rage_click"))["toasts"]
    assert stuck["is_sample"]
    assert stuck["toast"]["body"] == "Export a report: 1 steps left. Next: Choose one.."
    assert rage["toast"]["body"], "the built-in's own text"


@asynchronous
async def test_each_variant_has_its_toast(folder: Path) -> None:
    async with studio_of(folder) as studio:
        toasts = (await studio.trigger("choice"))["toasts"]
    assert [(each["variant"], each["share"], each["toast"]["body"]) for each in toasts] == [
        ("tour", 0.75, "Show?"),
        ("chat", 0.25, "Talk?"),
    ]
    assert [bool(each["toast"]["tours"]) for each in toasts] == [True, False]


@asynchronous
async def test_toast_that_python_writes_is_not_previewed(folder: Path) -> None:
    async with studio_of(folder) as studio:
        (ping_pong,) = (await studio.trigger("canonical_url_ping_pong"))["toasts"]
    assert ping_pong["toast"] is None


@asynchronous
async def test_pause_is_the_command_line_s(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with studio_of(folder) as studio, studio_of(folder) as other:
        changed = await studio.change("pause", "saves", " Ann  B. ", "wrong\n words")
        assert changed.has_changed
        (pause,) = changed.pauses
        assert (pause["trigger_id"], pause["who"], pause["why"]) == ("saves", "Ann B.", "wrong words")
        assert (await other.trigger("saves"))["paused"]["who"] == "Ann B.", "another engine"
        live = other.engine._live
        await eventually(lambda: live.pause_of("saves") is not None, what="the pause in force")
        assert not (await studio.change("pause", "saves")).has_changed
        await studio.change("pause", "")
        assert (await studio.triggers())["paused_all"]["why"] == "wrong words"
        assert (await studio.change("resume", "")).has_changed
        assert not (await studio.change("resume", "")).has_changed
    command = ["changes", "--config", str(folder / "autoplay.yml"), "--since", "3650d", "--json"]
    assert await asyncio.to_thread(main, command) == 0
    changes = json.loads(capsys.readouterr().out)
    entries = [(each["kind"], each["who"], each["why"]) for each in changes["changes"] if each.get("who")]
    assert entries == [
        ("paused", "Ann B.", "wrong words"),
        ("paused", "Ann", "wrong words"),
        ("resumed", "Ann", "wrong words"),
    ]
    assert [pause["trigger_id"] for pause in changes["paused"]] == ["saves"]


@asynchronous
async def test_resumes_a_trigger_that_the_file_no_longer_has(folder: Path) -> None:
    async with studio_of(folder) as studio:
        await studio.change("pause", "saves")
    (folder / "autoplay.yml").write_text(AUTOPLAY.replace("id: saves", "id: renamed"))
    async with studio_of(folder) as studio:
        assert [each["trigger_id"] for each in (await studio.triggers())["paused_unknown"]] == ["saves"]
        assert (await studio.refusal("pause", "saves")).kind == "not_found"
        assert (await studio.change("resume", "saves")).has_changed


@asynchronous
async def test_rejects_a_pause_without_name_reason_or_trigger(folder: Path) -> None:
    async with studio_of(folder) as studio:
        assert (await studio.refusal("pause", "saves", "Ann", " ")).message == "the reason is empty"
        assert (await studio.refusal("pause", "saves", " ", "why")).message == "'by' is empty"
        assert (await studio.refusal("stop", "saves")).message == "'action' must be pause or resume"
        assert (await studio.refusal("pause", "save")).message == (
            "there is no trigger 'save'; did you mean 'saves'?"
        )
        assert (await studio.refusal("pause", "saves", "Ann", "x" * 501)).kind == "invalid"
        with pytest.raises(EngineRefused, match="there is no trigger 'gone'"):
            await studio.trigger("gone")
        assert not (await studio.triggers())["paused_unknown"]


@asynchronous
async def test_golden_path_has_what_users_see_of_it(folder: Path) -> None:
    async with studio_of(folder) as studio:
        found: Any = (await studio.engine.answer(FindGoldenPaths())).golden_paths  # type: ignore[attr-defined]
        detail: Any = (await studio.engine.answer(FindGoldenPath("export"))).golden_path  # type: ignore[attr-defined]
        with pytest.raises(EngineRefused, match="did you mean 'export'"):
            await studio.engine.answer(FindGoldenPath("exports"))
    (card,) = found["paths"]
    assert card["users"] == {"mastered": 0, "began": 0, "never": 0}
    assert [(step["id"], step["title"], step["share"]) for step in card["steps"]] == [
        ("menu", "Menu", None),
        ("format", "Choose one.", None),
    ]
    preview = detail["preview"]
    assert preview["chat"] == {"text": "Export a report:\n1. Open it.\n2. Choose one.", "is_reworded": False}
    assert [step["title"] for step in preview["tour"]["steps"]] == ["Menu"]
    assert preview["search"]["hits"][0]["path_id"] == "export"
