"""Which language each user reads, learned from titles that nearly nobody uses together.

No word is compared. Titles of one language are used by the same people; of two translations, everybody uses
only one. From a few frequent titles that exclude each other, it spreads to users, from them to their other
titles, and back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["UNKNOWN", "Languages", "languages_of", "titles_of_languages"]

#: No language.
UNKNOWN = -1
#: The most frequent titles are compared in pairs: so many of them.
_COMPARED = 400
#: So many users tell which titles exclude each other; with more, every second or third one is asked.
_MAX_USERS = 50_000
#: Two titles exclude each other if so many users would have both by chance, and at most this share of
#: them has.
_MIN_EXPECTED, _MAX_BOTH = 8.0, 0.12
#: A title is of a language if at most this share of the users that others would have do not read it.
_MAX_OTHERS = 0.25
_MIN_USERS, _MIN_VOTES, _ROUNDS = 3, 0.75, 6
#: A further language has a title with so many users without a language, and nearly no others.
_MIN_NEW, _MIN_NEW_SHARE, _MAX_LANGUAGES = 8, 0.9, 12
#: There are languages at all if so many of the users who can be judged have titles of one language only.
_MIN_CLEAR = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Languages:
    """Languages, by numbers.

    Args:
        number: how many there are; at least two.
        used_by: whether the readers of a language (column) use a title (row, by act code). Some titles are
            the same in several languages; those that are the same in all, or of few users, have none.
        readers: how many users read each language (int64).
        of_user: the language of each user, :data:`UNKNOWN` for some (int64).
    """

    number: int
    used_by: NDArray[np.bool_]
    readers: NDArray[np.int64]
    of_user: NDArray[np.int64]


def languages_of(act: NDArray[np.int64], user: NDArray[np.int64], acts: int, users: int) -> Languages | None:
    """Find the languages; None if all users read the same.

    Args:
        act: act codes of titles, one for each different pair with a user.
        user: the user codes of these pairs.
        acts: how many act codes there are.
        users: how many user codes there are.
    """
    seeds = _seeds(act, user, acts, users)
    if len(seeds) < 2:
        return None
    of_act, of_user = _spread(seeds, act, user, acts, users)
    while len(seeds) < _MAX_LANGUAGES and (seed := _another(act, user, acts, of_user)) is not None:
        seeds.append(seed)
        of_act, of_user = _spread(seeds, act, user, acts, users)
    votes = _table(user, of_act[act], users, len(seeds))
    several = votes.sum(axis=1) >= 2
    is_clear = votes[several].max(axis=1, initial=0) >= 0.9 * votes[several].sum(axis=1)
    if not several.any() or is_clear.mean() < _MIN_CLEAR:
        return None
    return titles_of_languages(act, user, acts, of_user)


def titles_of_languages(
    act: NDArray[np.int64], user: NDArray[np.int64], acts: int, of_user: NDArray[np.int64]
) -> Languages:
    """Return which titles the readers of known languages use.

    Args:
        act: as for :func:`languages_of`.
        user: as for :func:`languages_of`.
        acts: how many act codes there are.
        of_user: the language of each user, :data:`UNKNOWN` for some.
    """
    number = int(of_user.max(initial=UNKNOWN)) + 1
    readers = np.bincount(of_user[of_user >= 0], minlength=number)
    return Languages(number, _used_by(_table(act, of_user[user], acts, number), readers), readers, of_user)


def _used_by(users: NDArray[np.int64], readers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which languages' readers use each title, from the number of its users of each language."""
    rate = users / np.maximum(readers, 1)
    used_by = (users > 0) & (rate >= _MAX_OTHERS * rate.max(axis=1, keepdims=True))
    used_by[used_by.all(axis=1) | (users.sum(axis=1) < _MIN_USERS)] = False
    found: NDArray[np.bool_] = used_by
    return found


