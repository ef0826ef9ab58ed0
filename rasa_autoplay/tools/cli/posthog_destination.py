"""``rasa-autoplay posthog-destination``: prints or creates a PostHog destination that sends to the bot."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from rasa_autoplay.errors import ConfigError

__all__ = ["add_arguments", "run"]

_KEY_VARIABLE = "POSTHOG_PERSONAL_API_KEY"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommand's arguments."""
    parser.add_argument("--url", help="the Rasa server's public address, such as https://bot.example.com")
    parser.add_argument("--secret", help="default: posthog_secret from the credentials file")
    parser.add_argument(
        "--credentials",
        type=Path,
        default=Path("credentials.yml"),
        metavar="FILE",
        help="default: %(default)s",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--create", action="store_true", help="create or update the destination through PostHog's API"
    )
    how.add_argument("--check", action="store_true", help="check that the destination exists and is enabled")
    parser.add_argument("--host", default="https://us.posthog.com", help="default: %(default)s")
    parser.add_argument("--project-id", metavar="NUMBER", help="the PostHog project's number")
    parser.epilog = (
        f"--create and --check need --project-id, and a personal API key (phx_…) in {_KEY_VARIABLE}. To set "
        "up "
        "the destination by hand: in PostHog, choose Data pipelines, Destinations, New, Custom; paste the "
        "printed "
        "source; filter on $autocapture, $pageview, $identify and $rageclick; enable it."
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the source on stdout, or create or check the destination.

    Returns:
        0; with ``--check``, 1 if the destination sends no events.
    """
    if arguments.check:
        return asyncio.run(_check(arguments))
    from rasa_autoplay.gateway.sources.posthog.hog import destination_url, hog_source

    if not arguments.url:
        raise ConfigError("--url is missing.", remedy="Add --url https://bot.example.com.")
    url = destination_url(arguments.url)
    secret = _secret_of(arguments.credentials) if arguments.secret is None else arguments.secret
    if url.startswith("http:"):
        print(
            "Anyone on the network can read the secret over http://. Use it only to try things out.",
            file=sys.stderr,
        )
    if arguments.create:
        return asyncio.run(_create(arguments, url, secret))
    print(hog_source(url, secret), end="")
    return 0


async def _create(arguments: argparse.Namespace, url: str, secret: str) -> int:
    from rasa_autoplay.tools.posthog.destination_api import create_or_update_destination

    result = await create_or_update_destination(**_project(arguments), webhook_url=url, webhook_secret=secret)
    print(
        f"{'Created' if result.created else 'Updated'} the destination {result.id}, which sends events to "
        f"{url}."
    )
    return 0


async def _check(arguments: argparse.Namespace) -> int:
    from rasa_autoplay.tools.posthog.destination_api import DESTINATION_NAME, check_destination_status

    status = await check_destination_status(**_project(arguments))
    if not status.exists:
        print(f"PostHog has no destination named {DESTINATION_NAME!r}. Run this command with --create.")
    elif not status.enabled:
        print(
            f"The destination {status.id} is disabled. Enable it in PostHog, or run this command with "
            "--create."
        )
    else:
        print(f"The destination {status.id} is enabled. The bot's health shows whether events arrive.")
    return 0 if status.ok else 1


def _project(arguments: argparse.Namespace) -> dict[str, str]:
    if not arguments.project_id:
        raise ConfigError("--project-id is missing.", remedy="PostHog shows it under Settings, Project.")
    key = os.environ.get(_KEY_VARIABLE, "").strip()
    if not key:
        raise ConfigError(
            f"{_KEY_VARIABLE} is not set.",
            remedy="Set it to a personal API key (phx_…) with the scopes hog_function:read and "
            "hog_function:write. There is no option for it, because other users can read command lines.",
        )
    return {"host": arguments.host, "project_id": arguments.project_id, "personal_api_key": key}


def _secret_of(credentials: Path) -> str:
    from rasa_autoplay.settings.channel import SECTION
    from rasa_autoplay.settings.yaml_file import YamlFile

    file = YamlFile(credentials)
    location = (SECTION, "posthog_secret")
    secret = file.value_at(location)
    if secret is None or secret == "":
        raise ConfigError(
            f"{file.path.name}:{file.line_of(location)}: {SECTION} has no posthog_secret.",
            remedy="Add posthog_secret: ${POSTHOG_SECRET} there, or use --secret.",
        )
    if not isinstance(secret, str):
        raise file.error(location, "must be a string (put it in quotes).")
    return secret
