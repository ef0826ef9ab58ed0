"""One session from beginning to end: signing in, tasks in one tab or two, pauses, interruptions."""

from __future__ import annotations

import random
from dataclasses import dataclass

from benchmarks.discovery.app import App, Task
from benchmarks.discovery.behaviours import perform
from benchmarks.discovery.people import Visit
from benchmarks.discovery.walk import Event, Walk

__all__ = ["Performance", "session_of"]

_SIGNS_IN, _SECOND_TAB, _INTERRUPTED, _AWAY, _LEARNS = 0.25, 0.06, 0.05, 0.07, 0.12


@dataclass(frozen=True, slots=True)
class Performance:
    """A task that was done in a session.

    Args:
        task: its id.
        way: ``slow``, ``fast`` or ``once``.
        began_at, ended_at: epoch seconds.
        is_done: whether it was done to the end.
    """

    task: str
    way: str
    began_at: float
    ended_at: float
    is_done: bool


def session_of(app: App, visit: Visit, luck: random.Random) -> tuple[list[Event], list[Performance]]:
    """Let a session happen.

    Args:
        app: the app.
        visit: who comes, when and for what. The person may learn a fast way.
        luck: the source of randomness.

    Returns:
        The actions in order of time, and what was done.
    """
    walk = Walk(app, visit.person, luck, visit.began_at)
    _arrive(walk)
    done = list[Performance]()
    events = list[Event]()
    waiting = list(visit.tasks)
    while waiting:
        task = waiting.pop(0)
        if waiting and luck.random() < _SECOND_TAB:
            other = Walk(app, visit.person, luck, walk.at + luck.uniform(2, 20))
            other.open(app.home)
            done.append(_perform(other, waiting.pop(0)))
            events += other.events
        done.append(_perform(walk, task))
        walk.pause(5.0, 0.9)
        if luck.random() < _AWAY:
            walk.at += luck.uniform(120, 1500)
    events += walk.events
    events.sort(key=lambda event: event.at)
    if luck.random() < _INTERRUPTED and len(events) > 4:
        events = events[: luck.randrange(3, len(events))]
        ended_at = events[-1].at
        done = [each for each in done if each.began_at < ended_at]
        done = [each if each.ended_at <= ended_at else _cut(each, ended_at) for each in done]
    return events, done


def _cut(done: Performance, at: float) -> Performance:
    return Performance(done.task, done.way, done.began_at, at, is_done=False)


def _arrive(walk: Walk) -> None:
    app, luck = walk.app, walk.luck
    if luck.random() < _SIGNS_IN:
        for act in walk.ordered(app.signin):
            walk.act(act)
    walk.open(app.home if luck.random() < 0.8 else luck.choice(app.menu).page)


def _perform(walk: Walk, task: Task) -> Performance:
    ways = walk.person.ways
    way = ways.get(task.id, "slow")
    began_at = walk.at
    is_done = perform(walk, task, way)
    if way == "slow" and task.fast and walk.luck.random() < _LEARNS:
        ways[task.id] = "fast"
    return Performance(task.id, way, began_at, walk.at, is_done)
