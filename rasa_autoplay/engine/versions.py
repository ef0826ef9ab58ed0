"""The version of the files that is in force, and how another one replaces it."""

from __future__ import annotations

import asyncio

from rasa_autoplay.engine.engine_version import EngineVersion, LastingParts
from rasa_autoplay.engine.loaded_version import LoadedVersion
from rasa_autoplay.engine.memory.keeper import MemoryKeeper
from rasa_autoplay.engine.metrics.engine_metrics import EngineMetrics

__all__ = ["Versions"]


class Versions:
    """Holds the version in force.

    Args:
        first: the first version.
        parts: the parts that outlive a version.
        memory: follows sessions along the golden paths of the version in force.
        applying: held while a gateway's messages are applied.
        metrics: keeps what former versions have counted.
    """

    def __init__(
        self,
        first: LoadedVersion,
        parts: LastingParts,
        memory: MemoryKeeper,
        applying: asyncio.Lock,
        metrics: EngineMetrics,
    ) -> None:
        self._parts = parts
        self._memory = memory
        self._applying = applying
        self._metrics = metrics
        #: The version in force.
        self.current = EngineVersion(first.configuration, parts, first.follower, first.hook)
        self._follow(self.current)

    async def put_in_force(self, loaded: LoadedVersion) -> bool:
        """Replace the version in force in one step; False if the new one is the same."""
        former, new = self.current, loaded.configuration
        if new.is_same_as(former.configuration):
            return False
        version = EngineVersion(new, self._parts, loaded.follower, loaded.hook, former)
        if version.models is not former.models:
            await version.models.start()
        async with self._applying:
            await former.core.retire()
            # No other task runs between these lines.
            self.current = version
            self._follow(version)
            self._metrics.former.leave(former.tallies(), version.tallies())
            self._parts.live.running_tours.switch_to(new.tours.path)
            self._parts.tour_problems.forget(new.changed_paths(former.configuration))
        version.core.late_deliveries.withdraw_orphans(self._parts.live.clock())
        await former.stop(version)
        self._metrics.former.settle()
        return True

    def _follow(self, version: EngineVersion) -> None:
        self._memory.switch_to(version.follower, version.core.renewal.renew)
        self._metrics.triggers.learn(version.trigger_ids)
        self._parts.freshness.switch_to(version.configuration.paths)
