"""The section ``outcomes`` of ``autoplay.yml``: who is told what became of each offer.

Secrets come from the environment of the process that runs the engine.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from rasa_autoplay.settings.durations import Duration
from rasa_autoplay.settings.models import Field, Settings, root_validator, validator

__all__ = [
    "OUTCOMES_SECRET_VARIABLE",
    "POSTHOG_KEY_VARIABLE",
    "OutcomeSettings",
    "PosthogOutcomeSettings",
    "WebhookOutcomeSettings",
]

OUTCOMES_SECRET_VARIABLE = "AUTOPLAY_OUTCOMES_SECRET"  # noqa: S105 - the variable's name
POSTHOG_KEY_VARIABLE = "AUTOPLAY_POSTHOG_PROJECT_KEY"
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


class WebhookOutcomeSettings(Settings):
    """A webhook that gets each outcome.

    Args:
        url: the receiver's address: https, or http on this machine. The environment variable
            AUTOPLAY_OUTCOMES_SECRET holds the secret that signs each message.
    """

    # The URL can contain a token, which no repr may show.
    url: str = Field(default=..., repr=False)

    @validator("url")
    def _is_receiver(cls, value: str) -> str:  # noqa: N805 - pydantic's form
        _check_receiver(value)
        return value


class PosthogOutcomeSettings(Settings):
    """A PostHog project that gets each outcome as an event.

    Args:
        host: the project's host, such as https://eu.i.posthog.com. The environment variable
            AUTOPLAY_POSTHOG_PROJECT_KEY holds the project's key, which begins with phc_.
    """

    host: str = "https://us.i.posthog.com"

    @validator("host")
    def _is_receiver(cls, value: str) -> str:  # noqa: N805 - pydantic's form
        _check_receiver(value)
        if urlsplit(value).query:
            raise ValueError("must be scheme and host only, such as https://eu.i.posthog.com")
        return value


class OutcomeSettings(Settings):
    """Who is told what became of each offer; docs/outcomes.md explains it.

    Args:
        webhook: a webhook that gets each outcome.
        posthog: a PostHog project that gets each outcome as an event.
        event_broker: true sends each outcome to the event broker of the Rasa server's endpoints.yml.
        keep: how long outcomes are kept for sending them again; what is not delivered by then is given up.
        max_rows: how many outcomes are kept for each receiver at most. Beyond that, the oldest are deleted,
            delivered ones first, and health says so.
    """

    webhook: WebhookOutcomeSettings | None = None
    posthog: PosthogOutcomeSettings | None = None
    event_broker: bool = False
    keep: Duration = 7 * 86_400.0
    max_rows: int = Field(default=200_000, ge=1_000)

    @validator("keep")
    def _outlasts_the_attempts(cls, value: float) -> float:  # noqa: N805 - pydantic's form
        if value < 2 * 86_400.0:
            raise ValueError('must be at least "2d", because an outcome is tried for a day')
        return value

    @root_validator(skip_on_failure=True)
    def _has_a_receiver(cls, values: dict[str, object]) -> dict[str, object]:  # noqa: N805 - pydantic's form
        if not (values["webhook"] or values["posthog"] or values["event_broker"]):
            raise ValueError("needs at least one of webhook, posthog and event_broker: true")
        return values


def _check_receiver(text: str) -> None:
    """Raise ValueError if a text is not a receiver's address. The text is not shown: it may be secret."""
    try:
        url = urlsplit(text)
        host, is_address = url.hostname or "", bool(url.hostname) and url.port != 0
    except ValueError:
        host, is_address = "", False
    if not is_address or url.scheme not in ("http", "https") or text != text.strip():
        raise ValueError("must be an address that begins with https://, such as https://app.example.com")
    if "@" in url.netloc or url.fragment:
        raise ValueError("must have neither a login nor a fragment")
    if url.scheme == "http" and host not in _LOCAL_HOSTS:
        raise ValueError(
            "must begin with https://, because outcomes name users (http:// only on this machine)"
        )
