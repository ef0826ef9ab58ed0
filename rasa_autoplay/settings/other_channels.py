"""Channels of ``credentials.yml`` whose messages carry no user token, so that they could speak for others."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["untokened_channels", "what_they_could_do"]

#: Rasa's own socket channel is guarded as ours is.
_GUARDED = frozenset(
    {
        "rasa_autoplay.channel.AutoplayInput",
        "rasa_autoplay.chat_channel.AutoplaySocketIOInput",
        "socketio",
    }
)


def untokened_channels(names: Iterable[str]) -> list[str]:
    """The channels that ask for no user token.

    Args:
        names: the sections of ``credentials.yml``.
    """
    return [name for name in names if name not in _GUARDED]


def what_they_could_do(channels: Iterable[str], identity: object) -> str:
    """What such channels mean for a deployment, as one sentence without its full stop.

    Args:
        channels: their names.
        identity: what ``identity:`` says.
    """
    named = ", ".join(channels)
    if identity == "required":
        return (
            f"{named}: messages carry no user token and could speak for any user, so under "
            "identity: required the copilot tells nothing of users there"
        )
    return f"{named}: messages carry no user token and can speak for any user: anyone may ask what a user did"
