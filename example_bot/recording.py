"""Recorded browser traffic, to be replayed unchanged or as another user's of just now.

A recording is what posthog-js sent to its ``api_host`` while a user worked in a small projects app: one
request per line, in order of arrival, with unchanged bodies. With it demo and tests act like a browser
without a browser. ``tests/recordings/posthog/README.md`` describes the format.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode

__all__ = ["RECORDINGS", "Recorded", "load", "rebased"]

#: The folder of the demo's own recording.
RECORDINGS = Path(__file__).parent / "recordings"

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
#: Query parameters and properties in milliseconds since the epoch.
_MILLISECONDS = ("_", "sent_at", "$sdk_debug_session_start")


@dataclass(frozen=True)
class Recorded:
    """One request.

    Args:
        method: ``GET``, ``POST`` or ``OPTIONS``.
        path: for example ``/e/``; relative to the ``api_host``.
        query: the raw query string without ``?``.
        content_type: the header; ``""`` if there was none.
        body: the raw body.
        received_at: when it arrived, epoch seconds.
        encoding: the body's encoding of JSON: ``gzip``, ``json`` or ``form-base64``; None without a body.
    """

    method: str
    path: str
    query: str
    content_type: str
    body: bytes
    received_at: float
    encoding: str | None

    @property
    def is_capture(self) -> bool:
        """Whether it carries events (and does not ask for configuration or flags)."""
        return self.method == "POST" and self.path == "/e/"

    def json(self) -> Any:
        """The JSON in the body; None without a body."""
        return json.loads(_UNPACK[self.encoding](self.body)) if self.encoding else None


def load(story: str, directory: Path = RECORDINGS) -> list[Recorded]:
    """Read a recording unchanged.

    Args:
        story: its file's name without ``.jsonl``.
        directory: its folder.

    Raises:
        FileNotFoundError: there is no such recording.
    """
    with (directory / f"{story}.jsonl").open(encoding="utf-8") as lines:
        return [_recorded(json.loads(line)) for line in lines]


def _recorded(line: dict[str, Any]) -> Recorded:
    return Recorded(
        method=line["method"],
        path=line["path"],
        query=line["query"],
        content_type=line["headers"].get("content-type", ""),
        body=base64.b64decode(line["body_base64"] or ""),
        received_at=_parse_time(line["received_at"]),
        encoding=line["encoding"],
    )


def rebased(
    story: str,
    *,
    user_id: str,
    session_id: str,
    now: float,
    email: str | None = None,
    product_id: str | None = None,
    directory: Path = RECORDINGS,
) -> list[Recorded]:
    """Read a recording as if another user did the same just now.

    Every body keeps its encoding and shape. All times shift together, so that the story's last event is at
    ``now``. Event, device and window ids are new, and each is replaced consistently.

    Args:
        story: its file's name without ``.jsonl``.
        user_id: the user.
        session_id: the analytics session.
        now: when the last event happens, epoch seconds.
        email: the user's email address; by default ``<user_id>@example.com``.
        product_id: the product id in the page's requests; by default the recorded one.
        directory: the recording's folder.

    Raises:
        FileNotFoundError: there is no such recording.
    """
    requests = load(story, directory)
    events = [(request, event) for request in requests for event in _events(request)]
    last_at = max(_happened_at(request, event) for request, event in events)
    first = events[0][1]["properties"]
    named = next(event for _, event in events if event["event"] == "$identify")
    names = {
        named["properties"]["distinct_id"]: user_id,
        named["$set"]["email"]: email or f"{user_id}@example.com",
        named["$set"]["product_id"]: product_id or named["$set"]["product_id"],
        first["$session_id"]: session_id,
    }
    rebase = _Rebase(now - last_at, names)
    return [rebase.request(request) for request in requests]


class _Rebase:
    """Shifts times and replaces strings consistently in one recording."""

    def __init__(self, shift_s: float, names: dict[str, str]) -> None:
        self._shift_s = shift_s
        self._names = names

    def request(self, request: Recorded) -> Recorded:
        query = [
            (name, str(self._milliseconds(int(value))) if name in _MILLISECONDS else value)
            for name, value in parse_qsl(request.query, keep_blank_values=True)
        ]
        body = request.body
        if request.encoding:
            content = json.dumps(self._value(request.json()), ensure_ascii=False, separators=(",", ":"))
            body = _PACK[request.encoding](content.encode())
        return replace(
            request, query=urlencode(query), body=body, received_at=request.received_at + self._shift_s
        )

    def _value(self, value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: self._value(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._value(inner) for inner in value]
        if isinstance(value, str):
            return self._string(value)
        if key == "$time":
            return round(value + self._shift_s, 3)
        return self._milliseconds(value) if key in _MILLISECONDS and isinstance(value, int) else value

    def _string(self, value: str) -> str:
        if value in self._names:
            return self._names[value]
        if _UUID.fullmatch(value):
            return self._names.setdefault(value, str(uuid.uuid4()))
        return _iso(_parse_time(value) + self._shift_s) if _ISO_TIME.fullmatch(value) else value

    def _milliseconds(self, value: int) -> int:
        return value + round(self._shift_s * 1000)


def _events(request: Recorded) -> Iterator[dict[str, Any]]:
    if request.is_capture:
        content = request.json()
        batch = content.get("batch", [content]) if isinstance(content, dict) else content
        yield from batch


def _happened_at(request: Recorded, event: dict[str, Any]) -> float:
    if "timestamp" in event:
        return _parse_time(event["timestamp"])
    sent_ms = int(dict(parse_qsl(request.query))["_"])
    return (sent_ms - float(event["offset"])) / 1000


def _parse_time(text: str) -> float:
    # Python 3.10 does not parse the "Z".
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def _iso(seconds: float) -> str:
    text = datetime.fromtimestamp(round(seconds, 3), timezone.utc).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


_UNPACK: dict[str | None, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "json": bytes,
    "form-base64": lambda body: base64.b64decode(unquote_to_bytes(body.removeprefix(b"data="))),
}
_PACK: dict[str | None, Callable[[bytes], bytes]] = {
    "gzip": lambda content: gzip.compress(content, mtime=0),
    "json": bytes,
    "form-base64": lambda content: b"data=" + quote(base64.b64encode(content), safe="").encode(),
}
