"""What a gate gets and what it returns; only the driver acts on the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from types import MappingProxyType
from typing import Literal

from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.events.user_properties import PropertyValue
from rasa_autoplay.settings.limits import LimitSettings, TriggerLimitSettings

__all__ = ["Engagement", "FirstVisit", "GateContext", "GateResult"]


@dataclass(frozen=True, slots=True)
class Engagement:
    """What already has the user's attention, or has just had it.

    Args:
        by: what has it.
        session_id: in which session.
        until: when it ends if nothing more happens, epoch seconds.
    """

    by: Literal["toast", "chat", "tour", "cooldown"]
    session_id: str
    until: float


@dataclass(frozen=True, slots=True)
class FirstVisit:
    """What a newcomer has seen so far.

    Args:
        began_at: time of their first action, epoch seconds.
        pages: how many different pages they have seen.
    """

    began_at: float
    pages: int


@dataclass(frozen=True, slots=True)
class GateContext:
    """Everything that the gates check.

    Args:
        trigger_id: the trigger that has fired.
        subject: what it is about: id of a golden path, or a canonical URL where there is no workflow.
        limits: ``courtesy`` of ``autoplay.yml``.
        own: the trigger's own ``courtesy``.
        history: the user's earlier offers, newest first.
        now: epoch seconds.
        zone: the time zone of the user's day.
        toast_lasts_s: how long a toast without an answer has the user's attention, unless its offer says so.
        newest: the user's last action in this session; None when unknown.
        engagements: what has the user's attention, in any of their sessions.
        waiting_since: since when the trigger waits for a natural boundary, epoch seconds; None when it does
            not.
        mastered: the workflow's title if memory says that the user has mastered it; else empty.
        completions: in how many sessions the user has completed it.
        newcomer: the user's first visit so far; None for returning users.
        properties: what the app says of the user.
    """

    trigger_id: str
    subject: str
    limits: LimitSettings
    own: TriggerLimitSettings
    history: Sequence[Offer]
    now: float
    zone: tzinfo
    toast_lasts_s: float
    newest: SlimAction | None = None
    engagements: Sequence[Engagement] = ()
    waiting_since: float | None = None
    mastered: str = ""
    completions: int = 0
    newcomer: FirstVisit | None = None
    properties: Mapping[str, PropertyValue] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class GateResult:
    """One gate's answer.

    Args:
        gate: its name.
        stops: True when it is closed.
        detail: the reason, with numbers, for people to read.
        until: when it opens by time alone, epoch seconds; infinity for never; 0 when it is open.
    """

    gate: str
    stops: bool
    detail: str
    until: float = 0.0
