"""Chooses the reader of a JSON object by its keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from rasa_autoplay.common.lenient_json import decode_json
from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.tools.simulation.formats.batches import read_batch, read_regular_batch
from rasa_autoplay.tools.simulation.formats.entry import Entry, LeftOut
from rasa_autoplay.tools.simulation.formats.har import read_har
from rasa_autoplay.tools.simulation.formats.other_files import wrong_keys
from rasa_autoplay.tools.simulation.formats.requests import read_request
from rasa_autoplay.tools.simulation.formats.tail import read_moment
from rasa_autoplay.tools.simulation.formats.timeline import read_timeline
from rasa_autoplay.tools.simulation.formats.user_export import read_user_export

__all__ = ["entries_of", "has_json"]

_objects = msgspec.json.Decoder(dict[str, msgspec.Raw])
_arrays = msgspec.json.Decoder(list[msgspec.Raw])
_FAILURES = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
#: Longer texts with faults are not repaired.
_MAX_REPAIRED_BYTES = 16 * 1024 * 1024


_BOM = b"\xef\xbb\xbf"
#: A terminal may have written lines of its own before the first object.
_LINES_OF_HEAD = 50
#: msgspec names the place of a fault as ``(byte 24)``.
_AT_BYTE = re.compile(r"\(byte (\d{1,12})\)$")


class _Object(NamedTuple):
    text: bytes
    keys: frozenset[str]


class _BadJson(MalformedEvent):
    """A text is not JSON.

    Args:
        reason: why.
        lines_before: how many lines of the text are before the fault.
    """

    def __init__(self, reason: str, lines_before: int) -> None:
        super().__init__(reason)
        self.lines_before = lines_before


def has_json(head: bytes) -> bool:
    """Whether a text begins with JSON, or has a line with a JSON object.

    Args:
        head: the beginning of the text.
    """
    lines = [line.strip().removeprefix(b"data:").lstrip() for line in head.removeprefix(_BOM).splitlines()]
    begun = next((line for line in lines if line), b"")
    return begun[:1] in (b"{", b"[") or any(map(_is_object, lines[:_LINES_OF_HEAD]))


def _is_object(line: bytes) -> bool:
    try:
        return line.startswith(b"{") and bool(_objects.decode(line))
    except _FAILURES:
        return False


def entries_of(text: bytes, line: int, file: Path) -> Iterator[Entry]:
    """Yield what a JSON object contains.

    Args:
        text: the JSON, also behind ``data:``.
        line: the line of the file where it begins, from 1.
        file: the file.

    Raises:
        WrongKind: it is no recording, but something else that is known.
    """
    batch = read_regular_batch(text)
    if batch is not None:
        yield Entry(line, batch)
        return
    try:
        found = _object_in(text.removeprefix(b"data:").strip())
        yield from _read(found, line, file)
    except _BadJson as problem:
        yield Entry(line + problem.lines_before, problem)
    except MalformedEvent as problem:
        yield Entry(line, problem)
    except _FAILURES as problem:
        yield Entry(line, MalformedEvent(f"the JSON cannot be read: {_reason(problem)}"))


def _read(found: _Object, line: int, file: Path) -> Iterator[Entry]:
    text, keys = found
    if "log" in keys:
        yield from read_har(text, line, file)
    elif {"session_id", "began_at", "actions"} <= keys:
        yield from read_timeline(text, line)
    elif {"user_id", "recordings"} <= keys:
        yield from read_user_export(text, line)
    elif {"body_base64", "decoded"} & keys:
        yield Entry(line, read_request(_decoded(text)))
    elif {"kind", "at"} <= keys:
        moment = read_moment(_decoded(text))
        yield Entry(line, moment) if isinstance(moment, LeftOut) else Entry(line, *moment)
    elif _is_heartbeat(found):
        return
    elif "actions" not in keys and (wrong := wrong_keys(keys)):
        raise wrong
    else:
        yield Entry(line, read_batch(text))


def _is_heartbeat(found: _Object) -> bool:
    if len(found.keys) > 8 or not {"event", "type"} & found.keys:
        return False
    record = _decoded(found.text)
    return "heartbeat" in (record.get("event"), record.get("type"))


def _decoded(text: bytes) -> dict[str, Any]:
    record: dict[str, Any] = msgspec.json.decode(text)
    return record


def _object_in(text: bytes) -> _Object:
    try:
        return _Object(text, frozenset(_objects.decode(text)))
    except msgspec.ValidationError:
        raise _no_object(text) from None
    except _FAILURES as problem:
        if len(text) > _MAX_REPAIRED_BYTES or isinstance(problem, RecursionError):
            raise _bad_json(text, problem) from None
        return _repaired(text, problem)


def _repaired(text: bytes, problem: Exception) -> _Object:
    """Read JSON with faults that can be repaired, such as half an emoji."""
    try:
        repaired = msgspec.json.encode(decode_json(text))
    except MalformedEvent:
        raise _bad_json(text, problem) from None
    return _Object(repaired, frozenset(_objects.decode(repaired)))


def _bad_json(text: bytes, problem: Exception) -> _BadJson:
    lines = text.count(b"\n")
    if not lines:
        return _BadJson(f"the line is not JSON ({_reason(problem)})", 0)
    at = _AT_BYTE.search(str(problem))
    if at is not None:
        lines = text.count(b"\n", 0, int(at[1]))
    return _BadJson(f"the file is not JSON: {_reason(problem)}", 0 if _is_deep(problem) else lines)


def _reason(problem: Exception) -> str:
    if _is_deep(problem):
        return "it is nested too deeply"
    if isinstance(problem, UnicodeDecodeError):
        return "it is not UTF-8"
    reason = _AT_BYTE.sub("", str(problem).removeprefix("JSON is malformed: ")).strip()
    return "it ends in the middle" if "truncated" in reason else reason


def _is_deep(problem: Exception) -> bool:
    return isinstance(problem, RecursionError)


def _no_object(text: bytes) -> Exception:
    """Return what to raise for JSON that is not an object."""
    value: object = None
    if text.startswith(b"["):
        elements = _arrays.decode(text)
        wrong = wrong_keys(_keys_of(elements[0])) if elements else None
        if wrong:
            return wrong
        value = []
    else:
        value = msgspec.json.decode(text)
    return MalformedEvent(f"the line is a JSON {type(value).__name__}, not an object")


def _keys_of(element: msgspec.Raw) -> frozenset[str]:
    try:
        return frozenset(_objects.decode(element))
    except _FAILURES:
        return frozenset()
