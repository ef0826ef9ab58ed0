"""An engine that shares its users with others over Redis (``shared: {redis: …}`` in ``autoplay.yml``)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from typing import cast

from rasa_autoplay.common.metrics.metric import Reading, plain
from rasa_autoplay.engine.engine import Engine
from rasa_autoplay.engine.metrics.catalogue import DROPPED_FRAMES, ENGINE_REDIS_UP, PARTITIONS
from rasa_autoplay.engine.redis.partition_worker import EngineLink
from rasa_autoplay.engine.sessions.redis.store import RedisSessionStore
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.link.redis.leases import PartitionLeases
from rasa_autoplay.link.redis.publish_frames import RedisFramePublisher
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.remedy_lines import yaml_example
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.storage.redis import RedisConnection
from rasa_autoplay.storage.redis_keys import RedisNames

__all__ = ["SharedEngine"]

_PLACE = "shared.redis in autoplay.yml"


class SharedEngine:
    """An engine with its link over Redis.

    Args:
        file: ``autoplay.yml``.
        clock: epoch seconds.
        runs_in: see :class:`rasa_autoplay.engine.engine.Engine`.

    Raises:
        ConfigError: the file, or something that it refers to, is wrong.
    """

    def __init__(
        self, file: YamlFile, clock: Callable[[], float] = time.time, runs_in: str = "action_server"
    ) -> None:
        settings = file.read(EngineSettings)
        if settings.shared is None:
            raise ConfigError(
                "autoplay.yml: several engines can share sessions only over Redis.",
                remedy="Add:\n" + yaml_example("shared.redis", "${AUTOPLAY_REDIS_URL}"),
            )
        self._connection = connection = RedisConnection(settings.shared.redis, _PLACE)
        names = RedisNames(settings.product_id)
        self._adopted: dict[int, int] = {}
        self._publisher = publisher = RedisFramePublisher(connection, names, self._adopted)

        def make_sessions(
            settings: EngineSettings, engine_id: str, on_session_ended: Callable[[Session], object]
        ) -> RedisSessionStore:
            return RedisSessionStore(
                settings.session, settings.product_id, engine_id, connection, clock, on_session_ended
            )

        self.engine = Engine(file, publisher, clock, make_sessions, runs_in)
        sessions = cast(RedisSessionStore, self.engine.sessions)
        engine_id, lookback_s = self.engine.engine_id, settings.session.window.lookback
        run_id = secrets.token_urlsafe(9)
        self._leases = PartitionLeases(connection, names, engine_id, run_id, lookback_s)
        self._link = EngineLink(
            connection, names, self.engine, sessions, self._leases, publisher, self._adopted, clock
        )

    def read_metrics(self) -> Iterator[Reading]:
        """Read the metrics of the engine and of its link."""
        yield from self.engine.read_metrics()
        yield plain(ENGINE_REDIS_UP, float(not self._connection.problem))
        yield plain(PARTITIONS, len(self._adopted))
        yield plain(DROPPED_FRAMES, self._publisher.counts["dropped_frames"])

    async def start(self) -> None:
        """Start the engine, and serve the partitions that are free."""
        await self._connection.check()
        await self.engine.start(lambda _user_id: False)
        self._link.start()

    async def stop(self) -> None:
        """Finish pending work, and leave the partitions to other engines."""
        await self._link.stop()
        await self.engine.stop()
        await self._connection.close()
