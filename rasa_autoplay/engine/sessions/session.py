"""One live session: what the engine remembers about it between two events."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from types import MappingProxyType
from typing import NamedTuple, cast

import msgspec

from rasa_autoplay.engine.knowledge.attempts import StepEvidence
from rasa_autoplay.engine.knowledge.user_progress import UserHistory
from rasa_autoplay.engine.sessions.state import AgentStateV2, SessionState, ToursById
from rasa_autoplay.engine.sessions.summary import RollingSummary, SessionContext, session_context
from rasa_autoplay.engine.sessions.window import ActionWindow
from rasa_autoplay.events.models import SlimAction, SummaryPayload
from rasa_autoplay.events.user_properties import PropertyValue, joined
from rasa_autoplay.settings.engine import SessionSettings

__all__ = ["Added", "Session", "SessionKey"]

#: One for all sessions: since Python 3.10 every ``frozenset()`` is an object of 216 bytes.
_NOTHING: frozenset[str] = frozenset()

_NOT_SILENCED: Mapping[str, float] = MappingProxyType({})

#: Two products can use the same session id.
SessionKey = tuple[str, str]


@functools.lru_cache(maxsize=1024)
def _shared(names: frozenset[str]) -> frozenset[str]:
    """One object for all sessions that remember the same names."""
    return names


class Added(NamedTuple):
    """The effect of a batch of actions.

    Args:
        new: the new actions, in the order of arrival.
        left: the actions that the window dropped, oldest first.
    """

    new: Sequence[SlimAction]
    left: Sequence[SlimAction]


class Session(msgspec.Struct, gc=False, eq=False):
    """A session's window, its FSM and the evidence that its offers have used up.

    Args:
        key: product id and session id.
        settings: times and bounds.
        active_at: when it was last active, epoch seconds.
    """

    # A struct that the garbage collector does not track: there are very many, and they hold no cycles.
    key: SessionKey
    _settings: SessionSettings
    active_at: float
    #: Made from the settings in ``__post_init__``.
    window: ActionWindow = cast(ActionWindow, None)
    _state: SessionState | None = None
    #: Product id and user id under which the store finds it; the store's own.
    listed_under: tuple[str, str] | None = None
    #: Who is answerable for it, and loses sessions first when they hold too many; empty when unknown.
    held_by: str = ""
    source: str = ""
    user_id: str | None = None
    #: Whether a token has proved that it is this user's; then it stays theirs.
    is_verified: bool = False
    #: When its user signed in, where another one had been here before, epoch seconds; else 0.
    user_since: float = 0.0
    email: str | None = None
    #: IANA name of the browser's time zone; empty while unknown.
    timezone: str = ""
    #: The user's properties that the app has sent in this session, by name; None for none.
    properties: dict[str, PropertyValue] | None = None
    #: Time of its first action, epoch seconds; 0 before that.
    began_at: float = 0.0
    action_count: int = 0
    #: The steps of golden paths that its actions prove, by the path's id; None for none.
    step_evidence: dict[str, list[StepEvidence]] | None = None
    #: Its user's earlier sessions; None while they are not known.
    past: UserHistory | None = None
    #: Names whose matcher has matched any action so far, also those that left the window.
    remembered: frozenset[str] = _NOTHING
    #: By trigger: nothing up to this timestamp counts again.
    consumed_until: dict[str, float] | None = None
    #: By trigger: courtesy forbids it until this time.
    held_until: dict[str, float] | None = None
    #: By trigger and workflow (or page): the trigger is silent about that until then, epoch seconds.
    silenced_until: dict[str, dict[str, float]] | None = None
    #: Stands for the actions that have left the window; None while there are none.
    summary: RollingSummary | None = None
    #: By trigger: since when it waits for a natural boundary.
    waiting_since: dict[str, float] | None = None
    #: An offer for this session is being decided on; the events of the meantime wait for its outcome.
    deciding: bool = False
    #: All triggers were asked, and none fired; what time could bring is scheduled.
    all_asked: bool = False

    def __post_init__(self) -> None:
        kept = self._settings.window
        self.window = ActionWindow(kept.lookback, kept.max_actions)

    @property
    def state(self) -> SessionState:
        """The FSM; made when it is first needed, because most sessions are never spoken to."""
        if self._state is None:
            self._state = SessionState(
                session_id=self.key[1],
                interaction_timeout_s=self._settings.interaction_timeout,
                cooldown_period_s=self._settings.cooldown,
            )
        return self._state

    @property
    def was_spoken_to(self) -> bool:
        """Whether the FSM has left its initial state in this process."""
        return self._state is not None

    @property
    def is_engaged(self) -> bool:
        """Whether toast, chat or tour has the user's attention here, as of the last tick."""
        return self._state is not None and self._state.current_state is not AgentStateV2.THINKING

    def state_at(self, tours: ToursById, now: float) -> SessionState | None:
        """A copy of the FSM as it will be at that time; None if it has never left its initial state."""
        if self._state is None:
            return None
        state = SessionState.from_dict(self._state.to_dict(), now=now)
        state.tick(tours, now=now)
        return state

    def to_proactive(
        self, trigger_id: str, interaction_timeout_s: float | None, cooldown_s: float | None, now: float
    ) -> None:
        """A toast was shown: THINKING → PROACTIVE, unless a cooldown runs.

        Args:
            trigger_id: whose toast.
            interaction_timeout_s: the offer's own; None for the session's.
            cooldown_s: the offer's own; None for the session's.
            now: epoch seconds.
        """
        own = self._settings
        if self.state.current_state is not AgentStateV2.THINKING:
            return
        self.state.interaction_timeout_s = _first_number(interaction_timeout_s, own.interaction_timeout)
        self.state.cooldown_period_s = _first_number(cooldown_s, own.cooldown)
        self.state.transition_to_proactive(trigger_id, now=now)

    def tick(self, tours: ToursById, now: float) -> None:
        """Apply the passage of time to the FSM."""
        if self._state is not None:
            self._state.tick(tours, now=now)

    def may_be_offered(self) -> bool:
        """Whether the FSM lets an offer through, as of the last tick."""
        return self._state is None or self._state.can_deliver_proactive()[0]

    @property
    def is_touring(self) -> bool:
        """Whether a tour runs, as of the last tick."""
        return self._state is not None and self._state.visual_guidance_active

    def next_change_at(self, tours: ToursById) -> float | None:
        """When time alone changes the FSM, epoch seconds; None when only an event can."""
        return None if self._state is None else self._state.next_change_at(tours)

    def is_of_another(self, user_id: str | None) -> bool:
        """Whether the session is known to be another user's."""
        return bool(user_id and self.user_id and user_id != self.user_id)

    def is_bound_to_another(self, user_id: str | None) -> bool:
        """Whether the session is proved to be another user's."""
        return self.is_verified and self.is_of_another(user_id)

    def may_be_taken_over(self, at: float) -> bool:
        """Whether a sign-in at that time (epoch seconds) comes after all that is known of the present user.

        What another user did before that has arrived late, and does not show who is here now.
        """
        newest = self.window.newest
        return at > max(self.user_since, newest.timestamp_start if newest else 0.0)

    def identify(
        self, user_id: str | None, email: str | None, at: float = 0.0, *, is_verified: bool = False
    ) -> bool:
        """Record who the user is.

        Args:
            user_id: None while the visitor is anonymous.
            email: None when unknown.
            at: when this was true, epoch seconds.
            is_verified: whether the user's token came with it.

        Returns:
            True when another user has signed in, so that the former user's actions were forgotten.
        """
        switched = self.is_of_another(user_id)
        if switched:
            self._forget()
            self.user_since = at
        # An equal text keeps the object that earlier actions hold already.
        if user_id and user_id != self.user_id:
            self.user_id = user_id
        self.is_verified = self.is_verified or is_verified
        if email and email != self.email:
            self.email = email
        return switched

    def describe(self, properties: Mapping[str, PropertyValue]) -> bool:
        """Record the user's properties; True when they have changed."""
        known = self.properties or {}
        if not self.user_id or all(name in known and known[name] == properties[name] for name in properties):
            return False
        self.properties = joined(known, properties)
        return True

    def _forget(self) -> None:
        self.window.clear()
        self.remembered = _NOTHING
        self.consumed_until = self.held_until = self.waiting_since = self.silenced_until = None
        self.is_verified = False
        self.email = self.summary = self.step_evidence = self.past = self.properties = None
        self.action_count, self.began_at = 0, 0.0
        self.all_asked = False
        self._state = None

    def add(
        self,
        actions: Sequence[SlimAction],
        matchers: Iterable[tuple[str, Callable[[SlimAction], bool]]],
        event_ids: Sequence[int] = (),
    ) -> Added:
        """Put actions into the window.

        Args:
            actions: in any order; matchers also see actions that are too old for the window.
            matchers: what triggers want remembered for the whole session, by name.
            event_ids: of each action, or none at all, as in ``ActionsPayload``.

        Returns:
            Which of them were new, and what has left the window for them.
        """
        for name, matches in matchers:
            if name not in self.remembered and any(matches(action) for action in actions):
                self.remember(frozenset({name}))
        named = zip(actions, event_ids or repeat(0), strict=False)
        new = [action for action, event_id in named if self.window.add(action, event_id)]
        if new:
            first = min(action.timestamp_start for action in new)
            self.began_at = min(first, self.began_at or first)
        self.action_count += len(new)
        left = self.window.pop_left()
        if left:
            self.rolling_summary().keep_count(left)
        return Added(new, left)

    def remember(self, names: frozenset[str]) -> None:
        """Remember these names for the whole session."""
        if not names <= self.remembered:
            self.remembered = _shared(self.remembered | names)

    def pages_seen(self) -> int:
        """How many different pages its actions were on; at most 25 of those that have left the window."""
        left = self.summary.pages if self.summary else ()
        return len({page for page in left if page} | {a.canonical_url for a in self.window.actions} - {""})

    def summarize(self, payload: SummaryPayload) -> bool:
        """Use the connector's summary for the actions that it replaces; False when it changes nothing."""
        return self.rolling_summary().take(payload, self.window.actions)

    def rolling_summary(self) -> RollingSummary:
        """Its summary, created if there is none."""
        if self.summary is None:
            self.summary = RollingSummary()
        return self.summary

    def context(self, newest: int) -> SessionContext:
        """The session as text for its past, and up to ``newest`` actions after that."""
        return session_context(self.summary, self.window.actions, newest)

    def consume(self, trigger_id: str, until: float) -> None:
        """Never count the trigger's evidence up to ``until`` (epoch seconds) again."""
        self.consumed_until = self.consumed_until or {}
        self.consumed_until[trigger_id] = max(until, self.consumed_until.get(trigger_id, 0.0))

    def evidence_after(self, trigger_id: str) -> float:
        """Only what happened later than this (epoch seconds) counts for the trigger."""
        return self.consumed_until.get(trigger_id, 0.0) if self.consumed_until else 0.0

    def hold(self, trigger_id: str, until: float) -> None:
        """Do not ask the trigger again before ``until`` (epoch seconds)."""
        self.held_until = self.held_until or {}
        self.held_until[trigger_id] = until

    def holds(self, now: float) -> dict[str, float]:
        """The triggers that courtesy forbids now, each with the time at which it is free again."""
        if not self.held_until:
            return {}
        self.held_until = {t: until for t, until in self.held_until.items() if until > now} or None
        return self.held_until or {}

    def silence(self, trigger_id: str, topic: str, until: float) -> None:
        """Do not let the trigger speak about a workflow (or page) before ``until`` (epoch seconds)."""
        self.silenced_until = self.silenced_until or {}
        self.silenced_until.setdefault(trigger_id, {})[topic] = until

    def silenced(self, trigger_id: str, now: float) -> Mapping[str, float]:
        """The workflows (or pages) about which the trigger is silent now, each with the end of that."""
        of_trigger = (self.silenced_until or {}).get(trigger_id)
        if not of_trigger:
            return _NOT_SILENCED
        return {topic: until for topic, until in of_trigger.items() if until > now}

    def wait(self, trigger_id: str, since: float, until: float) -> None:
        """Let the trigger wait for a natural boundary; the user's next action has it asked again.

        Args:
            trigger_id: which trigger.
            since: when it began to wait, epoch seconds.
            until: when time alone could make the trigger fire, epoch seconds.
        """
        self.waiting_since = self.waiting_since or {}
        self.waiting_since[trigger_id] = since
        self.hold(trigger_id, until)

    def waits(self, trigger_id: str) -> bool:
        """Whether the trigger waits for a natural boundary."""
        return self.waiting_since is not None and trigger_id in self.waiting_since

    def stop_waiting(self, trigger_id: str) -> float | None:
        """End the trigger's wait; returns since when it has waited, None if it has not."""
        return self.waiting_since.pop(trigger_id, None) if self.waiting_since else None

    def reconsider(self) -> None:
        """Ask the waiting triggers again, because this may be their boundary."""
        if self.held_until and self.waiting_since:
            still = {t: until for t, until in self.held_until.items() if not self.waits(t)}
            self.held_until = still or None


def _first_number(own: float | None, otherwise: float) -> float:
    return otherwise if own is None else own
