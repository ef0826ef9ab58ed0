"""The section ``rate_limits`` of the channel: how much browsers may send."""

from __future__ import annotations

from rasa_autoplay.settings.durations import Duration
from rasa_autoplay.settings.models import Field, Settings

__all__ = ["RateLimitSettings"]


class RateLimitSettings(Settings):
    """Limits on what browsers may send. Bursts of up to ten seconds' worth of each rate are allowed.

    The limits per address apply to requests without a verified user. They do not apply to this machine's own
    addresses, because a local proxy forwards everybody's requests. Signed sources are not limited.

    Args:
        user_per_minute: requests from one user.
        user_events_per_minute: captured events from one user.
        user_sessions_per_minute: new analytics sessions from one user.
        address_per_minute: requests from one address.
        address_events_per_minute: captured events from one address.
        address_sessions_per_minute: new analytics sessions from one address.
        max_feeds_per_user: open feeds of one user.
        max_feeds: open feeds in total.
        max_capture_bytes: size of one capture request, both compressed and decompressed.
        chat_messages_per_minute: chat messages from one user, or from one socket without a verified user.
        chat_sessions_per_minute: chat sessions requested by one user, or by one socket without a verified
            user.
        max_chat_sockets_per_user: open chat sockets of one user.
        max_chat_sockets_per_address: open chat sockets from one address without a verified user; this
            machine's own address is not counted.
        max_chat_sockets: open chat sockets in total.
        max_waiting_chat_sockets: open chat sockets that have not sent a token yet.
        chat_token_timeout: how long a chat socket may wait before it sends its token.
        max_chat_message_bytes: size of one chat message with its metadata.
    """

    user_per_minute: int = Field(default=1_200, ge=6)
    user_events_per_minute: int = Field(default=6_000, ge=6)
    user_sessions_per_minute: int = Field(default=60, ge=6)
    address_per_minute: int = Field(default=60_000, ge=6)
    address_events_per_minute: int = Field(default=120_000, ge=6)
    address_sessions_per_minute: int = Field(default=6_000, ge=6)
    max_feeds_per_user: int = Field(default=32, ge=1)
    max_feeds: int = Field(default=50_000, ge=1)
    max_capture_bytes: int = Field(default=5 * 1024 * 1024, ge=64 * 1024, le=32 * 1024 * 1024)
    chat_messages_per_minute: int = Field(default=60, ge=6)
    chat_sessions_per_minute: int = Field(default=30, ge=1)
    max_chat_sockets_per_user: int = Field(default=32, ge=1)
    max_chat_sockets_per_address: int = Field(default=2_000, ge=1)
    max_chat_sockets: int = Field(default=20_000, ge=1)
    max_waiting_chat_sockets: int = Field(default=1_000, ge=1)
    chat_token_timeout: Duration = 10.0
    max_chat_message_bytes: int = Field(default=32 * 1024, ge=1024, le=1024 * 1024)
