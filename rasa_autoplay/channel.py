"""The gateway's Rasa channel: ``rasa_autoplay.channel.AutoplayInput`` in ``credentials.yml``."""

from __future__ import annotations

import logging
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.shared.core.events import BotUttered
from rasa.shared.exceptions import RasaException
from sanic import Blueprint

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.gateway.chat.listener import listen_to_chat
from rasa_autoplay.gateway.chat.rasa_server import socket_channels
from rasa_autoplay.gateway.chat.rasa_versions import unwrapped, worker_count
from rasa_autoplay.gateway.gateway import Gateway
from rasa_autoplay.gateway.rasa_hooks import active_gateway, hook_rasa
from rasa_autoplay.gateway.routes.blueprint import gateway_blueprint
from rasa_autoplay.settings.channel import ChannelSettings, read_channel_settings
from rasa_autoplay.settings.credentials_file import find_credentials_file
from rasa_autoplay.settings.other_channels import describe_risk

__all__ = ["AutoplayInput"]

logger = logging.getLogger(__name__)


class AutoplayInput(InputChannel):  # type: ignore[misc] # rasa has no types
    """Receives events and sends offers; chat messages use the chat channel.

    Args:
        settings: the channel's section of ``credentials.yml``.
    """

    def __init__(self, settings: ChannelSettings) -> None:
        self._settings = settings

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
        try:
            return cls(read_channel_settings(credentials, find_credentials_file(sys.argv[1:])))
        except ConfigError as problem:
            raise RasaException(str(problem)) from None

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the routes; the gateway runs from the server's start to its stop.

        Raises:
            RasaException: something that the settings name is missing.
        """
        try:
            gateway = Gateway(self._settings)
            blueprint = gateway_blueprint(gateway)
        except ConfigError as problem:
            raise RasaException(str(problem)) from None

        running = ExitStack()

        async def prepare(app: Any, _loop: Any) -> None:
            """Hook into Rasa before the first chat window connects; the guard is last, so it runs first."""
            try:
                hook_rasa()
            except ConfigError as problem:
                raise RasaException(str(problem)) from None
            running.enter_context(active_gateway(gateway.messages))
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

        async def start(app: Any, _loop: Any) -> None:
            if self._settings.shared is None:
                _refuse_workers(app)
            await gateway.start(app, BotUttered)

        async def stop(_app: Any, _loop: Any) -> None:
            running.close()
            await gateway.stop()

        blueprint.listener("before_server_start")(prepare)
        blueprint.listener("after_server_start")(start)
        blueprint.listener("before_server_stop")(stop)
        return blueprint

    def _warn_about(self, channels: Sequence[Any]) -> None:
        """Warn about channels that ask for no user token."""
        names = [channel.name() for channel in channels if not isinstance(channel, AutoplayInput)]
        if names:
            logger.warning("credentials.yml: %s.", describe_risk(names, self._settings.identity))


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
