"""The token of the engine's metrics, which its process reads from the environment."""

from __future__ import annotations

import os

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.keys import check_length
from rasa_autoplay.settings.secret import Secret

__all__ = ["METRICS_TOKEN_VARIABLE", "read_metrics_token"]

METRICS_TOKEN_VARIABLE = "AUTOPLAY_METRICS_TOKEN"  # noqa: S105 - the variable's name


def read_metrics_token() -> Secret:
    """Return the token; empty if it is not set, so that there are no metrics.

    Raises:
        ConfigError: it is too short.
    """
    token = Secret(os.environ.get(METRICS_TOKEN_VARIABLE, ""))
    try:
        check_length(token)
    except ValueError as problem:
        raise ConfigError(f"{METRICS_TOKEN_VARIABLE} {problem}.") from None
    return token
