"""The engine in the Rasa server's own process: ``engine: in_process`` in ``credentials.yml``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rasa_autoplay.common.metrics.metric import Reading
from rasa_autoplay.engine.hosting.host import EngineRun, HostedEngine
from rasa_autoplay.engine.hosting.single import SingleEngine
from rasa_autoplay.link.local.link import LocalLink
from rasa_autoplay.settings.engine import EngineSettings, find_engine_file
from rasa_autoplay.settings.engine_place import check_shared

__all__ = ["InProcessEngine"]

_RUNS_IN = "rasa_server"


class InProcessEngine:
    """An engine that starts and stops with the Rasa server.

    Args:
        is_shared: whether ``credentials.yml`` joins several Rasa servers through Redis. Each of them, and
            each worker, then has its own engine.

    Raises:
        ConfigError: ``autoplay.yml``, or something that it refers to, is wrong.
    """

    def __init__(self, *, is_shared: bool) -> None:
        self._file = find_engine_file()
        settings = self._file.read(EngineSettings)
        check_shared(is_shared, settings.shared is not None)
        #: How many seconds of events a restarted engine needs again.
        self.window_s = settings.session.window.lookback
        self._single = None if is_shared else SingleEngine(self._file, runs_in=_RUNS_IN)
        if is_shared:
            self._make_shared()  # report errors in the files now instead of in a worker
        self._run = EngineRun(self._make)

    def link(self, product_id: str, clock: Callable[[], float]) -> LocalLink:
        """Return the link to this engine, for a gateway without Redis."""
        assert self._single is not None  # noqa: S101 - with Redis, the gateway makes its own link
        return LocalLink(product_id, self._single.engine, self._single.streams, clock)

    def read_metrics(self) -> Iterator[Reading]:
        """Read the engine's metrics."""
        return self._run.read_metrics()

    async def start(self) -> None:
        """Start the engine; call this before the gateway starts."""
        await self._run.start()

    async def stop(self) -> None:
        """Stop the engine; call this after the gateway has stopped, and has sent its last events."""
        await self._run.stop()

    def _make(self) -> HostedEngine:
        return self._single or self._make_shared()

    def _make_shared(self) -> HostedEngine:
        # Imported here, because the package redis is optional.
        from rasa_autoplay.engine.redis.engine import SharedEngine

        return SharedEngine(self._file, runs_in=_RUNS_IN)
