"""What recording costs: the CPU of an event with and without it, the disk, and the time of answers."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.triggers import NoGateway
from rasa_autoplay.engine.engine import Engine
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.link.messages import Event
from rasa_autoplay.link.studio_requests import ExplainMoment, FindNearness, FindTimeline
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["measure"]

_SESSIONS, _EACH = 200, 50
_LONG = 1_000
_TRIGGERS = 20
_TITLES = ("Click Save changes", "Click Edit", "Open menu", "View settings", "Choose priority")

_HEAD = """
product_id: bench
database: {url: "sqlite:///bench.db"}
triggers:
"""


def _file(folder: Path, head: str) -> YamlFile:
    folder.mkdir()
    triggers = "".join(
        f"  - {{id: t{n}, body: Shall I?, when: [{{on_page: /projects}}, "
        f"{{count: {{title: item {n}, at_least: 9, within: 2m}}}}, {{never: {{title: bulk edit {n}}}}}]}}\n"
        for n in range(_TRIGGERS)
    )
    (folder / "autoplay.yml").write_text(head + triggers, encoding="utf-8")
    return YamlFile(folder / "autoplay.yml")


def _event(session: str, number: int, at: float) -> Event:
    title, url = _TITLES[number % len(_TITLES)], f"https://app.example.com/projects/{number % 7}"
    page = "https://app.example.com/projects/:id"
    text = f"User pressed {title} on the projects page"
    action = SlimAction(title, text, page, number, "click", at, at, url, element_id=f"control-{number % 9}")
    return Event(ActionsPayload("bench", session, f"user-{session}", None, [action]), "capture")


async def _cost(folder: Path, head: str) -> tuple[float, float]:
    """Return the CPU of an event (µs), and how many bytes of the database an action takes."""
    engine = Engine(_file(folder, head), NoGateway())
    await engine.start()
    await _act(engine, range(2))  # what the first event of a session costs is not of interest
    cpu_s = await _act(engine, range(2, _EACH + 2))
    await engine.stop()
    size = (folder / "bench.db").stat().st_size
    return cpu_s / (_SESSIONS * _EACH) * 1e6, size / (_SESSIONS * (_EACH + 2))


async def _act(engine: Engine, numbers: range) -> float:
    """Let all users act once for each number; return the CPU seconds of the event loop's thread."""
    began, now = time.thread_time(), time.time()
    for number in numbers:
        for n in range(_SESSIONS):
            event = _event(f"s{n}", number, now + number / 1e3)
            await engine._version.dispatch.apply("g", event, time.time())
    return time.thread_time() - began


async def _long_session(folder: Path, head: str) -> list[Figure]:
    engine = Engine(_file(folder, head), NoGateway())
    await engine.start()
    began = time.perf_counter()
    for number in range(_LONG):
        await engine._version.dispatch.apply("g", _event("s", number, time.time()), time.time())
    await engine.finish_pending()
    await engine._recording.stop()
    written_s = time.perf_counter() - began
    figures = [Figure("a session of 1,000 actions: applied and written", written_s * 1e3, "ms")]
    for name, request in (
        ("explain its last moment", ExplainMoment("user-s", "s", time.time())),
        ("its heat map, 120 columns", FindNearness("user-s", "bench", "s", 120)),
        ("its timeline", FindTimeline("user-s", "bench", "s")),
    ):
        began = time.perf_counter()
        await engine.answer(request)
        took_ms = (time.perf_counter() - began) * 1e3
        figures.append(Figure(f"a session of 1,000 actions: {name}", took_ms, "ms"))
    await engine.stop()
    return figures


async def measure() -> list[Figure]:
    """The CPU of an event, rows per second, bytes per action, and the time of the answers about a session."""
    on = "recording: {keep: 7d}\n" + _HEAD
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        off_us, off_bytes = await _cost(folder / "off", _HEAD)
        on_us, on_bytes = await _cost(folder / "on", on)
        more = await _long_session(folder / "long", on)
    return [
        Figure("an event, recording off", off_us, "µs CPU"),
        Figure("an event, recording on", on_us, "µs CPU"),
        Figure("the database, per recorded action", on_bytes - off_bytes, "bytes"),
        *more,
    ]
