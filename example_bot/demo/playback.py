"""Plays the recorded session for a user, and narrates what the user does."""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from example_bot.demo.browser import Browser
from example_bot.demo.configuration import gets_the_toast
from example_bot.recording import Recorded, rebased

__all__ = ["RECORDING", "Person", "play"]

RECORDING = "edit_three_projects"
_SAVE = "Save changes"
#: A recorded pause is shortened to this share of it, and to at most this many seconds.
_PACE, _LONGEST_PAUSE_S = 0.4, 0.5


@dataclass(frozen=True)
class Person:
    """A user.

    Args:
        name: the user's name in the narration.
        user_id: the user's id in the host app.
    """

    name: str
    user_id: str

    @classmethod
    def fresh(cls, name: str) -> Person:
        """Return a new user of that name, to whom nothing was ever offered, and who gets the toast."""
        user_ids = (f"{name.lower()}-{uuid.uuid4().hex[:8]}" for _ in itertools.count())
        return cls(name, next(filter(gets_the_toast, user_ids)))


async def play(browser: Browser, person: Person, tell: Callable[[str], None], *, haste: float = 1.0) -> float:
    """Send the recording as if the user did it just now.

    Args:
        browser: sends it.
        person: the user.
        tell: receives one line for each event, just before it is sent.
        haste: pauses are divided by this factor.

    Returns:
        When the last request was sent, on the monotonic clock.
    """
    requests = [request for request in _requests(person) if request.is_capture]
    saves = sum(_is_save(event) for request in requests for event in _events(request))
    saved, sent_at, earlier = 0, 0.0, requests[0].received_at
    for request in requests:
        pause_s = (request.received_at - earlier) * _PACE
        await asyncio.sleep(min(pause_s, _LONGEST_PAUSE_S) / haste)
        earlier = request.received_at
        for event in _events(request):
            saved += _is_save(event)
            count = f" ({saved} of {saves})" if _is_save(event) else ""
            tell(f"{person.name} {_deed(event)}{count}")
        sent_at = time.perf_counter()
        await browser.capture(request)
    return sent_at


def _requests(person: Person) -> list[Recorded]:
    return rebased(
        RECORDING,
        user_id=person.user_id,
        session_id=str(uuid.uuid4()),
        now=time.time(),
        email=f"{person.name.lower()}@example.com",
    )


def _events(request: Recorded) -> Iterator[Mapping[str, Any]]:
    content = request.json()
    yield from content.get("batch", [content]) if isinstance(content, dict) else content


def _is_save(event: Mapping[str, Any]) -> bool:
    return _text(_elements(event)) == _SAVE


def _elements(event: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the element that was used, and those around it."""
    return event["properties"].get("$elements") or [{}]


def _text(elements: list[Mapping[str, Any]]) -> str:
    return str(elements[0].get("$el_text") or "")


def _deed(event: Mapping[str, Any]) -> str:
    """Describe a user's action in words."""
    properties, elements = event["properties"], _elements(event)
    if event["event"] == "$identify":
        return f"signs in as {properties['distinct_id']}"
    if event["event"] == "$pageview":
        return f"opens {properties.get('$pathname')}"
    if properties.get("$event_type") == "change":
        label = next((str(e["$el_text"]) for e in elements if e.get("tag_name") == "label"), "a field")
        return f"changes {label}"
    project = elements[0].get("attr__data-edit")
    return f"clicks {_text(elements)}" + (f" on {project}" if project else "")
