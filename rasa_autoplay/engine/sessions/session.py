"""A live session: everything that the engine remembers about it between two events."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from typing import NamedTuple, cast

import msgspec

from rasa_autoplay.engine.knowledge.attempts import StepEvidence
from rasa_autoplay.engine.knowledge.user_progress import UserHistory
from rasa_autoplay.engine.sessions.files_version import FilesVersion
from rasa_autoplay.engine.sessions.state import AgentStateV2, SessionState, ToursById
from rasa_autoplay.engine.sessions.summary import RollingSummary, SessionContext, session_context
from rasa_autoplay.engine.sessions.trigger_states import TriggerStates
from rasa_autoplay.engine.sessions.window import ActionWindow
from rasa_autoplay.events.models import SlimAction, SummaryPayload
from rasa_autoplay.events.user_properties import PropertyValue, merged_properties
from rasa_autoplay.settings.engine import SessionSettings

__all__ = ["Added", "Session", "SessionKey"]

#: All sessions share this one, because each ``frozenset()`` is an object of 216 bytes since Python 3.10.
_NOTHING: frozenset[str] = frozenset()

#: Product id and session id, because two products can use the same session id.
SessionKey = tuple[str, str]


@functools.lru_cache(maxsize=1024)
def _shared(names: frozenset[str]) -> frozenset[str]:
    """Return one shared object for all sessions that remember the same names."""
    return names


class Added(NamedTuple):
    """The effect of adding a batch of actions.

    Args:
        new: the new actions, in order of arrival.
        left: the actions that the window dropped, oldest first.
    """

    new: Sequence[SlimAction]
    left: Sequence[SlimAction]


class Session(msgspec.Struct, gc=False, eq=False):
    """A session's window, its FSM, and the states of its triggers.

    Args:
        key: product id and session id.
        settings: timeouts and limits.
        active_at: when it was last active, epoch seconds.
    """

    # The garbage collector does not track sessions, because there are very many and they have no cycles.
    key: SessionKey
    _settings: SessionSettings
    active_at: float
    #: Created from the settings in ``__post_init__``.
    window: ActionWindow = cast(ActionWindow, None)
    _state: SessionState | None = None
    #: User id under which the store finds it; only the store uses this.
    listed_under: str | None = None
    #: The sender responsible for it, which loses sessions first if it has too many; empty if unknown.
    held_by: str = ""
    source: str = ""
    user_id: str | None = None
    #: Whether a token has proved that it is this user's; if so, it stays this user's.
    is_verified: bool = False
    #: When its user took over from another user, epoch seconds; 0 for the first user.
    user_since: float = 0.0
    email: str | None = None
    #: IANA name of the browser's time zone; empty while unknown.
    timezone: str = ""
    #: The browser's language, a BCP 47 tag; empty while unknown.
    language: str = ""
    #: The user's properties that the app has set in this session, by name; None if there are none.
    properties: dict[str, PropertyValue] | None = None
    #: Time of its first action, epoch seconds; 0 before that.
    began_at: float = 0.0
    action_count: int = 0
    #: The actions that prove steps of golden paths, by path id; None if there are none.
    step_evidence: dict[str, list[StepEvidence]] | None = None
    #: The history of its user's earlier sessions; None until it is loaded.
    user_history: UserHistory | None = None
    #: Names of matchers that have matched an action of this session, including actions outside the window.
    remembered: frozenset[str] = _NOTHING
    triggers: TriggerStates = msgspec.field(default_factory=TriggerStates)
    #: Summarizes the actions that have left the window; None if there are none.
    summary: RollingSummary | None = None
    #: The version of the files to which the evidence and the trigger states refer; None for a new session.
    version: FilesVersion | None = None
    #: Its last traced offer: the id, and the span's text; None if tracing is off.
    offer_trace: tuple[str, str] | None = None
    #: Whether a decision about this session is pending; new events are evaluated after it.
    deciding: bool = False
    #: Whether all triggers were asked, none fired, and the next evaluation is scheduled.
    all_asked: bool = False

    def __post_init__(self) -> None:
        kept = self._settings.window
        self.window = ActionWindow(kept.lookback, kept.max_actions)

    def switch_to(self, version: FilesVersion, settings: SessionSettings) -> None:
        """Use another version of the files; the caller translates the evidence and the trigger states."""
        self.version, self._settings = version, settings

    @property
    def state(self) -> SessionState:
        """The FSM; created when it is first needed, because most sessions never get an offer or chat."""
        if self._state is None:
            self._state = SessionState(
                session_id=self.key[1],
                interaction_timeout_s=self._settings.interaction_timeout,
                cooldown_period_s=self._settings.cooldown,
            )
        return self._state

    @property
    def was_spoken_to(self) -> bool:
        """Whether the session has an FSM, because there was an offer, a tour or chat."""
        return self._state is not None

    @property
    def is_engaged(self) -> bool:
        """Whether a toast, the chat or a tour is active, as of the last tick."""
        return self._state is not None and self._state.current_state is not AgentStateV2.THINKING

    def state_at(self, tours: ToursById, now: float) -> SessionState | None:
        """Return a copy of the FSM as it will be at ``now``; None if there is no FSM yet."""
        if self._state is None:
            return None
        state = SessionState.from_dict(self._state.to_dict(), now=now)
        state.tick(tours, now=now)
        return state

    def to_proactive(
        self, trigger_id: str, interaction_timeout_s: float | None, cooldown_s: float | None, now: float
    ) -> None:
        """Record that a toast was shown: THINKING → PROACTIVE, unless a cooldown is running.

        Args:
            trigger_id: the offer's trigger.
            interaction_timeout_s: the offer's own timeout; None for the session's.
            cooldown_s: the offer's own cooldown; None for the session's.
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
        """Whether the FSM allows an offer, as of the last tick."""
        return self._state is None or self._state.can_deliver_proactive()[0]

    @property
    def is_touring(self) -> bool:
        """Whether a tour is running, as of the last tick."""
        return self._state is not None and self._state.visual_guidance_active

    def next_change_at(self, tours: ToursById) -> float | None:
        """When the FSM changes by itself, epoch seconds; None if only an event can change it."""
        return None if self._state is None else self._state.next_change_at(tours)

    def is_of_another(self, user_id: str | None) -> bool:
        """Whether the session belongs to another known user."""
        return bool(user_id and self.user_id and user_id != self.user_id)

    def is_bound_to_another(self, user_id: str | None) -> bool:
        """Whether a token has proved that the session belongs to another user."""
        return self.is_verified and self.is_of_another(user_id)

    def may_be_taken_over(self, signed_in_at: float) -> bool:
        """Whether a sign-in at that time (epoch seconds) is later than everything the current user did.

        An earlier action of another user has arrived late, and does not show who uses the app now.
        """
        newest = self.window.newest
        return signed_in_at > max(self.user_since, newest.timestamp_start if newest else 0.0)

    def identify(
        self, user_id: str | None, email: str | None, as_of_s: float = 0.0, *, is_verified: bool = False
    ) -> bool:
        """Record the session's user.

        Args:
            user_id: None for an anonymous visitor.
            email: None if unknown.
            as_of_s: when this was true, epoch seconds.
            is_verified: whether the user's token came with it.

        Returns:
            True if another user has signed in, so that the former user's data was forgotten.
        """
        switched = self.is_of_another(user_id)
        if switched:
            self._forget()
            self.user_since = as_of_s
        # If the text is equal, keep the object that earlier actions share.
        if user_id and user_id != self.user_id:
            self.user_id = user_id
        self.is_verified = self.is_verified or is_verified
        if email and email != self.email:
            self.email = email
        return switched

    def describe(self, properties: Mapping[str, PropertyValue]) -> bool:
        """Record the user's properties; True if they have changed."""
        if not self.user_id or self.has_properties(properties):
            return False
        self.properties = merged_properties(self.properties or {}, properties)
        return True

    def has_properties(self, properties: Mapping[str, PropertyValue]) -> bool:
        """Whether these properties are known."""
        known = self.properties or {}
        return all(name in known and known[name] == properties[name] for name in properties)

    def _forget(self) -> None:
        self.window.clear()
        self.remembered = _NOTHING
        self.triggers = TriggerStates()
        self.is_verified = False
        self.email = self.summary = self.step_evidence = self.user_history = self.properties = None
        self.action_count, self.began_at = 0, 0.0
        self.all_asked = False
        self._state = None

    def add(
        self,
        actions: Sequence[SlimAction],
        matchers: Iterable[tuple[str, Callable[[SlimAction], bool]]],
        event_ids: Sequence[int] = (),
    ) -> Added:
        """Add actions to the window.

        Args:
            actions: in any order; matchers also see actions that are too old for the window.
            matchers: the actions that triggers want remembered for the whole session, by name.
            event_ids: the event id of each action, or empty, as in ``ActionsPayload``.

        Returns:
            The new actions, and those that have left the window.
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
            self.rolling_summary().count_pages(left)
        return Added(new, left)

    def add_newest(self, action: SlimAction) -> Sequence[SlimAction]:
        """Add an action that is newer than all in the window, and that has no event id.

        Returns:
            The actions that the window dropped, oldest first.
        """
        self.window.add(action)
        self.began_at = min(action.timestamp_start, self.began_at or action.timestamp_start)
        self.action_count += 1
        left = self.window.pop_left()
        if left:
            self.rolling_summary().count_pages(left)
        return left

    def extend(self, actions: Sequence[SlimAction], event_ids: Sequence[int]) -> None:
        """Add actions that are newer than all in the window; arguments as in :meth:`ActionWindow.extend`."""
        self.window.extend(actions, event_ids)
        self.action_count += len(actions)
        left = self.window.pop_left()
        if left:
            self.rolling_summary().count_pages(left)

    def remember(self, names: frozenset[str]) -> None:
        """Remember these names for the whole session."""
        if names and not names <= self.remembered:
            self.remembered = _shared(self.remembered | names)

    def pages_seen(self) -> int:
        """Number of different pages in this session; at most 25 of those outside the window are counted."""
        left = self.summary.pages if self.summary else ()
        return len({page for page in left if page} | {a.canonical_url for a in self.window.actions} - {""})

    def summarize(self, payload: SummaryPayload) -> bool:
        """Apply the connector's summary to the actions that it replaces; False if it changes nothing."""
        return self.rolling_summary().apply(payload, self.window.actions)

    def rolling_summary(self) -> RollingSummary:
        """Return the session's summary; create it if there is none."""
        if self.summary is None:
            self.summary = RollingSummary()
        return self.summary

    def context(self, newest: int) -> SessionContext:
        """Return the session as a text about its past, followed by up to ``newest`` actions."""
        return session_context(self.summary, self.window.actions, newest)


def _first_number(own: float | None, otherwise: float) -> float:
    return otherwise if own is None else own
