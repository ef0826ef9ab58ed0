"""One process's share of a recording: some of the users, and what the process finds out about them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from rasa_autoplay.common.runtime.gc_freeze import gc_disabled
from rasa_autoplay.common.runtime.processes import Progressed
from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.replay.assumptions import Assumptions
from rasa_autoplay.engine.replay.moment import NumberedMoment
from rasa_autoplay.engine.replay.replay import ReplayClock
from rasa_autoplay.engine.replay.replay_timers import ReplayTimers, Step
from rasa_autoplay.engine.replay.results import Fire, NearMiss, SessionStory, Suppression
from rasa_autoplay.engine.replay.simulation import REPORTED_MOMENTS, Simulation, empty_outcome
from rasa_autoplay.engine.replay.users import RememberedUser
from rasa_autoplay.engine.sessions.session import SessionKey

__all__ = ["Share", "ShareMoments", "ShareOutcome", "replay_share"]

_ItemT = TypeVar("_ItemT")


class ShareMoments(Protocol):
    """The moments of a share."""

    def __len__(self) -> int:
        """Return the number of moments."""

    def __iter__(self) -> Iterator[NumberedMoment]:
        """Yield the moments, ordered by time and number."""

    def by_users(self) -> Iterator[Sequence[NumberedMoment]]:
        """Yield the moments of users who shared a session together, ordered by time and number."""

    def stories(self) -> dict[SessionKey, SessionStory]:
        """Return the sessions with at least one action, in order of their first moment."""

    def keep_signals(self, signals: Mapping[int, str]) -> None:
        """Set the signals that a replay has derived, by number, so that later iterations have them."""


@dataclass(frozen=True)
class Share:
    """What a process needs to replay its users.

    Args:
        configurations: the versions of the files, which are replayed one after the other.
        assumptions: how users behave.
        moments: its moments.
        begins_at: when the whole recording begins, epoch seconds.
        ends_at: when the replay ends, epoch seconds.
        examined: the sessions in which near misses are searched.
    """

    configurations: Sequence[Configuration]
    assumptions: Assumptions
    moments: ShareMoments
    begins_at: float
    ends_at: float
    examined: frozenset[SessionKey]


@dataclass
class ShareOutcome:
    """What was found out about the users of a share.

    Args:
        fires: the offers that would have been made, each with its step.
        withheld: those that chance would have withheld.
        suppressed: those that courtesy stopped or delayed.
        near_misses: the near misses.
        counts: the engine's counts.
        users: what memory would know of each user, with the step in which it appeared.
        signals: the failure signals of the moments, by number.
        had_tie: whether timers of the same users were due at the same time, so that their order matters.
    """

    fires: list[tuple[Step, Fire]]
    withheld: list[tuple[Step, Fire]]
    suppressed: list[tuple[Step, Suppression]]
    near_misses: list[NearMiss]
    counts: Counter[str]
    users: list[tuple[Step, str, RememberedUser]]
    signals: dict[int, str]
    had_tie: bool


class _Placed(list[_ItemT], Generic[_ItemT]):
    """A list that notes in which step each item was added."""

    def __init__(self, timers: ReplayTimers) -> None:
        super().__init__()
        self._timers = timers
        self._steps: list[Step] = []

    def append(self, item: _ItemT) -> None:
        """Add an item."""
        self._steps.append(self._timers.step)
        super().append(item)

    def with_steps(self) -> list[tuple[Step, _ItemT]]:
        """Return the items with their steps."""
        return list(zip(self._steps, self, strict=True))


def replay_share(share: Share, progressed: Progressed) -> list[ShareOutcome]:
    """Replay a share by each version, one user after the other.

    Args:
        share: the share; nothing applies to all of its users together.
        progressed: called with the number of additional moments replayed.
    """
    return _replayed(share, lambda replay: replay.by_users(progressed))


def replay_in_order(share: Share, progressed: Progressed) -> list[ShareOutcome]:
    """Replay a share by each version, all users together.

    Args:
        share: the share.
        progressed: called with the number of additional moments replayed.
    """
    return _replayed(share, lambda replay: replay.in_order(progressed))


def _replayed(
    share: Share, run: Callable[[_ShareReplay], Coroutine[object, object, ShareOutcome]]
) -> list[ShareOutcome]:
    outcomes = []
    with gc_disabled():
        for configuration in share.configurations:
            outcome = asyncio.run(run(_ShareReplay(share, configuration)))
            share.moments.keep_signals(outcome.signals)
            outcomes.append(outcome)
    return outcomes


class _ShareReplay:
    """The replay of a share by one version."""

    def __init__(self, share: Share, configuration: Configuration) -> None:
        self._share = share
        clock = ReplayClock()
        self._timers = ReplayTimers(clock)
        self._fires: _Placed[Fire] = _Placed(self._timers)
        self._withheld: _Placed[Fire] = _Placed(self._timers)
        self._suppressed: _Placed[Suppression] = _Placed(self._timers)
        self._outcome = empty_outcome(configuration, share.assumptions, share.moments.stories())
        self._outcome.fires, self._outcome.withheld = self._fires, self._withheld
        self._outcome.suppressed = self._suppressed
        self._simulation = Simulation(configuration, self._outcome, share.examined, clock, self._timers)
        self._signals: dict[int, str] = {}

    async def in_order(self, progressed: Progressed) -> ShareOutcome:
        """Replay all moments in order of time, then let time pass until the last user has left."""
        replay = self._simulation.replay
        replay.begin(self._share.begins_at)
        place = 0
        for place, moment in enumerate(self._share.moments, 1):
            number, at, payload, source = moment
            await replay.apply(payload, source, at, number)
            self._keep_signal(moment)
            if place % REPORTED_MOMENTS == 0:
                progressed(REPORTED_MOMENTS)
        await self._simulation.finish(self._share.ends_at)
        progressed(place % REPORTED_MOMENTS)
        return self._found()

    async def by_users(self, progressed: Progressed) -> ShareOutcome:
        """Replay one user after the other, each until the last user has left."""
        share, simulation = self._share, self._simulation
        replayed = 0
        for moments in share.moments.by_users():
            await simulation.replay_users(moments, share.begins_at, share.ends_at)
            for moment in moments:
                self._keep_signal(moment)
            replayed += len(moments)
            if replayed >= REPORTED_MOMENTS:
                progressed(replayed)
                replayed = 0
        await simulation.finish(share.ends_at)
        progressed(replayed)
        return self._found()

    def _keep_signal(self, moment: NumberedMoment) -> None:
        """Keep the signal of an action, because a replay derives only the signals of new actions."""
        number, _, payload, _ = moment
        if payload.actions and payload.actions[0].signal:
            self._signals[number] = payload.actions[0].signal

    def _found(self) -> ShareOutcome:
        outcome, appeared = self._outcome, self._simulation.appeared
        return ShareOutcome(
            self._fires.with_steps(),
            self._withheld.with_steps(),
            self._suppressed.with_steps(),
            outcome.near_misses,
            outcome.counts,
            [(appeared[user_id], user_id, user) for user_id, user in outcome.users.items()],
            self._signals,
            self._simulation.replay.had_tie,
        )
