"""What an event costs the engine with 20 triggers, and how long 100,000 sessions block the event loop.

In one process, with the engine's own parts: sessions, index, rules, courtesy, timers; nothing is sent.
"""

from __future__ import annotations

import asyncio
import gc
import random
import tempfile
import time
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from rasa_autoplay.engine.engine import Engine
from rasa_autoplay.engine.triggers.decorators import only_events
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.link.frames import FeedFrame
from rasa_autoplay.link.messages import Batch, Event, UpMessage
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["NoGateway", "Stretches", "measure"]

_SESSIONS = 2_000
_ACTIONS = 50
_LIVE_SESSIONS = 100_000
_LIVE_ACTIONS = 6
#: As many events as a gateway puts into one post.
_POST = 100
_EVENTS_PER_S = 2_000
_LASTS_S = 20.0
_IDLE_S = 10.0
_QUIET_S = 0.02
_PAGES = ("projects", "dashboard", "billing", "settings", "reports", "team", "exports", "help")
_TITLES = (
    *(f"Click item {n} of the list" for n in range(60)),
    "Click Save changes",
    "Click Edit",
    "Click Export",
    "Click Bulk edit",
    "Click Invite",
    "Click Cancel",
)

_HEAD = """
product_id: bench
session: {window: {lookback: 20m, max_actions: 50}, max_sessions: 200000}
courtesy: {min_interval: 5m}
database: {url: "sqlite:///bench.db"}
triggers:
"""

#: Of every kind, and typical of teams; none of them comes true, because offers are not measured here.
_TRIGGERS = """
  - {builtin: bulk_edit_opportunity, at_least: 12}
  - {builtin: canonical_url_ping_pong, min_cycles: 30, broaden_with_hesitation: false}
  - {builtin: user_page_dwell, dwell: 15m}
  - {builtin: repeated_failure}
  - {builtin: rage_click}
  - {builtin: dead_click}
  - {builtin: workflow_stall}
  - {builtin: return_after_gap}
  - {builtin: section_playbook_match, section_playbook: {x: May I?},
     rules: [{prefix: "https://app.example.com/nowhere", section_id: x}]}
  - {id: exports, body: b, when: {on_page: /exports, count: {title: export, at_least: 9, within: 2m}}}
  - {id: cancels, body: b, when: {count: {title: cancel, page: /billing, at_least: 7, within: 60s}}}
  - {id: undone, body: b, when: {sequence: [{title: edit}, {title: cancel}, {title: edit}, {title: help me}],
     within: 60s}}
  - {id: invites, body: b, when: {on_page: /team, count: {title: invite, at_least: 9}, never: {title: bulk}}}
  - {id: quiet, body: b, when: {on_page: /nowhere, idle: 30s}}
  - {id: stay, body: b, when: {on_page: /billing, dwell: 14m, absent: {type: submit, within: 10m}}}
  - {id: same, body: b, when: {repeat: {at_least: 20, within: 10s, page: /settings}}}
  - {id: pro, body: b, when: {segment: {email_domain: acme.com}, count: {title: edit, at_least: 2}}}
  - {id: either, body: b, when: {any: [{count: {title: item 7, at_least: 20}}, {idle: 15m, on_page: /x}]}}
  - {id: help, body: b, when: {on_page: {exact: /help}, never: {title: [item 1, item 2, save, click]}}}
  - {id: python, body: b, predicate: "benchmarks.triggers:never"}
"""


@only_events
def never(_ctx: object) -> bool:
    """A team's own predicate; the engine knows only that time does not affect it."""
    return False


class NoGateway:
    """A publisher without a gateway."""

    def push(self, _gateway_id: str, _frame: FeedFrame) -> bool:
        """Drop the frame."""
        return False


def _engine(folder: Path) -> Engine:
    file = folder / "autoplay.yml"
    file.write_text(_HEAD + _TRIGGERS, encoding="utf-8")
    return Engine(YamlFile(file), NoGateway())


def _traffic(sessions: int, rounds: int, began_at: float, step_s: float) -> Iterator[ActionsPayload]:
    """Return one action per session and round, all sessions in turn."""
    chance = random.Random(1)  # noqa: S311 - the same traffic in every run, nothing secret
    pages = [chance.choice(_PAGES) for _ in range(sessions)]
    for index in range(rounds):
        for number in range(sessions):
            if chance.random() < 0.15:
                pages[number] = chance.choice(_PAGES)
            at = began_at + index * step_s + chance.random()
            yield _payload(number, index, pages[number], chance.choice(_TITLES), at)


def _payload(number: int, index: int, page: str, title: str, at: float) -> ActionsPayload:
    url = f"https://app.example.com/{page}"
    action = SlimAction(title, f"User: {title}", url, index, "click", at, at, url)
    return ActionsPayload("bench", f"s{number}", f"u{number}", None, [action])


