"""Reads recordings into columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from rasa_autoplay.engine.replay.moment import Moment
from rasa_autoplay.errors import UnusableRecording
from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.tools.discovery.columns.columns import Columns
from rasa_autoplay.tools.discovery.reading.file_spans import Span, each_span, read_span, spans_of
from rasa_autoplay.tools.discovery.reading.part_collector import Part, PartCollector
from rasa_autoplay.tools.discovery.reading.part_joiner import PartJoiner
from rasa_autoplay.tools.simulation.recordings import RecordingReader, Recordings

__all__ = ["read_columns", "read_sessions"]


def read_columns(
    paths: Sequence[Path], product_id: str, processes: int = 0, read: Callable[[int], object] = int
) -> Columns:
    """Read files and folders of recordings.

    Args:
        paths: files and folders.
        product_id: the product_id of ``autoplay.yml``; batches of other products are left out.
        processes: how many processes read; 0 for one on each core.
        read: called with the number of additional bytes read.

    Raises:
        UnusableRecording: a path cannot be read, or the recordings contain no action.
    """
    spans = spans_of(paths)
    joiner = PartJoiner()
    others: list[str] = []
    of_other_products = 0
    parts = each_span(spans, processes, partial(_read_part, product_id))
    for span, (part, other) in zip(spans, parts, strict=True):
        joiner.add(part)
        of_other_products += part.left_out["other_products"]
        if other:
            others.append(other)
        read(span.size)
    if not joiner.actions and of_other_products:
        raise UnusableRecording(
            f"All batches belong to other products, not to {product_id!r}, the product_id of autoplay.yml.",
            remedy="Write the recording's product_id into autoplay.yml, or name other files.",
        )
    if not joiner.actions:
        named = others[0] if others else f"{', '.join(map(str, paths))}: there is no action to read."
        raise UnusableRecording(named, remedy="Record some sessions, or name other files.")
    return joiner.joined()


def _read_part(product_id: str, span: Span) -> tuple[Part, str]:
    """Read one part; also returns what the file is, if it is no recording."""
    part, recordings = Part(), Recordings([])
    collector = PartCollector(part)
    other = read_span(RecordingReader(recordings, product_id, collector.store, collector.prepare), span)
    part.left_out.update(recordings.skipped)
    part.left_out["other_products"] += sum(recordings.other_products.values())
    return part, other


def read_sessions(
    paths: Sequence[Path], product_id: str, sessions: Iterable[str], processes: int = 0
) -> list[Moment]:
    """Read some sessions again, as the engine would have seen them.

    Args:
        paths: files and folders.
        product_id: the product_id of ``autoplay.yml``.
        sessions: ids of the sessions.
        processes: how many processes read; 0 for one on each core.

    Raises:
        UnusableRecording: a path cannot be read.
    """
    read = partial(_read_moments, product_id, frozenset(sessions))
    found = [moment for moments in each_span(spans_of(paths), processes, read) for moment in moments]
    return sorted(found, key=lambda moment: moment[0])


def _read_moments(product_id: str, sessions: frozenset[str], span: Span) -> list[Moment]:
    recordings = Recordings([])

    def leave_out_others(payload: ActionsPayload) -> None:
        if (payload.session_id or "").strip() not in sessions:
            payload.actions = []  # so that nothing of it is masked
            payload.event_ids = []

    read_span(RecordingReader(recordings, product_id, prepare=leave_out_others), span, sessions)
    return [moment for moment in recordings.moments if (moment[1].session_id or "") in sessions]
