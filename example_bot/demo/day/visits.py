"""What a user does in one visit, by the way they work."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

from example_bot.demo.day.deeds import (
    PROJECTS,
    Deed,
    change,
    click,
    dead_click,
    error,
    open_page,
    rage_click,
    tick,
)
from example_bot.demo.day.people import Behaviour

__all__ = ["BULK_EDIT", "TimedDeed", "bulk_edit_of", "deeds_of_visit"]

#: The steps of the golden path that the tour has, in order.
BULK_EDIT = ("options", "bulk-edit", "select", "apply")
#: Without help, this share of the users who edit one by one find bulk edit.
_FIND_IT_THEMSELVES = 0.07


class TimedDeed(NamedTuple):
    """A deed, and how many seconds the user waits before it."""

    pause_s: float
    deed: Deed


_Visit = Iterator[TimedDeed]


def deeds_of_visit(behaviour: Behaviour, number: int, dice: random.Random) -> list[TimedDeed]:
    """Return what a user does in a visit.

    Args:
        behaviour: how the user works.
        number: the number of the visit, from 0.
        dice: chance.
    """
    if behaviour is Behaviour.RETURNING and number:
        behaviour = Behaviour.EXPERT
    return list(_VISITS[behaviour](dice, number))


def bulk_edit_of(step: str, dice: random.Random) -> list[TimedDeed]:
    """Return what a user does at one step of bulk edit."""
    wait = dice.uniform
    if step == "options":
        return [TimedDeed(wait(1.5, 5), click("", "projects-table-options", "Table options"))]
    if step == "bulk-edit":
        return [TimedDeed(wait(1, 3), click("Bulk edit", "projects-bulk-edit-toggle"))]
    if step == "select":
        chosen = dice.sample(list(PROJECTS), dice.randint(3, 6))
        return [TimedDeed(wait(0.6, 2), tick(project_id)) for project_id in chosen]
    choice = [TimedDeed(wait(1, 3), change("bulk-priority", "Priority"))] if dice.random() < 0.8 else []
    return [*choice, TimedDeed(wait(1, 3), click("Apply to 4", "bulk-apply"))]


def _expert(dice: random.Random, _number: int) -> _Visit:
    yield from _arrive(dice)
    for _ in range(dice.randint(1, 2)):
        for step in BULK_EDIT:
            yield from bulk_edit_of(step, dice)
    yield from _look_around(dice)


def _novice(dice: random.Random, _number: int) -> _Visit:
    yield from _arrive(dice)
    if dice.random() < 0.25:
        yield TimedDeed(dice.uniform(2, 8), change("status-filter", "Status"))
    # Some are so slow that three saves take longer than two minutes.
    pace = dice.choice((0.6, 0.8, 0.8, 1.0, 1.0, 1.0, 1.3, 2.6))
    for project_id in dice.sample(list(PROJECTS), dice.choice((2, 3, 3, 4, 4, 5, 5, 6, 6, 8))):
        yield from _edit(project_id, dice, pace)
    if dice.random() < _FIND_IT_THEMSELVES:
        yield TimedDeed(dice.uniform(15, 60), click("", "projects-table-options", "Table options"))
        for step in BULK_EDIT[1:]:
            yield from bulk_edit_of(step, dice)
    yield from _look_around(dice)


def _interrupted(dice: random.Random, number: int) -> _Visit:
    yield from _arrive(dice)
    if number == 0:
        for step in BULK_EDIT[:3]:
            yield from bulk_edit_of(step, dice)
        yield TimedDeed(dice.uniform(5, 20), click("Dashboard", tag="a"))
        yield TimedDeed(0.2, open_page("dashboard"))
        return
    for project_id in dice.sample(list(PROJECTS), dice.randint(1, 4)):
        yield from _edit(project_id, dice, 1.0)
    yield from _look_around(dice)


def _lost(dice: random.Random, _number: int) -> _Visit:
    yield TimedDeed(0.0, open_page("dashboard"))
    for _ in range(dice.randint(2, 4)):
        yield from _go("projects", dice, 6, 18)
        if dice.random() < 0.5:
            yield TimedDeed(dice.uniform(3, 9), change("status-filter", "Status"))
        if dice.random() < 0.4:
            yield TimedDeed(dice.uniform(2, 6), dead_click(dice.choice(("At risk", "On hold", "Due next"))))
        if dice.random() < 0.5:
            yield TimedDeed(dice.uniform(2, 6), click("", "projects-table-options", "Table options"))
        if dice.random() < 0.7:
            options = rage_click("", "projects-table-options")
            yield TimedDeed(dice.uniform(2, 6), dice.choice((rage_click("Edit"), options)))
        if dice.random() < 0.15:
            yield TimedDeed(0.4, error())
        yield from _go("dashboard", dice, 6, 18)
    if dice.random() < 0.5:
        yield from _go("projects", dice, 70, 110)
        yield from _edit(dice.choice(list(PROJECTS)), dice, 1.4)


_VISITS: dict[Behaviour, Callable[[random.Random, int], _Visit]] = {
    Behaviour.EXPERT: _expert,
    Behaviour.NOVICE: _novice,
    Behaviour.INTERRUPTED: _interrupted,
    Behaviour.LOST: _lost,
    Behaviour.RETURNING: _novice,
}


def _arrive(dice: random.Random) -> _Visit:
    if dice.random() < 0.35:
        yield TimedDeed(0.0, open_page("dashboard"))
        yield from _go("projects", dice, 4, 25)
    else:
        yield TimedDeed(0.0, open_page("projects"))


def _go(page: str, dice: random.Random, least_s: float, most_s: float) -> _Visit:
    yield TimedDeed(dice.uniform(least_s, most_s), click(page.capitalize(), tag="a"))
    yield TimedDeed(0.15, open_page(page))


def _edit(project_id: str, dice: random.Random, pace: float) -> _Visit:
    yield TimedDeed(dice.uniform(2, 9) * pace, click("Edit", label=f"Edit {PROJECTS[project_id]}"))
    if dice.random() < 0.08:
        yield TimedDeed(dice.uniform(2, 5) * pace, click("Cancel", "edit-cancel"))
        return
    yield TimedDeed(dice.uniform(2, 6) * pace, change("edit-priority", "Priority"))
    yield TimedDeed(dice.uniform(1, 4) * pace, click("Save changes", "edit-save"))


def _look_around(dice: random.Random) -> _Visit:
    if dice.random() < 0.4:
        yield TimedDeed(dice.uniform(3, 12), click("", "projects-table-options", "Table options"))
        yield TimedDeed(dice.uniform(1, 4), click("Sort by due date"))
    if dice.random() < 0.45:
        yield from _go("dashboard", dice, 5, 30)
        if dice.random() < 0.4:
            yield from _go("projects", dice, 65, 150)
