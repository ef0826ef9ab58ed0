"""What the engine answers to requests about outcomes."""

from __future__ import annotations

import msgspec

from rasa_autoplay.link.answers import JsonObject

__all__ = ["OutcomesConfirmed", "OutcomesFetched", "OutcomesFound", "OutcomesSentAgain", "WaitingOutcome"]


class WaitingOutcome(msgspec.Struct, frozen=True):
    """An outcome for the event broker.

    Args:
        number: identifies it in the confirmation.
        outcome: its JSON form, as docs/outcomes.md describes it.
    """

    number: int
    outcome: JsonObject


class OutcomesFetched(msgspec.Struct, frozen=True):
    """Outcomes that the asking gateway is to publish.

    Args:
        is_wanted: whether autoplay.yml wants outcomes in the event broker.
        outcomes: in order; empty for none so far.
    """

    is_wanted: bool
    outcomes: list[WaitingOutcome]


class OutcomesConfirmed(msgspec.Struct, frozen=True):
    """Whether the engine has stored what was published.

    Args:
        is_stored: False if the database does not work; the outcomes will then be published again.
    """

    is_stored: bool


class OutcomesFound(msgspec.Struct, frozen=True):
    """What waits, what failed, and when each receiver last got something.

    Args:
        outcomes: ``{at, targets, undelivered}``, as docs/outcomes.md describes it.
    """

    outcomes: JsonObject


class OutcomesSentAgain(msgspec.Struct, frozen=True):
    """The number of outcomes that are sent again, counted for each receiver."""

    count: int
