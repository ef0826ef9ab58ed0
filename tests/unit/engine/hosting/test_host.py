"""A host's engine stops in good order, whenever its server stops."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from support.run import asynchronous, passes

from rasa_autoplay.engine.hosting.host import EngineRun
from rasa_autoplay.engine.hosting.single import SingleEngine
from rasa_autoplay.settings.yaml_file import YamlFile


@pytest.fixture
def file(tmp_path: Path) -> YamlFile:
    path = tmp_path / "autoplay.yml"
    path.write_text("product_id: demo\n", encoding="utf-8")
    return YamlFile(path)


def _nothing_runs() -> bool:
    return asyncio.all_tasks() == {asyncio.current_task()}


@asynchronous
async def test_stopping_before_the_start_does_nothing(file: YamlFile) -> None:
    await EngineRun(lambda: SingleEngine(file)).stop()


@pytest.mark.parametrize("turns", [0, 1, 2, 5])
@asynchronous
async def test_stopping_while_the_engine_starts_ends_everything(file: YamlFile, turns: int) -> None:
    run = EngineRun(lambda: SingleEngine(file))
    starting = asyncio.get_running_loop().create_task(run.start())
    await passes(turns)
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    await run.stop()
    assert _nothing_runs()


@asynchronous
async def test_stopping_twice_stops_once(file: YamlFile) -> None:
    run = EngineRun(lambda: SingleEngine(file))
    await run.start()
    await run.stop()
    await run.stop()
    assert _nothing_runs()
