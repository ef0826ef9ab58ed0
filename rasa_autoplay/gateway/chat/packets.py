"""Checks the Socket.IO packets that browsers send to the chat.

python-socketio calls the same handlers for a browser's events as for its own life-cycle events. So if a
browser sends an event named ``disconnect``, the server believes that the browser is gone.
"""

from __future__ import annotations

from typing import Any

from socketio import packet

from rasa_autoplay.errors import AutoplayError

__all__ = ["RefusedPacket", "event_of"]

#: Names that some version of python-socketio reserves or treats specially.
_RESERVED = frozenset({"*", "connect", "connect_error", "disconnect", "disconnecting", "__disconnect_final"})
_MAX_EVENT_NAME = 100


class RefusedPacket(AutoplayError):
    """A packet that no chat widget sends."""


def event_of(packet_class: Any, encoded: object, namespace: str) -> str:
    """Check a packet before python-socketio handles it.

    Args:
        packet_class: the server's decoder.
        encoded: the packet as the browser sent it.
        namespace: the chat channel's namespace.

    Returns:
        The event's name; empty for a packet that opens or closes the namespace.

    Raises:
        RefusedPacket: the packet cannot be read, or no chat widget sends it: it is for another namespace, has
            binary data, acknowledges nothing, or names a reserved event.
    """
    if not isinstance(encoded, str) or not encoded:
        raise RefusedPacket("binary")
    try:
        decoded = packet_class(encoded_packet=encoded)
    except (ValueError, TypeError, LookupError, RecursionError):
        raise RefusedPacket("unreadable") from None
    if (decoded.namespace or "/") != namespace:
        raise RefusedPacket("wrong_namespace")
    if decoded.packet_type in (packet.CONNECT, packet.DISCONNECT):
        return ""
    if decoded.packet_type != packet.EVENT:
        raise RefusedPacket("wrong_type")
    return _event_name(decoded.data)


def _event_name(data: object) -> str:
    name = data[0] if isinstance(data, list) and data else None
    if not isinstance(name, str) or not 0 < len(name) <= _MAX_EVENT_NAME:
        raise RefusedPacket("no_event")
    if name in _RESERVED:
        raise RefusedPacket("reserved_event")
    return name
