"""``rasa-autoplay serve``: runs the engine by itself, without an action server."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rasa_autoplay.settings.secret import Secret

__all__ = ["add_arguments", "run"]

_LOCAL = ("127.0.0.1", "localhost", "::1")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommand's arguments."""
    parser.add_argument("--port", type=int, default=5056, metavar="PORT", help="default: %(default)s")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="the address to listen at; 0.0.0.0 for other machines (default: %(default)s)",
    )
    parser.epilog = (
        "The engine reads autoplay.yml, and its secret from AUTOPLAY_LINK_SECRET. In credentials.yml, write "
        "link: {url: http://HOST:PORT}. GET /health answers 200 while it serves."
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C.

    Raises:
        AutoplayError: a setting is wrong, or the address cannot be used.
    """
    import asyncio
    import logging
    import os
    import sys

    from rasa_autoplay.engine.hosting.own_server import make_server, serve
    from rasa_autoplay.settings.engine import EngineSettings, find_engine_file
    from rasa_autoplay.settings.link_secret import LINK_SECRET_VARIABLE, check_link_secret
    from rasa_autoplay.settings.secret import Secret

    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)-8s %(name)s  - %(message)s", stream=sys.stderr
    )
    file = find_engine_file()
    secret = Secret(os.environ.get(LINK_SECRET_VARIABLE, ""))
    check_link_secret(secret, file.path.parent)
    if file.read(EngineSettings).shared is None:
        _check_host(arguments.host, secret)
    asyncio.run(serve(make_server(file, secret), arguments.host, arguments.port))
    return 0


def _check_host(host: str, secret: Secret) -> None:
    """Without a secret, the link accepts only programs on this machine, so another address is a mistake."""
    from rasa_autoplay.errors import ConfigError
    from rasa_autoplay.settings.keys import LINK_SECRET_EXAMPLE, MAKE_ONE
    from rasa_autoplay.settings.link_secret import LINK_SECRET_VARIABLE

    if not secret and host not in _LOCAL:
        raise ConfigError(
            f"--host {host}: other machines can reach this address, but without {LINK_SECRET_VARIABLE} the "
            "engine refuses them.",
            remedy=f"Set {LINK_SECRET_VARIABLE} for both servers ({MAKE_ONE}), and in credentials.yml:\n"
            f"{LINK_SECRET_EXAMPLE}",
        )
