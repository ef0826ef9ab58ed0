"""Keys that have a new name: an old one is refused, and the error says what to write instead.

This table is the only place that knows old names. CHANGELOG.md shows it to readers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["AUTOPLAY_YML", "CREDENTIALS_YML", "Renamed", "find_renamed"]

#: Stands for every element of a list.
_EACH = "*"
Location = tuple["str | int", ...]


@dataclass(frozen=True)
class Renamed:
    """One key or value that has a new name.

    Attributes:
        old: its dotted path; ``*`` stands for every element of a list.
        new: the new path, or what to write instead.
        value: the value that has a new name; None where the key itself has one.
    """

    old: str
    new: str
    value: str | None = None

    @property
    def message(self) -> str:
        """What is wrong and what to write."""
        if self.value is not None:
            return f"the value {self.value} has a new name: write {self.new}."
        return f"this key has a new name: write {self.new} instead of {self.old}."


AUTOPLAY_YML = (
    Renamed("limits", "courtesy"),
    Renamed("triggers.*.limits", "triggers.*.courtesy"),
    Renamed("triggers.*.expires_after", "triggers.*.offer_ttl"),
    Renamed("session.expires_after", "session.idle_timeout"),
    Renamed("memory.url", "database.url"),
    Renamed("memory.keep", "memory.retention"),
    Renamed("store", "shared: {redis: <url>}"),
    Renamed("poll_seconds", "poll_interval, a duration such as 10s,"),
    Renamed("llm.session_words", "llm.session_notes"),
)

CREDENTIALS_YML = (
    Renamed("limits", "rate_limits"),
    *(
        Renamed(f"{section}.{old}", f"rate_limits.max_{old}")
        for section in ("limits", "rate_limits")
        for old in (
            "feeds",
            "feeds_per_user",
            "capture_bytes",
            "chat_sockets",
            "chat_sockets_per_user",
            "chat_sockets_per_address",
            "chat_message_bytes",
        )
    ),
    *(
        Renamed(f"{section}.chat_sockets_waiting", "rate_limits.max_waiting_chat_sockets")
        for section in ("limits", "rate_limits")
    ),
    Renamed("stream_url", "stream.url"),
    Renamed("token", "stream.token"),
    Renamed("live_activity.limit", "live_activity.max_actions"),
    Renamed("link_secret", "link.secret"),
    Renamed("link.type", "shared: {redis: <url>}"),
    Renamed("link.url", "shared.redis"),
    Renamed("identity", "identity: report_only", value="report"),
)


def find_renamed(data: object, table: tuple[Renamed, ...]) -> Iterator[tuple[Location, Renamed]]:
    """The old names in a file or section, each with its place.

    Args:
        data: plain dicts, lists and scalars.
        table: what has a new name there.
    """
    for renamed in table:
        for location, value in _at(data, renamed.old.split("."), ()):
            if renamed.value is None or renamed.value == value:
                yield location, renamed


def _at(node: Any, path: list[str], location: Location) -> Iterator[tuple[Location, Any]]:
    if not path:
        yield location, node
    elif path[0] == _EACH:
        for number, element in enumerate(node if isinstance(node, list) else ()):
            yield from _at(element, path[1:], (*location, number))
    elif isinstance(node, Mapping) and path[0] in node:
        yield from _at(node[path[0]], path[1:], (*location, path[0]))
