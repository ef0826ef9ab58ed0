"""The settings of the channel's sources in ``credentials.yml``."""

from __future__ import annotations

from typing import Any, Literal

from rasa_autoplay.settings.durations import Duration
from rasa_autoplay.settings.models import Field, Settings, root_validator, validator
from rasa_autoplay.settings.secret import Secret, read_secret

__all__ = ["CaptureSettings", "LiveActivitySettings", "PageSettings", "StreamSettings"]


class PageSettings(Settings):
    """Names of the app's pages, for the PostHog sources."""

    names: dict[str, str] = Field(default_factory=dict)
    query: list[str] = Field(default_factory=list)

    @validator("names")
    def _are_paths_and_phrases(cls, value: dict[str, str]) -> dict[str, str]:  # noqa: N805 - pydantic's form
        for path, phrase in value.items():
            if not path.startswith(("/", "#/")):
                raise ValueError(
                    f"{path!r} is not a path: write it as in the app's URLs, such as /projects/:id"
                )
            if not 0 < len(phrase.strip()) <= 80:
                raise ValueError(f"{path!r} needs a name of 1 to 80 characters, such as: the projects page")
        return value


class StreamSettings(Settings):
    """The event connector's stream.

    Args:
        url: the stream's address; empty for no stream.
        token: the token that the connector asks for.
    """

    url: str
    token: Secret = Secret("")

    _as_secret = validator("token", pre=True, allow_reuse=True)(read_secret)

    @validator("url")
    def _is_http(cls, value: str) -> str:  # noqa: N805 - pydantic's form
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value

    @root_validator(skip_on_failure=True)
    def _token_with_url(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: N805 - pydantic's form
        if values["url"] and not values["token"]:
            raise ValueError("url also needs the connector's token: token: ${AUTOPLAY_TOKEN}")
        return values


class LiveActivitySettings(Settings):
    """The vendor's pull API: its address, and how often it is polled for a user who is online."""

    origin: str
    key: Secret
    min_interval: Duration = 2.0
    max_interval: Duration = 30.0
    max_actions: int = Field(default=50, ge=1, le=500)
    max_requests_per_second: float = Field(default=10.0, gt=0, le=1_000)

    @validator("key", pre=True)
    def _as_secret(cls, value: Any) -> Secret:  # noqa: N805 - pydantic's form
        key = read_secret(value)
        if not key:
            raise ValueError("must not be empty: write the API key that the vendor gave you")
        return key

    @validator("origin")
    def _is_http(cls, value: str) -> str:  # noqa: N805 - pydantic's form
        if not value.startswith(("http://", "https://")) or "?" in value or "#" in value:
            raise ValueError(
                "must be a scheme, a host and optionally a path, such as https://connector.example.com"
            )
        return value.rstrip("/")

    @root_validator(skip_on_failure=True)
    def _intervals_in_order(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: N805
        if not 0 < values["min_interval"] <= values["max_interval"]:
            raise ValueError(
                "min_interval must be more than 0, and max_interval must be at least min_interval"
            )
        return values


class CaptureSettings(Settings):
    """The PostHog-compatible capture endpoint.

    Args:
        project_key: the only key that pages may use; empty for any.
        sessions: which events form a session: of_analytics, those with posthog-js's own session id; of_user,
            all events of a signed-in user, until they pause for as long as `session.idle_timeout` says.
    """

    project_key: str = Field(default="", max_length=200)
    sessions: Literal["of_analytics", "of_user"] = "of_analytics"

    @validator("project_key", pre=True)
    def _is_no_secret(cls, value: Any) -> Any:  # noqa: N805 - pydantic's form
        if isinstance(value, str) and value.startswith("phx_"):
            raise ValueError(
                "phx_… is a personal API key, which is a secret: write the project key (phc_…), which "
                "posthog-js is initialised with"
            )
        if isinstance(value, str) and "${" in value:
            raise ValueError("a variable in quotes is not expanded: write ${NAME} without quotes")
        return "" if value is None else value
