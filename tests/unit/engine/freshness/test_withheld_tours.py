"""What a suspect step withholds in a real engine: the tour and the doubtful label, and nothing else."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.engine_parts import T0, Clock, Publisher, batch, save
from support.run import asynchronous

from rasa_autoplay.engine.engine import Engine
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.messages import Batch, Event, FeedInfo, FeedOpened, UpMessage
from rasa_autoplay.link.request_decoder import REQUESTS
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.cli.main import main

ROOT = Path(__file__).parents[4]
PATH, STEP, TRIGGER = "projects-bulk-edit", "bulk-edit", "saves"
PAGE = "https://app.example.com/projects"
AUTOPLAY = f"""\
product_id: demo
courtesy: {{min_interval: 0}}
golden_paths: golden_paths
triggers:
  - id: {TRIGGER}
    body: "Shall I show you how?"
    golden_path: {PATH}
    when: {{count: {{title: save changes, at_least: 3}}}}
"""


class Running:
    """An engine, and what its gateway asks it."""

    def __init__(self, folder: Path) -> None:
        (folder / "autoplay.yml").write_text(AUTOPLAY, "utf-8")
        if not (folder / "golden_paths").exists():
            shutil.copytree(ROOT / "example_bot" / "golden_paths", folder / "golden_paths")
        self.folder, self.clock, self.publisher = folder, Clock(), Publisher()
        self.engine = Engine(YamlFile(folder / "autoplay.yml"), self.publisher, self.clock)
        self._number = 1

    async def ask(self, name: str, **arguments: Any) -> Any:
        request = msgspec.convert({"type": name, **arguments}, REQUESTS[name])
        return msgspec.to_builtins(await self.engine.answer(request))

    async def send(self, *messages: UpMessage) -> None:
        await self.engine.apply_batch(Batch("g", "demo", self.engine.engine_id, self._number, list(messages)))
        self._number += len(messages)
        await self.engine.finish_pending()

    async def offer(self) -> dict[str, Any]:
        """Three saves of a user with an open feed; return the toast."""
        await self.send(FeedOpened(FeedInfo("f1", "u1")))
        self.clock.now = T0 + 30
        await self.send(*(Event(batch(save(at)), "capture") for at in (10, 20, 30)))
        (toast,) = self.publisher.toasts
        return dict(toast)

    async def become_suspect(self) -> None:
        for user_id in ("ann", "bob", "cid"):
            await self.ask(
                "tour_problem", user_id=user_id, tour_id=PATH, step=STEP, problem="missing", url=PAGE
            )
        assert await self.engine._freshness.finish_pending()

    @property
    def suspects(self) -> list[dict[str, Any]]:
        return list(self.engine.health()["freshness"]["suspects"])


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Running]:
    each = Running(folder)
    await each.engine.start()
    try:
        yield each
    finally:
        await each.engine.stop()


@asynchronous
async def test_the_offer_comes_with_chat_only(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with running(tmp_path) as each:
        await each.become_suspect()
        assert f"step {STEP} of path {PATH} is suspect: the page lacks its element" in caplog.text
        toast = await each.offer()
        assert toast["tours"] == []
        explained = (await each.ask("explain", user_id="u1"))["explanation"]["triggers"][0]
        assert explained["tour_withheld"].startswith(
            f"tour withheld: step {STEP} of path {PATH} is suspect: the page lacks its element since "
        )
        assert "Tour withheld: step" in explained["text"]
        (withheld,) = (await each.ask("results", since="1d", trigger_id=""))["results"]["tours_withheld"]
        assert (withheld["path"], withheld["step"], withheld["why"]) == (PATH, STEP, "missing")
        assert withheld["seen"] == {"users": 3, "sessions": 3, "page": PAGE}
        ordered = await each.ask("order_tour", user_id="u1", tour_id=PATH)
        assert ordered["text"].startswith("I can't show you that")
        assert each.publisher.toasts == [toast]


@asynchronous
async def test_the_chat_leaves_out_the_doubtful_label(tmp_path: Path) -> None:
    async with running(tmp_path) as each:
        await each.become_suspect()
        toast = await each.offer()
        asked = {"user_id": "u1", "trigger_id": TRIGGER, "offer_id": toast["offer_id"]}
        bubble = await each.ask("follow_up", **asked)
        assert "In the menu, choose the control for this. Every row gets a checkbox." in bubble["text"]
        assert "Bulk edit" not in bubble["text"].partition("\n")[2]
        assert 'Press "Apply to N"' in bubble["text"], "other labels stay"
        assert not bubble.get("tour_id")
        found = (await each.ask("query_knowledge_base", product_id="demo", query="bulk edit", top_k=1))[
            "results"
        ]
        assert found[0]["steps"][1]["label"] is None
        answer = await each.ask("ask_assistant", user_id="u1", query="How do I bulk edit projects?")
        assert "the control for this" in answer["text"]


@asynchronous
async def test_a_confirmation_gives_everything_back(tmp_path: Path) -> None:
    async with running(tmp_path) as each:
        await each.become_suspect()
        confirm = {"path_id": PATH, "step_id": STEP, "who": "Ann", "why": ""}
        each.clock.now += 60
        answer = await each.ask("confirm_step", **confirm)
        assert answer["has_changed"]
        assert "becomes suspect again" in answer["text"]
        assert not (await each.ask("confirm_step", **confirm))["has_changed"]
        assert await each.engine._freshness.finish_pending()
        assert each.suspects == []
        assert [tour["id"] for tour in (await each.offer())["tours"]] == [PATH]


@asynchronous
async def test_refuses_a_confirmation_that_names_nothing(tmp_path: Path) -> None:
    async with running(tmp_path) as each:
        for path_id, step_id, who, kind in (
            ("nowhere", STEP, "Ann", "not_found"),
            (PATH, "nothing", "Ann", "not_found"),
            (PATH, STEP, " ", "invalid"),
        ):
            with pytest.raises(EngineRefused) as refused:
                await each.ask("confirm_step", path_id=path_id, step_id=step_id, who=who)
            assert refused.value.kind == kind


@asynchronous
async def test_the_command_confirms_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with running(tmp_path) as each:
        await each.become_suspect()
        await each.offer()
    config = ["--config", str(tmp_path / "autoplay.yml")]
    assert await asyncio.to_thread(main, ["results", *config]) == 0
    assert f"Tour withheld: step {STEP} of path {PATH}: the page lacks" in capsys.readouterr().out
    assert (
        await asyncio.to_thread(
            main, ["confirm", PATH, STEP, "--by", "Bob", "--why", "looked at it", *config]
        )
        == 0
    )
    said = capsys.readouterr().out
    assert said.startswith(
        f"Confirmed step {STEP} of path {PATH}. It was suspect: the page lacks its element"
    )
    assert await asyncio.to_thread(main, ["confirm", PATH, STEP, *config]) == 0
    assert "Nothing has changed" in capsys.readouterr().out
    assert await asyncio.to_thread(main, ["confirm", PATH, "bulk-edt", *config]) == 1
    assert "'bulk-edit'" in capsys.readouterr().err
    assert await asyncio.to_thread(main, ["changes", "--since", "9999d", *config]) == 0
    changes = capsys.readouterr().out
    assert f"suspected: step {STEP} of path {PATH}: the page lacks its element" in changes
    assert f"Bob confirmed step {STEP} of path {PATH}" in changes
    async with running(tmp_path) as each:
        assert each.suspects == []


@asynchronous
async def test_an_edit_gives_the_tour_back_at_once(tmp_path: Path) -> None:
    async with running(tmp_path) as each:
        await each.become_suspect()
        assert [suspect["step"] for suspect in each.suspects] == [STEP]
        file = tmp_path / "golden_paths" / "projects-bulk-edit.yml"
        file.write_text(file.read_text("utf-8").replace('"#projects-bulk-edit-toggle"', '"#bulk-toggle"'))
        for _ in range(2):  # a change counts once two reads agree
            await each.engine._reloader.check()
        assert each.suspects == []
        assert [tour["id"] for tour in (await each.offer())["tours"]] == [PATH]
