"""Sessions of people who use the changing app, with everything that must not look like a change of it.

There are workdays, quiet nights and weekends; people who give up, whose recording begins in the middle, who
make detours, repeat steps, or never use a certain step; a bot; people whose source sends no element ids;
optional steps; and workflows that few people use.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rasa_autoplay.events.models import SlimAction
from support.changing_app.workflows import WORKFLOWS, Act, Workflow

__all__ = ["Traffic", "Visit"]

_ORIGIN = "https://shop.example.com"
_MONDAY = 1_772_409_600.0  # 2026-03-02 00:00 UTC
_DAY_S = 86_400.0
#: How often each workflow is used, relative to the others.
_WEIGHTS = {
    "archive-orders": 6,
    "filter-orders": 8,
    "invite-member": 5,
    "monthly-report": 5,
    "new-order": 8,
    "notify-me": 5,
}
_OPTIONAL = {("archive-orders", "reason")}
_DETOURS = (
    Act("click", "", "/orders", "Click Help", "help"),
    Act("click", "", "/orders", "Click Notifications", "bell"),
    Act("click", "", "/orders", "Click Cancel", "order-cancel"),
    Act("click", "", "/team", "Click Remove", "member-remove"),
    Act("change", "", "/orders", "Change Search", "search"),
    Act("click", "", "/settings", "Click Save", "profile-save"),
    Act("click", "", "/orders", "Click Order 4711", ""),
)


@dataclass(frozen=True)
class Visit:
    """One session.

    Args:
        user_id: the user.
        session_id: the session.
        actions: in order.
    """

    user_id: str
    session_id: str
    actions: Sequence[SlimAction]

    @property
    def end(self) -> float:
        """Time of the last action, epoch seconds."""
        return self.actions[-1].timestamp_start


class Traffic:
    """The sessions of a team.

    Args:
        seed: of chance.
        users: how many people there are.
        workflows: what a user does in each step.
        visits_a_day: sessions on a workday; a tenth of it comes on each day of a weekend.
    """

    def __init__(
        self,
        seed: int = 1,
        users: int = 60,
        workflows: Mapping[str, Workflow] = WORKFLOWS,
        visits_a_day: float = 80.0,
    ) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - the same sessions each time
        self._users = [f"user{number}" for number in range(users)]
        self.workflows = workflows
        self._visits_a_day = visits_a_day
        self._at = _MONDAY + 9 * 3600.0
        self._number = 0

    def visits(self, count: int) -> Iterator[Visit]:
        """Return the next sessions."""
        for _ in range(count):
            self._pass_time()
            self._number += 1
            is_bot = self._chance.random() < 0.03
            user = "bot" if is_bot else self._chance.choice(self._users)
            acts = list(self._crawl() if is_bot else self._work(user))
            yield Visit(user, f"s{self._number}", self._actions(user, acts, 0.2 if is_bot else 4.0))

    def _pass_time(self) -> None:
        self._at += self._chance.expovariate(self._visits_a_day / (9 * 3600.0))
        while not self._is_open():
            self._at += 1800.0

    def _is_open(self) -> bool:
        day, hour = int((self._at - _MONDAY) // _DAY_S) % 7, (self._at % _DAY_S) / 3600.0
        is_weekend_visit = day < 5 or self._chance.random() < 0.01
        return 9.0 <= hour < 18.0 and is_weekend_visit

    def _crawl(self) -> Iterator[Act]:
        """A bot presses whatever it finds, except for what opens things."""
        workflows = self.workflows.values()
        every = [act for steps in workflows for acts in list(steps.values())[1:] for act in acts]
        yield from self._chance.sample(every, 12)

    def _work(self, user: str) -> Iterator[Act]:
        paths = list(_WEIGHTS)
        for path_id in self._chance.choices(paths, list(_WEIGHTS.values()), k=self._chance.randint(1, 2)):
            yield from self._detours(0.3)
            yield from self._attempt(user, path_id)
        yield from self._detours(0.3)

    def _attempt(self, user: str, path_id: str) -> Iterator[Act]:
        steps = list(self.workflows[path_id].items())
        begin = self._chance.randrange(len(steps)) if self._chance.random() < 0.05 else 0
        end = self._chance.randint(1, len(steps)) if self._chance.random() < 0.1 else len(steps)
        for place, (step_id, acts) in enumerate(steps[:end]):
            if place < begin or self._skips(user, path_id, step_id, place):
                continue
            yield from acts
            if self._chance.random() < 0.06:
                yield from acts
            yield from self._detours(0.1)

    def _skips(self, user: str, path_id: str, step_id: str, place: int) -> bool:
        if (path_id, step_id) in _OPTIONAL:
            return self._chance.random() < 0.6
        # One of 15 people leaves a preset field alone, always the same one.
        has_habit = sum(user.encode()) % 15 == place
        return place > 0 and has_habit and step_id in ("status", "shipping", "role", "frequency")

    def _detours(self, chance: float) -> Iterator[Act]:
        while self._chance.random() < chance:
            yield self._chance.choice(_DETOURS)

    def _actions(self, user: str, acts: Sequence[Act], pause_s: float) -> Sequence[SlimAction]:
        # A tenth of the people come through a source without element ids.
        has_ids = sum(user.encode()) % 10 != 0
        at, actions = self._at, []
        for index, act in enumerate(acts or [_DETOURS[0]]):
            at += self._chance.expovariate(1 / pause_s)
            kind, title, element_id, page = act.captured
            actions.append(
                SlimAction(
                    title,
                    title,
                    _ORIGIN + page,
                    index,
                    kind,
                    at,
                    at,
                    element_id=element_id if has_ids else "",
                )
            )
        return actions
