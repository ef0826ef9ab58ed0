"""Writes the worlds of the seeds: ``python -m benchmarks.discovery.worlds SEED FOLDER``."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.discovery.truth import World
from benchmarks.discovery.world import write_world

__all__ = ["main", "table_of"]


def main() -> None:
    """Read the command line, write the world, and print what was planted."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.discovery.worlds", description=__doc__)
    parser.add_argument(
        "seed", type=int, help="from 1; 1 to 3 are the apps, and further seeds take them in turn"
    )
    parser.add_argument("folder", type=Path, help="where recordings/ and truth.json are written")
    parser.add_argument("--users", type=int, default=2000)
    parser.add_argument("--sessions", type=int, default=6000)
    arguments = parser.parse_args()
    world = write_world(arguments.folder, arguments.seed, arguments.users, arguments.sessions)
    print(table_of(world))


def table_of(world: World) -> str:
    """Return how often everything that was planted has happened."""
    head = f"{world.app}: {world.users} users, {world.sessions} sessions, {world.actions:,} actions"
    lines = [head, "", f"{'':4} {'kind':15} {'users':>12} {'sessions':>9} {'times':>6} {'done':>6}"]
    for truth in world.truths:
        share = f"{truth.users} ({truth.users / world.users:.1%})"
        numbers = f"{share:>12} {truth.sessions:>9} {truth.times:>6} {truth.done:>6}"
        lines.append(f"{truth.id:4} {truth.kind:15} {numbers}  {truth.says}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
