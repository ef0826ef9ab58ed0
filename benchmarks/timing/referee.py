"""Judges offers one by one, from the labels alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from benchmarks.timing.labels import Label, LabelledSession, Need

__all__ = ["Judgement", "Offer", "Referee", "Verdict"]


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer of help.

    Args:
        session: the session's id.
        at: epoch seconds.
        workflow: id of the workflow that it is about; empty if it names none.
    """

    session: str
    at: float
    workflow: str = ""


class Verdict(str, Enum):
    """What an offer was."""

    HELPED = "helped"
    WRONG_MOMENT = "wrong moment"
    NO_NEED = "no need"
    OTHER_WORKFLOW = "other workflow"
    REPEATED = "repeated"

    @property
    def answer(self) -> str:
        """What the user does with the offer; empty if they do not attend to it."""
        if self is Verdict.HELPED:
            return "accepted"
        return "" if self is Verdict.WRONG_MOMENT else "dismissed"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with its offer, and the need that it ended, if any."""

    offer: Offer
    verdict: Verdict
    need: Need | None = None


class Referee:
    """Judges the offers of one session, which must come in order of time.

    Args:
        session: the session.
    """

    def __init__(self, session: LabelledSession) -> None:
        self._session = session
        self._helped: set[Need] = set()

    def judge(self, offer: Offer) -> Judgement:
        """Judge an offer.

        Raises:
            ValueError: the user is not there at that time.
        """
        label, need = self._session.label_at(offer.at), self._session.need_at(offer.at)
        if label is None:
            raise ValueError(f"nobody is there at {offer.at}")
        if label is Label.WRONG_MOMENT:
            return Judgement(offer, Verdict.WRONG_MOMENT)
        if need is None or label is Label.NOT_NEEDED:
            return Judgement(offer, Verdict.NO_NEED)
        if need in self._helped:
            return Judgement(offer, Verdict.REPEATED)
        if offer.workflow not in ("", need.workflow):
            return Judgement(offer, Verdict.OTHER_WORKFLOW)
        self._helped.add(need)
        return Judgement(offer, Verdict.HELPED, need)
