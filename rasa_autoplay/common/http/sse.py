"""Server-Sent Events on the wire: a decoder that is pure apart from its own buffer, and an encoder.

Follows the WHATWG HTML standard, chapter "Server-sent events"; section names are cited where they matter.
The one addition is a limit: an event with more data than ``max_event_bytes`` is skipped whole and counted,
with memory bounded and its neighbours intact.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["DEFAULT_MAX_EVENT_BYTES", "ServerSentEvent", "SseDecoder", "encode_event"]

DEFAULT_MAX_EVENT_BYTES = 1 << 20

_BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"\r\n|\n|\r")
#: A line is kept up to this much beyond the limit: room for a field name, so that exactly ``max_event_bytes``
#: of data still fit.
_NAME_ROOM = 32


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One dispatched event.

    Args:
        event: its type; ``"message"`` when it names none.
        data: its data, lines joined by a newline.
        id: the last event id as of this event, which an earlier event may have set.
        retry: the reconnection time that came with it, milliseconds; None when none did.
    """

    event: str
    data: str
    id: str = ""
    retry: int | None = None


class SseDecoder:
    """Turns the chunks of one stream, however they are cut, into events.

    Use a new one for each connection.

    Args:
        last_event_id: the id that the former connection ended with.
        max_event_bytes: an event's data may have this many bytes.
    """

    def __init__(self, *, last_event_id: str = "", max_event_bytes: int = DEFAULT_MAX_EVENT_BYTES) -> None:
        if max_event_bytes < 1:
            raise ValueError(f"max_event_bytes must be >= 1, got {max_event_bytes!r}")
        #: To be sent as ``Last-Event-ID`` when reconnecting.
        self.last_event_id = last_event_id
        #: The reconnection time that the stream asks for, milliseconds; None when it never did.
        self.retry: int | None = None
        #: How many events were skipped for their size.
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
        """Take the next bytes of the stream.

        Returns:
            The events that they complete. What the stream ends with incomplete is never dispatched, as the
            standard has it.
        """
        if not chunk:
            return []
        if self._after_cr and chunk.startswith(b"\n"):
            # "Parsing an event stream": CR LF is one line end, also when a chunk ends between the two.
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
        self._take_field(name, value.removeprefix(b" "), overflowed=overflowed)
        return None

    def _take_field(self, name: bytes, value: bytes, *, overflowed: bool) -> None:
        if name == b"data":
            self._take_data(value, overflowed=overflowed)
        elif name == b"event":
            if overflowed:
                self._skip_event()
            self._event_type = value.decode("utf-8", "replace") if not overflowed else ""
        elif name == b"id":
            # An id with NUL is ignored, says the standard; one beyond the limit is, say we.
            if b"\0" not in value and not overflowed:
                self._id_buffer = value.decode("utf-8", "replace")
        elif name == b"retry" and value.isdigit() and len(value) < 16:
            self.retry = self._retry = int(value)

    def _take_data(self, value: bytes, *, overflowed: bool) -> None:
        # The newline that ends each line is not data behind the last one: len(_data) counts the ones between.
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
        # "Interpreting an event stream", "dispatch the event": the id becomes the stream's even when there is
        # no data and hence no event.
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
    """One event as it goes over the wire.

    Args:
        data: any text (UTF-8 when it is bytes); every kind of line end in it arrives as a newline.
        event: its type; empty for the default.
        id: its id; empty for none.

    Raises:
        ValueError: the type or the id holds a line end, or the id NUL: a receiver would read something else.
    """
    # A lone surrogate cannot be encoded; it must cost a character, not the stream.
    body = data.encode("utf-8", "replace") if isinstance(data, str) else data
    head = ""
    for name, value in (("event", event), ("id", id)):
        if any(character in value for character in "\r\n\0"):
            raise ValueError(f"an event's {name} cannot hold a line end or NUL: {value[:40]!r}")
        head += f"{name}: {value}\n" if value else ""
    lines = b"".join(b"data: " + line + b"\n" for line in _LINE_END.split(body))
    return head.encode("utf-8", "replace") + lines + b"\n"
