"""Keeps what the bot says while a chat window reconnects, for example because its user opens the next page.

Socket.IO sends an event to the sockets that are connected at this moment, and forgets it. A user who asks a
question and goes on to another page would never see the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.gateway.chat.rasa_versions import socketio_server

__all__ = ["MissedAnswers", "has_participants"]

#: A window that is away for longer starts without them.
_KEPT_S = 60.0
_MAX_SESSIONS = 500
_MAX_ANSWERS = 20


class MissedAnswers:
    """The bot's messages for chat sessions that no window is connected to.

    At most 20 messages of 500 sessions are kept, for one minute, in memory.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        #: Time and data of the messages, by session.
        self._kept: BoundedDict[str, list[tuple[float, Any]]] = BoundedDict(_MAX_SESSIONS)

    def watch(self, channel: Any) -> None:
        """Keep the messages that the channel would send to nobody.

        Args:
            channel: a Socket.IO channel whose blueprint was made.
        """
        if not channel.session_persistence:
            return
        server = socketio_server(channel)
        emit = server.emit

        async def emit_or_keep(event: str, data: Any = None, *rest: Any, **options: Any) -> Any:
            room = options.get("room") or options.get("to")
            is_said = event == channel.bot_message_evt
            if is_said and isinstance(room, str) and not has_participants(channel, room):
                return self._keep(room, data)
            return await emit(event, data, *rest, **options)

        server.emit = emit_or_keep

    def take(self, session_id: str) -> list[Any]:
        """Return what a session has missed, in order, and forget it."""
        since = self._clock() - _KEPT_S
        return [data for at, data in self._kept.pop(session_id, []) if at >= since]

    def _keep(self, session_id: str, data: Any) -> None:
        now = self._clock()
        while self._kept and next(iter(self._kept.values()))[-1][0] < now - _KEPT_S:
            self._kept.popitem(last=False)
        kept = self._kept.get(session_id, [])
        self._kept[session_id] = [*kept, (now, data)][-_MAX_ANSWERS:]


def has_participants(channel: Any, sender_id: str) -> bool:
    """Whether a chat window with this session id is connected to this server.

    Args:
        channel: a Socket.IO channel whose blueprint was made.
        sender_id: the session's id.
    """
    try:
        participants = socketio_server(channel).manager.get_participants(channel.namespace or "/", sender_id)
        return next(iter(participants), None) is not None
    except KeyError:  # no socket at all is connected
        return False
