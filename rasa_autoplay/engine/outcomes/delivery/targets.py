"""Makes the targets that autoplay.yml names, with their secrets from the environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rasa_autoplay.engine.outcomes.base import Target
from rasa_autoplay.engine.outcomes.delivery.posthog import PosthogTarget
from rasa_autoplay.engine.outcomes.delivery.standard_webhooks import MAKE_SECRET, read_secrets
from rasa_autoplay.engine.outcomes.delivery.webhook import WebhookTarget
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.outcomes import (
    OUTCOMES_SECRET_VARIABLE,
    POSTHOG_KEY_VARIABLE,
    OutcomeSettings,
)
from rasa_autoplay.settings.secret import Secret

__all__ = ["EVENT_BROKER", "TARGETS", "make_targets"]

#: The target that the gateway fetches outcomes for.
EVENT_BROKER = "event_broker"
#: The names of all targets.
TARGETS = (WebhookTarget.name, PosthogTarget.name, EVENT_BROKER)
_PROJECT_KEY = "phc_"


def make_targets(
    settings: OutcomeSettings, clock: Callable[[], float], environment: Mapping[str, str]
) -> list[Target]:
    """Return the targets that the engine itself sends to.

    Args:
        settings: the section ``outcomes`` of ``autoplay.yml``.
        clock: epoch seconds.
        environment: has the secrets.

    Raises:
        ConfigError: a secret is missing or wrong.
    """
    targets: list[Target] = []
    if settings.webhook:
        targets.append(WebhookTarget(settings.webhook.url, _signing_secrets(environment), clock))
    if settings.posthog:
        targets.append(PosthogTarget(settings.posthog.host, _project_key(environment), clock))
    return targets


def _signing_secrets(environment: Mapping[str, str]) -> list[Secret]:
    try:
        secrets = read_secrets(environment.get(OUTCOMES_SECRET_VARIABLE) or "")
    except ValueError as problem:
        raise ConfigError(f"{OUTCOMES_SECRET_VARIABLE} {problem}.") from None
    if not secrets:
        raise ConfigError(
            f"autoplay.yml has outcomes.webhook, but {OUTCOMES_SECRET_VARIABLE} is not set where the engine "
            "runs, so the receiver could not check who sends.",
            remedy=f"Set {OUTCOMES_SECRET_VARIABLE} for the engine and for the receiver ({MAKE_SECRET}).",
        )
    return secrets


def _project_key(environment: Mapping[str, str]) -> Secret:
    key = (environment.get(POSTHOG_KEY_VARIABLE) or "").strip()
    if not key:
        raise ConfigError(
            f"autoplay.yml has outcomes.posthog, but {POSTHOG_KEY_VARIABLE} is not set where the engine "
            "runs.",
            remedy=f"Set {POSTHOG_KEY_VARIABLE} to the project's key, which begins with {_PROJECT_KEY}.",
        )
    if not (key.startswith(_PROJECT_KEY) and key.isascii() and key.isprintable()):
        raise ConfigError(
            f"{POSTHOG_KEY_VARIABLE} is not the key of a PostHog project.",
            remedy=f"Set it to the project's key, which begins with {_PROJECT_KEY}. A personal key can do "
            "more than write events.",
        )
    return Secret(key)
