"""The controls of the app: which acts mean the same thing, on whatever record or page.

An act is a type of action on an element of a page. A click into a field and its change are one control; so
are the acts of a menu that leads to the same page from everywhere, and acts that differ only in the name of a
record, such as "Open Ana's invoice".
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.columns.columns import OTHER_ACT, Columns
from rasa_autoplay.tools.discovery.findings.finding import Act

__all__ = ["Control", "Controls", "controls_of"]

#: A control on at least so many pages that nearly always leads to the same page is navigation.
_MENU_PAGES = 3
_MENU_SHARE = 0.7
#: So many rare titles on one page that begin alike name records.
_ALIKE = 5
#: So many titles on one page that open the same page name records, too: "Ana's invoice".
_RECORDS = 6
#: A title that is so many times as frequent as the usual one is no name.
_AS_OFTEN = 5
#: With more controls, those with the fewest users are left out: tables of pairs have one cell for each two.
_MAX_CONTROLS = 2000
_CHANGE = "type"
_Name = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Control:
    """An element of the app, or the view of a page, with all acts that mean the same.

    Args:
        act: the act that stands for it, the most frequent one.
        begins: the beginning that all its titles share; empty if they are the same.
        is_menu: whether it is navigation: found on many pages, or the name of a record that it opens.
        is_field: whether users fill it in.
    """

    act: Act
    begins: str = ""
    is_menu: bool = False
    is_field: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Controls:
    """All controls that enough users used.

    Args:
        known: the controls by their code.
        of_act: the control's code for each act code of the columns; -1 for none (int32).
    """

    known: tuple[Control, ...]
    of_act: NDArray[np.int32]


def controls_of(
    columns: Columns,
    row: NDArray[np.int64],
    leads_to: NDArray[np.int32],
    is_sent: NDArray[np.bool_],
    min_users: int,
) -> Controls:
    """Find the controls.

    Args:
        columns: the recordings.
        row: the rows that are acts of users.
        leads_to: the page that each of these rows opened; negative for none.
        is_sent: whether each of these rows sent a form.
        min_users: how many users must have used a control.
    """
    number = len(columns.acts)
    times = np.bincount(columns.act[row], minlength=number)
    users = _users_of(columns.act[row], columns.user[row], number)
    menus = _menus(columns, row, leads_to)
    groups: dict[_Name, list[int]] = defaultdict(list)
    for code, act in enumerate(columns.acts):
        if code != OTHER_ACT and times[code] and (act.element_id or act.title or act.is_page_view):
            groups[menus.get(_anywhere(act)) or _name(act)].append(code)
    named = {name: codes for name, codes in groups.items() if users[codes].sum() >= min_users}
    alike = _alike({name: codes for name, codes in groups.items() if name not in named}, columns)
    of_act = np.full(number, -1, np.int32)
    known: list[Control] = []
    for codes, begins, is_menu in sorted(
        [
            *((codes, "", name in set(menus.values())) for name, codes in named.items()),
            *((codes, begins, False) for (_, _, begins), codes in alike.items()),
        ]
    ):
        of_act[codes] = len(known)
        known.append(_control([columns.acts[code] for code in codes], times[codes], begins, is_menu=is_menu))
    _mark_records(known, of_act, columns, row, np.where(is_sent, -1, leads_to).astype(np.int32))
    return _with_enough_users(Controls(tuple(known), of_act), columns, row, min_users)


def _users_of(code: NDArray[np.int32], user: NDArray[np.int32], number: int) -> NDArray[np.int64]:
    """Return how many users each code has."""
    if not len(code):
        return np.zeros(number, np.int64)
    pairs = np.unique(code.astype(np.int64) * (int(user.max()) + 2) + user + 1)
    return np.bincount((pairs // (int(user.max()) + 2)).astype(np.int64), minlength=number)


def _name(act: Act) -> _Name:
    if act.is_page_view:
        return act.page, "view", ""
    return act.page, "", act.element_id or act.label


def _anywhere(act: Act) -> _Name:
    return "*", "", "" if act.is_page_view else act.element_id or act.label


def _menus(columns: Columns, row: NDArray[np.int64], leads_to: NDArray[np.int32]) -> dict[_Name, _Name]:
    """Return the names of acts that lead to the same page from many pages."""
    anywhere: dict[_Name, int] = {}
    of_act = np.array([anywhere.setdefault(_anywhere(act), len(anywhere)) for act in columns.acts], np.int64)
    code, page, target = of_act[columns.act[row]], columns.page[row], leads_to
    pages = max(len(columns.pages), 1)
    sources = np.bincount(np.unique(code * pages + page) // pages, minlength=len(anywhere))
    times = np.bincount(code, minlength=len(anywhere))
    led = target >= 0
    targets, often = np.unique(code[led] * pages + target[led], return_counts=True)
    most = np.zeros(len(anywhere), np.int64)
    np.maximum.at(most, targets // pages, often)
    is_menu = (sources >= _MENU_PAGES) & (most >= _MENU_SHARE * times) & (times > 0)
    return {name: name for name, at in anywhere.items() if is_menu[at] and name[2]}


def _alike(rare: dict[_Name, list[int]], columns: Columns) -> dict[_Name, list[int]]:
    """Group rare acts without an id by the first word behind the verb, if many share it."""
    groups: dict[_Name, list[int]] = defaultdict(list)
    for (page, view, _), codes in rare.items():
        for code in codes:
            act = columns.acts[code]
            words = act.title.split()
            if not act.element_id and not view and len(words) > 2:
                groups[page, act.type, " ".join(words[:2]) + " "].append(code)
    return {name: codes for name, codes in groups.items() if len(codes) >= _ALIKE}


def _mark_records(
    known: list[Control],
    of_act: NDArray[np.int32],
    columns: Columns,
    row: NDArray[np.int64],
    leads_to: NDArray[np.int32],
) -> None:
    """Make navigation of acts without an id, if many of them open the same page: their titles are names."""
    code = of_act[columns.act[row]]
    used = code >= 0
    pages = max(len(columns.pages), 1)
    times = np.bincount(code[used], minlength=len(known))
    opening = used & (leads_to >= 0)
    pairs, often = np.unique(code[opening].astype(np.int64) * pages + leads_to[opening], return_counts=True)
    groups: dict[tuple[str, int], list[int]] = defaultdict(list)
    for pair, number in zip(pairs.tolist(), often.tolist(), strict=True):
        control = known[pair // pages]
        # Names are the same in all languages.
        if (
            not control.act.element_id
            and not control.act.also
            and number >= _MENU_SHARE * times[pair // pages]
        ):
            groups[control.act.page, pair % pages].append(pair // pages)
    for codes in groups.values():
        usual = float(np.median(times[codes]))
        if len(codes) >= _RECORDS:
            for each in (code for code in codes if times[code] <= _AS_OFTEN * usual):
                known[each] = replace(known[each], is_menu=True)


def _control(acts: list[Act], times: NDArray[np.int64], begins: str, *, is_menu: bool) -> Control:
    # What was filled in says more about a field than the click into it.
    fields = [at for at, act in enumerate(acts) if act.type == _CHANGE]
    best = max(fields or range(len(acts)), key=lambda at: (times[at], -at))
    return Control(acts[best], begins, is_menu, bool(fields))


def _with_enough_users(
    controls: Controls, columns: Columns, row: NDArray[np.int64], min_users: int
) -> Controls:
    """Return the controls without those that too few users used, counted once for each user."""
    code = controls.of_act[columns.act[row]]
    is_known = code >= 0
    users = _users_of(code[is_known], columns.user[row][is_known], len(controls.known))
    kept = np.sort(np.argsort(-users, kind="stable")[:_MAX_CONTROLS])
    kept = kept[users[kept] >= min_users]
    new = np.full(len(controls.known) + 1, -1, np.int32)
    new[kept] = np.arange(len(kept))
    # The last value stands for the code -1.
    return Controls(tuple(controls.known[at] for at in kept), new[controls.of_act])
