"""Contexts for the gates of courtesy, around one fixed moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from rasa_autoplay.engine.courtesy.gate_contract import GateContext, GateResult
from rasa_autoplay.engine.courtesy.gates import check_all
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import OfferStatus
from rasa_autoplay.settings.limits import LimitSettings, TriggerLimitSettings

__all__ = ["DAY_S", "NOW", "asked", "gate_context", "past"]

#: 14 November 2023, 22:13:20 UTC.
NOW = 1_700_000_000.0
DAY_S = 86_400.0
_NEVER_SHOWN = (OfferStatus.QUEUED, OfferStatus.SENT, OfferStatus.EXPIRED)


def past(status: OfferStatus, ago_s: float, trigger: str = "t1", **fields: Any) -> Offer:
    """Return an earlier offer, which was shown (if at all) when it was made."""
    at = NOW - ago_s
    fields = {
        "session_id": "s0",
        "evidence_until": at,
        "rendered_at": 0.0 if status in _NEVER_SHOWN else at,
        "expires_at": at + 120,
        **fields,
    }
    return Offer("o", trigger, "?", "demo", user_id="u1", created_at=at, status=status, **fields)


def gate_context(
    history: Sequence[Offer] = (),
    limits: dict[str, Any] | None = None,
    own: dict[str, Any] | None = None,
    zone: str = "UTC",
    topic: str = "",
    **fields: Any,
) -> GateContext:
    """Return a context in which trigger ``t1`` fires at ``NOW``, with no limits but those given."""
    return GateContext(
        trigger_id="t1",
        topic=topic,
        limits=LimitSettings.parse_obj({"min_interval": 0, **(limits or {})}),
        own=TriggerLimitSettings.parse_obj(own or {}),
        history=history,
        zone=ZoneInfo(zone),
        toast_lasts_s=10.0,
        **{"now": NOW, **fields},
    )


def asked(gate: str, of: GateContext) -> GateResult:
    """Return the result of one gate."""
    return {verdict.gate: verdict for verdict in check_all(of)}[gate]
