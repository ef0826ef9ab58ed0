"""The only engine of one gateway."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from rasa_autoplay.common.metrics.metric import Reading
from rasa_autoplay.engine.engine import Engine
from rasa_autoplay.link.frame_streams import FrameStreams
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["SingleEngine"]


class SingleEngine:
    """An engine with the streams that carry its frames to the gateway.

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
        self.streams = FrameStreams()
        self.engine = Engine(file, self.streams, clock, runs_in=runs_in)

    def read_metrics(self) -> Iterator[Reading]:
        """Read the engine's metrics."""
        return self.engine.read_metrics()

    async def start(self) -> None:
        """Start the engine."""
        await self.engine.start()

    async def stop(self) -> None:
        """End the streams, then finish pending work."""
        self.streams.close_all()
        await self.engine.stop()
