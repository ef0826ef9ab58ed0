"""All visits of a day, and what happens next in each of them."""

from __future__ import annotations

import heapq
import itertools
import random
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from example_bot.demo.day.people import Behaviour, MadeUpUser, invent_users
from example_bot.demo.day.reactions import Step, TimedStep, react
from example_bot.demo.day.timetable import times_of_visits
from example_bot.demo.day.visits import deeds_of_visit

__all__ = ["Due", "Traffic", "Visit", "visits_of_a_day"]

#: A user's page stays open for so many seconds after the last thing that they do.
_STAYS_S = 45.0


@dataclass(eq=False)
class Visit:
    """One visit of one user.

    Args:
        user: the user.
        session_id: the analytics session.
        begins_at: epoch seconds.
        steps: what the user does, if nothing comes in between.
        dice: the chance of this visit alone, so that other visits do not change it.
        page: the page where the user is.
        plan: the number of the present plan; steps of an earlier one are not done.
    """

    user: MadeUpUser
    session_id: str
    begins_at: float
    steps: list[TimedStep]
    dice: random.Random
    page: str = "projects"
    plan: int = 0


@dataclass(frozen=True, order=True)
class Due:
    """A step of a visit; without a step, the user leaves.

    Args:
        at: epoch seconds.
        number: breaks ties.
        visit: the visit.
        step: what happens; None if the user leaves.
        plan: the plan that the step belongs to; -1 for every plan.
    """

    at: float
    number: int
    visit: Visit = field(compare=False)
    step: Step | None = field(compare=False)
    plan: int = field(compare=False)


def visits_of_a_day(seed: int, end: float, users: int) -> list[Visit]:
    """Return the visits of the 24 hours before ``end``, in order; the same for the same arguments."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    visits = []
    for user in invent_users(dice, users):
        own = random.Random(dice.getrandbits(64))  # noqa: S311
        comes_back = user.behaviour in (Behaviour.RETURNING, Behaviour.INTERRUPTED) or own.random() < 0.25
        count = own.choice((2, 2, 3)) if comes_back else 1
        for number, at in enumerate(times_of_visits(own, end, count)):
            deeds = deeds_of_visit(user.behaviour, number, own)
            session_id = str(uuid.UUID(int=own.getrandbits(128), version=4))
            chance = random.Random(own.getrandbits(64))  # noqa: S311
            visits.append(Visit(user, session_id, at, [TimedStep(*deed) for deed in deeds], chance))
    return sorted(visits, key=lambda visit: visit.begins_at)


class Traffic:
    """The steps of visits, in order of time.

    Args:
        visits: the visits.
    """

    def __init__(self, visits: Iterable[Visit]) -> None:
        self._numbers = itertools.count()
        self._due: list[Due] = []
        self._ends: dict[Visit, float] = {}
        for visit in visits:
            self.add(visit)

    def add(self, visit: Visit) -> None:
        """Plan a visit."""
        self._plan(visit, visit.begins_at, visit.steps)

    @property
    def next_at(self) -> float | None:
        """When the next step is due, epoch seconds; None if all visits are over."""
        return self._due[0].at if self._due else None

    def pop(self) -> Due | None:
        """Remove and return the next step; None if it is no longer planned."""
        due = heapq.heappop(self._due)
        if due.step is None:
            return due if due.at >= self._ends[due.visit] else None
        return due if due.plan == due.visit.plan or due.plan < 0 else None

    def receive(self, visit: Visit, toast: Mapping[str, Any], at: float) -> None:
        """Let a toast appear on the page of a visit, and the user react."""
        reaction = react(toast, visit.dice)
        if reaction.changes_plans:
            visit.plan += 1
        self._plan(visit, at, reaction.steps, visit.plan if reaction.changes_plans else -1)

    def _plan(self, visit: Visit, at: float, steps: Iterable[TimedStep], plan: int = 0) -> None:
        for pause_s, step in steps:
            at += pause_s
            heapq.heappush(self._due, Due(at, next(self._numbers), visit, step, plan))
        self._ends[visit] = max(self._ends.get(visit, 0.0), at + _STAYS_S)
        heapq.heappush(self._due, Due(self._ends[visit], next(self._numbers), visit, None, -1))
