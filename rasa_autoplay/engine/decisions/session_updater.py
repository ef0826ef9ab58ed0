"""Applies batches of actions to their sessions, then lets the driver evaluate the affected triggers."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from rasa_autoplay.common.languages.tags import canonical_tag
from rasa_autoplay.engine.decisions.driver import Driver
from rasa_autoplay.engine.goals.open_goals import GoalsByTrigger, OpenGoals
from rasa_autoplay.engine.languages.user_languages import UserLanguages
from rasa_autoplay.engine.sessions.base import SessionStore
from rasa_autoplay.engine.sessions.session import Added, Session, SessionKey
from rasa_autoplay.engine.sessions.session_follower import SessionFollower
from rasa_autoplay.engine.sessions.session_observer import SessionObserver
from rasa_autoplay.engine.sessions.source_arbiter import SourceArbiter, as_of
from rasa_autoplay.engine.tours.running import RunningTours
from rasa_autoplay.engine.triggers.configured.index import TriggerIndex
from rasa_autoplay.engine.triggers.configured.remembered_names import RememberedNames
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.events.derived_signals import SOURCES_WITH_SIGNALS, derive_signals
from rasa_autoplay.events.models import ActionsPayload, SlimAction

__all__ = ["SessionUpdater"]


class _SessionSnapshot(NamedTuple):
    """The state of a session before a batch was applied."""

    user_id: str | None
    email: str | None
    page: str
    newest_at: float
    remembered: frozenset[str]

    @classmethod
    def of(cls, session: Session) -> _SessionSnapshot:
        """Return the session's current state."""
        newest = session.window.newest
        newest_at = newest.timestamp_start if newest else 0.0
        return cls(session.user_id, session.email, session.window.page(), newest_at, session.remembered)


