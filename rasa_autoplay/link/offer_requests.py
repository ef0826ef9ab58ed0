"""What the gateway asks the engine for the team's own code."""

from __future__ import annotations

from rasa_autoplay.link.offer_answers import OfferAnswer
from rasa_autoplay.link.request_types import UserRequest

__all__ = ["MakeOffer"]


class MakeOffer(UserRequest[OfferAnswer], tag="make_offer", frozen=True):
    """Make an offer of an external trigger, if no gate stops it.

    Args:
        user_id: the user.
        trigger: id of the trigger.
        session_id: the user's session; empty for the most recently active one.
        body: the text of the toast; empty for the trigger's.
        golden_path: the workflow that it explains; empty for the trigger's.
        expires_after_s: how long it waits for the user; 0 for the trigger's ``offer_ttl``.
        key: a request with the same key gets the same answer again; empty for no key.
    """

    trigger: str
    session_id: str = ""
    body: str = ""
    golden_path: str = ""
    expires_after_s: float = 0.0
    key: str = ""
