"""Writes a world: the recordings of a made-up app as the connector sends them, and the truth about them."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import msgspec

from benchmarks.discovery.app import App, app_of_seed
from benchmarks.discovery.people import DAYS, Visit, people_of, visits_of
from benchmarks.discovery.sessions import Performance, session_of
from benchmarks.discovery.truth import Truth, World, truths_of
from benchmarks.discovery.walk import Event
from rasa_autoplay.events.canonical_url import canonical_url, page_name
from rasa_autoplay.events.models import ActionsPayload, SlimAction

__all__ = ["write_copies", "write_world"]

_DAY_S = 86_400.0
_LATE, _SENT_TWICE, _MIXED_UP = 0.01, 0.003, 0.05
_DID = {
    "pageview": "opened",
    "click": "clicked",
    "type": "changed",
    "submit": "submitted",
    "focus": "entered",
    "blur": "left",
}


def write_world(folder: Path, seed: int, users: int = 2000, sessions: int = 6000) -> World:
    """Generate a world.

    Args:
        folder: where ``recordings/day-01.jsonl`` … and ``truth.json`` are written.
        seed: of the random numbers; it also chooses the app.
        users: how many users there are.
        sessions: how many sessions they have together.
    """
    app = app_of_seed(seed)
    luck = random.Random(f"{app.name} {seed}")  # noqa: S311 - the same world each time, and no secret
    visits = visits_of(app, people_of(app, users, luck), sessions, luck)
    days: dict[int, list[tuple[float, bytes]]] = defaultdict(list)
    truths = {truth.id: truth for truth in truths_of(app)}
    who: dict[str, set[int]] = defaultdict(set)
    actions, began_at = 0, visits[0].began_at // _DAY_S * _DAY_S
    for visit in visits:
        events, done = session_of(app, visit, luck)
        actions += len(events)
        _count(truths, who, done, visit)
        for batch in _batches(app, visit, events, luck):
            line = msgspec.json.encode(batch)
            for _ in range(2 if luck.random() < _SENT_TWICE else 1):
                days[int((batch.forwarded_at - began_at) // _DAY_S)].append((batch.forwarded_at, line))
    (folder / "recordings").mkdir(parents=True, exist_ok=True)
    for number, lines in sorted(days.items()):
        lines.sort()
        day = b"\n".join(line for _, line in lines) + b"\n"
        (folder / "recordings" / f"day-{number + 1:02}.jsonl").write_bytes(day)
    for truth_id, truth in truths.items():
        truth.users, truth.sessions = len(who[truth_id]), len(truth.session_ids)
    menu = list(app.menu)
    world = World(app.name, app.origin, seed, users, len(visits), actions, DAYS, menu, list(truths.values()))
    (folder / "truth.json").write_bytes(msgspec.json.format(msgspec.json.encode(world), indent=1))
    return world


def _count(truths: dict[str, Truth], who: dict[str, set[int]], done: list[Performance], visit: Visit) -> None:
    for each in done:
        truth = truths.get(each.task)
        if truth is None or each.way != "slow":
            continue
        truth.times += 1
        truth.done += each.is_done
        who[truth.id].add(visit.person.number)
        session_id = _session_id(visit)
        if session_id not in truth.session_ids[-1:]:
            truth.session_ids.append(session_id)


def _session_id(visit: Visit) -> str:
    return f"c0-s{visit.number:06}"


def _batches(app: App, visit: Visit, events: list[Event], luck: random.Random) -> Iterator[ActionsPayload]:
    """Yield a session's batches: what happened within a few seconds, sometimes late or in disorder."""
    session_id = _session_id(visit)
    user_id = None if visit.person.is_anonymous else f"c0-u{visit.person.number:06}"
    first = 0
    while first < len(events):
        last = first + 1
        size = luck.randrange(1, 9)
        while last < len(events) and last - first < size and events[last].at - events[first].at < 6:
            last += 1
        part = [_action(app, events[i], i, session_id, user_id) for i in range(first, last)]
        sent_at = events[last - 1].at + luck.uniform(0.2, 2.5)
        sent_at += luck.uniform(10, 60) if luck.random() < _LATE else 0.0
        if luck.random() < _MIXED_UP:
            luck.shuffle(part)
        yield ActionsPayload(app.name, session_id, user_id, None, part, forwarded_at=round(sent_at, 3))
        first = last


def _action(app: App, event: Event, index: int, session_id: str, user_id: str | None) -> SlimAction:
    raw = f"{app.origin}{event.path}"
    canonical, page = _page(raw)
    description = f"User {_DID[event.type]} {event.title} on the {page} page"
    at = round(event.at, 3)
    return SlimAction(
        event.title,
        description,
        canonical,
        index,
        event.type,
        at,
        at,
        raw,
        session_id,
        user_id,
        element_id=event.element,
        signal=event.signal,
    )


@lru_cache(maxsize=100_000)
def _page(raw: str) -> tuple[str, str]:
    canonical = canonical_url(raw)
    return canonical, page_name(canonical)


def write_copies(folder: Path, target: Path, copies: int) -> int:
    """Write a world's recordings several times, each time with other users and sessions.

    Args:
        folder: the world.
        target: the folder for the larger recordings.
        copies: how many times.

    Returns:
        The number of bytes written.
    """
    target.mkdir(parents=True, exist_ok=True)
    written = 0
    for file in sorted((folder / "recordings").glob("*.jsonl")):
        content = file.read_bytes()
        for copy in range(copies):
            name = target / f"{file.stem}-{copy:02}.jsonl"
            written += name.write_bytes(content.replace(b'"c0-', f'"c{copy}-'.encode()))
    return written
