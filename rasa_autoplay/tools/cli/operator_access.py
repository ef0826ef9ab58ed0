"""What the subcommands for operators share: the Rasa server's address, and the admin key."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from rasa_autoplay.errors import AutoplayError

__all__ = ["add_access_arguments", "add_credentials_argument", "admin_key"]

_KEY_VARIABLE = "AUTOPLAY_ADMIN_KEY"


def add_access_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments ``url`` and ``--credentials``."""
    parser.add_argument(
        "url",
        nargs="?",
        default="http://localhost:5005",
        metavar="URL",
        help="the Rasa server (default: %(default)s)",
    )
    add_credentials_argument(parser)


def add_credentials_argument(parser: argparse.ArgumentParser) -> None:
    """Declare the argument ``--credentials``."""
    parser.add_argument(
        "--credentials",
        type=Path,
        default=Path("credentials.yml"),
        metavar="FILE",
        help="the file with the admin_key (default: %(default)s)",
    )
    parser.epilog = f"The admin key comes from {_KEY_VARIABLE}, else from the credentials file."


def admin_key(arguments: argparse.Namespace) -> str:
    """Return the admin key.

    Raises:
        AutoplayError: there is none.
    """
    from rasa_autoplay.settings.channel import SECTION
    from rasa_autoplay.settings.yaml_file import YamlFile

    file: Path = arguments.credentials
    key = os.environ.get(_KEY_VARIABLE)
    if not key and file.exists():
        key = str(YamlFile(file).value_at([SECTION, "admin_key"]) or "")
    if not key:
        raise AutoplayError(
            f"There is no admin key in {file}.",
            remedy=f"Set admin_key in its section {SECTION} and restart `rasa run`; or name another file "
            f"with --credentials; or set {_KEY_VARIABLE}.",
        )
    return key
