"""``credentials.yml`` as the ``rasa`` command finds it, for complaints that name its lines.

Rasa gives a channel its own section only: no file, no line, and nothing of the other channels.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["OUR_CHAT", "STOCK_CHAT", "find_credentials_file", "one_chat_channel", "place_in"]

OUR_CHAT = "rasa_autoplay.chat_channel.AutoplaySocketIOInput"
STOCK_CHAT = "socketio"


def find_credentials_file(arguments: Sequence[str]) -> YamlFile | None:
    """The file that Rasa reads; None where it cannot be read, which Rasa tells itself.

    Args:
        arguments: of the ``rasa`` command.
    """
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--credentials", nargs="?")
    path = parser.parse_known_args(list(arguments))[0].credentials or "credentials.yml"
    try:
        return YamlFile(Path(path))
    except ConfigError:
        return None


def place_in(file: YamlFile | None, section: str, given: Mapping[str, Any], key: Sequence[str | int]) -> str:
    """File and line of a key.

    Args:
        file: Rasa's, as far as we know.
        section: the channel's name.
        given: what Rasa says that the section holds. A file that holds something else is not Rasa's.
        key: where in the section.
    """
    if file is None or file.keys_at([section]) != list(given):
        return "credentials.yml"
    return f"{file.path.name}:{file.line_of([section, *key])}"


def one_chat_channel(file: YamlFile | None) -> None:
    """Refuse two chat channels: both would serve the same address.

    Raises:
        ConfigError: there are two.
    """
    if file is None or not {OUR_CHAT, STOCK_CHAT} <= set(file.keys_at([])):
        return
    raise file.error(
        [STOCK_CHAT],
        f"{STOCK_CHAT} and {OUR_CHAT} (line {file.line_of([OUR_CHAT])}) are the same chat channel twice: "
        f"remove {STOCK_CHAT}, and write its options under the other one.",
    )
