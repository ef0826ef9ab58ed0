"""Joins acts that differ only in the name of a record, such as "Archive Acme" and "Archive Bolt"."""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.columns.columns import NO_RECORD, OTHER_ACT, Columns
from rasa_autoplay.tools.discovery.findings.finding import Act

__all__ = ["with_named_records"]

#: So many rare acts on one page that begin or end alike name records.
_MIN_ALIKE = 15
#: An act of more users than this, or of more of the users on its page, is an element of its own.
_MAX_USERS, _MAX_SHARE = 8, 0.1
#: The verb that all clicks have, and the first or the last word behind it.
_VERBS = ("Click ", "Submit ", "Change ")
_PARTS = re.compile(r"[-_:. ]+")

#: Page, type, and either id or title.
_Family = tuple[str, str, str, str]


def with_named_records(columns: Columns) -> Columns:
    """Return the recordings with one act for each family of acts that only name different records.

    In the title or id of the new act, ``…`` stands for the name.

    Args:
        columns: the recordings.
    """
    rare = np.flatnonzero(_is_rare(columns)).tolist()
    options = {code: _families(columns.acts[code]) for code in rare}
    sizes = Counter(family for own in options.values() for family in own)
    families: dict[_Family, list[int]] = defaultdict(list)
    for code, own in options.items():
        if own:
            # "Ana Ek bezahlen" is alike all that is paid, rather than all that has the name Ana.
            families[max(own, key=lambda family: sizes[family])].append(code)
    families = {family: codes for family, codes in families.items() if len(codes) >= _MIN_ALIKE}
    return _joined(columns, families) if families else columns


def _is_rare(columns: Columns) -> NDArray[np.bool_]:
    """Return which acts few of the users on their page do, by act code."""
    number = len(columns.users)
    pairs = np.unique(columns.act.astype(np.int64) * number + columns.user)
    users = np.bincount(pairs // number, minlength=len(columns.acts))
    on_page = np.unique(columns.page.astype(np.int64) * number + columns.user)
    pages = {page: at for at, page in enumerate(columns.pages)}
    users_of_page = np.bincount(on_page // number, minlength=len(pages))
    most = _MAX_SHARE * users_of_page[[pages[act.page] for act in columns.acts]]
    rare: NDArray[np.bool_] = users <= np.maximum(_MAX_USERS, most)
    rare[OTHER_ACT] = False
    return rare


def _families(act: Act) -> list[_Family]:
    """Return what an act shares with others that begin or end alike; nothing if it has one word only."""
    if act.is_page_view or act.type == "type":
        return []
    verb = next((verb for verb in _VERBS if act.title.startswith(verb)), "")
    text = act.element_id or act.title.removeprefix(verb)
    parts = [part for part in _PARTS.split(text) if part]
    if len(parts) < 2 or "*" in text:
        return []
    begins = text[: text.index(parts[0]) + len(parts[0]) + 1] + "…"
    ends = "…" + text[text.rindex(parts[-1]) - 1 :]
    if act.element_id:
        return [(act.page, act.type, shared, "") for shared in (begins, ends)]
    return [(act.page, act.type, "", verb + shared) for shared in (begins, ends)]


def _joined(columns: Columns, families: dict[_Family, list[int]]) -> Columns:
    new_code = np.arange(len(columns.acts), dtype=np.int32)
    record_of = np.zeros(len(columns.acts), np.uint32)
    acts, variants = list(columns.acts), list(columns.variants)
    for (page, act_type, element_id, title), codes in sorted(families.items()):
        new_code[codes] = len(acts)
        names = (acts[at].element_id or acts[at].title for at in codes)
        record_of[codes] = [zlib.crc32(name.encode("utf-8", "replace")) or 1 for name in names]
        acts.append(Act(page, element_id, title or _shared_title([acts[at].title for at in codes]), act_type))
        variants.append(len(codes))
    named = record_of[columns.act]
    record = np.where(named != NO_RECORD, named ^ columns.record, columns.record)
    return replace(
        columns,
        acts=tuple(acts),
        variants=tuple(variants),
        act=new_code[columns.act],
        record=record.astype(np.uint32),
    )


def _shared_title(titles: list[str]) -> str:
    """Return the words that all titles begin with, so that no name of a record is shown; may be empty."""
    first, last = min(titles), max(titles)
    if first == last:
        return first
    pairs = zip(first.split(), last.split(), strict=False)
    return " ".join([*(word for word, _ in takewhile(lambda pair: pair[0] == pair[1], pairs)), "…"])
