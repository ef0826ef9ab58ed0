"""Where the moments of one share are in the files, and in which order they happened."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rasa_autoplay.engine.replay.joined_users import JoinedUsers
from rasa_autoplay.engine.replay.moment import NumberedMoment
from rasa_autoplay.engine.replay.results import SessionStory
from rasa_autoplay.engine.sessions.session import SessionKey
from rasa_autoplay.tools.simulation.sharing.sighted_recording import SightedRecording, SurveyedPart
from rasa_autoplay.tools.simulation.sharing.survey import moment_number

__all__ = ["OwnMoments", "own_moments_of"]


def _integers() -> array[int]:
    return array("I")


def _large_integers() -> array[int]:
    return array("Q")


@dataclass
class OwnMoments:
    """The moments of one share; the moments of a batch follow each other.

    Args:
        times: of each moment, epoch seconds.
        numbers: of each moment, its number among the moments of all shares.
        batch_of: of each moment, its batch. Those after the last batch are the moments of ``others``.
        order: the moments, ordered by time and number.
        part_of: of each batch, the part of the recording that it is in.
        begins_at: of each batch, where its line begins in the file.
        lengths: of each batch, the length of its line.
        firsts: of each batch, its first moment.
        counts: of each batch, how many moments it has.
        others: the moments from other lines and files.
        pairs: of each batch, and of each of the others, the session's id and the user's.
        stories: the sessions with at least one action, in order of their first moment.
    """

    times: array[float] = field(default_factory=lambda: array("d"))
    numbers: array[int] = field(default_factory=_large_integers)
    batch_of: array[int] = field(default_factory=_integers)
    order: array[int] = field(default_factory=_integers)
    part_of: array[int] = field(default_factory=_integers)
    begins_at: array[int] = field(default_factory=_large_integers)
    lengths: array[int] = field(default_factory=_integers)
    firsts: array[int] = field(default_factory=_integers)
    counts: array[int] = field(default_factory=_integers)
    others: list[NumberedMoment] = field(default_factory=list)
    pairs: list[tuple[str, str | None]] = field(default_factory=list)
    stories: dict[SessionKey, SessionStory] = field(default_factory=dict)

    def by_users(self) -> Iterable[array[int]]:
        """Return the moments of users who shared a session together, ordered by time and number."""
        joined = JoinedUsers().add_all(dict.fromkeys(self.pairs))
        names = {session_id: joined.of_session(session_id) for session_id, _ in self.pairs}
        group_of = [names[session_id] for session_id, _ in self.pairs]
        groups: defaultdict[str, array[int]] = defaultdict(_integers)
        for moment in self.order:
            groups[group_of[self.batch_of[moment]]].append(moment)
        return groups.values()


def own_moments_of(sighted: SightedRecording, share_of: Mapping[str, int], share: int) -> OwnMoments:
    """Find the moments of one share.

    Args:
        sighted: the whole recording.
        share_of: the share of each session.
        share: the number of this share.
    """
    collector = _Collector(OwnMoments(), sighted.product_id)
    for number, part in enumerate(sighted.parts):
        collector.add_part(
            number, part, [share_of[session_id] == share for session_id, _ in part.survey.pairs]
        )
    for moment in sighted.others:
        if share_of[moment[2].session_id or ""] == share:
            collector.add_other(moment)
    return collector.collected()


class _Collector:
    def __init__(self, own: OwnMoments, product_id: str) -> None:
        self._own, self._product_id = own, product_id
        #: Of each batch: its session, its user, and whether it has actions.
        self._facts: list[tuple[SessionKey, str | None, bool]] = []

    def add_part(self, number: int, part: SurveyedPart, is_own: list[bool]) -> None:
        """Add the batches of a part that belong to the share."""
        if not any(is_own):
            return
        own, survey, facts = self._own, part.survey, self._facts
        with_actions = [((self._product_id, session), user, True) for session, user in survey.pairs]
        moment = 0
        batches = zip(survey.pair_of, survey.begins_at, survey.lengths, survey.counts, strict=True)
        for place, (pair, begins_at, length, count) in enumerate(batches):
            if is_own[pair]:
                own.batch_of.extend([len(facts)] * count)
                own.firsts.append(len(own.times))
                own.times.extend(survey.times[moment : moment + count])
                first = moment_number(part.begins_at + begins_at, 0)
                own.numbers.extend(range(first, first + count))
                own.part_of.append(number)
                own.begins_at.append(begins_at)
                own.lengths.append(length)
                own.counts.append(count)
                fact = with_actions[pair]
                facts.append(fact if place not in survey.empty else (*fact[:2], False))
            moment += count

    def add_other(self, moment: NumberedMoment) -> None:
        """Add a moment that is in memory."""
        own, (number, at, payload, _) = self._own, moment
        own.batch_of.append(len(self._facts))
        own.times.append(at)
        own.numbers.append(number)
        own.others.append(moment)
        key = payload.product_id, payload.session_id or ""
        self._facts.append((key, payload.user_id, bool(payload.actions)))

    def collected(self) -> OwnMoments:
        """Bring the moments in order, and tell their stories."""
        own = self._own
        order = sorted(range(len(own.times)), key=own.numbers.__getitem__)
        order.sort(key=own.times.__getitem__)
        own.order = array("I", order)
        own.pairs = [(key[1], user_id) for key, user_id, _ in self._facts]
        own.stories = self._stories()
        return own

    def _stories(self) -> dict[SessionKey, SessionStory]:
        stories: dict[SessionKey, SessionStory] = {}
        times, batch_of, facts = self._own.times, self._own.batch_of, self._facts
        for moment in self._own.order:
            key, user_id, has_actions = facts[batch_of[moment]]
            story = stories.get(key)
            if story is None:
                story = stories[key] = SessionStory(key[1], times=array("d"))
            if user_id:
                story.user_id = user_id
            if has_actions:
                story.times.append(times[moment])
        return {key: story for key, story in stories.items() if story.times}
