"""Rate limits of the chat, by user and by socket."""

from __future__ import annotations

from collections.abc import Callable

from rasa_autoplay.common.http.rate_limit import RateLimit
from rasa_autoplay.settings.rate_limits import RateLimitSettings

__all__ = ["ChatRates"]

#: A browser that restores its tabs asks for this many chat sessions at once.
_TABS = 40
#: A chat widget sends one or two packets per message, so no user reaches this.
_PACKETS_PER_MINUTE = 600


class ChatRates:
    """The rate limits of the chat.

    Args:
        limits: the settings of ``credentials.yml``.
        clock: monotonic seconds.
    """

    def __init__(self, limits: RateLimitSettings, clock: Callable[[], float]) -> None:
        self._packets = RateLimit(_PACKETS_PER_MINUTE, clock)
        self._messages = RateLimit(limits.chat_messages_per_minute, clock)
        self._sessions = RateLimit(limits.chat_sessions_per_minute, clock, burst=_TABS)

    def may_send(self, socket_id: str) -> bool:
        """Count a packet from a socket; False if there were too many."""
        return not self._packets.wait_s(socket_id)

    def may_write(self, speaker: str) -> bool:
        """Count a chat message; False if there were too many."""
        return not self._messages.wait_s(speaker)

    def may_open_session(self, speaker: str) -> bool:
        """Count a request for a chat session; False if there were too many."""
        return not self._sessions.wait_s(speaker)

    def health(self) -> dict[str, int]:
        """The number of refused packets, messages and requests for sessions."""
        return {
            "packets": self._packets.refused,
            "messages": self._messages.refused,
            "sessions": self._sessions.refused,
        }
