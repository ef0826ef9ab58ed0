"""Surveys a part of a recording: who did something when, and in which lines.

The survey keeps a few numbers for each regular batch, and none of its texts. So the main process can divide
the users without holding their actions, and each process then decodes only the lines of its own users.

Everything else in a file, and each batch that the intake would change or refuse, is only named: the main
process reads these lines in their order, because what one of them means can depend on those before it.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rasa_autoplay.common.identity.ids import is_id, is_reserved
from rasa_autoplay.common.runtime.processes import Progressed
from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.tools.simulation.files import MAX_LINE_BYTES
from rasa_autoplay.tools.simulation.formats.batches import (
    MIN_MILLISECONDS,
    NOT_A_BATCH,
    decode_batch,
    is_regular,
)
from rasa_autoplay.tools.simulation.sharing.parts import Part, lines_of

__all__ = ["SOURCE", "OddLine", "PartSurvey", "SurveyOrder", "moment_number", "survey_parts"]

#: The source of all regular batches.
SOURCE = "stream"
_ODD = -1
#: More moments than a line of a recording can have, as a power of 2.
_BITS_OF_PLACE = 24


def moment_number(begins_at: int, place: int) -> int:
    """Return the number of a moment: it orders all moments as they follow each other in the files.

    Args:
        begins_at: where its line begins, in bytes of all files.
        place: its place among the moments of the line.
    """
    return (begins_at << _BITS_OF_PLACE) + place


class OddLine(NamedTuple):
    """A line that the main process must read.

    Args:
        number: its number among the lines of the part, from 1.
        begins_at: where it begins in the file.
        text: without its line ending; empty if it is too long.
    """

    number: int
    begins_at: int
    text: bytes


@dataclass
class PartSurvey:
    """What is in a part.

    Args:
        pairs: the sessions, each with a user.
        pair_of: for each batch, which of the pairs it belongs to.
        begins_at: for each batch, where its line begins in the file.
        lengths: for each batch, the length of its line.
        counts: for each batch, how many moments it has.
        empty: the batches that have no action, but one moment.
        times: of all moments, in the order of the batches.
        actions: for each pair, how many actions it has.
        first_at: for each pair, the time of its first moment.
        first_number: for each pair, the number of its first moment within the file.
        last_at: the time of the last moment.
        lines: how many lines the part has.
        odd: the lines that are still to be read.
        other_products: how many other batches of other products there are.
        has_verified: whether a user's own token came with a batch.
        with_language: the users whose browser has stated its language.
    """

    pairs: list[tuple[str, str]] = field(default_factory=list)
    pair_of: array[int] = field(default_factory=lambda: array("I"))
    begins_at: array[int] = field(default_factory=lambda: array("Q"))
    lengths: array[int] = field(default_factory=lambda: array("I"))
    counts: array[int] = field(default_factory=lambda: array("I"))
    empty: set[int] = field(default_factory=set)
    times: array[float] = field(default_factory=lambda: array("d"))
    actions: array[int] = field(default_factory=lambda: array("I"))
    first_at: array[float] = field(default_factory=lambda: array("d"))
    first_number: list[int] = field(default_factory=list)
    last_at: float = 0.0
    lines: int = 0
    odd: list[OddLine] = field(default_factory=list)
    other_products: Counter[str] = field(default_factory=Counter)
    has_verified: bool = False
    with_language: set[str] = field(default_factory=set)


class SurveyOrder(NamedTuple):
    """Which parts a process surveys, and for which product."""

    product_id: str
    parts: Sequence[Part]


def survey_parts(order: SurveyOrder, progressed: Progressed) -> list[PartSurvey]:
    """Survey parts.

    Args:
        order: which.
        progressed: called with the number of additional bytes read.

    Raises:
        UnusableRecording: a file cannot be read.
    """
    surveys = []
    for part in order.parts:
        surveys.append(_Surveyor(order.product_id).survey(part))
        progressed(part.ends_at - part.begins_at)
    return surveys


class _Surveyor:
    """Surveys one part."""

    def __init__(self, product_id: str) -> None:
        self._product_id = product_id
        self._survey = PartSurvey()
        self._pairs: dict[tuple[str | None, str | None], int] = {}

    def survey(self, part: Part) -> PartSurvey:
        survey = self._survey
        number = 0
        for number, (begins_at, text) in enumerate(lines_of(part), 1):
            if len(text) >= MAX_LINE_BYTES:
                survey.odd.append(OddLine(number, begins_at, b""))
            elif not self._is_added(text, begins_at) and (stripped := text.strip()):
                survey.odd.append(OddLine(number, begins_at, stripped))
        survey.lines = number
        survey.last_at = max(survey.times, default=0.0)
        return survey

    def _is_added(self, text: bytes, begins_at: int) -> bool:
        """Add a regular batch; False if the main process must read the line."""
        try:
            batch = decode_batch(text)
        except NOT_A_BATCH:
            return False
        if batch.product_id != self._product_id and batch.product_id.strip():
            return self._is_counted(batch)
        times = [action.timestamp_start for action in batch.actions] or [batch.forwarded_at]
        if not min(times) > 0:
            times = [at or batch.forwarded_at for at in times]
        first_at = min(times)
        pair = self._pair_of(batch)
        if not (first_at > 0 and max(times) < MIN_MILLISECONDS) or pair == _ODD:
            return False
        survey = self._survey
        if not batch.actions:
            survey.empty.add(len(survey.pair_of))
        survey.pair_of.append(pair)
        survey.begins_at.append(begins_at)
        survey.lengths.append(len(text))
        survey.counts.append(len(times))
        survey.times.extend(times)
        survey.actions[pair] += len(batch.actions)
        if first_at < survey.first_at[pair]:
            survey.first_at[pair] = first_at
            survey.first_number[pair] = moment_number(begins_at, times.index(first_at))
        if batch.is_verified:
            survey.has_verified = True
        if batch.language:
            survey.with_language.add(survey.pairs[pair][1])
        return True

    def _is_counted(self, batch: ActionsPayload) -> bool:
        """Count a regular batch of another product; False for the first one, which gives the order."""
        product_id = batch.product_id.strip()
        if product_id == self._product_id or not is_regular(batch):
            return False
        is_known = product_id in self._survey.other_products
        self._survey.other_products[product_id] += is_known
        return is_known

    def _pair_of(self, batch: ActionsPayload) -> int:
        who = batch.session_id, batch.user_id
        pair = self._pairs.get(who)
        if pair is None:
            pair = self._pairs[who] = self._new_pair(*who)
        return pair

    def _new_pair(self, session_id: str | None, user_id: str | None) -> int:
        survey = self._survey
        if not (session_id and user_id and is_id(session_id) and is_id(user_id)):
            return _ODD
        if is_reserved(session_id) or session_id != session_id.strip() or user_id != user_id.strip():
            return _ODD
        survey.pairs.append((session_id, user_id))
        survey.actions.append(0)
        survey.first_at.append(float("inf"))
        survey.first_number.append(0)
        return len(survey.pairs) - 1
