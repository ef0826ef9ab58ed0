"""Where the channel's section says that the engine runs."""

from __future__ import annotations

from pathlib import Path

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.channel import SECTION
from rasa_autoplay.settings.channels_file import channels_path, open_channels_file

__all__ = ["check_shared", "runs_in_rasa_server"]


def check_shared(of_channel: bool, of_engine: bool) -> None:
    """Check that both halves use Redis, or neither, if they run in one process.

    Args:
        of_channel: whether the channel's section has ``shared``.
        of_engine: whether ``autoplay.yml`` has it.

    Raises:
        ConfigError: only one of them has it.
    """
    if of_channel != of_engine:
        files = ["credentials.yml", "autoplay.yml"]
        has, has_not = files if of_channel else reversed(files)
        raise ConfigError(
            f'{has_not}: with "engine: in_process", both files need "shared: {{redis: …}}", or neither; only '
            f"{has} has it.",
            remedy=f"Write the section into {has_not} as well if several Rasa servers share their users; "
            f"otherwise remove it from {has}.",
        )


def runs_in_rasa_server(folder: Path) -> bool:
    """Return whether ``engine: in_process`` is set.

    Args:
        folder: the project's folder; its ``credentials.yml`` may be missing, because the action server can
            be on another machine.
    """
    try:
        file = open_channels_file(channels_path(folder))
        return bool(file.value_at([SECTION, "engine"]) == "in_process")
    except ConfigError:
        return False
