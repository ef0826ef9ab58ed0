"""Replays a recording in several processes, each with some of the users.

The result is that of :func:`~rasa_autoplay.engine.replay.simulation.replay`, bit for bit: what is decided for
one user depends on no other, unless they shared a session, and each result knows its place among all results.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import TypeVar

from rasa_autoplay.common.runtime.processes import Progressed, in_processes
from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.languages.user_languages import MAX_USERS
from rasa_autoplay.engine.replay.assumptions import Assumptions
from rasa_autoplay.engine.replay.joined_users import JoinedUsers, divided
from rasa_autoplay.engine.replay.moment import Moment
from rasa_autoplay.engine.replay.near_misses import even_sample
from rasa_autoplay.engine.replay.replay_timers import Step
from rasa_autoplay.engine.replay.results import Outcome
from rasa_autoplay.engine.replay.share import Share, ShareOutcome, replay_share
from rasa_autoplay.engine.replay.simulation import empty_outcome, replay, stories_of

__all__ = ["replay_versions"]

_ItemT = TypeVar("_ItemT")

#: Below this number of moments, a process costs more time than it saves.
_MIN_MOMENTS = 4_000


def replay_versions(
    moments: Sequence[Moment],
    configurations: Sequence[Configuration],
    assumptions: Assumptions,
    processes: int = 1,
    replayed: Progressed = int,
    *,
    min_moments: int = _MIN_MOMENTS,
) -> list[Outcome]:
    """Replay a recording by several versions of the files.

    Args:
        moments: the recorded moments, in order of time.
        configurations: the versions.
        assumptions: how users behave.
        processes: how many processes work at most. One process is used if a trigger is Python code, which
            may compare users, and if the recording has more live sessions than the engine keeps.
        replayed: called with the number of additional moments replayed.
        min_moments: the number of moments for which a process is worthwhile.
    """
    processes = min(processes, len(moments) // min_moments)
    if processes > 1 and all(_is_separable(moments, each) for each in configurations):
        return _Recording(moments, configurations, assumptions, processes).replay(replayed)
    return [replay(moments, configuration, assumptions, replayed) for configuration in configurations]


def _is_separable(moments: Iterable[Moment], configuration: Configuration) -> bool:
    """Whether nothing applies to all users together: no code of the team, and no limit of the engine."""
    if any(entry.predicate for entry in configuration.settings.triggers):
        return False
    sessions = {payload.session_id for _, payload, _ in moments}
    if len(sessions) > configuration.settings.session.max_sessions:
        return False
    # A token proves whose a session is, so that others with its id get sessions of their own.
    if any(payload.is_verified for _, payload, _ in moments):
        return False
    return len({payload.user_id for _, payload, _ in moments if payload.language}) < MAX_USERS


class _Recording:
    """A recording whose users are divided among processes."""

    def __init__(
        self,
        moments: Sequence[Moment],
        configurations: Sequence[Configuration],
        assumptions: Assumptions,
        processes: int,
    ) -> None:
        self._moments, self._configurations, self._assumptions = moments, configurations, assumptions
        share_of = _share_of_sessions(moments, processes)
        self._numbers: list[list[int]] = [[] for _ in range(processes)]
        for number, (_, payload, _) in enumerate(moments):
            self._numbers[share_of[payload.session_id or ""]].append(number)
        self._numbers = [numbers for numbers in self._numbers if numbers]
        self._stories = stories_of(moments)
        self._examined = even_sample(self._stories)

    def replay(self, replayed: Progressed) -> list[Outcome]:
        """Return the outcome of each version."""
        shares = [self._share(numbers) for numbers in self._numbers]
        found = zip(*in_processes(replay_share, shares, replayed), strict=True)
        return [
            self._joined(configuration, outcomes)
            for configuration, outcomes in zip(self._configurations, found, strict=True)
        ]

    def _share(self, numbers: Sequence[int]) -> Share:
        return Share(
            self._configurations,
            self._assumptions,
            numbers,
            [self._moments[each] for each in numbers],
            self._moments[0][0],
            self._moments[-1][0] + self._assumptions.stays_s,
            self._examined,
        )

    def _joined(self, configuration: Configuration, outcomes: Sequence[ShareOutcome]) -> Outcome:
        for outcome in outcomes:
            for number, signal in outcome.signals.items():
                self._moments[number][1].actions[0].signal = signal
        joined = empty_outcome(configuration, self._assumptions, self._stories)
        joined.fires = _in_order(each.fires for each in outcomes)
        joined.withheld = _in_order(each.withheld for each in outcomes)
        joined.suppressed = _in_order(each.suppressed for each in outcomes)
        misses = [miss for each in outcomes for miss in each.near_misses]
        joined.near_misses = sorted(misses, key=lambda miss: (miss.at, miss.session_id, miss.trigger_id))
        joined.counts = sum((each.counts for each in outcomes), Counter[str]())
        joined.looked_at = len(self._examined)
        users = sorted((each for outcome in outcomes for each in outcome.users), key=itemgetter(0))
        joined.users = {user_id: user for _, user_id, user in users}
        return joined


def _share_of_sessions(moments: Iterable[Moment], processes: int) -> dict[str, int]:
    """Divide the sessions, so that users who shared one are together."""
    groups, sizes, seen = JoinedUsers(), Counter[str](), set[tuple[str, str | None]]()
    for _, payload, _ in moments:
        pair = payload.session_id or "", payload.user_id
        if pair not in seen:
            seen.add(pair)
            groups.add(*pair)
        sizes[pair[0]] += 1
    group_of = {session_id: groups.of_session(session_id) for session_id in sizes}
    of_groups = Counter[str]()
    for session_id, group in group_of.items():
        of_groups[group] += sizes[session_id]
    chosen = divided(of_groups, processes)
    return {session_id: chosen[group] for session_id, group in group_of.items()}


def _in_order(found: Iterable[list[tuple[Step, _ItemT]]]) -> list[_ItemT]:
    items = sorted((each for share in found for each in share), key=itemgetter(0))
    return [item for _, item in items]
