"""How fast recordings are replayed through the real rules and courtesy."""

from __future__ import annotations

import asyncio
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from benchmarks.figures import Figure
from rasa_autoplay.events.models import ActionsPayload, SlimAction

__all__ = ["measure"]

_SESSIONS, _ACTIONS, _BATCH = 6000, 50, 5
_BEGAN_AT = 1_700_000_000.0
_DAY_S = 86_400.0

_CONFIG = """
product_id: demo
session: {interaction_timeout: 60s, cooldown: 120s}
courtesy: {min_interval: 5m}
triggers:
  - id: bulk_edit_opportunity
    body: Changing projects one at a time?
    when:
      - on_page: /projects
      - count: {title: save changes, page: /projects, at_least: 3, within: 120s}
      - never: {title: [bulk edit, apply to]}
  - {builtin: canonical_url_ping_pong, min_cycles: 2}
  - {builtin: user_page_dwell, dwell: 60s}
"""
_TITLES = [*(f"Click Button {n}" for n in range(150)), *["Click Save changes"] * 20, "Click Bulk edit"]
_PAGES = [
    *(f"https://app.example.com/page{n}/:id" for n in range(20)),
    *["https://app.example.com/projects", "https://app.example.com/projects/:id/edit"] * 3,
]


async def measure() -> list[Figure]:
    """``rasa-autoplay simulate --json`` over a day of 6,000 sessions, including its start and the reading.

    It runs with all cores and with one process; both print the same bytes.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "autoplay.yml").write_text(_CONFIG)
        _record(folder / "day.jsonl")
        shared = await _run(folder)
        alone = await _run(folder, "--processes", "1")
    assert shared.printed == alone.printed
    report = json.loads(shared.printed)
    events = report["events"]
    assert events == _SESSIONS * _ACTIONS
    name = "simulate, three triggers"
    return [
        Figure(f"{name}: events a second, all cores, wall clock", events / shared.wall_s, "/s"),
        Figure(f"{name}: CPU an event, all cores", shared.cpu_s / events * 1e6, "µs"),
        Figure(f"{name}: CPU an event", alone.cpu_s / events * 1e6, "µs", below=10),
        Figure(f"{name}: events a second and core", events / alone.cpu_s, "/s"),
        Figure(f"{name}: offers found", len(report["fires"]), ""),
    ]


class _Run(NamedTuple):
    printed: bytes
    wall_s: float
    cpu_s: float


async def _run(folder: Path, *options: str) -> _Run:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "rasa_autoplay.tools.cli", "simulate", "day.jsonl", "--json", *options]
    process = await asyncio.create_subprocess_exec(*command, cwd=folder, stdout=asyncio.subprocess.PIPE)
    printed, _ = await process.communicate()
    wall_s, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert process.returncode == 0
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return _Run(printed, wall_s, cpu_s)


def _record(file: Path) -> None:
    """Write a day of overlapping sessions, as the connector would have sent it."""
    luck = random.Random(1)  # noqa: S311 - the same day each time, and no secret
    batches = [batch for number in range(_SESSIONS) for batch in _session(number, luck)]
    batches.sort(key=lambda batch: batch.forwarded_at)
    file.write_bytes(b"\n".join(msgspec.json.encode(batch) for batch in batches))


def _session(number: int, luck: random.Random) -> Iterator[ActionsPayload]:
    at, page, actions = _BEGAN_AT + luck.uniform(0, _DAY_S), luck.choice(_PAGES), list[SlimAction]()
    user_id, session_id = f"user-{number // 3}", f"session-{number}"
    for index in range(_ACTIONS):
        at += luck.expovariate(1 / 6)
        page = luck.choice(_PAGES) if luck.random() < 0.1 else page
        title = luck.choice(_TITLES)
        actions.append(
            SlimAction(title, f"User: {title}", page, index, "click", at, at, page, session_id, user_id)
        )
    for first in range(0, _ACTIONS, _BATCH):
        part = actions[first : first + _BATCH]
        sent_at = part[-1].timestamp_start
        yield ActionsPayload("demo", session_id, user_id, None, part, forwarded_at=sent_at)
