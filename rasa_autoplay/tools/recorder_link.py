"""Asks a Rasa server for a link that opens a page of the app with the recorder."""

from __future__ import annotations

from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.tools.operator_request import post_as_operator

__all__ = ["make_recorder_link"]


def make_recorder_link(url: str, page: str, key: str, path_id: str = "") -> str:
    """Return a link that works once, within an hour.

    Args:
        url: the Rasa server's scheme and host, and the prefix of a proxy if there is one.
        page: the URL of the page where the workflow begins.
        key: the admin key.
        path_id: a golden path to record again; empty for a new one.

    Raises:
        AutoplayError: ``url`` is not an HTTP address, a header cannot carry the key, or the server refuses.
    """
    missing = AutoplayError(
        f"{url.rstrip('/')} has no recorder.",
        remedy="Install this version of rasa-autoplay for the Rasa server, too. Its credentials.yml must "
        "have the channel rasa_autoplay.channel.AutoplayInput.",
    )
    answer = post_as_operator(url, "/recorder/links", {"page": page, "path_id": path_id}, key, missing)
    if not isinstance(answer.get("link"), str):
        raise missing
    return str(answer["link"])
