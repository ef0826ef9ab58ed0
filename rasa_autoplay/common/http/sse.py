"""A decoder and an encoder for Server-Sent Events, without I/O.

They follow the WHATWG HTML standard, chapter "Server-sent events"; comments cite its sections. There is one
addition: an event with more data than ``max_event_bytes`` is skipped and counted. Other events are not
affected, and memory stays bounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["DEFAULT_MAX_EVENT_BYTES", "STREAM_HEADERS", "ServerSentEvent", "SseDecoder", "encode_event"]

DEFAULT_MAX_EVENT_BYTES = 1 << 20
#: Headers of a stream. Proxies must neither cache, compress nor buffer it; nginx obeys X-Accel-Buffering.
STREAM_HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}

_BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"\r\n|\n|\r")
#: Room for a field name beyond the limit, so that exactly ``max_event_bytes`` of data fit into a line.
_NAME_ROOM = 32


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One dispatched event.

    Args:
        event: its type; ``"message"`` by default.
        data: its data; lines are joined by a newline.
        id: the last event id at this event; an earlier event may have set it.
        retry: its reconnection time in milliseconds, or None.
    """

    event: str
    data: str
    id: str = ""
    retry: int | None = None


class SseDecoder:
    """Decodes the chunks of one stream, cut anywhere, into events.

    Use a new one for each connection.

    Args:
        last_event_id: the last id of the previous connection.
        max_event_bytes: the largest size of an event's data.
    """

    def __init__(self, *, last_event_id: str = "", max_event_bytes: int = DEFAULT_MAX_EVENT_BYTES) -> None:
        if max_event_bytes < 1:
            raise ValueError(f"max_event_bytes must be >= 1, got {max_event_bytes!r}")
        #: Send this as ``Last-Event-ID`` when reconnecting.
        self.last_event_id = last_event_id
        #: The reconnection time that the stream requested, in milliseconds, or None.
        self.retry: int | None = None
        #: How many events were skipped because of their size.
        self.oversized = 0
        self._max_event_bytes = max_event_bytes
        self._line = bytearray()
        self._line_overflowed = False
        self._at_start = True
        self._after_cr = False
        self._id_buffer = last_event_id
        self._begin_event()

    def _begin_event(self) -> None:
        self._event_type = ""
        self._data = bytearray()
        self._retry: int | None = None
        self._skipping = False

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """Decode the next bytes of the stream.

        Returns:
            The events that these bytes complete. The standard says that an incomplete event at the end of
            the stream is never dispatched.
        """
        if not chunk:
            return []
        if self._after_cr and chunk.startswith(b"\n"):
            # "Parsing an event stream": CR LF is one line end, even if a chunk ends between them.
            chunk = chunk[1:]
        self._after_cr = chunk.endswith(b"\r")
        events: list[ServerSentEvent] = []
        start = 0
        for line_end in _LINE_END.finditer(chunk):
            self._extend_line(chunk[start : line_end.start()])
            event = self._end_line()
            if event is not None:
                events.append(event)
            start = line_end.end()
        self._extend_line(chunk[start:])
        return events

    def _extend_line(self, part: bytes) -> None:
        room = self._max_event_bytes + _NAME_ROOM - len(self._line)
        self._line_overflowed = self._line_overflowed or len(part) > room
        self._line += part[:room]

    def _end_line(self) -> ServerSentEvent | None:
        line, overflowed = bytes(self._line), self._line_overflowed
        self._line.clear()
        self._line_overflowed = False
        if self._at_start:
            # "Parsing an event stream": one leading byte order mark is ignored.
            line = line.removeprefix(_BOM)
            self._at_start = False
        # "Interpreting an event stream": an empty line dispatches, a colon begins a comment, the first colon
        # ends the field's name, and one space after it is not part of the value.
        if not line:
            return self._dispatch()
        name, _, value = line.partition(b":")
        self._process_field(name, value.removeprefix(b" "), overflowed=overflowed)
        return None

    def _process_field(self, name: bytes, value: bytes, *, overflowed: bool) -> None:
        if name == b"data":
            self._append_data(value, overflowed=overflowed)
        elif name == b"event":
            if overflowed:
                self._skip_event()
            self._event_type = value.decode("utf-8", "replace") if not overflowed else ""
        elif name == b"id":
            # The standard ignores an id with NUL. We also ignore one beyond the limit.
            if b"\0" not in value and not overflowed:
                self._id_buffer = value.decode("utf-8", "replace")
        elif name == b"retry" and value.isdigit() and len(value) < 16:
            self.retry = self._retry = int(value)

    def _append_data(self, value: bytes, *, overflowed: bool) -> None:
        # The last newline is not data; len(_data) counts the newlines between lines.
        if overflowed or len(self._data) + len(value) > self._max_event_bytes:
            self._skip_event()
        if not self._skipping:
            self._data += value + b"\n"

    def _skip_event(self) -> None:
        if not self._skipping:
            self._skipping = True
            self.oversized += 1
            self._data = bytearray()

    def _dispatch(self) -> ServerSentEvent | None:
        # "Interpreting an event stream", "dispatch the event": the stream's last id changes even if there is
        # no data and therefore no event.
        self.last_event_id = self._id_buffer
        event = None
        if self._data:
            event = ServerSentEvent(
                event=self._event_type or "message",
                data=self._data[:-1].decode("utf-8", "replace"),
                id=self.last_event_id,
                retry=self._retry,
            )
        self._begin_event()
        return event


def encode_event(data: str | bytes, *, event: str = "", id: str = "") -> bytes:  # noqa: A002 - its wire name
    """Encode one event.

    Args:
        data: any text, or UTF-8 bytes; the receiver gets every kind of line end as a newline.
        event: its type; empty for the default.
        id: its id, or empty.

    Raises:
        ValueError: the type or the id contains a line end or NUL, which would change the event's meaning.
    """
    # A lone surrogate cannot be encoded: lose one character instead of the stream.
    body = data.encode("utf-8", "replace") if isinstance(data, str) else data
    head = ""
    for name, value in (("event", event), ("id", id)):
        if any(character in value for character in "\r\n\0"):
            raise ValueError(f"an event's {name} cannot hold a line end or NUL: {value[:40]!r}")
        head += f"{name}: {value}\n" if value else ""
    lines = b"".join(b"data: " + line + b"\n" for line in _LINE_END.split(body))
    return head.encode("utf-8", "replace") + lines + b"\n"
