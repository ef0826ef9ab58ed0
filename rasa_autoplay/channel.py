"""The gateway's Rasa channel: ``rasa_autoplay.channel.AutoplayInput`` in ``credentials.yml``."""

from __future__ import annotations

import logging
import secrets
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.shared.core.events import ActionExecuted, BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from sanic import Blueprint

from rasa_autoplay.common.metrics.metric import Reading
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.gateway.chat.injection import RasaClasses
from rasa_autoplay.gateway.chat.listener import listen_to_chat
from rasa_autoplay.gateway.chat.rasa_server import RasaServer, socket_channels
from rasa_autoplay.gateway.chat.rasa_versions import unwrapped, worker_count
from rasa_autoplay.gateway.gateway import Gateway, link_over_http
from rasa_autoplay.gateway.local_actions import LocalActions, active_actions, has_action_server, hook_actions
from rasa_autoplay.gateway.rasa_hooks import active_gateway, hook_rasa
from rasa_autoplay.gateway.recent_events import RecentEvents
from rasa_autoplay.gateway.routes.blueprint import gateway_blueprint
from rasa_autoplay.link.assistant import LinkedAssistant, reachable
from rasa_autoplay.link.base import Link
from rasa_autoplay.settings.channel import SECTION, ChannelSettings, read_channel_settings
from rasa_autoplay.settings.credentials_file import find_credentials_file
from rasa_autoplay.settings.credentials_fingerprint import fingerprints_of_channel
from rasa_autoplay.settings.other_channels import describe_risk
from rasa_autoplay.settings.secret import Secret
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["AutoplayInput"]

logger = logging.getLogger(__name__)

#: Rasa's classes for the gateway, which does not import Rasa.
RASA = RasaClasses(BotUttered, UserUttered, ActionExecuted, DialogueStateTracker.from_events)


class AutoplayInput(InputChannel):  # type: ignore[misc] # rasa has no types
    """Receives events and sends offers; chat messages use the chat channel.

    Args:
        settings: the channel's section of ``credentials.yml``.
        loaded: identifies the loaded version of the file, for health; empty if it is unknown.
    """

    def __init__(self, settings: ChannelSettings, loaded: Mapping[str, Any] | None = None) -> None:
        self._settings = settings
        self._loaded = dict(loaded or {})

    @classmethod
    def name(cls) -> str:
        """Return the part of the routes' path: ``/webhooks/autoplay``."""
        return "autoplay"

    @classmethod
    def from_credentials(cls, credentials: Mapping[str, Any] | None) -> AutoplayInput:
        """Read the channel's section.

        Raises:
            RasaException: the section is invalid. Rasa would report any other error as a missing class.
        """
        file = find_credentials_file(sys.argv[1:])
        try:
            settings = read_channel_settings(credentials, file)
            return cls(settings, _loaded_version(settings, credentials or {}, file))
        except ConfigError as problem:
            raise RasaException(str(problem)) from None

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the routes; the gateway runs from the server's start to its stop.

        Raises:
            RasaException: something that the settings name is missing.
        """
        try:
            engine = _engine_of(self._settings)
            gateway = Gateway(
                engine.settings,
                engine.make_link,
                recent=engine.recent,
                loaded=self._loaded,
                engine_metrics=engine.read_metrics,
            )
            blueprint = gateway_blueprint(gateway)
        except ConfigError as problem:
            raise RasaException(str(problem)) from None

        running = ExitStack()
        #: What the last bot messages still need.
        in_use = ExitStack()

        async def prepare(app: Any, _loop: Any = None) -> None:
            """Hook into Rasa before the first chat window connects; the guard is last, so it runs first."""
            try:
                hook_rasa()
                hook_actions()
            except ConfigError as problem:
                raise RasaException(str(problem)) from None
            running.enter_context(active_gateway(gateway.messages))
            in_use.enter_context(active_actions(LocalActions(_run_action, engine.replaces)))
            in_use.enter_context(reachable(LinkedAssistant(gateway.link), engine.settings.link.secret))
            listen_to_chat(app, gateway.user_wrote)
            guarded = socket_channels(app)
            for channel in guarded:
                gateway.chat_guard.watch(channel)
            self._warn_about(
                [
                    channel
                    for channel in map(unwrapped, app.ctx.input_channels or [])
                    if channel not in guarded
                ]
            )

        async def start(app: Any, _loop: Any = None) -> None:
            if self._settings.shared is None:
                _refuse_workers(app)
            await engine.start()
            await gateway.start(app, RASA)

        async def stop(_app: Any, _loop: Any = None) -> None:
            running.close()
            try:
                await gateway.stop()
            finally:
                in_use.close()
                await engine.stop()

        blueprint.listener("before_server_start")(prepare)
        blueprint.listener("after_server_start")(start)
        blueprint.listener("before_server_stop")(stop)
        return blueprint

    def _warn_about(self, channels: Sequence[Any]) -> None:
        """Warn about channels that ask for no user token."""
        names = [channel.name() for channel in channels if not isinstance(channel, AutoplayInput)]
        if names:
            logger.warning("credentials.yml: %s.", describe_risk(names, self._settings.identity))


def _loaded_version(
    settings: ChannelSettings, section: Mapping[str, Any], file: YamlFile | None
) -> dict[str, Any]:
    """Identify the version of ``credentials.yml``; empty if Rasa reads another file than we found."""
    if file is None or file.keys_at([SECTION]) != list(section):
        return {}
    raw = file.raw().get(SECTION) or {}
    fingerprints = fingerprints_of_channel(raw, settings.link.secret.reveal())
    return {"file": file.path.name, "loaded_at": time.time(), **fingerprints}


def _refuse_workers(app: Any) -> None:
    """Reject several workers, which would split the feeds and duplicate the subscriptions."""
    workers = worker_count(app)
    if workers > 1:
        raise RasaException(
            f"The Rasa server runs {workers} workers, but without Redis the autoplay channel needs exactly "
            "one. "
            'Set SANIC_WORKERS=1, or use Redis: "shared: {redis: ...}" in both credentials.yml and '
            "autoplay.yml."
        )


class _EngineElsewhere:
    """The engine runs in another process.

    Args:
        settings: the channel's section of ``credentials.yml``.
    """

    make_link = staticmethod(link_over_http)
    #: The gateway remembers them, because it does not end with the engine.
    recent = None

    def __init__(self, settings: ChannelSettings) -> None:
        self.settings = settings

    def replaces(self, endpoint: Any) -> bool:
        """The copilot's actions run beside the engine, unless the engine runs by itself."""
        return bool(self.settings.link.url) or not has_action_server(endpoint)

    def read_metrics(self) -> Iterator[Reading]:
        """The engine has a page of its own."""
        return iter(())

    async def start(self) -> None:
        """The engine has its own start."""

    async def stop(self) -> None:
        """The engine has its own stop."""