def _spread(
    seeds: list[int], act: NDArray[np.int64], user: NDArray[np.int64], acts: int, users: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the languages of titles and users, from one title of each language."""
    of_act = np.full(acts, UNKNOWN, np.int64)
    of_act[seeds] = np.arange(len(seeds))
    of_user = _majority(of_act[act], user, users, len(seeds))
    for _ in range(_ROUNDS):
        of_act = _of_acts(act, of_user[user], acts, len(seeds))
        of_user = _majority(of_act[act], user, users, len(seeds))
    return of_act, of_user


def _another(
    act: NDArray[np.int64], user: NDArray[np.int64], acts: int, of_user: NDArray[np.int64]
) -> int | None:
    """Return the title of most of the users without a language, if nearly nobody else uses it."""
    is_other = of_user[user] == UNKNOWN
    others = np.bincount(act[is_other], minlength=acts)
    in_all = np.bincount(act, minlength=acts)
    others = np.where(others >= _MIN_NEW_SHARE * in_all, others, 0)
    seed = int(others.argmax())
    return seed if others[seed] >= _MIN_NEW else None


def _seeds(act: NDArray[np.int64], user: NDArray[np.int64], acts: int, users: int) -> list[int]:
    """Return frequent titles of which everybody uses only one."""
    if users > _MAX_USERS:
        apart = -(-users // _MAX_USERS)
        act, user = act[user % apart == 0], user[user % apart == 0] // apart
        users = _MAX_USERS
    times = np.bincount(act, minlength=acts)
    chosen = np.argsort(-times, kind="stable")[:_COMPARED]
    chosen = chosen[times[chosen] > 0]
    place = np.full(acts, -1, np.int64)
    place[chosen] = np.arange(len(chosen))
    is_used = np.zeros((len(chosen), users), np.float32)
    known = place[act] >= 0
    is_used[place[act[known]], user[known]] = 1
    both = is_used @ is_used.T
    active = max(int((is_used.sum(axis=0) > 0).sum()), 1)
    expected = np.outer(times[chosen], times[chosen]) / active
    excludes = (expected >= _MIN_EXPECTED) & (both <= _MAX_BOTH * expected)
    if not excludes.any():
        return []
    weight = (excludes * np.minimum.outer(times[chosen], times[chosen])).sum(axis=1)
    found = [int(weight.argmax())]
    left = excludes[found[0]].copy()
    while left.any():
        found.append(int(np.where(left, weight, -1).argmax()))
        left &= excludes[found[-1]]
    return [int(chosen[at]) for at in found]


def _table(row: NDArray[np.int64], column: NDArray[np.int64], rows: int, columns: int) -> NDArray[np.int64]:
    known = column >= 0
    counted = np.bincount(row[known] * columns + column[known], minlength=rows * columns)
    return counted.reshape(rows, columns)


def _majority(
    language: NDArray[np.int64], user: NDArray[np.int64], users: int, number: int
) -> NDArray[np.int64]:
    """Return the language of most titles of each user."""
    votes = _table(user, language, users, number)
    in_all = votes.sum(axis=1)
    is_clear = (in_all > 0) & (votes.max(axis=1) >= _MIN_VOTES * in_all)
    return np.where(is_clear, votes.argmax(axis=1), UNKNOWN)


def _of_acts(
    act: NDArray[np.int64], language: NDArray[np.int64], acts: int, number: int
) -> NDArray[np.int64]:
    """Return the language of nearly all users of each title."""
    votes = _table(act, language, acts, number)
    in_all = votes.sum(axis=1)
    others = 1 - votes.max(axis=1) / np.maximum(in_all, 1)
    share = votes.sum(axis=0) / max(votes.sum(), 1)
    by_chance = (1 - share)[votes.argmax(axis=1)]
    is_pure = (in_all >= _MIN_USERS) & (others <= _MAX_OTHERS * by_chance)
    return np.where(is_pure, votes.argmax(axis=1), UNKNOWN)
