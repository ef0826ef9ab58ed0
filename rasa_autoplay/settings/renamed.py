"""Renamed settings: an old name is rejected, and the error shows what to write instead.

This table is the only place with the old names. CHANGELOG.md lists them for readers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rasa_autoplay.settings.remedy_lines import EACH, yaml_example

__all__ = ["AUTOPLAY_YML", "CREDENTIALS_YML", "Renamed", "find_renamed"]

Location = tuple["str | int", ...]


@dataclass(frozen=True)
class Renamed:
    """One renamed key or value.

    Attributes:
        old: the old dotted path; ``*`` stands for every element of a list.
        new: the new dotted path.
        example: an example value for the new key.
        value: the old value, if a value was renamed; None if the key was renamed.
    """

    old: str
    new: str
    example: str = "…"
    value: str | None = None

    @property
    def message(self) -> str:
        """What is wrong, and the lines to write instead."""
        what = "this key" if self.value is None else f"the value {self.value}"
        return f"{what} has a new name. Write:\n{yaml_example(self.new, self.example)}"


_REDIS = "${AUTOPLAY_REDIS_URL}"

AUTOPLAY_YML = (
    Renamed("limits", "courtesy"),
    Renamed("triggers.*.limits", "triggers.*.courtesy"),
    Renamed("triggers.*.expires_after", "triggers.*.offer_ttl", "2m"),
    Renamed("session.expires_after", "session.idle_timeout", "30m"),
    Renamed("memory.url", "database.url", "sqlite:///autoplay.db"),
    Renamed("memory.keep", "memory.retention", "365d"),
    Renamed("store", "shared.redis", _REDIS),
    Renamed("poll_seconds", "poll_interval", "10s"),
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
    Renamed("token", "stream.token", "${AUTOPLAY_TOKEN}"),
    Renamed("live_activity.limit", "live_activity.max_actions"),
    Renamed("link_secret", "link.secret", "${AUTOPLAY_LINK_SECRET}"),
    Renamed("link.type", "shared.redis", _REDIS),
    Renamed("identity", "identity", "report_only", value="report"),
)


def find_renamed(data: object, table: tuple[Renamed, ...]) -> Iterator[tuple[Location, Renamed]]:
    """Find the old names in a file or section, each with its location.

    Args:
        data: plain dicts, lists and scalars.
        table: the renamed keys and values of that file.
    """
    for renamed in table:
        for location, value in _at(data, renamed.old.split("."), ()):
            if renamed.value is None or renamed.value == value:
                yield location, renamed


def _at(node: Any, path: list[str], location: Location) -> Iterator[tuple[Location, Any]]:
    if not path:
        yield location, node
    elif path[0] == EACH:
        for number, element in enumerate(node if isinstance(node, list) else ()):
            yield from _at(element, path[1:], (*location, number))
    elif isinstance(node, Mapping) and path[0] in node:
        yield from _at(node[path[0]], path[1:], (*location, path[0]))