class _EngineHere:
    """The engine runs in this process, and so do the actions that ask it.

    Args:
        settings: the channel's section of ``credentials.yml``.

    Raises:
        ConfigError: ``autoplay.yml``, or something that it refers to, is wrong.
    """

    def __init__(self, settings: ChannelSettings) -> None:
        # Imported here, because most Rasa servers run no engine.
        from rasa_autoplay.engine.hosting.in_process import InProcessEngine

        # Nobody else checks what this process signs, so it needs no configured secret.
        link = settings.link.copy(update={"secret": Secret(secrets.token_urlsafe(32))})
        self.settings = settings.copy(update={"link": link})
        self._engine = InProcessEngine(is_shared=settings.shared is not None)
        self.recent = self._recent_events(settings)

    def make_link(self, settings: ChannelSettings, _server: RasaServer, clock: Callable[[], float]) -> Link:
        """Make the link to the engine of this process."""
        return self._engine.link(settings.product_id, clock)

    def _recent_events(self, settings: ChannelSettings) -> RecentEvents | None:
        journal = settings.journal
        if journal is None or settings.shared is not None:  # with Redis, live sessions outlive the process
            return None
        return RecentEvents(journal.path / "recent", self._engine.window_s, journal.max_bytes, time.time)

    def replaces(self, _endpoint: Any) -> bool:
        """The copilot's actions always run here."""
        return True

    def read_metrics(self) -> Iterator[Reading]:
        """Read the engine's metrics, which the gateway's page shows, too."""
        return self._engine.read_metrics()

    async def start(self) -> None:
        """Start the engine."""
        await self._engine.start()

    async def stop(self) -> None:
        """Stop the engine."""
        await self._engine.stop()


def _engine_of(settings: ChannelSettings) -> _EngineElsewhere | _EngineHere:
    return _EngineHere(settings) if settings.engine == "in_process" else _EngineElsewhere(settings)


async def _run_action(call: dict[str, Any]) -> Any:
    """Run one of the copilot's actions in this process."""
    # Imported here, because most bots have an action server.
    from rasa_autoplay.actions import own_executor

    return await own_executor().run(call)
