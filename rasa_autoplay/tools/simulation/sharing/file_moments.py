"""The moments of one share, read from the files when their time comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from rasa_autoplay.engine.replay.moment import NumberedMoment
from rasa_autoplay.engine.replay.results import SessionStory
from rasa_autoplay.engine.sessions.session import SessionKey
from rasa_autoplay.errors import UnusableRecording
from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.gateway.sources.intake import Intake, Payload, complete_regular
from rasa_autoplay.tools.simulation.formats.batches import decode_batch
from rasa_autoplay.tools.simulation.recordings import single_actions
from rasa_autoplay.tools.simulation.sharing.own_moments import OwnMoments, own_moments_of
from rasa_autoplay.tools.simulation.sharing.sighted_recording import SightedRecording
from rasa_autoplay.tools.simulation.sharing.survey import SOURCE

__all__ = ["FileMoments"]


class FileMoments:
    """The moments of the users of one share.

    Between their survey and their time, only numbers are kept for them: a batch is decoded again for its
    first moment, and dropped after its last one.

    Args:
        sighted: the whole recording.
        share_of: the share of each session.
        share: the number of this share.
    """

    def __init__(self, sighted: SightedRecording, share_of: Mapping[str, int], share: int) -> None:
        self._sighted, self._share_of, self._share = sighted, share_of, share
        self._signals: dict[int, str] = {}

    @cached_property
    def own(self) -> OwnMoments:
        """Where the moments are."""
        return own_moments_of(self._sighted, self._share_of, self._share)

    def __len__(self) -> int:
        return len(self.own.times)

    def __iter__(self) -> Iterator[NumberedMoment]:
        with ExitStack() as opened:
            yield from self._read(self.own.order, _BatchReader(self._sighted, self.own, opened))

    def by_users(self) -> Iterator[Sequence[NumberedMoment]]:
        """Yield the moments of users who shared a session together, ordered by time and number."""
        with ExitStack() as opened:
            reader = _BatchReader(self._sighted, self.own, opened)
            for moments in self.own.by_users():
                yield list(self._read(moments, reader))

    def _read(self, moments: Iterable[int], reader: _BatchReader) -> Iterator[NumberedMoment]:
        own, signals = self.own, self._signals
        times, numbers, batch_of, firsts = own.times, own.numbers, own.batch_of, own.firsts
        left: dict[int, int] = {}
        begun: dict[int, Sequence[ActionsPayload | None]] = {}
        for moment in moments:
            batch = batch_of[moment]
            if batch >= len(firsts):
                yield own.others[batch - len(firsts)]
                continue
            singles = begun.get(batch)
            if singles is None:
                singles = begun[batch] = reader.read(batch)
                left[batch] = own.counts[batch]
            left[batch] -= 1
            if not left[batch]:
                del begun[batch], left[batch]
            payload = singles[moment - firsts[batch]]
            if payload is not None:
                if signals and (signal := signals.get(numbers[moment])):
                    payload.actions[0].signal = signal
                yield numbers[moment], times[moment], payload, SOURCE

    def stories(self) -> dict[SessionKey, SessionStory]:
        """Return the sessions with at least one action, in order of their first moment."""
        return self.own.stories

    def keep_signals(self, signals: Mapping[int, str]) -> None:
        """Set these signals, by number, in later iterations."""
        self._signals.update(signals)


class _BatchReader:
    """Reads single batches again, as the gateway would pass them on."""

    def __init__(self, sighted: SightedRecording, own: OwnMoments, opened: ExitStack) -> None:
        self._stack = opened
        self._own, self._product_id = own, sighted.product_id
        self._files = [part.file for part in sighted.parts]
        self._opened: dict[Path, BinaryIO] = {}
        # In a recording, no timestamp counts as in the future.
        self._intake = Intake(sighted.product_id, SOURCE, lambda: float("inf"))

    def read(self, batch: int) -> Sequence[ActionsPayload | None]:
        """Return the single actions of a batch, or a batch without actions; None for what the intake refuses.

        Raises:
            UnusableRecording: the file cannot be read, or has changed.
        """
        payload = self._decoded(batch)
        payload.product_id = self._product_id
        try:
            complete_regular(payload)
        except Exception:
            return self._accepted(self._decoded(batch))
        return single_actions(payload) or [payload]

    def _accepted(self, payload: ActionsPayload) -> Sequence[ActionsPayload | None]:
        """Pass a batch through the intake, which leaves out and counts what cannot be completed."""
        before = list(payload.actions)
        if not self._intake.accept(payload, self._keep):
            return [None] * max(len(before), 1)
        singles = zip(payload.actions, single_actions(payload), strict=True)
        by_action = {id(action): single for action, single in singles}
        return [by_action.get(id(action)) for action in before] or [payload]

    def _keep(self, _payload: Payload, _source: str) -> None:
        """Accept a payload: it was completed in place."""

    def _decoded(self, batch: int) -> ActionsPayload:
        own, file = self._own, self._files[self._own.part_of[batch]]
        try:
            content = self._opened.get(file)
            if content is None:
                content = self._opened[file] = self._stack.enter_context(file.open("rb", buffering=0))
            content.seek(own.begins_at[batch])
            return decode_batch(content.read(own.lengths[batch]))
        except OSError as problem:
            raise UnusableRecording(f"{file}: cannot be read: {problem.strerror}.") from None
        except ValueError:
            raise UnusableRecording(
                f"{file}: the file has changed while it was read.", remedy="Copy it, and replay the copy."
            ) from None
