"""``rasa-autoplay posthog-destination``: the Hog source to paste into a destination of PostHog's."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rasa_autoplay.errors import ConfigError

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the subcommand takes."""
    parser.add_argument(
        "--url", required=True, help="the Rasa server as PostHog reaches it: https://bot.example.com"
    )
    parser.add_argument("--secret", help="default: posthog_secret of the credentials")
    parser.add_argument(
        "--credentials", type=Path, default=Path("credentials.yml"), help="default: credentials.yml"
    )
    parser.epilog = (
        "In PostHog: Data pipelines, Destinations, New, Custom; replace its source by this one, filter on "
        "$autocapture, $pageview, $identify and $rageclick, and enable it."
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the source on stdout."""
    from rasa_autoplay.events.posthog.hog import destination_url, hog_source

    url = destination_url(arguments.url)
    secret = _secret_of(arguments.credentials) if arguments.secret is None else arguments.secret
    if url.startswith("http:"):
        print(
            "Over http:// everybody on the way can read the secret: for trying it out only.", file=sys.stderr
        )
    print(hog_source(url, secret), end="")
    return 0


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
