"""Asks a Rasa server for a link that opens the studio signed in."""

from __future__ import annotations

from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.tools.operator_request import ROUTES, post_as_operator

__all__ = ["make_studio_link"]


def make_studio_link(url: str, key: str) -> str:
    """Return a link that signs one browser in. The ticket is in its fragment, which browsers never send.

    Args:
        url: the Rasa server's scheme and host, and the prefix of a proxy if there is one.
        key: the admin key.

    Raises:
        AutoplayError: ``url`` is not an HTTP address, a header cannot carry the key, or the server refuses.
    """
    place = url.rstrip("/")
    missing = AutoplayError(
        f"{place} has no studio.",
        remedy="Its credentials.yml must have the channel rasa_autoplay.channel.AutoplayInput.",
    )
    answer = post_as_operator(url, "/studio/ticket", {}, key, missing)
    if not isinstance(answer.get("ticket"), str):
        raise missing
    return f"{place}{ROUTES}/studio#ticket={answer['ticket']}"
