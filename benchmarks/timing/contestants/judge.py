"""A stand-in for a language model that judges each event. It sees the labels: it is no legal entry."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.timing.apps import app_of
from benchmarks.timing.contestants.chance import place_of
from benchmarks.timing.labels import Label, LabelledSession
from benchmarks.timing.messages import EventMessage, Message
from benchmarks.timing.referee import Offer

__all__ = ["JudgeStandIn"]


class JudgeStandIn:
    """Answers at each event whether help is wanted now, and is wrong in a share of the cases.

    Args:
        sessions: the sessions with their labels.
        wrong: the share of wrong answers, from 0 to 1.
        min_interval_s: how long a user gets no further offer.
    """

    def __init__(
        self, sessions: Sequence[LabelledSession], wrong: float, min_interval_s: float = 300.0
    ) -> None:
        self._sessions = {session.id: session for session in sessions}
        self._wrong, self._min_interval_s = wrong, min_interval_s
        self._offered_at: dict[str, float] = {}

    def react(self, message: Message) -> Sequence[Offer]:
        """Return an offer if the answer is yes."""
        if not isinstance(message, EventMessage):
            return ()
        if message.at < self._offered_at.get(message.user, 0.0) + self._min_interval_s:
            return ()
        session = self._sessions[message.session]
        need = session.need_at(message.at)
        is_wanted = need is not None and session.label_at(message.at) is Label.WANTED
        is_wrong = place_of("judge", message.session, message.at) < self._wrong
        if is_wanted is is_wrong:
            return ()
        self._offered_at[message.user] = message.at
        guesses = [workflow.id for workflow in app_of(message.app).workflows]
        guess = guesses[int(place_of("guess", message.session, message.at) * len(guesses))]
        return (Offer(message.session, message.at, need.workflow if is_wanted and need else guess),)
