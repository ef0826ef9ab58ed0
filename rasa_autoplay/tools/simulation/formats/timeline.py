"""Reads a recorded session as the studio gets it from ``/recordings/PRODUCT/USER?session=ID``."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.tools.simulation.formats.entry import Entry
from rasa_autoplay.tools.simulation.formats.tail import shown_action

__all__ = ["read_timeline"]


class _Timeline(msgspec.Struct):
    session_id: str
    product_id: str = ""
    user_id: str | None = None
    actions: list[dict[str, object]] = []


_timelines = msgspec.json.Decoder(_Timeline)


def read_timeline(text: bytes, line: int) -> Iterator[Entry]:
    """Yield the session's actions.

    Args:
        text: the JSON.
        line: the line where it begins.
    """
    try:
        timeline = _timelines.decode(text)
    except msgspec.ValidationError as problem:
        yield Entry(line, MalformedEvent(f"the recorded session cannot be read: {problem}"))
        return
    for each in timeline.actions:
        try:
            action = shown_action(each, each.get("happened_at") or each.get("at"))
        except MalformedEvent as problem:
            yield Entry(line, problem)
            continue
        names = timeline.product_id, timeline.session_id, timeline.user_id
        yield Entry(line, ActionsPayload(*names, None, [action]))
