"""Joins the titles that one control without an id has in several languages.

Two titles are translations if they are on one page, their users read different languages, and the same
happens before and after them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.columns.columns import OTHER_ACT, Columns
from rasa_autoplay.tools.discovery.columns.languages import Languages, languages_of, titles_of_languages

__all__ = ["with_translations"]

#: A title of fewer users is compared with nothing; neither are more titles than this.
_MIN_USERS, _MAX_TITLES = 3, 800
#: So many acts are told apart around a title; rarer ones count as some act of their page.
_MAX_AROUND = 1500
#: What happens so many acts before and after a title is compared, the nearer the more.
_NEAR = 4
#: So many uses of all titles are looked at.
_MAX_USES = 400_000
#: The act next to a title is compared apart from those farther away.
_DISTANCES = 2
#: Translations are so much alike (of 1), and so much more than with any other title of that page.
#: First those that are most alike, which tell about their neighbours.
_ALIKE, _MARGIN = (0.5, 0.5, 0.4, 0.4, 0.35, 0.35), 0.06
#: The share of their language's readers who use them differs at most by this factor.
_MIN_RATE = 0.3


def with_translations(columns: Columns) -> Columns:
    """Return the recordings with one act for all translations of a control.

    They also say which language each user reads, because joined titles no longer tell it.

    Args:
        columns: the recordings.
    """
    titled = np.array([not act.element_id and not act.is_page_view for act in columns.acts], bool)
    titled[OTHER_ACT] = False
    users = len(columns.users)
    pairs = np.unique(columns.act.astype(np.int64) * users + columns.user)
    act, user = pairs // users, pairs % users
    number = np.bincount(act, minlength=len(columns.acts))
    titled &= number >= _MIN_USERS
    known = titled[act]
    if len(columns.languages):
        languages = titles_of_languages(act[known], user[known], len(columns.acts), columns.languages)
    elif (found := languages_of(act[known], user[known], len(columns.acts), users)) is not None:
        languages = found
    else:
        return columns
    joined = _Joining(columns, languages, number).joined()
    return replace(_replaced(columns, joined, number), languages=languages.of_user)


def _replaced(columns: Columns, joined: NDArray[np.int64], users: NDArray[np.int64]) -> Columns:
    groups: dict[int, list[int]] = defaultdict(list)
    for code in np.flatnonzero(joined != np.arange(len(joined))).tolist():
        groups[int(joined[code])].append(code)
    acts = list(columns.acts)
    for first, others in groups.items():
        known = (title for code in (first, *others) for title in (acts[code].title, *acts[code].also))
        titles = sorted(set(known) - {acts[first].title})
        acts[first] = replace(acts[first], also=tuple(titles))
    return replace(columns, acts=tuple(acts), act=joined[columns.act].astype(np.int32))


class _Joining:
    """Joins titles in rounds: what is joined tells more about its neighbours.

    Args:
        columns: the recordings.
        languages: the languages of titles.
        users: how many users each act has.
    """

    def __init__(self, columns: Columns, languages: Languages, users: NDArray[np.int64]) -> None:
        self._columns, self._languages, self._users = columns, languages, users
        titles = np.flatnonzero(languages.used_by.any(axis=1))
        self._titles = np.sort(titles[np.argsort(-users[titles], kind="stable")][:_MAX_TITLES])
        self._place = np.full(len(columns.acts), -1, np.int64)
        self._place[self._titles] = np.arange(len(self._titles))
        self._joined = np.arange(len(columns.acts))
        #: The languages that a joined title has.
        self._read_in = {
            code: frozenset(np.flatnonzero(languages.used_by[code]).tolist())
            for code in self._titles.tolist()
        }
        uses = np.flatnonzero(self._place[columns.act] >= 0)
        self._uses = uses[:: max(1, -(-len(uses) // _MAX_USES))]

    def joined(self) -> NDArray[np.int64]:
        """Return the act that stands for each act."""
        for alike in _ALIKE:
            found = sorted(self._pairs(alike), key=lambda pair: (-pair[0], pair[1:]))
            for _, one, other in found:
                self._join(one, other)
        return self._joined

    def _join(self, one: int, other: int) -> None:
        one, other = int(self._joined[one]), int(self._joined[other])
        if one == other or self._read_in[one] & self._read_in[other]:
            return
        if (self._users[other], -other) > (self._users[one], -one):
            one, other = other, one
        self._joined[self._joined == other] = one
        self._read_in[one] |= self._read_in.pop(other)

    def _pairs(self, alike: float) -> Iterator[tuple[float, int, int]]:
        """Yield titles of one page that are most like each other, with their likeness."""
        around = self._around()
        acts, used_by = self._columns.acts, self._languages.used_by
        pages: dict[tuple[str, str], dict[tuple[int, ...], list[int]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for code in self._titles.tolist():
            languages = tuple(np.flatnonzero(used_by[code]).tolist())
            pages[acts[code].page, acts[code].type][languages].append(code)
        for by_languages in pages.values():
            for one, other in combinations(sorted(by_languages), 2):
                if not set(one) & set(other):
                    yield from self._best(around, by_languages[one], by_languages[other], alike)

    def _best(
        self, around: NDArray[np.float32], ones: list[int], others: list[int], alike: float
    ) -> Iterator[tuple[float, int, int]]:
        first, second = around[self._place[ones]], around[self._place[others]]
        likeness = np.array([np.minimum(row, second).sum(axis=1) for row in first])
        rate_of_ones, rate_of_others = self._rates(ones)[:, None], self._rates(others)[None, :]
        rate = np.minimum(rate_of_ones, rate_of_others) / np.maximum(rate_of_ones, rate_of_others)
        likeness = np.where(rate >= _MIN_RATE, likeness * (0.8 + 0.2 * rate), 0.0)
        free = self._is_free(ones, others)
        likeness = np.where(free, likeness, 0.0)
        for row, column in enumerate(likeness.argmax(axis=1).tolist()):
            best = float(likeness[row, column])
            rivals = np.append(np.delete(likeness[row], column), np.delete(likeness[:, column], row))
            if best >= alike and best >= rivals.max(initial=0.0) + _MARGIN:
                yield round(best, 6), ones[row], others[column]

    def _is_free(self, ones: list[int], others: list[int]) -> NDArray[np.bool_]:
        """Return which pairs are not joined with a third one of the same language."""
        read_in = [self._read_in[int(self._joined[code])] for code in (*ones, *others)]
        first, second = read_in[: len(ones)], read_in[len(ones) :]
        return np.array([[not one & other for other in second] for one in first], bool)

    def _rates(self, codes: list[int]) -> NDArray[np.float64]:
        readers = self._languages.used_by[codes] @ self._languages.readers
        rates: NDArray[np.float64] = self._users[codes] / np.maximum(readers, 1)
        return rates

    def _around(self) -> NDArray[np.float32]:
        """Return what happens around each title (row), as shares of all that does (columns)."""
        columns = self._columns
        names, name_of_act = self._names()
        found = np.zeros((len(self._titles), 2 * _DISTANCES * names), np.float32)
        row = self._place[columns.act[self._uses]]
        for side, direction in enumerate((-1, 1)):
            for lag in range(1, _NEAR + 1):
                at = self._uses + direction * lag
                inside = (at >= 0) & (at < len(columns))
                at = np.where(inside, at, self._uses)
                inside &= columns.session[at] == columns.session[self._uses]
                inside &= columns.act[at] != columns.act[self._uses]
                near = min(lag, _DISTANCES) - 1
                column = (side * _DISTANCES + near) * names + name_of_act[columns.act[at]]
                np.add.at(found, (row[inside], column[inside]), 1.0 / lag)
        shares: NDArray[np.float32] = found / np.maximum(found.sum(axis=1, keepdims=True), 1e-9)
        return shares

    def _names(self) -> tuple[int, NDArray[np.int64]]:
        """Name acts so that all languages can be compared: titles of one language are all the same."""
        known: dict[object, int] = {}
        frequent = np.zeros(len(self._users), bool)
        frequent[np.argsort(-self._users, kind="stable")[:_MAX_AROUND]] = True
        names = np.zeros(len(self._columns.acts), np.int64)
        for code, act in enumerate(self._columns.acts):
            first = int(self._joined[code])
            is_own = 0 < len(self._read_in.get(first, ())) < self._languages.number
            name = (act.page, act.type) if is_own or not frequent[code] else first
            names[code] = known.setdefault(name, len(known))
        return len(known), names
