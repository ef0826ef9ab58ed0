"""Checks the link's secret in the action server, which reads it from the environment."""

from __future__ import annotations

from pathlib import Path

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.channel import SECTION
from rasa_autoplay.settings.keys import LINK_SECRET_EXAMPLE, MAKE_ONE, check_length
from rasa_autoplay.settings.secret import Secret
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["LINK_SECRET_VARIABLE", "check_link_secret"]

LINK_SECRET_VARIABLE = "AUTOPLAY_LINK_SECRET"  # noqa: S105 - the variable's name


def check_link_secret(secret: Secret, folder: Path) -> None:
    """Check the secret that the action server shares with the Rasa server.

    Args:
        secret: empty if it is not set.
        folder: holds the action server's ``autoplay.yml``. If a ``credentials.yml`` next to it requires
            signed users, the secret is required too.

    Raises:
        ConfigError: the secret is too short, or it is required and missing.
    """
    try:
        check_length(secret)
    except ValueError as problem:
        raise ConfigError(f"{LINK_SECRET_VARIABLE} {problem}.") from None
    if not secret and (place := _required_by(folder / "credentials.yml")):
        raise ConfigError(
            f"{place}: identity is required, but {LINK_SECRET_VARIABLE} is not set where the engine runs, so "
            "any program on this machine could speak for any user.",
            remedy=f"Set {LINK_SECRET_VARIABLE} for both servers ({MAKE_ONE}), and in credentials.yml:\n"
            f"{LINK_SECRET_EXAMPLE}",
        )


def _required_by(credentials: Path) -> str:
    """Return the file and line that require the secret; empty if none does, or if the file is missing."""
    place = (SECTION, "identity")
    try:
        file = YamlFile(credentials)
        return f"{credentials.name}:{file.line_of(place)}" if file.value_at(place) == "required" else ""
    except ConfigError:
        return ""
