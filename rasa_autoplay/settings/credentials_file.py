"""Finds ``credentials.yml`` as the ``rasa`` command does, so that errors can name its lines.

Rasa passes a channel its own section only, without the file, its lines or the other channels.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.channels_file import channels_path, open_channels_file
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["OUR_CHAT", "STOCK_CHAT", "find_credentials_file", "place_in", "reject_two_chat_channels"]

OUR_CHAT = "rasa_autoplay.chat_channel.AutoplaySocketIOInput"
STOCK_CHAT = "socketio"


def find_credentials_file(arguments: Sequence[str]) -> YamlFile | None:
    """Open the file that Rasa reads; None if it cannot be read, which Rasa reports itself.

    Args:
        arguments: the arguments of the ``rasa`` command.
    """
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--credentials", nargs="?")
    named = parser.parse_known_args(list(arguments))[0].credentials
    try:
        return open_channels_file(Path(named) if named else channels_path(Path()))
    except ConfigError:
        return None


def place_in(file: YamlFile | None, section: str, given: Mapping[str, Any], key: Sequence[str | int]) -> str:
    """Return the file and line of a key.

    Args:
        file: the file that Rasa probably reads; None if it is unknown.
        section: the channel's name.
        given: the section as Rasa passes it. If the file's section has other keys, Rasa reads another file.
        key: the key's path within the section.
    """
    if file is None or file.keys_at([section]) != list(given):
        return "credentials.yml"
    return f"{file.path.name}:{file.line_of([section, *key])}"


def reject_two_chat_channels(file: YamlFile | None) -> None:
    """Reject two chat channels, because both would serve the same address.

    Raises:
        ConfigError: the file has both chat channels.
    """
    if file is None or not {OUR_CHAT, STOCK_CHAT} <= set(file.keys_at([])):
        return
    raise file.error(
        [STOCK_CHAT],
        f"{STOCK_CHAT} and {OUR_CHAT} (line {file.line_of([OUR_CHAT])}) serve the same address: remove "
        f"{STOCK_CHAT}, and write its options under the other one.",
    )
