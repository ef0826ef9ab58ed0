"""An outcome: one thing that became of an offer, in the form in which other systems get it.

The form is a contract with them: docs/outcomes.md describes it, and docs/outcome.schema.json checks it. New
types and new optional fields may be added. Everything else is a new ``version``.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timezone
from typing import Any, Final, Literal

import msgspec

from rasa_autoplay.events.outcome_types import OutcomeType

__all__ = [
    "Outcome",
    "OutcomeData",
    "as_timestamp",
    "is_outcome_id",
    "offer_digest",
    "outcome_id",
    "outcome_schema",
]

#: The version of the form.
VERSION: Final = "1"
_DIGEST_LENGTH = 32
_PREFIX, _LONGEST_ID = "msg_", 64


class OutcomeData(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the outcome is about. Fields that do not apply are left out.

    Args:
        product_id: the product's id.
        user_id: the user that the offer was made for.
        offer: stands for the offer: the first 32 hex digits of the SHA-256 of its id. Outcomes do not contain
            the id itself, because knowing it is enough to answer an open offer.
        trigger_id: the trigger; ``usertour_trigger`` stands for ordered tours, and ``show_me_in_chat`` for
            tours that users ask for.
        arm: ``shown``, or the group of users that got nothing, as in docs/rollout.md.
        session_id: the analytics session.
        golden_path: id of the workflow that the offer is about.
        variant: id of the trigger's variant.
        page: canonical URL of the page that the user was on when the offer was made.
        button: the button with which the user accepted; only in ``offer.accepted``.
        step: id of the tour's last step; only in ``tour.…``.
        failure: title of the failed action; only in ``goal.failed_after``.
        reason: why; only in ``offer.withdrawn`` and ``chat.failed``.
    """

    product_id: str
    user_id: str
    offer: str
    trigger_id: str
    arm: str
    session_id: str = ""
    golden_path: str = ""
    variant: str = ""
    page: str = ""
    button: str = ""
    step: str = ""
    failure: str = ""
    reason: str = ""


class Outcome(msgspec.Struct, frozen=True):
    """One outcome.

    Args:
        id: the same in every repetition, and in every target.
        type: what happened.
        timestamp: when it happened, RFC 3339 in UTC.
        data: what it is about.
        version: the version of this form.
    """

    id: str
    type: OutcomeType
    timestamp: str
    data: OutcomeData
    version: Literal["1"] = VERSION

    def encode(self) -> str:
        """Return it as JSON."""
        return msgspec.json.encode(self).decode()


def outcome_id(product_id: str, offer_id: str, outcome_type: OutcomeType, number: int) -> str:
    """Return the id of an outcome: the same input always has the same id.

    Args:
        product_id: the product's id.
        offer_id: the offer's id.
        outcome_type: what happened.
        number: how often that had happened to this offer before.
    """
    named = "\0".join((product_id, offer_id, outcome_type.value, str(number)))
    return f"{_PREFIX}{_digest(named)}"


def is_outcome_id(text: str) -> bool:
    """Whether a text has the form of an outcome's id."""
    return text.startswith(_PREFIX) and len(text) < _LONGEST_ID and text.isascii() and text.isprintable()


def offer_digest(offer_id: str) -> str:
    """Return what stands for an offer in outcomes."""
    return _digest(offer_id)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_LENGTH]


def as_timestamp(at: float) -> str:
    """Return epoch seconds as RFC 3339 in UTC, with milliseconds."""
    moment = datetime.fromtimestamp(at, timezone.utc)
    return f"{moment.isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"


def outcome_schema() -> dict[str, Any]:
    """Return the JSON Schema of an outcome."""
    (schema,), definitions = msgspec.json.schema_components([Outcome], ref_template="#/definitions/{name}")
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "An outcome of rasa_autoplay",
        **schema,
        "definitions": definitions,
    }
