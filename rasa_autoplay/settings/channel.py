"""The channel's section of ``credentials.yml``: sources, secrets, identity and the link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.chat import ChatSettings
from rasa_autoplay.settings.credentials_file import place_in
from rasa_autoplay.settings.engine import find_engine_file
from rasa_autoplay.settings.journal import JournalSettings
from rasa_autoplay.settings.keys import LINK_SECRET_EXAMPLE, MAKE_ONE, check_jwt_key, check_length
from rasa_autoplay.settings.link import LinkSettings
from rasa_autoplay.settings.models import Field, Settings, ValidationError, validator
from rasa_autoplay.settings.origins import canonical_origin
from rasa_autoplay.settings.plain_errors import plain_error
from rasa_autoplay.settings.rate_limits import RateLimitSettings
from rasa_autoplay.settings.renamed import CREDENTIALS_YML, Renamed, find_renamed
from rasa_autoplay.settings.secret import Secret, read_secret
from rasa_autoplay.settings.shared import SharedSettings
from rasa_autoplay.settings.sources import (
    CaptureSettings,
    LiveActivitySettings,
    PageSettings,
    StreamSettings,
)
from rasa_autoplay.settings.yaml_file import YamlFile, names_at, nearest_name

__all__ = [
    "ChannelSettings",
    "read_channel_settings",
]

_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}

SECTION = "rasa_autoplay.channel.AutoplayInput"


class ChannelSettings(Settings):
    """The channel's settings in ``credentials.yml``.

    Args:
        engine: where the engine runs. action_server: in the action server, or where link.url says.
            in_process: in the Rasa server itself, for small bots.
        tracing: true sends a trace of each offer by OpenTelemetry; docs/tracing.md explains it.
        consent: required: nothing about a user is kept or evaluated until the page calls
            copilot.consent(true); docs/privacy.md explains it.
    """

    renamed: ClassVar[tuple[Renamed, ...]] = CREDENTIALS_YML

    product_id: str = Field(..., min_length=1)
    identity: Literal["none", "report_only", "required"]
    jwt_key: list[Secret] = Field(default_factory=list)
    capture: CaptureSettings | None = None
    posthog_secret: Secret = Secret("")
    amplitude_secret: Secret = Secret("")
    fullstory_secret: Secret = Secret("")
    demo_page: str | None = None
    stream: StreamSettings | None = None
    webhook_secret: Secret = Secret("")
    live_activity: LiveActivitySettings | None = None
    allowed_origins: list[str] = Field(default_factory=list)
    rate_limits: RateLimitSettings = RateLimitSettings()
    journal: JournalSettings | None = JournalSettings()
    pages: PageSettings = PageSettings()
    shared: SharedSettings | None = None
    engine: Literal["action_server", "in_process"] = "action_server"
    link: LinkSettings = LinkSettings()
    chat: ChatSettings = ChatSettings()
    admin_key: Secret = Secret("")
    tracing: bool = False
    server_key: Secret = Secret("")
    metrics_token: Secret = Secret("")
    consent: Literal["not_required", "required"] = "not_required"

    @validator("jwt_key", pre=True, always=True)
    def _as_keys(cls, value: Any, values: dict[str, Any]) -> list[Secret]:  # noqa: N805 - pydantic's form
        keys = [key for key in map(read_secret, value if isinstance(value, list) else [value]) if key]
        for key in keys:
            check_jwt_key(key)
        if not keys and values.get("identity", "none") != "none":
            raise ValueError(
                f"identity: {values['identity']} needs the key that users' tokens are signed with: "
                "${AUTOPLAY_JWT_KEY}"
            )
        return keys

    @validator("capture", pre=True)
    def _as_section(cls, value: Any) -> Any:  # noqa: N805 - pydantic's form
        if value is None or isinstance(value, (Mapping, CaptureSettings)):
            return value
        # A variable of the environment arrives as a string.
        is_on = _BOOLEANS.get(str(value).lower())
        if is_on is None:
            raise ValueError("must be a boolean, or a section: capture: {project_key: phc_…}")
        return CaptureSettings() if is_on else None

    @validator("journal", pre=True)
    def _as_journal(cls, value: Any) -> Any:  # noqa: N805 - pydantic's form
        if isinstance(value, (Mapping, JournalSettings)):
            return value
        is_on = _BOOLEANS.get(str(value).lower())
        if is_on is None:
            raise ValueError("must be a boolean, or a section: journal: {folder: autoplay-journal}")
        return JournalSettings() if is_on else None

    _as_secret = validator(
        "webhook_secret",
        "posthog_secret",
        "amplitude_secret",
        "fullstory_secret",
        "admin_key",
        "server_key",
        "metrics_token",
        pre=True,
        allow_reuse=True,
    )(read_secret)

    @validator("admin_key", "server_key", "metrics_token")
    def _is_long_enough(cls, value: Secret) -> Secret:  # noqa: N805 - pydantic's form
        check_length(value)
        return value

    @validator("link", always=True)
    def _secret_with_required(cls, value: LinkSettings, values: dict[str, Any]) -> LinkSettings:  # noqa: N805
        """With Redis too: the Rasa server signs chat messages with this secret."""
        if value.url and values.get("shared") is not None:
            raise ValueError("url has no use beside shared: the link goes through Redis. Remove one of them")
        is_elsewhere = values.get("engine") != "in_process"
        if value.url and not is_elsewhere:
            raise ValueError("url has no use with engine: in_process. Remove one of them")
        if values.get("identity") == "required" and is_elsewhere and not value.secret:
            raise ValueError(
                "identity: required needs link.secret, or any program on this machine could speak for any "
                "user. Set AUTOPLAY_LINK_SECRET for both processes, rasa run and rasa run actions "
                f"({MAKE_ONE}), and write:\n{LINK_SECRET_EXAMPLE}"
            )
        return value

    @validator("allowed_origins", each_item=True)
    def _is_origin(cls, value: str) -> str:  # noqa: N805 - pydantic's form
        return canonical_origin(value)


_REMEDIES = {
    "identity": 'write "identity: required" with a jwt_key, or "identity: none" to let any browser speak for '
    "any user (for trying things out, not for production).",
    "product_id": "use the product_id of autoplay.yml.",
}


def read_channel_settings(section: Mapping[str, Any] | None, file: YamlFile | None = None) -> ChannelSettings:
    """Validate the channel's section of ``credentials.yml``.

    Args:
        section: the section as Rasa passes it; None if it is empty.
        file: the file, which gives errors their line numbers; None if it is unknown.

    Raises:
        ConfigError: the section is invalid. The message has one error per line, with its key and remedy.
    """
    given = dict(section or {})
    _refuse_renamed(given, file)
    try:
        settings = ChannelSettings.parse_obj(given)
    except ValidationError as invalid:
        errors = [
            f"{place_in(file, SECTION, given, problem['loc'])}: {_describe(problem)}"
            for problem in invalid.errors()
        ]
        raise ConfigError("\n".join(errors)) from None
    _check_product(settings.product_id)
    return settings


def _refuse_renamed(given: Mapping[str, Any], file: YamlFile | None) -> None:
    errors = [
        f"{place_in(file, SECTION, given, key)}: {SECTION}.{'.'.join(map(str, key))}: {each.message}"
        for key, each in find_renamed(given, ChannelSettings.renamed)
    ]
    if errors:
        raise ConfigError("\n".join(errors))


def _check_product(product_id: str) -> None:
    """Both files must name the same product. The engine checks this too, for files on different machines."""
    try:
        file = find_engine_file()
        other = file.data().get("product_id")
    except ConfigError:
        return  # the engine reports errors in its own file
    if other is not None and other != product_id:
        raise ConfigError(
            f"credentials.yml: {SECTION}.product_id: {product_id!r} is not the product_id of "
            f"{file.path.name}:{file.line_of(['product_id'])}, {other!r}: they must agree."
        )


def _describe(problem: Mapping[str, Any]) -> str:
    key = ".".join(str(step) for step in problem["loc"] if step != "__root__")
    place = SECTION + (f".{key}" if key else "")
    if problem["type"] == "value_error.missing":
        return f"{place}: this key is required: {_REMEDIES.get(key, '')}"
    if problem["type"] == "value_error.extra":
        *section, name = problem["loc"]
        allowed = names_at(ChannelSettings, section)
        return f"{place}: unknown key{nearest_name(name, allowed) or '.'} Allowed: {', '.join(allowed)}."
    return f"{place}: {plain_error(problem, names_at(ChannelSettings, problem['loc']))}"
