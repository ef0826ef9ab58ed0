"""Where offers get lost: why a trigger that fired did not help, by cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from rasa_autoplay.engine.courtesy.gate_words import GATE_WORDS
from rasa_autoplay.engine.results.funnel import Funnel

__all__ = ["Loss", "losses_of"]

_WITHHELD = {
    "control": "chance chose the user for the group without the toast",
    "ghost": "the trigger only records decisions, because its rollout is ghost",
    "holdout": "the user is in the holdout, which gets no toast",
    "gate_closed": "chance kept a gate closed to measure what it costs",
}
_ENDS = {
    "withdrawn": ("unseen", "the user had moved on before the toast could be shown"),
    "expired": ("unseen", "no page of the user was open in time"),
    "timed_out": ("unanswered", "the user did not answer the toast"),
    "dismissed": ("refused", "the user closed the toast"),
    "snoozed": ("refused", 'the user chose "Later"'),
    "never": ("refused", 'the user chose "Don\'t show again"'),
}
_TOURS = {
    "tour_left": "the user left the tour at this step",
    "tour_missing": "the page did not have the element of this step",
    "tour_elsewhere": "the user went to another page at this step",
}


class Loss(msgspec.Struct, frozen=True):
    """One cause.

    Args:
        stage: ``stopped`` by a gate, ``waiting`` for a natural pause, ``chance``, ``unseen``, ``unanswered``,
            ``refused``, or ``tour``.
        cause: the name of the gate, of the arm, of the outcome, or of the tour's step.
        text: the cause in words.
        count: how many occasions it cost.
    """

    stage: str
    cause: str
    text: str
    count: int


def losses_of(funnel: Funnel) -> list[Loss]:
    """Return the causes that cost anything, the most frequent first."""
    return sorted((loss for loss in _all(funnel) if loss.count), key=lambda loss: (-loss.count, loss.cause))


def _all(funnel: Funnel) -> Iterator[Loss]:
    yield from _counted("stopped", funnel.stopped, GATE_WORDS)
    yield Loss("waiting", "deferred", "no natural pause came before the session ended", funnel.deferred)
    yield Loss("waiting", "dropped", "the user had moved on when a natural pause came", funnel.dropped)
    yield from _counted("chance", funnel.withheld, _WITHHELD)
    for name, (stage, text) in _ENDS.items():
        yield Loss(stage, name, text, getattr(funnel, name))
    for name, text in _TOURS.items():
        counts: Mapping[str, int] = getattr(funnel, name)
        yield from (Loss("tour", step, text, count) for step, count in counts.items())


def _counted(stage: str, counts: Mapping[str, int], words: Mapping[str, str]) -> Iterator[Loss]:
    return (Loss(stage, name, words.get(name, name), count) for name, count in counts.items())
