"""The section ``outcomes``: addresses, secrets, and errors that name the remedy."""

from __future__ import annotations

import time
from typing import Any

import pytest
from support.outcomes import ENVIRONMENT, POSTHOG_KEY, SECRET

from rasa_autoplay.engine.outcomes.delivery.targets import make_targets
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.models import ValidationError
from rasa_autoplay.settings.outcomes import OutcomeSettings


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example.com/hooks?token=abc",
        "http://localhost:9000/hooks",
        "http://127.0.0.1/hooks",
        "http://[::1]:8000/",
    ],
)
def test_accepts_a_receiver(url: str) -> None:
    settings = OutcomeSettings.parse_obj({"webhook": {"url": url}})
    assert "token" not in repr(settings)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://app.example.com/hooks", "https://"),
        ("http://127.0.0.1.example.com/", "https://"),
        ("ftp://app.example.com/", "address"),
        ("app.example.com/hooks", "address"),
        ("https://user:s3cret@app.example.com/", "login"),
        ("https://", "address"),
        ("https://app.example.com:99999/", "address"),
        (" https://app.example.com/", "address"),
    ],
)
def test_rejects_what_is_no_receiver(url: str, words: str) -> None:
    for section in ({"webhook": {"url": url}}, {"posthog": {"host": url}}):
        with pytest.raises(ValidationError, match=words) as problem:
            OutcomeSettings.parse_obj(section)
        assert "s3cret" not in str(problem.value)


@pytest.mark.parametrize(
    "section", [{}, {"event_broker": False}, {"event_broker": True, "keep": "1d"}, {"webhooks": {}}]
)
def test_rejects_a_section_that_does_nothing(section: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        OutcomeSettings.parse_obj(section)


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"AUTOPLAY_POSTHOG_PROJECT_KEY": POSTHOG_KEY}, "AUTOPLAY_OUTCOMES_SECRET is not set"),
        ({"AUTOPLAY_OUTCOMES_SECRET": SECRET}, "AUTOPLAY_POSTHOG_PROJECT_KEY is not set"),
        ({**ENVIRONMENT, "AUTOPLAY_OUTCOMES_SECRET": "s3cret"}, "must begin with whsec_"),
        ({**ENVIRONMENT, "AUTOPLAY_POSTHOG_PROJECT_KEY": "phx_s3cret"}, "not the key of a PostHog project"),
    ],
)
def test_names_the_missing_or_wrong_secret(environment: dict[str, str], words: str) -> None:
    settings = OutcomeSettings.parse_obj({"webhook": {"url": "http://localhost/"}, "posthog": {}})
    with pytest.raises(ConfigError, match=words) as problem:
        make_targets(settings, time.time, environment)
    assert "s3cret" not in str(problem.value)


def test_needs_no_secret_of_a_receiver_that_is_not_there() -> None:
    assert make_targets(OutcomeSettings.parse_obj({"event_broker": True}), time.time, {}) == []