class SessionUpdater:
    """Applies users' actions to their sessions.

    Args:
        arbiter: decides which batches count.
        index: finds the triggers that a batch can affect.
        names: what triggers want remembered of actions.
        sessions: the live sessions.
        follower: follows sessions through the golden paths.
        driver: evaluates the triggers.
        running_tours: follows tours while they run.
        goals: follows what users reach after decisions.
        goals_by_trigger: the goals of the triggers.
        sources: the updater adds the sources that deliver actions.
        observer: sees the batches.
        counts: the updater adds ``actions``, ``duplicate_actions``, and the reasons for skipped batches.
        languages: the updater tells it the language of each browser.
    """

    def __init__(
        self,
        arbiter: SourceArbiter,
        index: TriggerIndex,
        names: RememberedNames,
        sessions: SessionStore,
        follower: SessionFollower,
        driver: Driver,
        running_tours: RunningTours,
        goals: OpenGoals,
        goals_by_trigger: GoalsByTrigger,
        sources: set[str],
        observer: SessionObserver,
        counts: Counter[str],
        languages: UserLanguages,
    ) -> None:
        self._sessions = sessions
        self._follower = follower
        self._driver = driver
        self._running_tours = running_tours
        self._goals = goals
        self._goals_by_trigger = goals_by_trigger
        self._arbiter = arbiter
        self._index = index
        self._names = names
        self._sources = sources
        self._observer = observer
        self._counts = counts
        self._languages = languages

    async def apply(
        self, payload: ActionsPayload, source: str, now: float, sender: str = ""
    ) -> Sequence[SlimAction]:
        """Apply a batch to its session, and evaluate the triggers that it can affect.

        Args:
            payload: the gateway has checked that it has a product, a session and times. Its session id is
                replaced by that of the session to which it is applied.
            source: the source that delivered it.
            now: epoch seconds.
            sender: who is responsible for it; empty if unknown.

        Returns:
            The new actions; empty if the batch is skipped.
        """
        if len(payload.actions) == 1:
            at_hand = self._sessions.at_hand(
                (payload.product_id, payload.session_id or ""), payload.user_id or ""
            )
            if at_hand is not None and self._is_plain(at_hand, payload, source):
                affected = self._add_plain(at_hand, payload, now)
                await self._sessions.save(at_hand, now)
                self._observer.applied(at_hand, payload, source, now, is_new=at_hand.action_count == 1)
                if not self._driver.is_settled(at_hand, affected):
                    await self._driver.evaluate(at_hand, now, affected)
                return payload.actions
        refusal = await self._arbiter.admit(payload, source, now)
        if refusal:
            self._counts[refusal] += len(payload.actions)
            return []
        session = await self._sessions.load((payload.product_id, payload.session_id or ""), now, sender)
        # All sessions share the name, instead of keeping the text of their latest batch.
        session.source = sys.intern(source)
        self._sources.add(session.source)
        before = _SessionSnapshot.of(session)
        is_described = self._identify(session, payload, now)
        added = self._add(session, payload, source)
        if added.new:
            self._running_tours.observe(session, now)
        self._goals.observe(session, added.new, self._goals_by_trigger)
        # Every event can be the boundary that a waiting trigger waits for.
        is_all_asked = session.triggers.waiting_since or is_described
        affected = None if is_all_asked else self._affected(session, before, added)
        if session.triggers.waiting_since:
            session.triggers.reconsider()
        # Known events that are sent again do not show that the user is active.
        is_active = added.new or not payload.actions
        await self._sessions.save(session, now if is_active else session.active_at)
        if added.new or is_described or session.user_id != before.user_id:
            is_first = session.action_count == len(added.new)
            self._observer.applied(session, payload, source, now, is_new=is_first)
            await self._driver.evaluate(session, now, affected)
        return added.new

    async def check_goals(self, key: SessionKey) -> None:
        """Check what a session has reached, because time has passed or its user's history is known now."""
        session = await self._sessions.find(key)
        if session is not None:
            self._goals.observe(session, (), self._goals_by_trigger)

    def _identify(self, session: Session, payload: ActionsPayload, now: float) -> bool:
        """Record the batch's user; True if the app has set new properties for the user."""
        since = 0.0
        if session.is_of_another(payload.user_id):
            self._follower.on_session_ended(session)
            since = as_of(payload, now)
        session.identify(payload.user_id, payload.email, since, is_verified=payload.is_verified)
        is_described = bool(payload.properties) and session.describe(payload.properties)
        self._locate(session, payload)
        return is_described

    def _locate(self, session: Session, payload: ActionsPayload) -> None:
        """Record the browser's time zone and language."""
        session.timezone = payload.timezone or session.timezone
        if payload.language:
            # All sessions share the tag, instead of keeping the text of their latest batch.
            session.language = canonical_tag(payload.language) or session.language
            self._languages.browser_stated(session.user_id, session.language)

    def _is_plain(self, session: Session, payload: ActionsPayload, source: str) -> bool:
        """Whether a batch only adds one newest action, which nothing else in it can change.

        Args:
            session: the session that it belongs to; the latest one of the batch's user.
            payload: a batch with one action.
            source: the source that delivered it.
        """
        newest = session.window.newest
        return (
            newest is not None
            and payload.actions[0].timestamp_start > newest.timestamp_start
            and session.source == source
            and not (payload.event_ids or payload.properties or self._names.custom)
            and (not payload.email or payload.email == session.email)
            and (not payload.is_verified or session.is_verified)
        )

    def _add_plain(
        self, session: Session, payload: ActionsPayload, now: float
    ) -> Sequence[ConfiguredTrigger] | None:
        """Add the action of a batch as :meth:`_is_plain` describes it: nearly all are so.

        Returns:
            The triggers whose result it can change; None for all triggers.
        """
        window, triggers, actions = session.window, session.triggers, payload.actions
        (action,) = actions
        page, source = window.page(), session.source
        self._sources.add(source)
        if payload.language or payload.timezone:
            self._locate(session, payload)
        action.session_id, action.user_id, action.email = session.key[1], session.user_id, session.email
        if source not in SOURCES_WITH_SIGNALS:
            derive_signals(actions, window.actions)
        names = self._names.of_rules(actions)
        remembered = names - session.remembered if names else names
        session.remember(names)
        left = session.add_newest(action)
        self._follower.observe(session, actions)
        self._counts["actions"] += 1
        self._running_tours.observe(session, now)
        self._goals.observe(session, actions, self._goals_by_trigger)
        if triggers.waiting_since:
            # Every event can be the boundary that a waiting trigger waits for.
            triggers.reconsider()
            return None
        own_page = action.canonical_url
        return self._index.affected_by(
            actions,
            left,
            triggers.consumed_until or (),
            remembered,
            moved=len(left) > 1 or (own_page != page and bool(own_page)),
            in_workflow=session.step_evidence is not None,
        )

    async def extend(
        self, session: Session, actions: Sequence[SlimAction], event_ids: Sequence[int], now: float
    ) -> None:
        """Add actions to a session without evaluating its triggers.

        Args:
            session: its user's latest session.
            actions: newer than those in the window, in order of time; they prove no step of a golden path.
            event_ids: as in :meth:`ActionWindow.extend`.
            now: when the last of them came, epoch seconds.
        """
        self._counts["actions"] += len(actions)
        session.remember(self._names.of_many(actions, session.remembered))
        session.extend(actions, event_ids)
        await self._sessions.save(session, now)

    def _add(self, session: Session, payload: ActionsPayload, source: str) -> Added:
        for action in payload.actions:
            action.session_id, action.user_id = session.key[1], session.user_id
            action.email = session.email
        if source not in SOURCES_WITH_SIGNALS:
            derive_signals(session.window.new_among(payload.actions), session.window.actions)
        session.remember(self._names.of_rules(payload.actions))
        added = session.add(payload.actions, self._names.custom, payload.event_ids)
        self._follower.observe(session, added.new)
        self._counts["actions"] += len(added.new)
        self._counts["duplicate_actions"] += len(payload.actions) - len(added.new)
        return added

    def _affected(
        self, session: Session, before: _SessionSnapshot, added: Added
    ) -> Sequence[ConfiguredTrigger] | None:
        """Return the triggers whose result the batch can change; None for all triggers."""
        if (session.user_id, session.email) != (before.user_id, before.email):
            return None
        moved = len(added.left) > len(added.new)
        # A generator for any() would cost more than this, at every event.
        for action in added.new:
            page = action.canonical_url
            if (page and page != before.page) or action.timestamp_start < before.newest_at:
                moved = True
        return self._index.affected_by(
            added.new,
            added.left,
            session.triggers.consumed_until or (),
            session.remembered - before.remembered if session.remembered is not before.remembered else (),
            moved=moved,
            in_workflow=session.step_evidence is not None,
        )
