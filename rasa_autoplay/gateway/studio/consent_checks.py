"""Whether consent is required, and whether pages ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rasa_autoplay.common.checks import Observation, Problem, not_seen, seen, warning
from rasa_autoplay.gateway.studio.health import HealthReport, seen_count, watched_for

__all__ = ["given_consents", "unanswered"]

_ASK = (
    "ask your users, and call copilot.consent(true) on each page of a user who has agreed "
    "(docs/put-it-in-your-app.md#consent), then run this again"
)


def _consent(report: HealthReport) -> dict[str, Any]:
    return dict(report.health.get("consent") or {})


def unanswered(report: HealthReport) -> Iterator[Problem]:
    """The engine says which users have given consent, and finishes withdrawals."""
    consent = _consent(report)
    if remedy := consent.get("remedy"):
        yield warning("the engine does not say which users have given consent", str(remedy))
    if waiting := consent.get("unfinished_withdrawals"):
        yield warning(
            f"{waiting} withdrawals of consent are not finished",
            "start the action server and all Rasa servers: withdrawals are repeated until they are done",
        )
    lost = int((consent.get("dropped") or {}).get("unanswered") or 0)
    if lost:
        yield warning(
            f"{lost} events were dropped, because the engine did not say whether their users have given "
            "consent",
            "see whether the action server and its database work",
        )


def given_consents(report: HealthReport) -> Iterator[Observation]:
    """Consent is not required, or users have given it."""
    consent = _consent(report)
    if consent.get("mode") == "not_required":
        yield seen("consent is not required: what users do is kept without asking (docs/privacy.md)")
    elif consent.get("users_with_consent"):
        yield seen(f"consent is required, and {consent['users_with_consent']} users have given it")
    elif consent and seen_count(report, "feed") + seen_count(report, "short_feed"):
        yield not_seen(
            "consent is required, and pages are connected, but no user has given consent yet", _ASK
        )
    elif consent:
        yield not_seen(f"consent is required, and no user has given it {watched_for(report)}", _ASK)
