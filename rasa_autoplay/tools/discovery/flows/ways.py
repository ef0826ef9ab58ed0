"""The ways to a goal: groups of episodes that did nearly the same things before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.flows.episodes import Episodes

__all__ = ["Way", "ways_of"]

#: Two sets of controls with so large a common part are the same way.
_SAME = 0.6
#: A control belongs to a way if so many of its users did it, and is needed if nearly all did.
_PART_OF_WAY, _NEEDED = 0.45, 0.8
_ROUNDS = 4
#: A way with so many times the users of another is its main part.
_MUCH = 2
#: So many different sets of controls are looked at, and so many ways.
_MAX_SETS, _MAX_WAYS = 200, 24


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One way to a goal: what users do before it, in their usual order.

    Args:
        steps: the controls in order, without the goal.
        optional: those of them that a part of the users left out.
        episodes: which of the goal's episodes went this way (int64).
        users: how many users did.
    """

    steps: tuple[int, ...]
    optional: frozenset[int]
    episodes: NDArray[np.int64]
    users: int

    @property
    def needed(self) -> tuple[int, ...]:
        """The controls that nearly everybody used, in order."""
        return tuple(step for step in self.steps if step not in self.optional)


def ways_of(episodes: Episodes, min_users: int) -> list[Way]:
    """Find the ways, those of most users first.

    Args:
        episodes: the episodes of one goal.
        min_users: how many users a way must have.
    """
    done = episodes.at >= 0
    sets, of_episode = np.unique(done, axis=0, return_inverse=True)
    of_episode = of_episode.reshape(-1)
    users = _users_of(of_episode, episodes.user, len(sets))
    is_way = sets.any(axis=1)
    centers = _first_centers(sets, users, is_way)
    nearest = np.zeros(len(sets), np.int64)
    for _ in range(_ROUNDS):
        if not len(centers):
            return []
        nearest = _nearest(sets, centers)
        centers = _moved(sets, users, nearest, len(centers))
    nearest = np.where(is_way, _nearest(sets, centers), -1) if len(centers) else nearest
    found = [_way(episodes, np.flatnonzero(nearest[of_episode] == at)) for at in range(len(centers))]
    found = _without_prefixes(episodes, sorted(found, key=lambda way: (-way.users, way.steps)))
    kept = [way for way in found if way.steps and way.users >= min_users]
    return sorted(kept, key=lambda way: (-way.users, way.steps))


def _without_prefixes(episodes: Episodes, ways: list[Way]) -> list[Way]:
    """Join each way to a much more frequent one that it contains: users did something else before."""
    kept: list[Way] = []
    for way in ways:
        inner = next((at for at, other in enumerate(kept) if _is_contained(other, way)), None)
        if inner is None:
            kept.append(way)
        else:
            joined = np.sort(np.concatenate([kept[inner].episodes, way.episodes]))
            kept[inner] = _way(episodes, joined)
    return kept


def _is_contained(inner: Way, outer: Way) -> bool:
    is_main = len(inner.needed) > 1 and inner.users >= _MUCH * outer.users
    return is_main and set(inner.needed) <= set(outer.steps)


def _users_of(code: NDArray[np.int64], user: NDArray[np.int32], number: int) -> NDArray[np.int64]:
    pairs = (
        np.unique(np.stack([code, user.astype(np.int64)], axis=1), axis=0) if len(code) else np.zeros((0, 2))
    )
    return np.bincount(pairs[:, 0].astype(np.int64), minlength=number)


def _likeness(sets: NDArray[np.bool_], others: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the size of the common part of two sets, as a share of both together, with the goal in both."""
    common = sets.astype(np.float64) @ others.T.astype(np.float64) + 1
    likeness: NDArray[np.float64] = common / (
        sets.sum(axis=1)[:, None] + others.sum(axis=1)[None, :] + 2 - common
    )
    return likeness


def _first_centers(
    sets: NDArray[np.bool_], users: NDArray[np.int64], is_way: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    centers: list[int] = []
    order = sorted(np.flatnonzero(is_way), key=lambda at: (-users[at], -int(sets[at].sum()), at))
    for at in order[:_MAX_SETS]:
        if not centers or _likeness(sets[[at]], sets[centers]).max() < _SAME:
            centers.append(int(at))
    return sets[centers[:_MAX_WAYS]]


def _nearest(sets: NDArray[np.bool_], centers: NDArray[np.bool_]) -> NDArray[np.int64]:
    nearest: NDArray[np.int64] = _likeness(sets, centers).argmax(axis=1)
    return nearest


def _moved(
    sets: NDArray[np.bool_], users: NDArray[np.int64], nearest: NDArray[np.int64], number: int
) -> NDArray[np.bool_]:
    """Return the centers moved to what most users of each group did, without those that came together."""
    moved: list[NDArray[np.bool_]] = []
    for at in range(number):
        group = nearest == at
        weight = users[group].astype(np.float64)
        if not weight.sum():
            continue
        center = (weight @ sets[group]) / weight.sum() >= _PART_OF_WAY
        if center.any() and not any(_likeness(center[None], other[None])[0, 0] >= _SAME for other in moved):
            moved.append(center)
    return np.array(moved, bool).reshape(len(moved), sets.shape[1])


def _way(episodes: Episodes, chosen: NDArray[np.int64]) -> Way:
    user = episodes.user[chosen]
    users = len(np.unique(user))
    if not len(chosen):
        return Way((), frozenset(), chosen, 0)
    # Each user counts once, with the share of their times.
    _, of_episode, times = np.unique(user, return_inverse=True, return_counts=True)
    weight = 1.0 / times[of_episode] / users
    done = episodes.at[chosen] >= 0
    share = weight @ done
    members = np.flatnonzero(share >= _PART_OF_WAY)
    rank = {int(at): _mean_rank(episodes.at[chosen], done, members, at) for at in members}
    ordered = sorted(rank, key=lambda at: (rank[at], at))
    optional = frozenset(int(episodes.members[at]) for at in ordered if share[at] < _NEEDED)
    return Way(tuple(int(episodes.members[at]) for at in ordered), optional, chosen, users)


def _mean_rank(
    at: NDArray[np.int64], done: NDArray[np.bool_], members: NDArray[np.int64], member: int
) -> float:
    """Return the mean share of the other members that come before one."""
    both = done[:, members] & done[:, [member]]
    before = both & (at[:, members] < at[:, [member]])
    return float((before.sum(axis=0) / np.maximum(both.sum(axis=0), 1)).sum())
