"""What was planted in a world, and who did it: the file ``truth.json`` next to the recordings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.discovery.acts import Act, Step, flat
from benchmarks.discovery.app import App, Task

__all__ = ["Truth", "World", "read_world", "truths_of"]


class Truth(msgspec.Struct):
    """One planted workflow or slow path.

    Args:
        id: as in the app's file.
        kind: ``workflow``, ``repetition``, ``detour``, ``stall`` or ``unused_feature``.
        says: what it is, for people.
        entry: path of the page on which it begins.
        slow: the acts of the workflow, of one round, or of the slow way.
        fast: the acts of the fast way; empty without one.
        at: of a stall: the labels of the act at which users stall.
        users: how many users did it (the slow way).
        sessions: how many sessions had it.
        times: how often it happened.
        done: how often it was done to the end.
        session_ids: the sessions in which it happened.
    """

    id: str
    kind: str
    says: str
    entry: str
    slow: list[Act]
    fast: list[Act]
    at: tuple[str, ...] = ()
    users: int = 0
    sessions: int = 0
    times: int = 0
    done: int = 0
    session_ids: list[str] = []


class World(msgspec.Struct):
    """A generated world.

    Args:
        app: the app's name, which is the ``product_id``.
        origin: scheme and host of its pages.
        seed: of the random numbers.
        users, sessions, actions: how many there are.
        days: how many days they cover.
        menu: the labels of the menu's items.
        truths: what was planted.
    """

    app: str
    origin: str
    seed: int
    users: int
    sessions: int
    actions: int
    days: int
    menu: list[Act]
    truths: list[Truth]


def truths_of(app: App) -> list[Truth]:
    """Return what is planted in an app, before anything has happened."""
    return [_truth(task) for task in app.planted]


def _truth(task: Task) -> Truth:
    return Truth(task.id, task.kind, task.says, task.entry, _acts(task.slow), _acts(task.fast), task.at)


def _acts(steps: Sequence[Step]) -> list[Act]:
    return list(flat(steps))


def read_world(folder: Path) -> World:
    """Read the truth of a generated world.

    Args:
        folder: the folder that ``write_world`` filled.
    """
    return msgspec.json.decode((folder / "truth.json").read_bytes(), type=World)
