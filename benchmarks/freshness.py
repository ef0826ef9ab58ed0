"""How soon changes of an app are noticed from its traffic, and how often nothing is taken for one."""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import Figure
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath, load_golden_paths

if TYPE_CHECKING:
    from support.changing_app.changes import Change

__all__ = ["measure"]

_TESTS = Path(__file__).parents[1] / "tests"
_SEED = 7
#: Sessions before the change, of all workflows together, and after it.
_BEFORE, _AFTER, _EVERY = 400, 200, 10
_UNCHANGED = 1_000


async def measure() -> list[Figure]:
    """Simulated sessions through the real parts and SQLite; prints a table of the changes."""
    sys.path.insert(0, str(_TESTS))
    try:
        return await _measure()
    finally:
        sys.path.remove(str(_TESTS))


async def _measure() -> list[Figure]:
    from support.changing_app import CHANGES, GOLDEN_PATHS

    paths = load_golden_paths(GOLDEN_PATHS)
    with tempfile.TemporaryDirectory() as name:
        healthy = Path(name) / "healthy.db"
        alarms = await _watch_unchanged(Path(name) / "unchanged.db", paths)
        await _learn(healthy, paths)
        rows = [(each, await _watch_change(healthy, paths, each)) for each in CHANGES]
    print("\n| change | shows in traffic | found after | why | likely replacement | right |")
    print("| -- | -- | -: | -- | -- | -- |")
    for change, found in rows:
        shows = "yes" if change.shows_in_traffic else "no"
        after = f"{found.sessions} sessions" if found.sessions else "–"
        print(f"| {change.what} | {shows} | {after} | {found.why} | {found.instead} | {found.verdict} |")
    shown = [found for change, found in rows if change.shows_in_traffic]
    in_time = [found for found in shown if found.sessions and found.is_right_step]
    wrong = sum(bool(found.sessions) for _, found in rows) - len(in_time)
    return [
        Figure(
            "freshness: found within 200 sessions, of 24 changes in traffic", len(in_time), "", exactly=24
        ),
        Figure("freshness: of them with the right replacement", sum(f.is_right for f in in_time), ""),
        Figure("freshness: sessions until found, median", statistics.median(f.sessions for f in in_time), ""),
        Figure("freshness: sessions until found, largest", max(f.sessions for f in in_time), "", below=201),
        Figure("freshness: wrong findings", wrong, "", exactly=0),
        Figure("freshness: alarms in 1,000 unchanged sessions", alarms, "", exactly=0),
    ]


async def _watch_unchanged(database: Path, paths: list[GoldenPath]) -> int:
    from support.changing_app.traffic import Traffic
    from support.freshness import freshness_run

    async with freshness_run(f"sqlite:///{database}", paths) as run:
        traffic = Traffic(_SEED + 1)
        for _ in range(_UNCHANGED // 50):
            run.visit(traffic.visits(50))
            await run.suspects()
        return len(await run.suspects())


async def _learn(database: Path, paths: list[GoldenPath]) -> None:
    from support.changing_app.traffic import Traffic
    from support.freshness import freshness_run

    async with freshness_run(f"sqlite:///{database}", paths) as run:
        run.visit(Traffic(_SEED).visits(_BEFORE))
        await run.suspects()


@dataclass
class _Found:
    """What was found of a change.

    Args:
        sessions: after how many sessions of all workflows together; 0 if not at all.
        is_right_step: whether that step has changed.
        why: the reason.
        instead: the likely replacement, after all sessions.
        is_right: whether that is right.
    """

    sessions: int = 0
    is_right_step: bool = False
    why: str = "–"
    instead: str = "–"
    is_right: bool = False

    @property
    def verdict(self) -> str:
        return "–" if not self.sessions else "yes" if self.is_right_step and self.is_right else "**no**"


async def _watch_change(healthy: Path, paths: list[GoldenPath], change: Change) -> _Found:
    from support.changing_app import WORKFLOWS
    from support.changing_app.traffic import Traffic
    from support.freshness import freshness_run, is_right

    database = healthy.with_name(f"{change.id}.db")
    shutil.copy(healthy, database)
    found = _Found()
    async with freshness_run(f"sqlite:///{database}", paths) as run:
        traffic = Traffic(_SEED)
        # The same sessions happen again, unseen, so that the clock and chance go on from there.
        for _ in traffic.visits(_BEFORE):
            pass
        traffic.workflows = {**WORKFLOWS, change.path_id: change.workflow}
        for sessions in range(_EVERY, _AFTER + 1, _EVERY):
            run.visit(traffic.visits(_EVERY))
            suspects = await run.suspects()
            if suspects:
                (suspect,) = suspects
                found.sessions = found.sessions or sessions
                found.is_right_step = suspect.key == (change.path_id, change.step_id)
                found.why, found.is_right = suspect.why, is_right(suspect.replacement, change)
                found.instead = suspect.replacement.describe() if suspect.replacement else "none"
    return found
