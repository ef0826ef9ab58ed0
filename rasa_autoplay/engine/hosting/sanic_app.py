"""Attaches the engine to a Sanic server: the action server, or the server of ``rasa-autoplay serve``."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from rasa_autoplay.engine.hosting.host import EngineRun
from rasa_autoplay.engine.hosting.metrics_blueprint import metrics_blueprint
from rasa_autoplay.engine.hosting.single import SingleEngine
from rasa_autoplay.link.assistant import reachable
from rasa_autoplay.link.http.server import link_blueprint
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.metrics_token import read_metrics_token
from rasa_autoplay.settings.secret import Secret
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["attach_engine"]


def attach_engine(app: Any, file: YamlFile, secret: Secret, runs_in: str = "action_server") -> None:
    """Run an engine from the server's start to its stop. Starts nothing yet.

    Args:
        app: the Sanic app, before it starts.
        file: ``autoplay.yml``.
        secret: shared with the gateway; may be empty on a single machine.
        runs_in: see :class:`rasa_autoplay.engine.engine.Engine`.

    Raises:
        ConfigError: the file, or something that it refers to, is wrong.
    """
    attach = _shared_run if file.read(EngineSettings).shared else _single_run
    run = attach(app, file, secret, runs_in)
    app.blueprint(metrics_blueprint(read_metrics_token(), run.read_metrics))
    in_use = ExitStack()

    async def start(_app: Any, _loop: Any = None) -> None:
        engine = await run.start()
        in_use.enter_context(reachable(engine.answers, secret))

    async def stop(_app: Any, _loop: Any = None) -> None:
        in_use.close()
        await run.stop()

    app.register_listener(start, "after_server_start")
    app.register_listener(stop, "before_server_stop")


def _single_run(app: Any, file: YamlFile, secret: Secret, runs_in: str) -> EngineRun:
    """The only engine of one gateway, which reaches it through this server's port."""
    single = SingleEngine(file, runs_in=runs_in)
    app.blueprint(link_blueprint(single.engine, single.streams, secret))
    return EngineRun(lambda: single)


def _shared_run(_app: Any, file: YamlFile, _secret: Secret, runs_in: str) -> EngineRun:
    """One of several engines; each worker of this server has its own."""
    # Imported here, because the package redis is optional.
    from rasa_autoplay.engine.redis.engine import SharedEngine

    SharedEngine(file)  # report errors in the files now instead of in a worker
    return EngineRun(lambda: SharedEngine(file, runs_in=runs_in))
