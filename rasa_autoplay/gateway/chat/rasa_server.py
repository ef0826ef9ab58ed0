"""The Rasa server in which the gateway runs."""

from __future__ import annotations

from typing import Any

from rasa_autoplay.errors import EngineUnreachable
from rasa_autoplay.gateway.chat.injection import RasaClasses
from rasa_autoplay.gateway.chat.rasa_versions import socketio_server, unwrapped
from rasa_autoplay.link.http.endpoint import EngineEndpoint, action_server_endpoint

__all__ = ["RasaServer", "socket_channel", "socket_channels"]

#: The classes of Rasa Pro's own Socket.IO channels.
_FOR_DEVELOPERS = ("InspectorInputChannel", "StudioChatInput")


def socket_channels(app: Any) -> list[Any]:
    """The Socket.IO channels of a Rasa app, ours and stock ones."""
    channels = (unwrapped(channel) for channel in getattr(app.ctx, "input_channels", None) or [])
    return [each for each in channels if socketio_server(each) is not None and not _is_for_developers(each)]


def _is_for_developers(channel: Any) -> bool:
    """Whether a channel serves Rasa Pro's inspector or Studio, which are no users' chat windows."""
    return type(channel).__name__ in _FOR_DEVELOPERS


def socket_channel(app: Any) -> Any | None:
    """The Socket.IO channel in which the bot speaks; None if there is none."""
    return next(iter(socket_channels(app)), None)


class RasaServer:
    """Gives access to Rasa's app, which exists only once the server starts.

    The agent and the channels are looked up at each use, because a model can be replaced at any time.
    """

    def __init__(self) -> None:
        self._started: tuple[Any, RasaClasses] | None = None
        #: Rasa's action endpoint that was read last, and what was found.
        self._endpoint: tuple[Any, EngineEndpoint | None] | None = None

    def attach(self, app: Any, classes: RasaClasses) -> None:
        """Record that the server has started.

        Args:
            app: Rasa's Sanic app.
            classes: Rasa's own classes.
        """
        self._started = app, classes

    @property
    def agent(self) -> Any | None:
        """Rasa's agent; None if no model is loaded."""
        return None if self._started is None else getattr(self._started[0].ctx, "agent", None)

    def event_broker(self) -> Any | None:
        """The event broker of ``endpoints.yml``; None if there is none, or no model is loaded."""
        return getattr(getattr(self.agent, "tracker_store", None), "event_broker", None)

    def chat_channel(self) -> Any | None:
        """The Socket.IO channel in which the bot speaks; None if there is none."""
        return None if self._started is None else socket_channel(self._started[0])

    @property
    def classes(self) -> RasaClasses:
        """Rasa's own classes."""
        assert self._started is not None  # noqa: S101 - the caller has found an agent
        return self._started[1]

    def engine_endpoint(self) -> EngineEndpoint | None:
        """The engine beside the actions; None if the model's endpoint names no action server.

        Raises:
            EngineUnreachable: no model is loaded, or the endpoint cannot be used.
        """
        if self.agent is None:
            raise EngineUnreachable(
                "The Rasa server has not loaded a model yet.",
                remedy="Loading takes about half a minute after the start, and the log says if it failed. "
                '"rasa train" makes a model.',
            )
        configured = getattr(self.agent, "action_endpoint", None)
        # Each request of the link asks, and a new agent has a new endpoint.
        if self._endpoint is None or self._endpoint[0] is not configured:
            self._endpoint = configured, action_server_endpoint(configured)
        return self._endpoint[1]
