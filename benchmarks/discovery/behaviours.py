"""What people do when they have come to do something: workflows, slow ways, stalls, everyday work."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.discovery.acts import Act, Step, flat
from benchmarks.discovery.app import Task
from benchmarks.discovery.people import geometric
from benchmarks.discovery.walk import GaveUp, Walk

__all__ = ["perform"]

#: Anybody may leave anything unfinished: the chance for a task of ten acts.
_LEAVES = 0.05
#: How many of those who stall give up in the end; the others get through.
_STALLED_GIVE_UP = 0.72
#: A pause in the middle of something, for coffee or a call: the chance for each act.
_IDLE = 0.004


def perform(walk: Walk, task: Task, way: str) -> bool:
    """Do a task.

    Args:
        walk: the tab.
        task: the task.
        way: ``slow``, ``fast`` or ``once``.

    Returns:
        Whether it was done to the end.
    """
    walk.forget_records()
    if task.kind == "decoy":
        _DECOYS[task.like](walk, task)
        return True
    walk.go(task.entry)
    try:
        if task.kind == "stall":
            _stall(walk, task)
        elif task.kind == "repetition" and way != "fast":
            rounds = 3 + geometric(walk.luck, 2.2, 12) if way == "slow" else walk.luck.choice((1, 1, 1, 2))
            _rounds(walk, task, rounds)
        else:
            _do(walk, task.fast if way == "fast" else task.slow)
    except GaveUp:
        return False
    return True


def _do(walk: Walk, steps: tuple[Step, ...]) -> None:
    acts = walk.ordered(steps)
    for act in acts:
        _step(walk, act, len(acts))


def _step(walk: Walk, act: Act, length: int) -> None:
    luck = walk.luck
    if act.kind != "view":
        if luck.random() < _LEAVES / max(length, 10) * (0.4 + 1.2 * walk.person.care):
            raise GaveUp
        if luck.random() < _IDLE:
            walk.at += luck.uniform(90, 600)
    walk.act(act)


def _rounds(walk: Walk, task: Task, rounds: int) -> None:
    for number in range(rounds):
        walk.forget_records()
        if number and walk.luck.random() < 0.06:
            walk.be_distracted()
        if number and walk.page != task.entry and walk.luck.random() < 0.9:
            walk.go(task.entry)
        for act in walk.ordered(task.slow):
            _step(walk, act, 12)
        walk.pause(2.0, 0.7)


def _stall(walk: Walk, task: Task) -> None:
    acts = walk.ordered(task.slow)
    at = next(index for index, act in enumerate(acts) if act.labels == task.at)
    for act in acts[:at]:
        walk.act(act)
    _STALLS[task.like](walk, acts, at)
    if walk.luck.random() < _STALLED_GIVE_UP:
        if walk.luck.random() < 0.6:
            walk.go(walk.luck.choice(walk.app.menu).page)
        raise GaveUp
    for act in acts[at:]:
        walk.act(act)


def _errs(walk: Walk, acts: list[Act], at: int) -> None:
    """The act fails again and again, whatever the user changes."""
    fields = [act for act in acts[:at] if act.kind == "type" and act.page == acts[at].page]
    for _ in range(2 + geometric(walk.luck, 1.3, 4)):
        walk.send(acts[at])
        walk.fail("failed_request")
        walk.pause(9.0, 0.7)
        if fields and walk.luck.random() < 0.6:
            walk.act(walk.luck.choice(fields))


def _hangs(walk: Walk, acts: list[Act], at: int) -> None:
    """The user does not know what to do: long pauses, the same fields again, a look at the help."""
    fields = [act for act in acts[:at] if act.kind == "type" and act.page == acts[at].page]
    for _ in range(1 + geometric(walk.luck, 1.0, 3)):
        walk.pause(75.0, 0.6)
        if fields:
            walk.act(walk.luck.choice(fields))
        if walk.luck.random() < 0.4:
            here = walk.page
            walk.open("/help")
            walk.pause(40.0, 0.7)
            walk.open(here)


def _loops(walk: Walk, acts: list[Act], at: int) -> None:
    """The user goes back and forth between this page and the one before it."""
    here = walk.page
    before = next((act.page for act in reversed(acts[:at]) if act.page != here), walk.app.home)
    for _ in range(2 + geometric(walk.luck, 1.2, 4)):
        walk.pause(11.0, 0.7)
        walk.open(before)
        walk.pause(7.0, 0.7)
        walk.open(here)


def _search(walk: Walk, task: Task) -> None:
    """Search as you type: a change of the field for every few letters; then a hit."""
    walk.go(task.entry)
    (field,) = flat(task.slow)
    for _ in range(1 + geometric(walk.luck, 0.5, 3)):
        for _ in range(2 + geometric(walk.luck, 2.0, 6)):
            walk.act(field)
        if walk.luck.random() < 0.7:
            _open_record(walk, task.entry)


def _open_record(walk: Walk, entry: str) -> None:
    walk.forget_records()
    walk.click(Act("click", entry, ("{name}",)))
    walk.open(f"{entry}/:id")
    walk.pause(10.0, 0.9)


def _paginate(walk: Walk, task: Task) -> None:
    walk.go(task.entry)
    (button,) = flat(task.slow)
    for _ in range(1 + geometric(walk.luck, 3.0, 14)):
        walk.act(button)
        walk.pause(3.0, 0.8)
    if walk.luck.random() < 0.5:
        _open_record(walk, task.entry)


def _browse(walk: Walk, task: Task) -> None:
    """Read one record after another, and change nothing."""
    walk.go(task.entry)
    for _ in range(1 + geometric(walk.luck, 2.5, 12)):
        _open_record(walk, task.entry)
        if walk.luck.random() < 0.15:
            walk.be_distracted()
        walk.open(task.entry)


def _chat(walk: Walk, task: Task) -> None:
    """Write with people: many messages in one conversation, now and then another conversation."""
    walk.go(task.entry)
    field, button = flat(task.slow)
    page = f"{task.entry}/:id"
    for _ in range(1 + geometric(walk.luck, 0.5, 3)):
        _open_record(walk, task.entry)
        for _ in range(2 + geometric(walk.luck, 3.0, 14)):
            walk.be_on(page)
            walk.act(Act("type", page, field.labels, field.element))
            walk.act(Act("click", page, button.labels, button.element))
            walk.pause(25.0, 0.8)
        walk.open(task.entry)


def _steps(walk: Walk, task: Task) -> None:
    """Press a button that is meant to be pressed many times, such as "Next week"."""
    walk.go(task.entry)
    (button,) = flat(task.slow)
    for _ in range(3 + geometric(walk.luck, 4.0, 16)):
        walk.act(button)


def _look(walk: Walk, task: Task) -> None:
    """Look around: some pages of the menu, and small clicks."""
    walk.go(task.entry)
    for _ in range(1 + geometric(walk.luck, 1.5, 6)):
        walk.pause(9.0, 0.9)
        if walk.luck.random() < 0.5:
            walk.be_distracted()
        else:
            walk.go(walk.luck.choice(walk.app.menu).page)


_STALLS: dict[str, Callable[[Walk, list[Act], int], None]] = {"error": _errs, "hang": _hangs, "loop": _loops}
_DECOYS: dict[str, Callable[[Walk, Task], None]] = {
    "search": _search,
    "paginate": _paginate,
    "browse": _browse,
    "chat": _chat,
    "steps": _steps,
    "look": _look,
}
