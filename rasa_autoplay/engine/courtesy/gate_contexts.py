"""Builds the contexts that the gates check: the user's earlier offers, and what has the user's attention."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timezone, tzinfo

from rasa_autoplay.engine.courtesy.gate_contract import Engagement, FirstVisit, GateContext
from rasa_autoplay.engine.courtesy.pause import PauseOf, never_paused
from rasa_autoplay.engine.courtesy.user_choices import ChoicesOf, no_choices
from rasa_autoplay.engine.knowledge.user_progress import UserHistory, WorkflowMemory
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.sessions.base import SessionStore
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.sessions.session_follower import SessionFollower
from rasa_autoplay.engine.sessions.state import AgentStateV2, SessionState, ToursById
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.limits import USER_ZONE, LimitSettings, TriggerLimitSettings, find_zone

__all__ = ["GateContextBuilder", "zone_of"]


class GateContextBuilder:
    """Builds gate contexts for the driver, for late deliveries and for explanations.

    Args:
        settings: ``autoplay.yml``.
        sessions: the live sessions.
        tours: the tours with their own timeout or cooldown.
        follower: knows the history of users.
        pause_of: knows which triggers are paused.
        choices_of: knows what users have muted.
    """

    def __init__(
        self,
        settings: EngineSettings,
        sessions: SessionStore,
        tours: ToursById,
        follower: SessionFollower,
        pause_of: PauseOf = never_paused,
        choices_of: ChoicesOf = no_choices,
    ) -> None:
        self.pause_of = pause_of
        self._choices_of = choices_of
        self._follower = follower
        self._settings = settings
        self._sessions = sessions
        self._tours = tours

    async def of(
        self,
        trigger_id: str,
        topic: str,
        own: TriggerLimitSettings,
        user_id: str,
        session: Session | None,
        history: Sequence[Offer],
        now: float,
    ) -> GateContext:
        """Build the context for a trigger that has fired.

        Args:
            trigger_id: the trigger's id.
            topic: what the offer is about: a golden path's id, or a canonical URL if there is no workflow.
            own: the trigger's own limits.
            user_id: the user's id.
            session: the user's session; None if there is none.
            history: the user's earlier offers, newest first.
            now: epoch seconds.
        """
        known = self._known(topic, session)
        past = self._follower.user_history(session) if session else None
        zone = session.timezone if session else ""
        return GateContext(
            trigger_id=trigger_id,
            topic=topic,
            limits=self._settings.courtesy,
            own=own,
            history=history,
            now=now,
            zone=zone_of(self._settings.courtesy, zone),
            toast_lasts_s=self._settings.session.interaction_timeout,
            newest=session.window.newest if session else None,
            engagements=await self._engagements(user_id, session, now),
            mastered=known.title if known and known.state == "mastered" else "",
            completions=known.completions if known else 0,
            newcomer=_first_visit(session, past),
            properties=past.properties if past else {},
            pause=self.pause_of(trigger_id),
            choices=(await self._choices_of(user_id)).in_zone(zone),
            waiting_since=(session.triggers.waiting_since or {}).get(trigger_id) if session else None,
        )

    def struggles(self, path_id: str, session: Session | None) -> bool:
        """Whether the session's user has struggled with a workflow repeatedly, according to memory."""
        known = self._known(path_id, session)
        return known is not None and known.struggles

    def _known(self, path_id: str, session: Session | None) -> WorkflowMemory | None:
        past = self._follower.user_history(session) if session else None
        return past.workflows.get(path_id) if past else None

    def recall(self, session: Session, history: Sequence[Offer], now: float) -> None:
        """Restore a session's FSM after a restart, from the last toast that was shown in the session.

        Otherwise a running timeout or cooldown would be lost.
        """
        if session.was_spoken_to:
            return
        shown = [p for p in history if p.session_id == session.key[1] and p.rendered_at]
        if not shown:
            return
        last = max(shown, key=lambda past: past.rendered_at)
        session.to_proactive(last.trigger_id, last.interaction_timeout_s, last.cooldown_s, last.rendered_at)
        # If the timeout has passed, the cooldown began at that time, not now.
        for moment in (session.next_change_at(self._tours), now):
            session.tick(self._tours, min(moment or now, now))

    async def _engagements(self, user_id: str, session: Session | None, now: float) -> list[Engagement]:
        engaged = await self._sessions.engaged_with(self._settings.product_id, user_id)
        here = [session] if session is not None and session not in engaged else []
        found = []
        for each in [*here, *engaged]:
            state = each.state_at(self._tours, now)
            engagement = None if state is None else _engagement(each.key[1], state, self._tours)
            # A cooldown in another session does not count.
            if engagement is not None and (each is session or engagement.by != "cooldown"):
                found.append(engagement)
        return found


def _engagement(session_id: str, state: SessionState, tours: ToursById) -> Engagement | None:
    until = state.next_change_at(tours)
    if until is None:
        return None
    if state.current_state is AgentStateV2.THINKING:
        return Engagement("cooldown", session_id, until)
    if state.visual_guidance_active:
        return Engagement("tour", session_id, until)
    by = state.current_state is AgentStateV2.REACTIVE
    return Engagement("chat" if by else "toast", session_id, until)


def _first_visit(session: Session | None, past: UserHistory | None) -> FirstVisit | None:
    """Return the session's start and pages if memory says that it is the user's first session."""
    if session is None or past is None or past.previous_visit_at is not None:
        return None
    return FirstVisit(session.began_at, session.pages_seen())


def zone_of(limits: LimitSettings, browser_zone: str) -> tzinfo:
    """Return the time zone of the user's day.

    Args:
        limits: ``courtesy`` of ``autoplay.yml``.
        browser_zone: the zone that the user's browser reports; empty if unknown.
    """
    hours = limits.quiet_hours
    if hours is not None and hours.tz != USER_ZONE:
        return find_zone(hours.tz) or timezone.utc
    fallback = find_zone(hours.fallback_tz) if hours is not None else None
    return find_zone(browser_zone) or fallback or timezone.utc
