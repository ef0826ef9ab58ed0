"""What becomes of an offer that the team's own code asks for."""

from __future__ import annotations

import msgspec

__all__ = ["OfferAnswer", "StoppedBy"]


class StoppedBy(msgspec.Struct, frozen=True):
    """The gate that stopped an offer.

    Args:
        gate: the gate's name, as in docs/courtesy.md; ``judge`` for the language model's veto, ``off`` for a
            trigger with ``rollout: off``.
        detail: the reason, with numbers, as text for people.
        until: when it opens by itself, epoch seconds; None if it does not.
    """

    gate: str
    detail: str
    until: float | None = None


class OfferAnswer(msgspec.Struct, frozen=True):
    """What became of an offer: it was made, or a gate stopped it.

    Args:
        trigger: the trigger's id.
        user_id: the user.
        session_id: the user's session that the offer belongs to.
        offer_id: the offer's id; empty if a gate stopped it.
        arm: the group of users that the decision belongs to: ``shown``, or ``control``, ``ghost`` or
            ``holdout`` for an offer that is withheld; ``gate_closed`` if chance kept a gate closed; empty if
            a gate stopped the offer before chance decided.
        variant: id of the trigger's variant that the user gets; empty if the trigger has none.
        body: the text of the toast.
        expires_at: when the offer expires, epoch seconds; 0 if a gate stopped it.
        stopped: the gate that stopped it; None if it was made.
    """

    trigger: str
    user_id: str
    session_id: str
    offer_id: str = ""
    arm: str = ""
    variant: str = ""
    body: str = ""
    expires_at: float = 0.0
    stopped: StoppedBy | None = None

    @property
    def is_made(self) -> bool:
        """Whether the offer was made, or withheld by chance, which counts alike."""
        return self.stopped is None

    @property
    def is_withheld(self) -> bool:
        """Whether chance decided that the user gets nothing."""
        return self.is_made and self.arm != "shown"
