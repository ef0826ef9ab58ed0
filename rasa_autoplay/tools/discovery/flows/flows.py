"""The flows of an app: each goal with the ways that users take to it."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.engine.knowledge.drafting import Draft
from rasa_autoplay.tools.discovery.columns.columns import Columns
from rasa_autoplay.tools.discovery.findings.finding import Act
from rasa_autoplay.tools.discovery.flows.episodes import Episodes, episodes_of
from rasa_autoplay.tools.discovery.flows.following import Following, following_of
from rasa_autoplay.tools.discovery.flows.goals import goals_of
from rasa_autoplay.tools.discovery.flows.ways import Way, ways_of
from rasa_autoplay.tools.discovery.steps.path_of_controls import path_of_controls
from rasa_autoplay.tools.discovery.steps.steps import NOWHERE, Steps, steps_of

__all__ = ["Flow", "Flows", "flows_of"]

#: A way of fewer users, or of a smaller share of all users, is not proposed.
_MIN_USERS, _MIN_SHARE_OF_USERS = 5, 0.005
#: A page is the end of ways if so many of its arrivals come from them.
_MIN_OF_ARRIVALS = 0.6
#: A way that begins with the first act of the session in so many cases is how sessions begin.
_MOST_BEGIN = 0.5
#: An act opens a page on purpose if so many of its uses lead there.
_MIN_OPENING = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """A goal, and the ways to it.

    Args:
        goal: the control that reaches it; negative if several do, which open the same page.
        page: the page that these controls open; negative if the goal is a control.
        episodes: how users reached it.
        ways: the ways, those of most users first.
    """

    goal: int
    page: int
    episodes: Episodes
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Flows:
    """The flows of an app, and the steps from which they were learned.

    Args:
        steps: the steps of all users.
        following: which controls lead to which.
        flows: the flows that end in an act, by its code.
        arrivals: the flows that end on a page, by its code.
        min_users: what fewer users do is not proposed.
    """

    steps: Steps
    following: Following
    flows: tuple[Flow, ...]
    arrivals: tuple[Flow, ...]
    min_users: int

    def act(self, control: int) -> Act:
        """Return the act that stands for a control."""
        return self.steps.controls.known[control].act

    def acts(self, controls: tuple[int, ...]) -> tuple[Act, ...]:
        """Return the acts that stand for controls."""
        return tuple(map(self.act, controls))

    def path_of(self, controls: Sequence[int], optional: Collection[int]) -> Draft | None:
        """Draft the golden path of controls in order; None if they give no step.

        Args:
            controls: the controls.
            optional: those that a part of the users left out.
        """
        places = [place for place, control in enumerate(controls) if control in optional]
        return path_of_controls([self.steps.controls.known[control] for control in controls], places)


def flows_of(columns: Columns) -> Flows:
    """Find the flows.

    Args:
        columns: the recordings.
    """
    min_users = max(_MIN_USERS, math.ceil(_MIN_SHARE_OF_USERS * len(columns.users)))
    steps = steps_of(columns, min_users)
    following = following_of(steps, min_users)
    is_step = np.array([not c.is_menu and not c.act.is_page_view for c in steps.controls.known], bool)
    flows = []
    for goal in goals_of(steps, following):
        ways_to = following.ways_to(goal)
        episodes = episodes_of(steps, steps.control == goal, ways_to[is_step[ways_to]], min_users)
        ways = [way for way in ways_of(episodes, min_users) if not _is_ritual(steps, episodes, way)]
        if ways:
            flows.append(Flow(goal, NOWHERE, episodes, tuple(ways)))
    arrivals = _arrivals(steps, following, is_step, min_users)
    return Flows(steps, following, tuple(flows), tuple(arrivals), min_users)


def _is_ritual(steps: Steps, episodes: Episodes, way: Way) -> bool:
    """Whether this is how sessions begin, such as signing in."""
    is_view = np.array([control.act.is_page_view for control in steps.controls.known], bool)
    acts = np.flatnonzero(~is_view[steps.control])
    first = acts[np.append(True, np.diff(steps.stretch[acts]) != 0)[: len(acts)]]
    at = episodes.places(way.episodes, way.needed or way.steps)
    begin = np.where(at >= 0, at, episodes.end[way.episodes][:, None]).min(axis=1)
    return bool(np.isin(begin, first).mean() >= _MOST_BEGIN)


def _arrivals(steps: Steps, following: Following, is_step: NDArray[np.bool_], min_users: int) -> list[Flow]:
    """Return the flows of pages that several different acts open at the end of something."""
    found = []
    pages = len(steps.columns.pages)
    arrives = steps.leads_to != NOWHERE
    by_step = np.bincount(steps.leads_to[arrives & is_step[steps.control]], minlength=pages)
    in_all = np.bincount(steps.leads_to[arrives], minlength=pages)
    times = np.bincount(steps.control, minlength=len(is_step))
    for page in np.flatnonzero((by_step >= min_users) & (by_step >= _MIN_OF_ARRIVALS * in_all)):
        is_end = steps.leads_to == page
        opens = np.bincount(steps.control[is_end], minlength=len(is_step)) >= _MIN_OPENING * times
        is_end &= (opens & is_step)[steps.control]
        last, users = _users_by_control(steps, is_end)
        last = last[users >= min_users]
        if len(last) < 2:
            continue
        is_end &= np.isin(steps.control, last)
        ways_to = [following.ways_to(int(control)) for control in last]
        known = np.setdiff1d(np.concatenate(ways_to), last)
        episodes = _with_last(steps, episodes_of(steps, is_end, known[is_step[known]], min_users))
        ways = [way for way in ways_of(episodes, min_users) if not _is_ritual(steps, episodes, way)]
        if len(ways) > 1:
            found.append(Flow(-1, int(page), episodes, tuple(ways)))
    return found


def _users_by_control(steps: Steps, chosen: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    number = int(steps.user.max()) + 2
    pairs = np.unique(steps.control[chosen].astype(np.int64) * number + steps.user[chosen] + 1)
    controls, users = np.unique(pairs // number, return_counts=True)
    return controls, users


def _with_last(steps: Steps, episodes: Episodes) -> Episodes:
    """Make the act that opened the page a part of each episode."""
    last = steps.control[episodes.end]
    members = np.union1d(episodes.members, last).astype(np.int64)
    at = np.full((len(episodes), len(members)), -1, np.int64)
    at[:, np.searchsorted(members, episodes.members)] = episodes.at
    at[np.arange(len(episodes)), np.searchsorted(members, last)] = episodes.end
    return replace(episodes, members=members, at=at)
