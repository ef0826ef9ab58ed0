"""The section ``link`` of the channel: where the engine is, and the secret that both processes share."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from rasa_autoplay.settings.keys import check_length
from rasa_autoplay.settings.models import Settings, validator
from rasa_autoplay.settings.secret import Secret, read_secret

__all__ = ["LinkSettings"]


class LinkSettings(Settings):
    """How the gateway reaches the engine, and how the two trust each other.

    Args:
        secret: shared with the engine, which reads it from AUTOPLAY_LINK_SECRET.
        url: the engine's address, such as https://engine:5056, if the engine is not on the action endpoint of
            endpoints.yml. A path is a proxy's prefix.
        cafile: PEM file of the authority that issued the certificate of url; relative to the Rasa server's
            working directory. The default is the system's authorities.
    """

    secret: Secret = Secret("")
    url: str = ""
    cafile: str = ""

    @validator("secret", pre=True)
    def _as_secret(cls, value: Any) -> Secret:  # noqa: N805 - pydantic's form
        secret = read_secret(value)
        check_length(secret)
        return secret

    @validator("url")
    def _is_address(cls, value: str) -> str:  # noqa: N805 - pydantic's form
        if value:
            _check_engine_url(value)
        return value

    @validator("cafile")
    def _has_url(cls, value: str, values: dict[str, Any]) -> str:  # noqa: N805 - pydantic's form
        if value and not values.get("url", "").startswith("https:"):
            raise ValueError(
                "is for link.url: https://…; the cafile of the action server stands in action_endpoint of "
                "endpoints.yml"
            )
        return value


def _check_engine_url(text: str) -> None:
    """Raise ValueError if a text is not the address of an engine. The text is not shown: it may be secret."""
    try:
        url = urlsplit(text)
        is_address = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise ValueError(
            "must be an HTTP address, such as https://engine:5056 (Redis has its own section, shared)"
        )
    if "@" in url.netloc or url.query or url.fragment:
        raise ValueError("must have neither a login nor a query: link.secret protects the engine")
    if url.path.rstrip("/").endswith(("/webhook", "/autoplay/link")):
        raise ValueError("must end before /webhook and before /autoplay/link, as in https://engine:5056")
