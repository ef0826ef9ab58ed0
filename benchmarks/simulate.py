"""How fast recordings are replayed through the real rules and courtesy."""

from __future__ import annotations

import asyncio
import json
import random
import resource
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

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
    """CPU time of ``rasa-autoplay simulate --json`` over a day of 6,000 sessions, including its start."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "autoplay.yml").write_text(_CONFIG)
        _record(folder / "day.jsonl")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "rasa_autoplay.tools.cli", "simulate", "day.jsonl", "--json"]
        process = await asyncio.create_subprocess_exec(*command, cwd=folder, stdout=asyncio.subprocess.PIPE)
        printed, _ = await process.communicate()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert process.returncode == 0
    report = json.loads(printed)
    assert report["events"] == _SESSIONS * _ACTIONS
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return [
        Figure("simulate, three triggers: CPU an event", cpu_s / report["events"] * 1e6, "µs", below=10),
        Figure("simulate, three triggers: events a second and core", report["events"] / cpu_s, "/s"),
        Figure("simulate, three triggers: offers found", len(report["fires"]), ""),
    ]


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
