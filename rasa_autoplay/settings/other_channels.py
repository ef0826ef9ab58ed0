"""Channels of ``credentials.yml`` without user tokens, through which a client could speak for other users."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["channels_without_tokens", "describe_risk"]

#: Rasa's own socket channel is guarded like this package's.
_GUARDED = frozenset(
    {
        "rasa_autoplay.channel.AutoplayInput",
        "rasa_autoplay.chat_channel.AutoplaySocketIOInput",
        "socketio",
    }
)


def channels_without_tokens(names: Iterable[str]) -> list[str]:
    """Return the channels that ask for no user token.

    Args:
        names: the sections of ``credentials.yml``.
    """
    return [name for name in names if name not in _GUARDED]


def describe_risk(channels: Iterable[str], identity: object) -> str:
    """Describe the risk of such channels in one sentence without its full stop.

    Args:
        channels: the channels' names.
        identity: the value of ``identity:``.
    """
    named = ", ".join(channels)
    if identity == "required":
        return (
            f"{named}: messages carry no user token and could speak for any user, so with "
            "identity: required the copilot reveals nothing about users there"
        )
    return (
        f"{named}: messages carry no user token and can speak for any user, so anyone can ask what a user did"
    )
