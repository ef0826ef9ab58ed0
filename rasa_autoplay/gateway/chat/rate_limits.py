"""How often may a user, or a chat socket, send something in the chat?"""

from __future__ import annotations

from collections.abc import Callable

from rasa_autoplay.common.http.rate_limit import RateLimit
from rasa_autoplay.settings.channel import RateLimitSettings

__all__ = ["ChatRates"]

#: A browser that comes back with all its tabs asks for as many chat sessions at once.
_TABS = 40
#: A chat widget sends a packet or two for each message; nobody types as fast as this.
_PACKETS_PER_MINUTE = 600


class ChatRates:
    """The rate limits of the chat.

    Args:
        limits: of ``credentials.yml``.
        clock: seconds that never run backwards.
    """

    def __init__(self, limits: RateLimitSettings, clock: Callable[[], float]) -> None:
        self._packets = RateLimit(_PACKETS_PER_MINUTE, clock)
        self._messages = RateLimit(limits.chat_messages_per_minute, clock)
        self._sessions = RateLimit(limits.chat_sessions_per_minute, clock, burst=_TABS)

    def may_send(self, socket_id: str) -> bool:
        """Count a packet of a socket; False when there were too many."""
        return not self._packets.wait_s(socket_id)

    def may_write(self, speaker: str) -> bool:
        """Count a chat message; False when there were too many."""
        return not self._messages.wait_s(speaker)

    def may_open_session(self, speaker: str) -> bool:
        """Count a chat session that is asked for; False when there were too many."""
        return not self._sessions.wait_s(speaker)

    def health(self) -> dict[str, int]:
        """How many packets, messages and chat sessions were refused."""
        return {
            "packets": self._packets.refused,
            "messages": self._messages.refused,
            "sessions": self._sessions.refused,
        }
