"""Replays some users of a recording, and returns the offers that they would get."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.core.decision_core import evaluation_requests
from rasa_autoplay.engine.memory.local import LocalMemoryStore
from rasa_autoplay.engine.replay.assumptions import Assumptions
from rasa_autoplay.engine.replay.moment import Moment
from rasa_autoplay.engine.replay.replay import Replay, ReplayClock
from rasa_autoplay.engine.replay.replay_memory import ReplayMemory
from rasa_autoplay.engine.replay.replay_timers import ReplayTimers
from rasa_autoplay.engine.replay.results import Fire, Outcome
from rasa_autoplay.engine.replay.simulation import SimulatedUsers, stories_of

__all__ = ["ASSUMPTIONS", "replayed_fires"]

#: How the users of a back-test behave.
ASSUMPTIONS = Assumptions()


def replayed_fires(moments: Sequence[Moment], configuration: Configuration) -> list[Fire]:
    """Return the offers that would be made, in order of time.

    Args:
        moments: what the users did, in order of time.
        configuration: the triggers, golden paths and settings.
    """
    return asyncio.run(_replay(moments, configuration))


async def _replay(moments: Sequence[Moment], configuration: Configuration) -> list[Fire]:
    clock = ReplayClock()
    timers = ReplayTimers(clock)
    memory = ReplayMemory(configuration.paths, LocalMemoryStore(), evaluation_requests(timers, clock))

    outcome = Outcome(
        configuration.name, configuration.settings.product_id, [], ASSUMPTIONS, stories_of(moments)
    )
    users = SimulatedUsers(configuration, outcome)
    replay = Replay(configuration, clock, timers, memory, users, load_histories=memory.load)
    replay.begin(moments[0][0])
    for at, payload, source in moments:
        await replay.apply(payload, source, at)
    await replay.pass_time(moments[-1][0] + ASSUMPTIONS.stays_s)
    return outcome.fires
