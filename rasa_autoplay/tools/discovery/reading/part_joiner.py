"""Joins the parts of recordings: one table of names for all, rows sorted, duplicates left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.columns.columns import OTHER_ACT, SIGNALS, Columns, kind_code
from rasa_autoplay.tools.discovery.findings.finding import Act
from rasa_autoplay.tools.discovery.reading.part_collector import MAX_VARIANTS, ActKey, Part
from rasa_autoplay.tools.discovery.reading.rage_clicks import rage_clicks

__all__ = ["PartJoiner"]

#: More distinct acts than this are free texts; the others count as :data:`OTHER_ACT`.
_MAX_ACTS = 100_000
#: Sessions beyond this number are left out: their ids alone would fill the memory.
_MAX_SESSIONS = 1_000_000

#: So many titles of one element name records, if they begin alike.
_MANY_TITLES = 3
_VIEW = "pageview"

_TYPES: dict[str, Any] = {
    "user": np.int32,
    "session": np.int32,
    "time": np.float64,
    "index": np.int32,
    "act": np.int32,
    "record": np.uint32,
    "signal": np.uint8,
}


class PartJoiner:
    """Collects parts, in a fixed order, and joins them."""

    def __init__(self) -> None:
        self._users: dict[str, int] = {}
        self._sessions: dict[str, int] = {}
        self._acts: dict[ActKey, int] = {("", "", "", ""): OTHER_ACT}
        self._titles: list[Counter[str]] = [Counter()]
        self._variants: list[set[str]] = [set()]
        self._chunks: dict[str, list[NDArray[Any]]] = {name: [] for name in _TYPES}
        self._left_out: Counter[str] = Counter()
        self.actions = 0

    def add(self, part: Part) -> None:
        """Add the actions of a part."""
        self._left_out.update(part.left_out)
        if not part.columns["time"]:
            return
        columns = {name: np.frombuffer(values, _TYPES[name]) for name, values in part.columns.items()}
        # The last entry is for the code -1 of anonymous actions.
        users = np.array([*_codes(part.users, self._users), -1], np.int32)
        sessions = np.array(_codes(part.sessions, self._sessions, _MAX_SESSIONS), np.int32)
        acts = np.array(self._act_codes(part), np.int32)
        columns["user"], columns["act"] = users[columns["user"]], acts[columns["act"]]
        columns["session"] = sessions[columns["session"]]
        kept = columns["session"] >= 0
        if not kept.all():
            self._left_out["actions_of_too_many_sessions"] += int((~kept).sum())
            columns = {name: column[kept] for name, column in columns.items()}
        for name, column in columns.items():
            self._chunks[name].append(column)
        self.actions += len(columns["session"])

    def _act_codes(self, part: Part) -> list[int]:
        codes = _codes(part.acts, self._acts, _MAX_ACTS)
        self._titles.extend(Counter() for _ in range(len(self._acts) - len(self._titles)))
        self._variants.extend(set() for _ in range(len(self._acts) - len(self._variants)))
        for code, titles, variants in zip(codes, part.titles, part.variants, strict=True):
            if code > 0:
                self._titles[code].update(titles)
                if len(self._variants[code]) < MAX_VARIANTS:
                    self._variants[code] |= variants
        return [max(code, OTHER_ACT) for code in codes]

    def joined(self) -> Columns:
        """Return all actions; the parts are released."""
        columns = {name: self._take(name) for name in _TYPES}
        users, columns["user"] = _sorted_table(self._users, columns["user"])
        sessions, columns["session"] = _sorted_table(self._sessions, columns["session"])
        acts, variants, columns["act"] = self._sorted_acts(columns["act"])
        _sort_rows(columns)
        pages = {page: code for code, page in enumerate(sorted({act.page for act in acts}))}
        page_of_act = np.array([pages[act.page] for act in acts], np.int32)
        kind_of_act = np.array([kind_code(act.type) for act in acts], np.uint8)
        starts = np.searchsorted(columns["session"], np.arange(len(sessions) + 1))
        user, anonymous = _user_of_rows(columns["user"], starts, len(users))
        kind = kind_of_act[columns["act"]]
        rages = rage_clicks(columns, kind, acts)
        columns["signal"][rages & (columns["signal"] == 0)] = SIGNALS.index("rage_click")
        return Columns(
            users=(*users, *[""] * anonymous),
            sessions=tuple(sessions),
            pages=tuple(pages),
            acts=tuple(acts),
            user=user,
            session=columns["session"],
            time=columns["time"],
            page=page_of_act[columns["act"]],
            act=columns["act"],
            kind=kind,
            record=columns["record"],
            signal=columns["signal"],
            starts=starts.astype(np.int64),
            variants=tuple(variants),
            left_out=dict(sorted((reason, n) for reason, n in self._left_out.items() if n)),
        )

    def _take(self, name: str) -> NDArray[Any]:
        chunks, self._chunks[name] = self._chunks[name], []
        return np.concatenate(chunks)

    def _sorted_acts(self, codes: NDArray[np.int32]) -> tuple[list[Act], list[int], NDArray[np.int32]]:
        keys = list(self._acts)
        order = [OTHER_ACT, *sorted(range(1, len(keys)), key=keys.__getitem__)]
        acts = [_named(keys[code], self._titles[code]) for code in order]
        variants = [min(len(self._variants[code]), MAX_VARIANTS) for code in order]
        return acts, variants, _inverse(order)[codes]


def _codes(names: Iterable[Any], table: dict[Any, int], most: int = 1 << 30) -> list[int]:
    """Return the codes of names in a table, which gets the new ones; -1 for those that are too many."""
    codes = []
    for name in names:
        code = table.get(name, -1)
        if code < 0 and len(table) < most:
            code = table[name] = len(table)
        codes.append(code)
    return codes


def _sorted_table(table: dict[str, int], codes: NDArray[np.int32]) -> tuple[list[str], NDArray[np.int32]]:
    """Sort names, and return them with the new codes."""
    names = list(table)
    order = sorted(range(len(names)), key=names.__getitem__)
    inverse = np.append(_inverse(order), np.int32(-1))  # the code -1 stays
    return [names[code] for code in order], inverse[codes]


def _inverse(order: Sequence[int]) -> NDArray[np.int32]:
    inverse = np.empty(len(order), np.int32)
    inverse[np.array(order, np.int64)] = np.arange(len(order), dtype=np.int32)
    return inverse


def _named(key: ActKey, titles: Counter[str]) -> Act:
    page, element_id, title, act_type = key
    if not title and titles:
        title = min(titles.items(), key=lambda item: (-item[1], item[0]))[0]
        if len(titles) >= _MANY_TITLES and act_type != _VIEW:
            title = _shared(title, titles)
    return Act(page, element_id, title, act_type)


def _shared(title: str, titles: Counter[str]) -> str:
    """Return how titles that name records begin, with ``…`` for the name; the title itself if they do not."""
    words = title.split()
    begins = [" ".join(words[:number]) + " " for number in range(2, len(words))]
    alike = [sum(each.startswith(begin) for each in titles) for begin in begins]
    longest = [begin for begin, number in zip(begins, alike, strict=True) if number == alike[0]]
    return longest[-1] + "…" if longest and alike[0] >= _MANY_TITLES else title


def _sort_rows(columns: dict[str, NDArray[Any]]) -> None:
    """Sort rows by session, time, index and act, and leave out those that were delivered twice."""
    keys = ("record", "act", "index", "time", "session")
    order = np.lexsort([columns[name] for name in keys])
    for name in list(columns):
        columns[name] = columns[name][order]
    del order
    is_new = np.ones(len(columns["time"]), bool)
    is_new[1:] = False
    for name in keys:
        is_new[1:] |= columns[name][1:] != columns[name][:-1]
    del columns["index"]
    if not is_new.all():
        for name in list(columns):
            columns[name] = columns[name][is_new]


def _user_of_rows(
    user: NDArray[np.int32], starts: NDArray[np.int64], number: int
) -> tuple[NDArray[np.int32], int]:
    """Return each row's user, and the number of anonymous sessions; each of these is a user of its own.

    A visitor who signs in was that user before, too.
    """
    first = np.full(len(starts) - 1, -1, np.int32)
    named = np.flatnonzero(user >= 0)
    # Assigned from the end, so that the first user of a session stays.
    session_of_row = np.repeat(np.arange(len(first)), np.diff(starts))
    first[session_of_row[named[::-1]]] = user[named[::-1]]
    is_anonymous = first < 0
    anonymous = int(is_anonymous.sum())
    first[is_anonymous] = number + np.arange(anonymous, dtype=np.int32)
    return np.where(user >= 0, user, first[session_of_row]).astype(np.int32), anonymous
