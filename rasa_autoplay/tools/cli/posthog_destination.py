"""``rasa-autoplay posthog-destination``: prints the source of a PostHog destination, or creates it there."""

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
    """What the subcommand takes."""
    parser.add_argument("--url", help="the Rasa server as PostHog reaches it: https://bot.example.com")
    parser.add_argument("--secret", help="default: posthog_secret of the credentials")
    parser.add_argument(
        "--credentials", type=Path, default=Path("credentials.yml"), help="default: credentials.yml"
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--create", action="store_true", help="create or update it through PostHog's API")
    how.add_argument("--check", action="store_true", help="ask PostHog whether it is there and enabled")
    parser.add_argument("--host", default="https://us.posthog.com", help="default: %(default)s")
    parser.add_argument("--project-id", metavar="NUMBER", help="of the PostHog project")
    parser.epilog = (
        f"--create and --check need --project-id, and a personal API key (phx_…) in {_KEY_VARIABLE}. Without "
        "them: in PostHog, Data pipelines, Destinations, New, Custom; replace its source by this one, filter "
        "on $autocapture, $pageview, $identify and $rageclick, and enable it."
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the source on stdout, or create or check the destination.

    Returns:
        0; with ``--check``, 1 when no events are sent.
    """
    if arguments.check:
        return asyncio.run(_check(arguments))
    from rasa_autoplay.gateway.sources.posthog.hog import destination_url, hog_source

    if not arguments.url:
        raise ConfigError("--url is missing.", remedy="Say --url https://bot.example.com.")
    url = destination_url(arguments.url)
    secret = _secret_of(arguments.credentials) if arguments.secret is None else arguments.secret
    if url.startswith("http:"):
        print(
            "Over http:// everybody on the way can read the secret: for trying it out only.", file=sys.stderr
        )
    if arguments.create:
        return asyncio.run(_create(arguments, url, secret))
    print(hog_source(url, secret), end="")
    return 0


async def _create(arguments: argparse.Namespace, url: str, secret: str) -> int:
    from rasa_autoplay.tools.posthog.destination_api import create_or_update_destination

    result = await create_or_update_destination(**_project(arguments), webhook_url=url, webhook_secret=secret)
    print(f"{'Created' if result.created else 'Updated'} the destination {result.id}; it posts to {url}.")
    return 0


async def _check(arguments: argparse.Namespace) -> int:
    from rasa_autoplay.tools.posthog.destination_api import DESTINATION_NAME, check_destination_status

    status = await check_destination_status(**_project(arguments))
    if not status.exists:
        print(f"PostHog has no destination named {DESTINATION_NAME!r}: run this command with --create.")
    elif not status.enabled:
        print(f"The destination {status.id} is disabled: enable it in PostHog, or run --create.")
    else:
        print(f"The destination {status.id} is enabled. That events arrive, the bot's health shows.")
    return 0 if status.ok else 1


def _project(arguments: argparse.Namespace) -> dict[str, str]:
    if not arguments.project_id:
        raise ConfigError("--project-id is missing.", remedy="PostHog shows it under Settings, Project.")
    key = os.environ.get(_KEY_VARIABLE, "").strip()
    if not key:
        raise ConfigError(
            f"{_KEY_VARIABLE} is not set.",
            remedy="Put a personal API key (phx_…) into it, with the scopes hog_function:read and "
            "hog_function:write. It is not taken from the command line, which other users can read.",
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
            remedy="Write there posthog_secret: ${POSTHOG_SECRET}, or say --secret.",
        )
    if not isinstance(secret, str):
        raise file.error(location, "must be a text (put it in quotes).")
    return secret
