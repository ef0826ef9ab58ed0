"""Reads recordings of all formats as moments in order of time.

``formats/`` has a reader for each format; the content of a file chooses it. What they read goes through the
same intake as live events. Then batches are split into single actions, which are sorted by their own times:
the replay follows what the user did, not how the network delivered it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter
from pathlib import Path

from rasa_autoplay.engine.replay.moment import Moment
from rasa_autoplay.errors import MalformedEvent, UnusableRecording
from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.gateway.sources.intake import Intake, Payload
from rasa_autoplay.gateway.sources.posthog.capture import CaptureReader
from rasa_autoplay.gateway.sources.posthog.wire import CapturedRequest
from rasa_autoplay.tools.simulation.files import find_files, head_of, pieces_of
from rasa_autoplay.tools.simulation.formats.entry import Entry, LeftOut, WrongKind
from rasa_autoplay.tools.simulation.formats.json_objects import entries_of, has_json
from rasa_autoplay.tools.simulation.formats.other_files import READABLE, wrong_bytes, wrong_text

__all__ = [
    "RecordingReader",
    "Recordings",
    "Unreadable",
    "notes_on_skipped",
    "nothing_to_replay",
    "read_recordings",
    "single_actions",
    "store_payload",
]

#: How many unreadable entries are listed; all are counted.
_MAX_LISTED = 100
_UNLIMITED = 1 << 62
#: How many files of other kinds are named.
_MAX_NAMED = 5


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line, or another part of a file, that was skipped.

    Args:
        place: ``file:line``, or the file.
        reason: why it was skipped.
    """

    place: str
    reason: str


@dataclass
class Recordings:
    """The content of all recordings.

    Args:
        files: the files that are recordings, in the order of reading.
        moments: the moments in order of time; moments at the same time are in the order of the files.
        unreadable: the first skipped lines.
        skipped: how many items were left out, by reason.
        other_products: how many batches of other products were left out, by product.
        other_files: the files that are no recordings, and what they are.
    """

    files: list[Path]
    moments: list[Moment] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    other_products: Counter[str] = field(default_factory=Counter)
    other_files: dict[Path, WrongKind] = field(default_factory=dict)


def read_recordings(
    paths: Sequence[Path], product_id: str, read_bytes: Callable[[int], object] = int
) -> Recordings:
    """Read files and folders of recordings.

    Args:
        paths: files and folders.
        product_id: the product_id of ``autoplay.yml``. Batches of other products are counted and left out, as
            at the gateway.
        read_bytes: called with the number of additional bytes read.

    Raises:
        UnusableRecording: a path cannot be read, or the recordings contain no action.
    """
    recordings = Recordings([])
    reader = RecordingReader(recordings, product_id)
    for file in find_files(paths):
        try:
            reader.read(file, read_bytes)
        except WrongKind as other:
            recordings.other_files[file] = other
        else:
            recordings.files.append(file)
    reader.finish()
    recordings.moments.sort(key=itemgetter(0))
    if not any(payload.actions for _, payload, _ in recordings.moments):
        raise nothing_to_replay(paths, recordings)
    return recordings


def nothing_to_replay(paths: Sequence[Path], recordings: Recordings) -> UnusableRecording:
    """Return the error for recordings without any action."""
    others = recordings.other_files
    if not recordings.files and len(others) == 1:
        ((file, other),) = others.items()
        return UnusableRecording(f"{file}: this is {other.what}.", remedy=other.remedy)
    if not recordings.files:
        return UnusableRecording(
            f"No file is a recording: {', '.join(_named_others(recordings))}.", remedy=READABLE
        )
    problem = f"{', '.join(map(str, paths))}: there is no action to replay."
    return UnusableRecording(problem, remedy=_why_empty(recordings))


def _why_empty(recordings: Recordings) -> str:
    skipped = recordings.skipped
    if recordings.other_products:
        others = ", ".join(map(repr, recordings.other_products))
        return f"All batches belong to other products ({others}), not to the product_id of autoplay.yml."
    if recordings.unreadable:
        first = recordings.unreadable[0]
        return f"{skipped['unreadable_lines']} lines were unreadable; {first.place}: {first.reason}."
    if skipped["other_requests"]:
        count = skipped["other_requests"]
        return (
            f"None of the {count} requests carries events of posthog-js. Begin to record, reload the page, "
            "and then use it."
        )
    return "Record some sessions, or name other files."


def notes_on_skipped(recordings: Recordings) -> list[str]:
    """Return sentences about what was left out."""
    notes = [f"{line.place}: skipped: {line.reason}." for line in recordings.unreadable]
    if (rest := recordings.skipped["unreadable_lines"] - len(recordings.unreadable)) > 0:
        notes.append(f"{rest:,} more lines could not be read.")
    if recordings.other_files:
        notes.append(f"Not read: {', '.join(_named_others(recordings))}.")
    return notes


def _named_others(recordings: Recordings) -> list[str]:
    others = recordings.other_files
    named = [f"{file} ({other.what})" for file, other in list(others.items())[:_MAX_NAMED]]
    return [*named, f"and {len(others) - _MAX_NAMED:,} more"] if len(others) > _MAX_NAMED else named


def _unprepared(_payload: ActionsPayload) -> None:
    """Leave a batch as it was read."""


