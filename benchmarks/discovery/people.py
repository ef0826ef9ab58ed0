"""The users of a made-up app: how often they come, how they work, and what they come to do."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from benchmarks.discovery.app import App, Task

__all__ = ["DAYS", "Person", "Visit", "geometric", "people_of", "visits_of"]

#: How many days the recordings cover.
DAYS = 21
#: Monday, 2026-10-05, 00:00 UTC, in epoch seconds.
_BEGAN_AT = 1_791_158_400.0
_DAY_S, _HOUR_S = 86_400.0, 3600.0
_WEEKEND = 0.25
_HOURS = {
    7: 3,
    8: 8,
    9: 14,
    10: 15,
    11: 12,
    12: 5,
    13: 9,
    14: 13,
    15: 12,
    16: 10,
    17: 6,
    18: 3,
    19: 2,
    20: 2,
    21: 1,
}


@dataclass(slots=True)
class Person:
    """One user.

    Args:
        number: from 0.
        language: index of the language in the app's labels.
        pace: how long the person takes for everything, times the median.
        care: 0 (an expert) to 1 (a novice): how often the person wanders, and errs.
        is_anonymous: whether the app does not know who it is.
        ways: the way of each task that the person does: ``slow``, ``fast`` or ``once``.
    """

    number: int
    language: int
    pace: float
    care: float
    is_anonymous: bool
    ways: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Visit:
    """One session before it happens.

    Args:
        person: who comes.
        number: the session's number in the whole world, from 0.
        began_at: epoch seconds.
        tasks: what the person comes to do, in order.
    """

    person: Person
    number: int
    began_at: float
    tasks: list[Task] = field(default_factory=list)


def geometric(luck: random.Random, mean: float, most: int = 1 << 30) -> int:
    """Return a random number from 0, with this mean, of a geometric distribution.

    Args:
        luck: the source of randomness.
        mean: the mean.
        most: the largest number.
    """
    number = 0
    while number < most and luck.random() < mean / (1 + mean):
        number += 1
    return number


def people_of(app: App, count: int, luck: random.Random) -> list[Person]:
    """Return an app's users, without their habits."""
    shares = list(app.languages.values())
    people = []
    for number in range(count):
        (language,) = luck.choices(range(len(shares)), shares)
        care = luck.choices((0.1, 0.4, 1.0), (20, 55, 25))[0]
        pace = luck.lognormvariate(0.0, 0.35) * (0.8 + 0.4 * care)
        people.append(Person(number, language, pace, care, luck.random() < 0.03))
    return people


def visits_of(app: App, people: list[Person], sessions: int, luck: random.Random) -> list[Visit]:
    """Return all sessions in order of time, and give the people their habits.

    Args:
        app: the app.
        people: its users; each comes at least once.
        sessions: how many sessions there are.
        luck: the source of randomness.
    """
    activity = [luck.lognormvariate(0.0, 1.1) for _ in people]
    counts = [1] * len(people)
    for number in luck.choices(range(len(people)), activity, k=max(sessions - len(people), 0)):
        counts[number] += 1
    visits = list[Visit]()
    for person, count in zip(people, counts, strict=True):
        own = [Visit(person, 0, at) for at in _times(count, luck)]
        # The more often people come, the more they do; on average the shares are those of the app's file.
        _assign(app, person, own, min(0.8 + 0.07 * count, 1.8), luck)
        visits += own
    visits.sort(key=lambda visit: (visit.began_at, visit.person.number))
    for number, visit in enumerate(visits):
        visit.number = number
    return visits


def _times(count: int, luck: random.Random) -> list[float]:
    """Return when a person comes: on working days rather than at the weekend, once in an hour at most."""
    slots = dict[tuple[int, int], None]()
    days = range(DAYS)
    weights = [_WEEKEND if day % 7 >= 5 else 1.0 for day in days]
    while len(slots) < min(count, 200):
        (day,) = luck.choices(days, weights)
        (hour,) = luck.choices(list(_HOURS), list(_HOURS.values()))
        slots[day, hour] = None
    return sorted(_BEGAN_AT + day * _DAY_S + (hour + luck.random()) * _HOUR_S for day, hour in slots)


def _assign(app: App, person: Person, visits: list[Visit], eagerness: float, luck: random.Random) -> None:
    """Give a person habits: each happens once at least, and then again in every fifth session or so."""
    decoys = list[Task]()
    for task in app.tasks:
        way = _way(task, eagerness if task.kind != "decoy" else 1.0, luck)
        if not way:
            continue
        if task.kind == "decoy":
            decoys.append(task)
            continue
        person.ways[task.id] = way
        first = luck.randrange(len(visits))
        for number, visit in enumerate(visits):
            if number == first or (task.kind != "rare" and luck.random() < 0.2):
                visit.tasks.append(task)
    for visit in visits:
        if decoys:
            visit.tasks += luck.choices(decoys, k=2 + geometric(luck, 2.2, 9))
        luck.shuffle(visit.tasks)


def _way(task: Task, eagerness: float, luck: random.Random) -> str:
    drawn = luck.random()
    for way, share in (("slow", task.slow_users), ("fast", task.fast_users), ("once", task.once_users)):
        drawn -= share * eagerness
        if drawn < 0:
            return way
    return ""