async def measure() -> list[Figure]:
    """CPU per event, of an idle session, and the longest turn of the loop."""
    with tempfile.TemporaryDirectory() as folder:
        return [*await _cost_of_an_event(Path(folder)), *await _longest_stretch(Path(folder))]


async def _cost_of_an_event(folder: Path) -> list[Figure]:
    engine = _engine(folder)
    await engine.start()
    events = list(_traffic(_SESSIONS, 2 * _ACTIONS, time.time() - 4 * _ACTIONS, 2.0))
    filling, measured = events[: _SESSIONS * _ACTIONS], events[_SESSIONS * _ACTIONS :]
    await _apply_payloads(engine, filling)
    asked = engine.health()["evaluations"]
    cpu_s = await _apply_payloads(engine, measured)
    asked = engine.health()["evaluations"] - asked
    idle_s = await _cpu_s_of(asyncio.sleep(_IDLE_S))
    await engine.stop()
    return [
        Figure("20 triggers: CPU an event", cpu_s / len(measured) * 1e6, "µs", below=25),
        Figure("20 triggers: events that reach any of them", asked / len(measured) * 100, "%"),
        Figure(
            f"20 triggers: CPU in {_IDLE_S:g} s with {_SESSIONS:,} idle sessions", idle_s, "s", below=0.05
        ),
    ]


async def _apply_payloads(engine: Engine, payloads: Sequence[ActionsPayload]) -> float:
    """Apply events to the engine; return the CPU seconds, without the loading of user histories."""
    cpu_s = 0.0
    for first in range(0, len(payloads), _SESSIONS):
        cpu_s += await _cpu_s_of(_take(engine, payloads[first : first + _SESSIONS]))
        while await _cpu_s_of(asyncio.sleep(_QUIET_S)) > _QUIET_S / 50:
            pass
    return cpu_s


async def _take(engine: Engine, payloads: Sequence[ActionsPayload]) -> None:
    for payload in payloads:
        await engine._core.updater.apply(payload, "bench", payload.actions[0].timestamp_start)


async def _cpu_s_of(work: Awaitable[object]) -> float:
    before = time.process_time()
    await work
    return time.process_time() - before


@contextmanager
def _collections() -> Iterator[list[int]]:
    """Count full garbage collections."""
    count = [0]

    def note(phase: str, info: dict[str, int]) -> None:
        count[0] += phase == "stop" and info["generation"] == 2

    gc.callbacks.append(note)
    yield count
    gc.callbacks.remove(note)


class Stretches:
    """CPU time of each turn of the event loop, which excludes waiting and other processes."""

    def __init__(self, loop: Any) -> None:
        self._loop, self._turn = loop, loop._run_once
        self.seconds: list[float] = []

    def __enter__(self) -> Stretches:
        self._loop._run_once = self._timed
        return self

    def __exit__(self, *_failure: object) -> None:
        self._loop._run_once = self._turn

    def _timed(self) -> None:
        before = time.thread_time()
        self._turn()
        self.seconds.append(time.thread_time() - before)


async def _longest_stretch(folder: Path) -> list[Figure]:
    """Fill the sessions first; then send events at a steady rate like the gateway, with gc running."""
    engine = _engine(folder)
    await engine.start()
    began_at = time.time() - 240
    await _take(engine, list(_traffic(_LIVE_SESSIONS, _LIVE_ACTIONS, began_at, 240 / _LIVE_ACTIONS)))
    while await _cpu_s_of(asyncio.sleep(1)) > 0.2:
        pass  # it loads users' histories
    chance = random.Random(2)  # noqa: S311 - as above
    with Stretches(asyncio.get_running_loop()) as stretches, _collections() as collected:
        events, number, started = 0, 1, time.monotonic()
        while time.monotonic() < started + _LASTS_S:
            now = time.time()
            size = min(int((time.monotonic() - started) * _EVENTS_PER_S) - events, _POST)
            messages: list[UpMessage] = [
                Event(
                    _payload(
                        chance.randrange(_LIVE_SESSIONS),
                        events + n,
                        chance.choice(_PAGES),
                        chance.choice(_TITLES),
                        now,
                    ),
                    "bench",
                )
                for n in range(size)
            ]
            await asyncio.sleep(0)
            await engine.apply_batch(Batch("gateway", "bench", engine.engine_id, number, messages))
            events, number = events + size, number + size
            await asyncio.sleep(0.01)
        took_s = time.monotonic() - started
    await engine.stop()
    return [
        Figure(f"{_LIVE_SESSIONS:,} live sessions: events a second", events / took_s, "/s"),
        Figure(
            f"{_LIVE_SESSIONS:,} live sessions: longest stretch of the loop",
            max(stretches.seconds) * 1000,
            "ms",
            below=20,
        ),
        Figure(f"{_LIVE_SESSIONS:,} live sessions: full collections meanwhile", collected[0], ""),
    ]
