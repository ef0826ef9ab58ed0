"""Random rules and sessions, in which rules come true often enough to be compared."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from rasa_autoplay.engine.knowledge.user_progress import PathPosition, WorkflowMemory
from rasa_autoplay.events.models import SlimAction
from support.rules import PATHS, T0, KnownPaths, KnownUser

__all__ = ["foreseeable_rule", "random_actions", "random_history", "random_paths", "random_rule"]

_TITLES = ("Click Save changes", "Click Edit", "Click Bulk edit", "Change priority", "Open menu")
_PAGES = (
    "https://app.example.com/projects",
    "https://app.example.com/projects/:id/edit",
    "https://app.example.com/dashboard",
    "",
)
_TYPES = ("click", "pageview", "submit")
_ELEMENTS = ("", "", "save", "menu")
_SIGNALS = ("", "", "", "error", "rage_click", "dead_click")
_TITLE_PATTERNS: tuple[Any, ...] = (
    "save",
    "edit",
    "CLICK",
    ["bulk edit", "menu"],
    {"exact": "Click Edit"},
    {"regex": "^(Click|Open)"},
)
_PAGE_PATTERNS: tuple[Any, ...] = (
    "/projects",
    "/dash",
    {"exact": "/projects"},
    {"regex": "edit$"},
    ["/dash", "edit"],
)


def random_actions(chance: random.Random, number: int, spread_s: float) -> list[SlimAction]:
    """Return actions on a grid of quarter seconds, so that boundaries are hit exactly."""
    actions = []
    for index in range(number):
        at = T0 + chance.randrange(int(spread_s * 4) + 1) / 4
        actions.append(
            SlimAction(
                chance.choice(_TITLES),
                "",
                chance.choice(_PAGES),
                index=index,
                type=chance.choice(_TYPES),
                timestamp_start=at,
                timestamp_end=at + chance.choice((0.0, 0.0, 0.0, 2.0)),
                element_id=chance.choice(_ELEMENTS),
                signal=chance.choice(_SIGNALS),
            )
        )
    return actions


def random_rule(chance: random.Random, depth: int = 2) -> dict[str, Any]:
    """Return a condition of a random kind."""
    if depth and chance.random() < 0.6:
        kind = chance.choice(("all", "all", "any", "not"))
        if kind == "not":
            return {"not": random_rule(chance, depth - 1)}
        return {kind: [random_rule(chance, depth - 1) for _ in range(chance.randint(1, 3))]}
    return chance.choice(_LEAVES)(chance)


def _within(chance: random.Random) -> str:
    return f"{chance.choice((2, 5, 10, 20, 40))}s"


def _match(chance: random.Random, *, some: bool = True) -> dict[str, Any]:
    match: dict[str, Any] = {}
    if chance.random() < 0.7:
        match["title"] = chance.choice(_TITLE_PATTERNS)
    if chance.random() < 0.3:
        match["page"] = chance.choice(_PAGE_PATTERNS)
    if chance.random() < 0.2:
        match["type"] = chance.choice(_TYPES)
    if chance.random() < 0.1 or (some and not match):
        match["element_id"] = "save"
    return match


def _count(chance: random.Random) -> dict[str, Any]:
    within = {"within": _within(chance)} if chance.random() < 0.8 else {}
    return {"count": {**_match(chance, some=False), "at_least": chance.randint(1, 3), **within}}


def _sequence(chance: random.Random) -> dict[str, Any]:
    return {"sequence": [_match(chance) for _ in range(chance.randint(2, 3))], "within": _within(chance)}


def _dwell(chance: random.Random) -> dict[str, Any]:
    if chance.random() < 0.5:
        return {"dwell": _within(chance)}
    return {"dwell": {"at_least": _within(chance), "max_actions": chance.randint(1, 4)}}


def _failure(chance: random.Random) -> dict[str, Any]:
    failure: dict[str, Any] = {"at_least": chance.randint(1, 3)}
    if chance.random() < 0.5:
        failure["kind"] = chance.choice(("error", ["rage_click", "dead_click"]))
    if chance.random() < 0.3:
        failure["page"] = chance.choice(_PAGE_PATTERNS)
    if chance.random() < 0.5:
        failure["within"] = _within(chance)
    return {"failure": failure}


def _segment(chance: random.Random) -> dict[str, Any]:
    return {
        "segment": chance.choice(
            (
                {"email_domain": "acme.com"},
                {"email_domain": ["other.org", "ACME.com"]},
                {"user": "new"},
                {"user": "returning"},
                {"away": "3d"},
                {"properties": {"plan": ["pro", "Team"], "admin": True}},
                {"properties": {"seats": 3}},
            )
        )
    }


def _memory(chance: random.Random) -> dict[str, Any]:
    state = chance.choice(("mastered", "in_progress", "untouched", "struggle"))
    which = chance.choice(("any", PATHS[0], list(PATHS[:2])))
    more = chance.choice(({}, {"attempts": 2}, {"completion_below": 80}))
    return {"memory": {state: which, **more}}


def _path(chance: random.Random) -> dict[str, Any]:
    what = chance.choice(("begun", "off_path", "skipped_step", "stalled"))
    more: dict[str, Any] = {}
    if what == "stalled":
        more = chance.choice(({}, {"for": _within(chance)}, {"for": _within(chance), "actions": 4}))
    return {"path": {what: chance.choice(("any", PATHS[0], list(PATHS[:2]))), **more}}


_LEAVES: Sequence[Callable[[random.Random], dict[str, Any]]] = (
    _count,
    _count,
    _sequence,
    _dwell,
    _failure,
    _segment,
    _memory,
    _path,
    lambda chance: {"on_page": chance.choice(_PAGE_PATTERNS)},
    lambda chance: {"on_page": chance.choice(_PAGE_PATTERNS)},
    lambda chance: {"never": _match(chance)},
    lambda chance: {"never": {**_match(chance), "within": _within(chance)}},
    lambda chance: {"absent": {**_match(chance), "within": _within(chance)}},
    lambda chance: {"idle": _within(chance)},
    lambda chance: {
        "repeat": {**_match(chance, some=False), "at_least": chance.randint(2, 3), "within": _within(chance)}
    },
)


def foreseeable_rule(chance: random.Random) -> dict[str, Any]:
    """Return a rule with a condition of which a replay can tell in advance when it could hold."""
    known = chance.choice(_FORESEEABLE)(chance)
    more = [random_rule(chance, 0) for _ in range(chance.choice((0, 0, 1, 2)))]
    return chance.choice(({"all": [known, *more]}, {"all": [*more, known]}, known, _either(chance)))


def _either(chance: random.Random) -> dict[str, Any]:
    return {"any": [chance.choice(_FORESEEABLE)(chance) for _ in range(2)]}


_FORESEEABLE: Sequence[Callable[[random.Random], dict[str, Any]]] = (
    lambda chance: {"count": {**_match(chance), "at_least": chance.randint(3, 6), "within": _within(chance)}},
    lambda chance: {"repeat": {**_match(chance), "at_least": 3, "within": _within(chance)}},
    lambda chance: {
        "dwell": {"at_least": f"{chance.choice((10, 40, 90))}s", "max_actions": chance.randint(1, 9)}
    },
    lambda chance: {"dwell": f"{chance.choice((10, 40, 90))}s"},
    lambda chance: {"idle": f"{chance.choice((2, 5, 20))}s"},
    lambda chance: {"failure": {"at_least": chance.randint(2, 3), "within": _within(chance)}},
    lambda chance: {"on_page": chance.choice(_PAGE_PATTERNS)},
    _sequence,
)


def random_history(chance: random.Random) -> KnownUser | None:
    """Return what memory knows about a user; sometimes None."""
    if chance.random() < 0.2:
        return None
    memories = {
        path_id: WorkflowMemory(
            path_id.title(),
            chance.choice(("mastered", "in_progress", "untouched")),
            chance.randint(0, 3),
            chance.choice((0.0, 50.0, 80.0, 85.0)),
            "Check the message",
            chance.random() < 0.3,
        )
        for path_id in PATHS
        if chance.random() < 0.8
    }
    before = chance.choice((None, T0 - 3600, T0 - 3 * 86_400, T0 - 3 * 86_400 + 15))
    return KnownUser({"plan": chance.choice(("Pro", "free")), "admin": True, "seats": 3}, before, memories)


def random_paths(chance: random.Random) -> KnownPaths | None:
    """Return a session's progress; sometimes None."""
    if chance.random() < 0.2:
        return None
    positions = {
        path_id: PathPosition(
            path_id.title(),
            "Second",
            chance.choice(("", "Third", "Third", "Third")),
            chance.randint(1, 3),
            3,
            T0 + chance.randrange(80) / 4,
            chance.randint(0, 5),
            chance.choice(("", "First")),
            chance.random() < 0.3,
        )
        for path_id in PATHS
        if chance.random() < 0.6
    }
    return KnownPaths(positions)