class RecordingReader:
    """Reads files; what is unusable is counted, and reading continues.

    Args:
        recordings: receives the counts.
        product_id: the product_id of ``autoplay.yml``.
        store: called with each batch of actions and its source; the default adds it to the recordings.
        prepare: called with each batch of actions before the intake completes and masks it.
    """

    def __init__(
        self,
        recordings: Recordings,
        product_id: str,
        store: Callable[[ActionsPayload, str], object] | None = None,
        prepare: Callable[[ActionsPayload], object] = _unprepared,
    ) -> None:
        self._recordings = recordings
        self._product_id = product_id
        self._store_actions = store or partial(store_payload, recordings)
        self._prepare = prepare
        self._capture = CaptureReader(product_id, max_sessions=_UNLIMITED, max_uuids=_UNLIMITED)
        self._intakes: dict[str, Intake] = {}

    def read(self, file: Path, read_bytes: Callable[[int], object]) -> None:
        """Read one file.

        Raises:
            WrongKind: it is no recording.
        """
        head = head_of(file)
        wrong = wrong_bytes(head, file) or (None if has_json(head) else wrong_text(head))
        if wrong is not None:
            raise wrong
        ended_at, has_entries = 0, False
        for piece in pieces_of(file):
            try:
                for entry in entries_of(piece.text, piece.line, file):
                    has_entries = True
                    self.accept(file, entry)
            except WrongKind as other:
                if not has_entries:
                    raise
                self._skip_other(file, piece.line, other)
            read_bytes(piece.ends_at - ended_at)
            ended_at = piece.ends_at

    def read_line(self, file: Path, number: int, text: bytes) -> None:
        """Read one line of a file that is a recording.

        Args:
            file: the file.
            number: the number of the line, from 1.
            text: the line, without white space around it.
        """
        try:
            for entry in entries_of(text, number, file):
                self.accept(file, entry)
        except WrongKind as other:
            self._skip_other(file, number, other)

    def count_other_products(self, batches: Counter[str]) -> None:
        """Count more batches of other products, by product, as if they had been read from the stream."""
        if count := batches.total():
            self._recordings.other_products.update(batches)
            self.intake_of("stream").counts["other_product"] += count

    def accept(self, file: Path, entry: Entry) -> None:
        """Read one entry of a file."""
        content = entry.content
        if isinstance(content, MalformedEvent):
            self._skip(file, entry.line, content.message.rstrip("."))
        elif isinstance(content, LeftOut):
            self._recordings.skipped[content.reason] += 1
        elif isinstance(content, CapturedRequest):
            for payload in self._capture.read(content):
                self._take(payload, "capture")
        else:
            product_id = content.product_id.strip()
            if product_id and product_id != self._product_id:
                self._recordings.other_products[product_id] += 1
            self._take(content, entry.source)

    def _take(self, payload: Payload, source: str) -> None:
        if isinstance(payload, ActionsPayload):
            self._prepare(payload)
        self.intake_of(source).accept(payload, self._store)

    def _skip_other(self, file: Path, line: int, other: WrongKind) -> None:
        self._skip(file, line, f"it is {other.what}")

    def _skip(self, file: Path, line: int, reason: str) -> None:
        self._recordings.skipped["unreadable_lines"] += 1
        if len(self._recordings.unreadable) < _MAX_LISTED:
            self._recordings.unreadable.append(Unreadable(f"{file}:{line}", reason))

    def intake_of(self, source: str) -> Intake:
        """Return a source's intake; the counts of the sources follow each other in order of the first use."""
        if source not in self._intakes:
            # In a recording, no timestamp counts as in the future.
            self._intakes[source] = Intake(self._product_id, source, lambda: float("inf"))
        return self._intakes[source]

    def _store(self, payload: Payload, source: str) -> None:
        if isinstance(payload, ActionsPayload):
            self._store_actions(payload, source)
        else:
            self._recordings.skipped["summaries_and_orders"] += 1

    def finish(self) -> None:
        """Add up what the intakes left out."""
        skipped, counts = self._recordings.skipped, self._capture.counts
        skipped["duplicate_events"] += counts.duplicate
        skipped["malformed_events"] += counts.malformed
        for intake in self._intakes.values():
            skipped.update({reason: n for reason, n in intake.counts.items() if reason != "accepted"})


def store_payload(recordings: Recordings, payload: ActionsPayload, source: str) -> None:
    """Add a batch to recordings, each of its actions as a moment of its own.

    Args:
        recordings: the recordings; the caller sorts their moments.
        payload: the batch.
        source: the source that delivered it.
    """
    if not payload.actions:
        recordings.moments.append((payload.forwarded_at, payload, source))
    for action, single in zip(payload.actions, single_actions(payload), strict=True):
        if action.timestamp_start == float("inf"):
            recordings.skipped["actions_without_time"] += 1
        else:
            recordings.moments.append((action.timestamp_start, single, source))


def single_actions(payload: ActionsPayload) -> Sequence[ActionsPayload]:
    """Return each action of a batch as a batch of its own."""
    actions, event_ids = payload.actions, payload.event_ids
    if len(actions) < 2:
        return [payload] if actions else []
    first = ActionsPayload(
        payload.product_id,
        payload.session_id,
        payload.user_id,
        payload.email,
        actions[:1],
        forwarded_at=payload.forwarded_at,
        event_ids=event_ids[:1],
        timezone=payload.timezone,
        properties=payload.properties,
        language=payload.language,
    )
    singles = [first]
    for place in range(1, len(actions)):
        # Copying takes a fraction of the time that it takes to make one.
        single = copy(first)
        single.actions = [actions[place]]
        if event_ids:
            single.event_ids = [event_ids[place]]
        singles.append(single)
    return singles
