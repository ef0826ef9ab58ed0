"""How one person acts in one tab: pages, clicks, typing, hesitation, errors, and the time that each takes."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from benchmarks.discovery.acts import Act, Step
from benchmarks.discovery.app import App
from benchmarks.discovery.names import Record, make_record
from benchmarks.discovery.people import Person, geometric

__all__ = ["Event", "GaveUp", "Walk"]

#: Medians in seconds.
_TAKES_S = {"view": 0.5, "click": 2.6, "type": 6.0, "submit": 2.2, "select": 1.4}
#: Records of each kind; a few are used far more than others.
_RECORDS = 600
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"

#: Chances for each act of a person of medium care.
_DISTRACTED, _LOSES_ID, _ERROR, _REFUSED = 0.025, 0.02, 0.004, 0.05


class GaveUp(Exception):
    """The person leaves what they were doing."""


@dataclass(slots=True)
class Event:
    """One recorded action, before it is written.

    Args:
        at: epoch seconds.
        type: as in ``SlimAction``.
        title: as in ``SlimAction``.
        path: path of the URL, with the ids of records.
        element: the DOM id; empty if unknown.
        signal: the failure, if it is one.
    """

    at: float
    type: str
    title: str
    path: str
    element: str = ""
    signal: str = ""


@cache
def _record(pattern: str, names: str, number: int) -> Record:
    return make_record(pattern, names, number)


class Walk:
    """One tab.

    Args:
        app: the app.
        person: who acts.
        luck: the source of randomness.
        at: when it begins, epoch seconds.
    """

    def __init__(self, app: App, person: Person, luck: random.Random, at: float) -> None:
        self.app, self.person, self.luck, self.at = app, person, luck, at
        self.events: list[Event] = []
        self.page = app.home
        self._shown = app.home
        self._records: dict[str, Record] = {}
        self.selected = 0

    # Records

    def forget_records(self) -> None:
        """Begin something new: the next record is another one."""
        self._records.clear()

    def _kind(self, page: str) -> str:
        return next((each for each in reversed(page.split("/")) if each in self.app.ids), "")

    def _record(self, kind: str) -> Record:
        if kind not in self._records:
            number = int(_RECORDS * self.luck.random() ** 1.7)
            self._records[kind] = _record(self.app.ids[kind], self.app.names[kind], number)
        return self._records[kind]

    def _path(self, page: str) -> str:
        parts = page.split("/")
        for index, part in enumerate(parts):
            if part == ":id":
                parts[index] = self._record(parts[index - 1] if index else "").id
        return "/".join(parts)

    # Time

    def pause(self, median_s: float, spread: float = 0.5) -> None:
        """Let time pass: a log-normal time around a median in seconds, at the person's pace."""
        self.at += max(0.08, median_s * self.person.pace * self.luck.lognormvariate(0.0, spread))

    # Acts

    def act(self, act: Act) -> None:
        """Do one act, as people do it: with the hesitation, slips and failures of everyday life."""
        if act.kind == "view":
            self.open(act.page)
            return
        self.be_on(act.page)
        if self.luck.random() < _DISTRACTED * (0.4 + 1.5 * self.person.care):
            self.be_distracted()
        if act.kind == "type":
            self._type(act)
        elif act.kind == "submit":
            self._submit(act)
        elif act.kind == "select":
            self._select(act)
        else:
            self.click(act)

    def be_on(self, page: str) -> None:
        """Act on this page from now on, whose URL stays the same until another page opens."""
        if page != self.page:
            self.page, self._shown = page, self._path(page)

    def open(self, page: str) -> None:
        """A page opens."""
        self.pause(_TAKES_S["view"], 0.4)
        self.page, self._shown = page, self._path(page)
        path = self._shown
        title = self.app.titles
        if "{name}" in title:
            kind = self._kind(page) if ":id" in page else ""
            count = f" ({self.luck.randrange(2, 60)})" if self.luck.random() < 0.3 else ""
            title = title.replace("{name}", self._record(kind).name if kind else f"{_words(page)}{count}")
        self.events.append(Event(self.at, "pageview", title.replace("{page}", _words(page)), path))

    def click(self, act: Act, *, takes_s: float = _TAKES_S["click"]) -> None:
        """Click a control, which fails now and then."""
        self.pause(takes_s)
        self._add("click", "Click", act)
        if self.luck.random() < _ERROR:
            self.fail("error")
        elif self.luck.random() < _ERROR * self.person.care:
            self.events.append(Event(self.at + 0.3, "click", "Dead click", self._shown, "", "dead_click"))

    def _type(self, act: Act) -> None:
        if self.luck.random() < 0.3:
            self.pause(1.0)
            self._add("focus", "Focus", act)
        for _ in range(1 + geometric(self.luck, 0.12, 2)):
            self.pause(_TAKES_S["type"])
            self._add("type", "Change", act)
        if self.luck.random() < 0.25:
            self.pause(0.4)
            self._add("blur", "Blur", act)

    def _submit(self, act: Act) -> None:
        self.send(act)
        while self.luck.random() < _REFUSED * (0.5 + self.person.care):
            self.fail("failed_request")
            self.pause(6.0)
            self.send(act)

    def send(self, act: Act) -> None:
        """Press a form's button, once."""
        self.click(act, takes_s=_TAKES_S["submit"])
        if self.app.has_form_events:
            self.events.append(Event(self.at + 0.02, "submit", "Submit form", self._shown))

    def _select(self, act: Act) -> None:
        self.selected = 3 + geometric(self.luck, 2.0, 9)
        for _ in range(self.selected):
            self._records.pop(self._kind(act.page), None)
            self.click(act, takes_s=_TAKES_S["select"])

    def fail(self, signal: str) -> None:
        """Something goes wrong in the app."""
        title = {"error": "Error", "failed_request": "Failed request"}[signal]
        self.events.append(Event(self.at + 0.4, "blur", title, self._shown, "", signal))
        self.at += 0.4

    def _add(self, kind: str, verb: str, act: Act) -> None:
        record = self._kind(act.page or self.page)
        name = self._record(record).name if "{name}" in "".join(act.labels) else ""
        label = act.labels[min(self.person.language, len(act.labels) - 1)] if act.labels else ""
        label = label.replace("{name}", name).replace("{n}", str(self.luck.randrange(1, 40)))
        label = label.replace("{k}", str(self.selected))
        element = act.element
        if "{id}" in element:
            element = element.replace("{id}", self._record(record).id)
        if "{gen}" in element:
            element = element.replace("{gen}", "".join(self.luck.choices(_BASE36, k=2)))
        if self.luck.random() < _LOSES_ID:
            element = ""
        self.events.append(Event(self.at, kind, f"{verb} {label}", self._shown, element))

    # Ways through the app

    def go(self, entry: str) -> None:
        """Go to a page: by the menu where there is one, sometimes by a bookmark or the back button."""
        if self.page == entry and self.luck.random() < 0.8:
            return
        item = next((each for each in self.app.menu if each.page == entry), None)
        if item is not None and self.luck.random() < 0.85:
            self.pause(_TAKES_S["click"])
            self._add("click", "Click", Act("click", "", item.labels, item.element))
        self.open(entry)

    def be_distracted(self) -> None:
        """Click something incidental, or look at another page and come back."""
        if self.luck.random() < 0.7:
            here, act = self.page, self.luck.choice(self.app.incidental)
            self.click(Act("click", here, act.labels, act.element))
            return
        here, there = self.page, self.luck.choice(self.app.menu)
        self.pause(_TAKES_S["click"])
        self._add("click", "Click", Act("click", "", there.labels, there.element))
        self.open(there.page)
        self.pause(8.0, 0.9)
        self.open(here)

    def ordered(self, steps: Iterable[Step]) -> list[Act]:
        """Return the acts of this time: optional ones may be left out, and groups come in any order."""
        acts = list[Act]()
        for step in steps:
            group = [step] if isinstance(step, Act) else list(step)
            if len(group) > 1 and self.luck.random() < 0.35:
                self.luck.shuffle(group)
            acts += (act for act in group if act.share >= 1 or self.luck.random() < act.share)
        return acts


@lru_cache(maxsize=1024)
def _words(page: str) -> str:
    """Return the name that the capture gives a page."""
    from rasa_autoplay.events.canonical_url import page_name

    name = page_name(f"https://app.example.com{page}")
    return name[:1].upper() + name[1:]
