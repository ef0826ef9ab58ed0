"""Reads what ``rasa-autoplay user export`` prints, or the studio downloads: the recorded sessions in it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rasa_autoplay.engine.recording.row import RowKind
from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.tools.simulation.formats.batches import read_batch
from rasa_autoplay.tools.simulation.formats.entry import Entry, WrongKind

__all__ = ["read_user_export"]


class _Row(msgspec.Struct):
    kind: str
    data: msgspec.Raw


class _Source(msgspec.Struct):
    source: str = "stream"


class _Export(msgspec.Struct):
    recordings: list[_Row]


_exports = msgspec.json.Decoder(_Export)
_sources = msgspec.json.Decoder(_Source)


def read_user_export(text: bytes, line: int) -> Iterator[Entry]:
    """Yield the recorded batches of a user.

    Args:
        text: the JSON.
        line: the line where it begins.

    Raises:
        WrongKind: the export contains no recorded session.
    """
    try:
        rows = _exports.decode(text).recordings
    except msgspec.ValidationError as problem:
        yield Entry(line, MalformedEvent(f"the export cannot be read: {problem}"))
        return
    batches = [bytes(row.data) for row in rows if row.kind == RowKind.ACTIONS]
    if not batches:
        raise WrongKind(
            "the data of a user, of whom no session is recorded",
            "Record sessions (recording: {keep: 7d} in autoplay.yml), and export the user's data again.",
        )
    for batch in batches:
        try:
            yield Entry(line, read_batch(batch), _sources.decode(batch).source)
        except (MalformedEvent, msgspec.DecodeError) as problem:
            yield Entry(line, MalformedEvent(f"a recorded batch cannot be read: {problem}"))
