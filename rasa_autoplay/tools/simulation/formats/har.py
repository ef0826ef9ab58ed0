"""Reads a browser's HAR: the events that posthog-js posted while it was recorded.

Chrome, Firefox and Playwright write bodies in different ways: as text, as the fields of a form, as base64, as
text with one character per byte, or as a file beside the HAR. Only requests that carry events are read.

Source: HAR 1.2 specification (``entries``, ``postData``), and ``_file`` as Playwright writes it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, unquote_plus, urlencode, urlsplit

import msgspec

from rasa_autoplay.common.lenient_json import decode_json
from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.events.wire_values import parse_timestamp
from rasa_autoplay.gateway.sources.posthog.wire import MAX_BYTES, CapturedRequest, decode_request
from rasa_autoplay.tools.simulation.formats.entry import Entry, LeftOut

__all__ = ["read_har"]

#: The last parts of the paths to which posthog-js posts events, also below the prefix of a proxy.
_EVENT_PATHS = frozenset({"e", "batch", "capture", "track", "engage"})
#: The last parts of the paths below our ``/capture`` to which it posts something else.
_NO_EVENT_PATHS = frozenset({"flags", "decide", "s"})
_LOST_BYTES = (
    "the browser has lost the bytes of this compressed body. Before you record, type "
    "posthog.set_config({disable_compression: true}) in the page's console"
)
_NO_BODY = "the HAR has no body for this request. Export it with the content of the requests"


class _Log(msgspec.Struct):
    entries: list[msgspec.Raw]


class _Har(msgspec.Struct):
    log: _Log


class _Field(msgspec.Struct):
    name: str = ""
    value: str | None = ""


class _Body(msgspec.Struct, rename={"media_type": "mimeType", "file": "_file"}):
    text: str | None = None
    params: list[_Field] | None = None
    media_type: str | None = ""
    encoding: str | None = None
    file: str | None = None


class _Request(msgspec.Struct, rename="camel"):
    url: str
    method: str = "GET"
    post_data: _Body | None = None


class _Entry(msgspec.Struct, rename={"started": "startedDateTime"}):
    request: _Request
    started: str = ""


_hars = msgspec.json.Decoder(_Har)
_entries = msgspec.json.Decoder(_Entry)


class _Placed(NamedTuple):
    at: float
    line: int
    entry: _Entry


def read_har(text: bytes, line: int, file: Path) -> Iterator[Entry]:
    """Yield the requests of a HAR in the order of time.

    Args:
        text: the JSON.
        line: the line where it begins.
        file: the HAR; Playwright puts bodies into files beside it.
    """
    try:
        entries = _hars.decode(text).log.entries
    except msgspec.ValidationError as problem:
        yield Entry(line, MalformedEvent(f"the HAR cannot be read: {problem}"))
        return
    placed: list[_Placed] = []
    position = 0
    for raw in entries:
        content = bytes(raw)
        begin = text.find(content, position)
        line += text.count(b"\n", position, begin)
        position = begin
        try:
            entry = _decoded(content)
        except MalformedEvent as problem:
            yield Entry(line, problem)
            continue
        placed.append(_Placed(parse_timestamp(entry.started), line, entry))
    for at, its_line, entry in sorted(placed, key=lambda each: each.at):
        yield Entry(its_line, _content(entry, at, file))


def _decoded(content: bytes) -> _Entry:
    try:
        return _entries.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass  # broken UTF-8 in one text, perhaps
    try:
        return msgspec.convert(decode_json(content), _Entry)
    except msgspec.ValidationError as problem:
        raise MalformedEvent(f"the HAR's entry cannot be read: {problem}") from None


def _content(entry: _Entry, at: float, file: Path) -> CapturedRequest | LeftOut | MalformedEvent:
    try:
        address = urlsplit(entry.request.url)
    except ValueError:
        return LeftOut("other_requests")
    if not _has_events(entry.request, address):
        return LeftOut("other_requests")
    if not at:
        return MalformedEvent("the request does not say when it was sent (startedDateTime)")
    try:
        return _captured(entry.request, address.query, at, file)
    except MalformedEvent as problem:
        return MalformedEvent(f"{entry.request.method} {address.path}: {problem.message.rstrip('.')}")


def _has_events(request: _Request, address: SplitResult) -> bool:
    parts = [part for part in address.path.split("/") if part]
    is_ours = "capture" in parts[:-1] and parts[-1] not in _NO_EVENT_PATHS and "array" not in parts
    if not parts or not (is_ours or parts[-1] in _EVENT_PATHS):
        return False
    # Old versions send single events as the addresses of pictures.
    return request.method.upper() == "POST" or "data=" in address.query


def _captured(request: _Request, query: str, at: float, file: Path) -> CapturedRequest:
    body = _bytes_of(request.post_data, file) if request.post_data else b""
    in_query = dict(parse_qsl(query, keep_blank_values=True))
    if not body and "data" not in in_query:
        raise MalformedEvent(_NO_BODY)
    media_type = request.post_data.media_type if request.post_data else ""
    return decode_request(body, content_type=media_type or "", query=in_query, received_at=at)


def _bytes_of(body: _Body, file: Path) -> bytes:
    if body.file:
        return _file_beside(file, body.file)
    if not body.text:
        fields = {each.name: unquote_plus(each.value or "") for each in body.params or []}
        return urlencode(fields).encode() if fields else b""
    if (body.encoding or "").lower() == "base64":
        return _from_base64(body.text)
    if body.text.startswith("\x1f"):
        # gzip as text: either one character is one byte, or the bytes above 127 are lost.
        try:
            return body.text.encode("latin-1")
        except UnicodeEncodeError:
            raise MalformedEvent(_LOST_BYTES) from None
    return body.text.encode(errors="replace")


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedEvent("the body is not base64, although the HAR says so") from None


def _file_beside(har: Path, name: str) -> bytes:
    # The HAR is untrusted: it must not name files elsewhere.
    if name != Path(name).name or name in ("", ".", ".."):
        raise MalformedEvent("the HAR names a body outside of its folder")
    try:
        with (har.parent / name).open("rb") as content:
            return content.read(MAX_BYTES + 1)
    except (OSError, ValueError):
        raise MalformedEvent(f"the body is in the file {name}, which is not beside the HAR") from None
