"""What the gateway asks the engine about outcomes."""

from __future__ import annotations

from rasa_autoplay.link.outcome_answers import (
    OutcomesConfirmed,
    OutcomesFetched,
    OutcomesFound,
    OutcomesSentAgain,
)
from rasa_autoplay.link.request_types import EngineRequest

__all__ = ["ConfirmOutcomes", "FetchOutcomes", "FindOutcomes", "SendOutcomesAgain"]


class FetchOutcomes(EngineRequest[OutcomesFetched], tag="fetch_outcomes", frozen=True):
    """Get outcomes for Rasa's event broker; any engine can answer.

    Args:
        wait_s: how long to wait for one, at most 20 s.
    """

    wait_s: float = 0.0


class ConfirmOutcomes(EngineRequest[OutcomesConfirmed], tag="confirm_outcomes", frozen=True):
    """Report which of the fetched outcomes were published; any engine can answer.

    Args:
        published: their numbers.
        failed: the numbers of those that could not be published.
        problem: why; empty if all were.
    """

    published: list[int]
    failed: list[int]
    problem: str = ""


class FindOutcomes(EngineRequest[OutcomesFound], tag="outcomes", frozen=True):
    """Get what waits, what failed, and the state of each receiver; at most ``limit`` outcomes of a kind."""

    limit: int = 50


class SendOutcomesAgain(EngineRequest[OutcomesSentAgain], tag="send_outcomes_again", frozen=True):
    """Let outcomes be sent again, delivered ones, too.

    Args:
        ids: their ids; empty for all since a time.
        since_s: all that were recorded within this many seconds; only without ids.
    """

    ids: list[str]
    since_s: float = 0.0
