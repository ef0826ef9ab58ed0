"""How many planted workflows and slow paths ``discover`` finds, how many it invents, and what it takes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.discovery.app import APPS
from benchmarks.discovery.metering import Run
from benchmarks.discovery.project import digest_of, run_discover, write_project
from benchmarks.discovery.scoring import Score, score
from benchmarks.discovery.trial import Trial, try_proposals
from benchmarks.discovery.truth import World
from benchmarks.discovery.world import write_copies, write_world
from benchmarks.figures import Figure

__all__ = ["measure", "measure_memory", "report_of"]

#: Seed 1 has about 370,000 actions.
_COPIES = 14


async def measure() -> list[Figure]:
    """Score the three seeds; each is read again with one process and with other orders and hashes."""
    with tempfile.TemporaryDirectory() as name:
        return [figure for seed in APPS for figure in _measure_seed(Path(name) / str(seed), seed)]


def _measure_seed(folder: Path, seed: int) -> Iterator[Figure]:
    world = write_world(folder, seed)
    write_project(folder, world.app)
    run = _discover(folder, "proposals")
    result = score(folder / "proposals", world)
    trial = try_proposals(folder, world, folder / "proposals", result, folder / "trial")
    print(report_of(world, result, trial))
    name = f"discover, seed {seed}"
    yield Figure(f"{name}: found of 20", len(result.found), "")
    yield Figure(f"{name}: missed", len(result.missed), "", below=3)
    yield Figure(f"{name}: false", result.false_count, "", below=3)
    yield Figure(f"{name}: duplicates", len(result.duplicates), "")
    yield Figure(f"{name}: related", len(result.related), "")
    yield Figure(f"{name}: wall clock", run.wall_s, "s", below=60)
    yield Figure(f"{name}: CPU of all processes", run.cpu_s, "s")
    yield Figure(f"{name}: memory of all processes (RSS, shared pages counted often)", run.rss_mb, "MB")
    yield Figure(f"{name}: memory of all processes (PSS)", run.pss_mb, "MB")
    yield Figure(f"{name}: other bytes in further runs", _differences(folder), "", exactly=0)
    yield Figure(f"{name}: triggers that validate refuses", len(trial.refused.splitlines()), "", exactly=0)
    yield Figure(f"{name}: triggers that never fire where they should", len(trial.silent), "", exactly=0)


def _differences(folder: Path) -> int:
    """Return how many further runs wrote other proposals than the first one."""
    files = sorted((folder / "recordings").iterdir())
    runs = {
        "again": (files, [], "random"),
        "one-process": (files[::-1], ["--processes", "1"], "7"),
    }
    for name, (recordings, arguments, hash_seed) in runs.items():
        run = run_discover(folder, recordings, folder / name, *arguments, hash_seed=hash_seed)
        assert run.code == 0, run.errors
    first = digest_of(folder / "proposals")
    return sum(digest_of(folder / name) != first for name in runs)


def _discover(folder: Path, out: str) -> Run:
    run = run_discover(folder, [folder / "recordings"], folder / out, hash_seed="1")
    assert run.code == 0, run.errors
    return run


async def measure_memory() -> list[Figure]:
    """Read 5 million actions: seed 1 several times over, each time with other users."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        world = write_world(folder, 1)
        write_project(folder, world.app)
        written = write_copies(folder, folder / "many", _COPIES)
        run = run_discover(folder, [folder / "many"], folder / "proposals")
        assert run.code == 0, run.errors
        result = score(folder / "proposals", world)
    actions = world.actions * _COPIES
    return [
        Figure("discover, many actions: actions", actions / 1e6, "million"),
        Figure("discover, many actions: recordings", written / 1e9, "GB"),
        Figure("discover, many actions: wall clock", run.wall_s, "s"),
        Figure("discover, many actions: CPU of all processes", run.cpu_s, "s"),
        Figure("discover, many actions: memory of all processes (RSS)", run.rss_mb, "MB"),
        Figure("discover, many actions: memory of all processes (PSS)", run.pss_mb, "MB", below=1000),
        Figure("discover, many actions: missed", len(result.missed), "", below=3),
        Figure("discover, many actions: false", result.false_count, "", below=3),
    ]


def report_of(world: World, result: Score, trial: Trial | None = None) -> str:
    """Return what was found, missed and invented, for people."""
    lines = [f"{world.app}: {len(result.found)} of {len(world.truths)} found, {result.false_count} false"]
    for truth in world.truths:
        proposal = result.found.get(truth.id, "MISSED")
        fires = ""
        if trial and truth.id in trial.reached:
            reached, aside = trial.reached[truth.id], trial.aside[truth.id]
            fires = f"  fires in {reached:.0%} of its sessions; {aside:.0%} of its fires elsewhere"
        lines.append(f"  {truth.id:4} {truth.kind:15} {proposal}{fires}")
    for title, proposals in (("duplicate", result.duplicates), ("related", result.related)):
        lines += [f"  {title} of {truth}: {proposal}" for proposal, truth in proposals.items()]
    lines += [f"  FALSE {proposal}: {why}" for proposal, why in result.false.items()]
    if trial and trial.refused:
        lines.append(f"  refused:\n{trial.refused}")
    return "\n".join(lines)
