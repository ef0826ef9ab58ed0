"""What the gateway asks the engine about the consent of users (``consent: required``)."""

from __future__ import annotations

from rasa_autoplay.link.answers import UserDeleted
from rasa_autoplay.link.consent_answers import ConsentGiven, ConsentsFound
from rasa_autoplay.link.request_types import EngineRequest, UserRequest

__all__ = ["FindConsents", "GiveConsent", "WithdrawConsent"]


class FindConsents(EngineRequest[ConsentsFound], tag="find_consents", frozen=True):
    """Find out which of these users have given consent."""

    user_ids: list[str]


class GiveConsent(UserRequest[ConsentGiven], tag="give_consent", frozen=True):
    """Record that a user has given consent; a second time changes only the version.

    Args:
        user_id: the user.
        at: when the page said so, epoch seconds.
        version: which text the user agreed to; may be empty.
    """

    at: float
    version: str = ""


class WithdrawConsent(UserRequest[UserDeleted], tag="withdraw_consent", frozen=True):
    """Forget the user's consent and everything else about the user."""
