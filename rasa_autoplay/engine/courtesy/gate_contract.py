"""A gate's input and its result; only the driver acts on the result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Literal

from rasa_autoplay.engine.courtesy.pause import Pause
from rasa_autoplay.engine.courtesy.user_choices import NO_CHOICES, UserChoices
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.events.user_properties import PropertyValue
from rasa_autoplay.settings.limits import LimitSettings, TriggerLimitSettings

__all__ = ["Engagement", "FirstVisit", "GateContext", "GateResult"]


@dataclass(frozen=True, slots=True)
class Engagement:
    """Something that has the user's attention, or a cooldown after it.

    Args:
        by: its kind.
        session_id: the session in which it happens.
        until: when it ends if nothing more happens, epoch seconds.
    """

    by: Literal["toast", "chat", "tour", "cooldown"]
    session_id: str
    until: float


@dataclass(frozen=True, slots=True)
class FirstVisit:
    """A newcomer's first visit so far.

    Args:
        began_at: time of the first action, epoch seconds.
        pages: number of different pages that the newcomer has seen.
    """

    began_at: float
    pages: int


@dataclass(frozen=True, slots=True)
class GateContext:
    """Everything that the gates check.

    Args:
        trigger_id: id of the trigger that has fired.
        topic: what the offer is about: a golden path's id, or a canonical URL if there is no workflow.
        limits: ``courtesy`` of ``autoplay.yml``.
        own: the trigger's own ``courtesy``.
        history: the user's earlier offers, newest first.
        now: epoch seconds.
        zone: the time zone of the user's day.
        toast_lasts_s: how long an unanswered toast has the user's attention, if its offer has no timeout of
            its own.
        newest: the user's last action in this session; None if unknown.
        engagements: what has the user's attention, in all of the user's sessions.
        waiting_since: when the trigger began to wait for a natural boundary, epoch seconds; None if it does
            not wait.
        mastered: the workflow's title if the user has mastered it, according to memory; otherwise empty.
        completions: number of sessions in which the user has completed it.
        newcomer: the user's first visit so far; None for returning users.
        properties: properties of the user that the app has set.
        pause: the pause that stops the trigger; None if it is not paused.
        choices: what the user has muted, and their own quiet hours.
    """

    trigger_id: str
    topic: str
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
    properties: Mapping[str, PropertyValue] = field(default_factory=dict)
    pause: Pause | None = None
    choices: UserChoices = NO_CHOICES

    def of_trigger(self) -> Iterator[Offer]:
        """The user's earlier offers of the same trigger, newest first."""
        return (past for past in self.history if past.trigger_id == self.trigger_id)

    def of_topic(self) -> Iterator[Offer]:
        """Those of them that were about the same topic."""
        return (past for past in self.of_trigger() if past.subject == self.topic)


@dataclass(frozen=True, slots=True)
class GateResult:
    """One gate's result.

    Args:
        gate: the gate's name.
        stops: whether the gate is closed.
        detail: the reason, with numbers, as text for people.
        until: when it opens by itself, epoch seconds; infinity for never; 0 if it is open.
    """

    gate: str
    stops: bool
    detail: str
    until: float = 0.0
