"""What the main process knows of a large recording: who did something when, but not what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rasa_autoplay.common.runtime.processes import Progressed, in_processes
from rasa_autoplay.engine.replay.division import RecordedUsers
from rasa_autoplay.engine.replay.moment import NumberedMoment
from rasa_autoplay.engine.sessions.session import SessionKey
from rasa_autoplay.tools.simulation.files import find_files
from rasa_autoplay.tools.simulation.formats.entry import WrongKind
from rasa_autoplay.tools.simulation.recordings import RecordingReader, Recordings
from rasa_autoplay.tools.simulation.sharing.parts import Part, parts_of
from rasa_autoplay.tools.simulation.sharing.survey import (
    SOURCE,
    PartSurvey,
    SurveyOrder,
    moment_number,
    survey_parts,
)

__all__ = ["RecordedFile", "SightedRecording", "SurveyedPart", "large_files", "sight"]

#: Fewer bytes are read faster than other processes start.
MIN_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class RecordedFile:
    """A file to read.

    Args:
        file: the file.
        parts: its parts; empty if it is read from its beginning by one process.
    """

    file: Path
    parts: Sequence[Part]


@dataclass(frozen=True)
class SurveyedPart:
    """A part with its survey.

    Args:
        file: the file.
        begins_at: where the file begins, in bytes of all files.
        survey: what is in the part.
    """

    file: Path
    begins_at: int
    survey: PartSurvey


@dataclass
class SightedRecording:
    """All files of a recording.

    Args:
        recordings: the files and what was left out; its moments are not filled.
        product_id: the product_id of ``autoplay.yml``.
        parts: the parts of files of regular batches, in order.
        others: the moments from all other lines and files, in the order of their numbers.
    """

    recordings: Recordings
    product_id: str
    parts: list[SurveyedPart] = field(default_factory=list)
    others: list[NumberedMoment] = field(default_factory=list)

    @property
    def size(self) -> int:
        """The number of moments."""
        return sum(len(part.survey.times) for part in self.parts) + len(self.others)

    def span(self) -> tuple[float, float]:
        """Return the times of the first and the last moment, epoch seconds."""
        surveys = [part.survey for part in self.parts if part.survey.pair_of]
        firsts = [min(survey.first_at) for survey in surveys] + [at for _, at, _, _ in self.others]
        lasts = [survey.last_at for survey in surveys] + [at for _, at, _, _ in self.others]
        return min(firsts), max(lasts)

    def users(self) -> RecordedUsers:
        """Return who is in the recording."""
        users = RecordedUsers()
        for survey in (part.survey for part in self.parts):
            for (session_id, user_id), actions in zip(survey.pairs, survey.actions, strict=True):
                users.moments[session_id] += max(actions, 1)
                users.pairs.setdefault((session_id, user_id))
            users.has_verified |= survey.has_verified
            users.with_language |= survey.with_language
        for _, _, payload, _ in self.others:
            users.add(payload)
        return users

    def sessions(self) -> tuple[list[SessionKey], int]:
        """Return the sessions with at least one action, in order of their first moment, and the actions."""
        firsts: dict[SessionKey, tuple[float, int]] = {}
        actions = Counter[SessionKey]()
        for part in self.parts:
            survey, offset = part.survey, moment_number(part.begins_at, 0)
            facts = zip(survey.pairs, survey.first_at, survey.first_number, survey.actions, strict=True)
            for (session_id, _), at, number, count in facts:
                key = self.product_id, session_id
                firsts[key] = min(firsts.get(key, (at, number + offset)), (at, number + offset))
                actions[key] += count
        for number, at, payload, _ in self.others:
            key = payload.product_id, payload.session_id or ""
            firsts[key] = min(firsts.get(key, (at, number)), (at, number))
            actions[key] += len(payload.actions)
        ordered = sorted((key for key in firsts if actions[key]), key=firsts.__getitem__)
        return ordered, actions.total()


def large_files(paths: Sequence[Path]) -> list[RecordedFile]:
    """Find files of regular batches that are worth dividing; empty if there are too few bytes of them.

    Args:
        paths: files and folders.

    Raises:
        UnusableRecording: a path cannot be read.
    """
    files = find_files(paths)
    if sum(file.stat().st_size for file in files) < MIN_BYTES:
        return []
    found = [RecordedFile(file, parts_of(file)) for file in files]
    divisible = sum(part.ends_at - part.begins_at for each in found for part in each.parts)
    return found if divisible >= MIN_BYTES else []


def sight(
    files: Sequence[RecordedFile], product_id: str, processes: int, read_bytes: Progressed
) -> SightedRecording:
    """Survey a recording.

    Args:
        files: the files.
        product_id: the product_id of ``autoplay.yml``.
        processes: how many processes read.
        read_bytes: called with the number of additional bytes read.

    Raises:
        UnusableRecording: a file cannot be read.
    """
    parts = [part for file in files for part in file.parts]
    chosen = [
        parts[len(parts) * n // processes : len(parts) * (n + 1) // processes] for n in range(processes)
    ]
    orders = [SurveyOrder(product_id, some) for some in chosen if some]
    surveys = [each for some in in_processes(survey_parts, orders, read_bytes) for each in some]
    sighted = SightedRecording(Recordings([]), product_id)
    _Joiner(sighted, product_id, read_bytes).join(files, surveys)
    return sighted


class _Joiner:
    """Joins the surveys of all parts, and reads in order what they have left."""

    def __init__(
        self, sighted: SightedRecording, product_id: str, read_bytes: Callable[[int], object]
    ) -> None:
        self._sighted, self._recordings = sighted, sighted.recordings
        self._reader = RecordingReader(self._recordings, product_id)
        self._read_bytes = read_bytes
        self._begins_at = 0

    def join(self, files: Sequence[RecordedFile], surveys: Sequence[PartSurvey]) -> None:
        following = iter(surveys)
        for file, parts in ((each.file, each.parts) for each in files):
            if parts:
                self._recordings.files.append(file)
                self._join_parts(file, [next(following) for _ in parts])
                self._begins_at += parts[-1].ends_at
            else:
                self._read_whole(file)
        self._reader.finish()

    def _join_parts(self, file: Path, surveys: Sequence[PartSurvey]) -> None:
        lines = 0
        for survey in surveys:
            self._sighted.parts.append(SurveyedPart(file, self._begins_at, survey))
            for number, begins_at, text in survey.odd:
                if survey.begins_at and survey.begins_at[0] < begins_at:
                    self._reader.intake_of(SOURCE)
                self._reader.read_line(file, lines + number, text)
                self._take_moments(self._begins_at + begins_at)
            if survey.begins_at:
                self._reader.intake_of(SOURCE)
            lines += survey.lines
            self._reader.count_other_products(survey.other_products)

    def _read_whole(self, file: Path) -> None:
        try:
            self._reader.read(file, self._read_bytes)
        except WrongKind as other:
            self._recordings.other_files[file] = other
        else:
            self._recordings.files.append(file)
        # The number of a moment needs one byte for each moment.
        length = max(file.stat().st_size, len(self._recordings.moments)) + 1
        self._take_moments(self._begins_at)
        self._begins_at += length

    def _take_moments(self, begins_at: int) -> None:
        for place, (at, payload, source) in enumerate(self._recordings.moments):
            number = moment_number(begins_at, place)
            self._sighted.others.append((number, at, payload, source))
        self._recordings.moments.clear()
