"""How often users answer a toast, and how: ``accept=30%,dismiss=50%``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import lru_cache

from rasa_autoplay.engine.results.results import TriggerResult
from rasa_autoplay.settings.shares import format_share, parse_share

__all__ = ["MEASURED", "AnswerShares", "measured_shares", "parse_answers"]

#: Means "as often as the database says".
MEASURED = "measured"
_EXPECTED = 'write none, dismiss, accept, measured, or shares such as "accept=30%,dismiss=50%"'
_ANSWERS = frozenset({"accept", "dismiss", "later", "never"})


@dataclass(frozen=True, slots=True)
class AnswerShares:
    """The shares of the toasts that get each answer; all others are ignored.

    Args:
        accept: 0 to 1, as all others.
        dismiss: they are closed.
        later: "Later".
        never: "Don't show again".
    """

    accept: float = 0.0
    dismiss: float = 0.0
    later: float = 0.0
    never: float = 0.0

    def choose(self, place: float) -> str:
        """Return the receipt of the answer at a place from 0 to 1; empty if the toast is ignored."""
        end = 0.0
        for share, receipt in (
            (self.accept, "accepted"),
            (self.dismiss, "dismissed"),
            (self.later, "snoozed"),
            (self.never, "never"),
        ):
            end += share
            if place < end:
                return receipt
        return ""

    def to_text(self) -> str:
        """Describe the answers: ``accept 30% and dismiss 50%``."""
        named = [f"{name} {format_share(round(share, 3))}" for name, share in asdict(self).items() if share]
        return ", ".join(named) or "answer none"


@lru_cache(maxsize=8)
def parse_answers(text: str) -> AnswerShares:
    """Read what users do with a toast; that of ``measured`` is not known here.

    Raises:
        ValueError: it is neither a known word nor shares, or they are more than 100 %.
    """
    words = {"none": AnswerShares(), "dismiss": AnswerShares(dismiss=1.0), "accept": AnswerShares(accept=1.0)}
    if text in words:
        return words[text]
    shares: dict[str, float] = {}
    for part in text.split(","):
        name, is_share, share = (word.strip() for word in part.partition("="))
        if not is_share or name not in _ANSWERS or name in shares:
            raise ValueError(f"{part.strip()!r} is not an answer: {_EXPECTED}")
        shares[name] = parse_share(share)
    if sum(shares.values()) > 1 + 1e-9:
        raise ValueError(f"the shares of {text!r} are more than 100%")
    return AnswerShares(**shares)


def measured_shares(results: Iterable[TriggerResult]) -> dict[str, AnswerShares]:
    """Return the answers to the toasts that were shown, by trigger; triggers without any are missing."""
    counts: dict[str, list[int]] = {}
    for result in results:
        funnel = result.funnel
        own = [funnel.rendered, funnel.accepted, funnel.dismissed, funnel.snoozed, funnel.never]
        former = counts.get(result.trigger_id, [0] * len(own))
        counts[result.trigger_id] = [one + other for one, other in zip(former, own, strict=True)]
    return {
        trigger_id: AnswerShares(*(answers / shown for answers in answered))
        for trigger_id, (shown, *answered) in counts.items()
        if shown
    }
