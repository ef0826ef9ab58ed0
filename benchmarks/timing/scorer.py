"""Scores offers: precision, recall, lateness and cost of interruption. README.md defines them."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.timing.labels import Behaviour, LabelledSession, Need
from benchmarks.timing.referee import Judgement, Offer, Referee, Verdict
from benchmarks.timing.weights import WEIGHTS, Weights

__all__ = ["Score", "SessionScore", "judge_offers", "score", "score_offers"]


@dataclass(frozen=True, slots=True)
class SessionScore:
    """The score of one session.

    Args:
        session: its id.
        behaviour: how the user behaves.
        verdicts: what its offers were.
        needs: how many needs it has.
        lateness: of each need that an offer ended, in seconds.
        interruption: what its offers cost, in seconds of the user's time.
        missing: what help that was late or missing cost, in the same unit.
    """

    session: str
    behaviour: Behaviour
    verdicts: Counter[Verdict]
    needs: int
    lateness: tuple[float, ...]
    interruption: float
    missing: float

    @property
    def cost(self) -> float:
        """The cost of interruption, in seconds of the user's time."""
        return self.interruption + self.missing


@dataclass(frozen=True, slots=True)
class Score:
    """The score of a contestant.

    Args:
        sessions: the scores of all sessions, in order.
    """

    sessions: list[SessionScore] = field(default_factory=list)

    @property
    def verdicts(self) -> Counter[Verdict]:
        """What the offers were."""
        return sum((session.verdicts for session in self.sessions), Counter[Verdict]())

    @property
    def offers(self) -> int:
        """The number of offers."""
        return sum(self.verdicts.values())

    @property
    def precision(self) -> float | None:
        """The share of the offers that ended a need; None without offers."""
        return self.verdicts[Verdict.HELPED] / self.offers if self.offers else None

    @property
    def recall(self) -> float | None:
        """The share of the needs that an offer ended; None without needs."""
        needs = sum(session.needs for session in self.sessions)
        return self.verdicts[Verdict.HELPED] / needs if needs else None

    @property
    def lateness(self) -> float | None:
        """The median lateness in seconds; None if no offer ended a need."""
        late = [seconds for session in self.sessions for seconds in session.lateness]
        return statistics.median(late) if late else None

    @property
    def cost(self) -> float:
        """The mean cost of interruption, in seconds per session."""
        return statistics.fmean(session.cost for session in self.sessions)

    @property
    def interruption(self) -> float:
        """The part of the cost that the offers cause."""
        return statistics.fmean(session.interruption for session in self.sessions)

    @property
    def missing(self) -> float:
        """The part of the cost that late and missing help causes."""
        return statistics.fmean(session.missing for session in self.sessions)

    def of(self, behaviour: Behaviour) -> Score:
        """Return the score of the sessions of one behaviour."""
        return Score([session for session in self.sessions if session.behaviour is behaviour])


def score_offers(
    sessions: Sequence[LabelledSession], offers: Iterable[Offer], weights: Weights = WEIGHTS
) -> Score:
    """Score offers.

    Raises:
        ValueError: an offer is for no session, or for a time at which its user is not there.
    """
    return score(sessions, judge_offers(sessions, offers), weights)


def judge_offers(sessions: Sequence[LabelledSession], offers: Iterable[Offer]) -> dict[str, list[Judgement]]:
    """Judge offers, by session id; they may come in any order.

    Raises:
        ValueError: an offer is for no session, or for a time at which its user is not there.
    """
    referees = {session.id: Referee(session) for session in sessions}
    judged: dict[str, list[Judgement]] = defaultdict(list)
    for offer in sorted(offers, key=lambda each: each.at):
        if offer.session not in referees:
            raise ValueError(f"there is no session {offer.session!r}")
        judged[offer.session].append(referees[offer.session].judge(offer))
    return judged


def score(
    sessions: Sequence[LabelledSession], judged: dict[str, list[Judgement]], weights: Weights = WEIGHTS
) -> Score:
    """Score offers that are judged already."""
    return Score([_score_session(session, judged.get(session.id, []), weights) for session in sessions])


def _score_session(session: LabelledSession, judged: Sequence[Judgement], weights: Weights) -> SessionScore:
    ended = {one.need: one.offer for one in judged if one.need is not None}
    verdicts = Counter(one.verdict for one in judged)
    return SessionScore(
        session.id,
        session.behaviour,
        verdicts,
        len(session.needs),
        tuple(offer.at - need.start for need, offer in ended.items()),
        weights.read * len(judged) + weights.resume * verdicts[Verdict.WRONG_MOMENT],
        sum(_cost_of(need, ended.get(need), weights) for need in session.needs),
    )


def _cost_of(need: Need, offer: Offer | None, weights: Weights) -> float:
    """Return what a need costs beyond the reading of offers."""
    alone = weights.missed * (need.loss * (need.end - need.start) + weights.give_up * need.gave_up)
    if offer is None:
        return alone
    late = weights.missed * need.loss * (offer.at - need.start)
    return min(alone, late + weights.help + (0.0 if offer.workflow else weights.describe))
