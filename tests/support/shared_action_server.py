"""An action server whose engine shares its sessions over Redis, for a whole deployment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

from rasa_autoplay.common.metrics.metric import Reading
from rasa_autoplay.engine.engine import Engine
from rasa_autoplay.engine.redis.engine import SharedEngine
from rasa_autoplay.settings.yaml_file import YamlFile
from support.deployment import LINK_SECRET, ActionServer

__all__ = ["SharedActionServer"]


class SharedActionServer(ActionServer):
    """Does not listen: gateways reach it through Redis.

    Args:
        folder: holds ``autoplay.yml`` with ``shared: {redis: …}``.
    """

    engine: Engine

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, LINK_SECRET)
        self._path = folder / "autoplay.yml"
        self._shared = AsyncExitStack()
        self.origin = "http://127.0.0.1:1"

    async def start(self) -> None:
        """Start serving any free partitions."""
        shared = SharedEngine(YamlFile(self._path))
        await shared.start()
        self._shared.push_async_callback(shared.stop)
        self.engine = shared.engine
        self._hosted = shared

    def read_metrics(self) -> Iterator[Reading]:
        """Read the metrics of the engine and of its link."""
        return self._hosted.read_metrics()

    async def stop(self) -> None:
        """End in good order."""
        await self._shared.aclose()
