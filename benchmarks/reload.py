"""How long the event loop is blocked when a new version of the files is loaded with 50,000 live sessions."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.triggers import NoGateway, Stretches
from rasa_autoplay.engine.engine import Engine
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["measure"]

_SESSIONS = 50_000
_TRIGGERS = 50
_ACTIONS = ("open", "select", "look", "look", "look")
#: A sample of the sessions acts again after the change.
_SAMPLE = 2_000

_HEAD = """
product_id: bench
session: {max_sessions: 200000}
database: {url: "sqlite:///bench.db"}
golden_paths: paths
triggers:
"""


def _files(folder: Path, body: str, steps: Sequence[str]) -> None:
    (folder / "paths").mkdir(exist_ok=True)
    path = "id: bulk\ntitle: Bulk edit\nsteps:\n" + "".join(
        f"  - {{id: {step}, text: Press it., done_when: {{element_id: {step}}}}}\n" for step in steps
    )
    (folder / "paths" / "bulk.yml").write_text(path, encoding="utf-8")
    triggers = "".join(
        f"  - {{id: t{n}, body: {body}, golden_path: bulk, "
        f"when: {{on_page: /p{n}, count: {{title: item {n}, at_least: 9, within: 2m}}}}}}\n"
        for n in range(_TRIGGERS)
    )
    (folder / "autoplay.yml").write_text(_HEAD + triggers, encoding="utf-8")


async def _act(engine: Engine, sessions: int, number: int) -> float:
    """Let each session act once; return the CPU seconds."""
    element, now = _ACTIONS[number % len(_ACTIONS)], time.time()
    cpu_s = 0.0
    for n in range(sessions):
        at = now + n / 1e6
        url = "https://app.example.com/projects"
        action = SlimAction(f"Click {element}", "", url, number, "click", at, at, url, element_id=element)
        payload = ActionsPayload("bench", f"s{n}", f"u{n}", None, [action])
        before = time.process_time()
        await engine._core.updater.apply(payload, "bench", at)
        cpu_s += time.process_time() - before
    return cpu_s


async def _until_in_force(engine: Engine, before: str) -> float:
    began = time.perf_counter()
    while engine.health()["configuration"]["fingerprint"] == before:  # noqa: ASYNC110 - as a person would
        await asyncio.sleep(0.02)
    return time.perf_counter() - began


async def _change(engine: Engine, folder: Path, body: str, steps: Sequence[str]) -> tuple[float, float]:
    """Return how long it took until the new version was in force, and the longest turn of the loop."""
    before = engine.health()["configuration"]["fingerprint"]
    with Stretches(asyncio.get_running_loop()) as stretches:
        _files(folder, body, steps)
        took_s = await _until_in_force(engine, before)
        await asyncio.sleep(0.5)
    return took_s, max(stretches.seconds)


async def measure() -> list[Figure]:
    """The pause, the time until a new version is in force, and what it costs each session later."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _files(folder, "Old", ("open", "select", "apply"))
        engine = Engine(YamlFile(folder / "autoplay.yml"), NoGateway())
        await engine.start()
        for number in range(len(_ACTIONS)):
            await _act(engine, _SESSIONS, number)
        await engine._memory.finish_pending()
        await asyncio.sleep(6)
        usual_s = await _act(engine, _SAMPLE, 7)
        await engine._memory.finish_pending()
        text = await _change(engine, folder, "New", ("open", "select", "apply"))
        after_text_s = await _act(engine, _SAMPLE, 8)
        await engine._memory.finish_pending()
        paths = await _change(engine, folder, "New", ("open", "choose", "select", "apply"))
        after_paths_s = await _act(engine, _SAMPLE, 9)
        await engine._memory.finish_pending()
        later_s = await _act(engine, _SAMPLE, 12)
        sessions = len(engine.sessions)
        await engine.stop()
    return [
        Figure(
            f"new text, {sessions:,} sessions, {_TRIGGERS} triggers: in force after", text[0], "s", below=2
        ),
        Figure("new text: longest turn of the loop", text[1] * 1e3, "ms", below=50),
        Figure("new golden path: in force after", paths[0], "s", below=2),
        Figure("new golden path: longest turn of the loop", paths[1] * 1e3, "ms", below=50),
        Figure("CPU an event", usual_s / _SAMPLE * 1e6, "µs"),
        Figure("CPU of a session's first event after a new text", after_text_s / _SAMPLE * 1e6, "µs"),
        Figure("CPU of a session's first event after a new path", after_paths_s / _SAMPLE * 1e6, "µs"),
        Figure("CPU an event later", later_s / _SAMPLE * 1e6, "µs"),
    ]
