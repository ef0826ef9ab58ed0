"""Collects the actions of one part of the recordings in arrays; a part is read by one process."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from rasa_autoplay.engine.knowledge.drafting import masked_id, path_of
from rasa_autoplay.events.canonical_url import canonical_url
from rasa_autoplay.events.derived_signals import SOURCES_WITH_SIGNALS, shown_failure
from rasa_autoplay.events.element_ids import is_generated_id
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.tools.discovery.columns.columns import OTHER_ACT, SIGNALS
from rasa_autoplay.tools.discovery.reading.records import masked_title, record_of, varying

__all__ = ["MAX_VARIANTS", "ActKey", "Part", "PartCollector"]

#: More distinct acts in one part are free texts, not elements; those beyond count as :data:`OTHER_ACT`.
_MAX_ACTS = 20_000
#: So many different ids of an act are counted.
MAX_VARIANTS = 16
#: Numbers up to this are places: pages of a list, tabs, stars or keys.
_MAX_PLACE = 30
#: Actions that are not acts of the user: they come with the others.
_NO_ACTS = frozenset({"focus", "blur"})
_SIGNAL_CODES = {name: code for code, name in enumerate(SIGNALS)}

#: Page, element id, title and type; the title is empty if there is an element id or a page view.
ActKey = tuple[str, str, str, str]


@dataclass(slots=True)
class Part:
    """The actions of one part of the recordings, with codes of its own tables.

    Args:
        users: ids by code; the code -1 means anonymous.
        sessions: ids by code.
        acts: keys by code; the first stands for :data:`OTHER_ACT`.
        titles: how often each act had which title; at most a few titles for each act.
        variants: the different numbers or UUIDs in the id or title of each act; at most :data:`MAX_VARIANTS`.
        columns: ``user``, ``session``, ``time``, ``index``, ``act``, ``record`` and ``signal``.
        left_out: how many items were not read, by reason.
    """

    users: dict[str, int] = field(default_factory=dict)
    sessions: dict[str, int] = field(default_factory=dict)
    acts: dict[ActKey, int] = field(default_factory=lambda: {("", "", "", ""): OTHER_ACT})
    titles: list[Counter[str]] = field(default_factory=lambda: [Counter()])
    variants: list[set[str]] = field(default_factory=lambda: [set()])
    columns: dict[str, array[Any]] = field(default_factory=lambda: _empty())
    left_out: Counter[str] = field(default_factory=Counter)


def _empty() -> dict[str, array[Any]]:
    codes = {"user": "i", "session": "i", "index": "i", "act": "i", "record": "I", "signal": "B"}
    return {"time": array("d"), **{name: array(code) for name, code in codes.items()}}


class PartCollector:
    """Collects a part: :meth:`prepare` sees each batch before it is masked, :meth:`store` after.

    Args:
        part: the part, which is changed.
    """

    _MAX_TITLES = 8

    def __init__(self, part: Part) -> None:
        self._part = part
        self._records: dict[int, int] = {}
        self._append = {name: column.append for name, column in part.columns.items()}

    def prepare(self, payload: ActionsPayload) -> None:
        """Note which records the actions are about, because masks may remove their ids."""
        records = self._records
        records.clear()
        for action in payload.actions:
            page = action.canonical_url = action.canonical_url or canonical_url(action.raw_url)
            name = _stable_id(action.element_id)
            is_view = action.type == "pageview"
            records[id(action)] = record_of(page, action.raw_url, name, "" if is_view else action.title)
            action.raw_url = ""  # masking it is most of the cost of an action

    def store(self, payload: ActionsPayload, source: str) -> None:
        """Add the actions of a batch."""
        part = self._part
        session = part.sessions.setdefault(payload.session_id or "", len(part.sessions))
        user = part.users.setdefault(payload.user_id, len(part.users)) if payload.user_id else -1
        has_signals = source in SOURCES_WITH_SIGNALS
        add = self._append
        for action in payload.actions:
            if action.type in _NO_ACTS:
                continue
            if action.timestamp_start == float("inf"):
                part.left_out["actions_without_time"] += 1
                continue
            signal = action.signal
            if not signal and not has_signals:
                signal = shown_failure(action)
            add["user"](user)
            add["session"](session)
            add["time"](action.timestamp_start)
            add["index"](max(-1, min(action.index, 1 << 30)))
            add["act"](self._act(action))
            add["record"](self._records.get(id(action), 0))
            add["signal"](_SIGNAL_CODES.get(signal, 0))

    def _act(self, action: SlimAction) -> int:
        part, name = self._part, _stable_id(action.element_id)
        title = masked_title(action.title)
        is_named = bool(name) or action.type == "pageview"
        element = masked_id(name) if name else ""
        key = (_path_of(action.canonical_url), element, "" if is_named else title, action.type)
        code = part.acts.get(key)
        if code is None:
            if len(part.acts) >= _MAX_ACTS:
                part.left_out["acts_not_named"] += 1
                return OTHER_ACT
            code = part.acts[key] = len(part.acts)
            part.titles.append(Counter())
            part.variants.append(set())
        if "*" in (element or key[2]) and len(part.variants[code]) < MAX_VARIANTS:
            number = varying(name or action.title)
            if len(number) > 2 or not number.isdigit() or int(number) > _MAX_PLACE:
                part.variants[code].add(number)
        titles = part.titles[code]
        if title in titles or len(titles) < self._MAX_TITLES:
            titles[title] += 1
        return code


_path_of = lru_cache(maxsize=4096)(path_of)


@lru_cache(maxsize=4096)
def _stable_id(element_id: str) -> str:
    """Return the id if it names the same element after the next page load; empty otherwise."""
    found = element_id.strip()
    fits = found and found.isprintable() and "${" not in found and not is_generated_id(found)
    return found if fits else ""
