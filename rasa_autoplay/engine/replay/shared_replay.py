"""Replays a recording in several processes, each with some of the users.

The result is that of :func:`~rasa_autoplay.engine.replay.simulation.replay`, bit for bit: what is decided for
one user depends on no other, unless they shared a session, and each result knows its place among all results.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rasa_autoplay.common.runtime.processes import Progressed, in_processes
from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.replay.assumptions import Assumptions
from rasa_autoplay.engine.replay.division import RecordedUsers, have_tie, joined_outcome
from rasa_autoplay.engine.replay.moment import Moment
from rasa_autoplay.engine.replay.near_misses import even_sample
from rasa_autoplay.engine.replay.numbered_moments import MomentsInMemory
from rasa_autoplay.engine.replay.results import Outcome
from rasa_autoplay.engine.replay.share import Share, ShareOutcome, replay_share
from rasa_autoplay.engine.replay.simulation import replay, stories_of

__all__ = ["replay_versions"]

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
    processes = max(min(processes, len(moments) // min_moments), 1)
    if (users := _users_of(moments)).are_separable(configurations):
        share_of = users.divided(processes)
        found = _Recording(moments, configurations, assumptions, share_of, processes).replay(replayed)
        if found is not None:
            return found
    return [replay(moments, configuration, assumptions, replayed) for configuration in configurations]


def _users_of(moments: Iterable[Moment]) -> RecordedUsers:
    users = RecordedUsers()
    for _, payload, _ in moments:
        users.add(payload)
    return users


class _Recording:
    """A recording whose users are divided among processes."""

    def __init__(
        self,
        moments: Sequence[Moment],
        configurations: Sequence[Configuration],
        assumptions: Assumptions,
        share_of: dict[str, int],
        processes: int,
    ) -> None:
        self._moments, self._configurations, self._assumptions = moments, configurations, assumptions
        self._numbers: list[list[int]] = [[] for _ in range(processes)]
        for number, (_, payload, _) in enumerate(moments):
            self._numbers[share_of[payload.session_id or ""]].append(number)
        self._numbers = [numbers for numbers in self._numbers if numbers]
        self._stories = stories_of(moments)
        self._examined = even_sample(self._stories)

    def replay(self, replayed: Progressed) -> list[Outcome] | None:
        """Return the outcome of each version; None if the order of some results is not known."""
        shares = [self._share(numbers) for numbers in self._numbers]
        found = list(zip(*in_processes(replay_share, shares, replayed), strict=True))
        if any(map(have_tie, found)):
            return None
        return [
            self._joined(configuration, outcomes)
            for configuration, outcomes in zip(self._configurations, found, strict=True)
        ]

    def _share(self, numbers: Sequence[int]) -> Share:
        return Share(
            self._configurations,
            self._assumptions,
            MomentsInMemory(numbers, [self._moments[each] for each in numbers]),
            self._moments[0][0],
            self._moments[-1][0] + self._assumptions.stays_s,
            self._examined,
        )

    def _joined(self, configuration: Configuration, outcomes: Sequence[ShareOutcome]) -> Outcome:
        for outcome in outcomes:
            for number, signal in outcome.signals.items():
                self._moments[number][1].actions[0].signal = signal
        return joined_outcome(configuration, self._assumptions, self._stories, outcomes, len(self._examined))
