"""What a trigger is shown of a live session."""

from __future__ import annotations

from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.sessions.session import Session
from rasa_autoplay.triggers.fact_source import NO_FACTS, FactSource
from rasa_autoplay.triggers.types import ProactiveTriggerContext

__all__ = ["context_of"]


def context_of(
    session: Session, after: float, now: float, facts: FactSource = NO_FACTS
) -> ProactiveTriggerContext:
    """The context of a session.

    Args:
        session: is only read.
        after: epoch seconds; what happened up to this time was used up by an earlier offer.
        now: epoch seconds.
        facts: what is known beyond the session's actions.
    """
    product_id, session_id = session.key
    actions: tuple[SlimAction, ...] = tuple(session.window.between(after, now))
    return ProactiveTriggerContext(
        canonical_urls=tuple([action.canonical_url or None for action in actions]),
        session_id=session_id,
        product_id=product_id,
        action_count=len(actions),
        recent_actions=actions,
        context_extra={
            "eval_now": now,
            "user_id": session.user_id,
            "email": session.email,
            "remembered": session.remembered,
            "session_action_count": session.action_count,
            "window_actions": session.window.actions,
            "evidence_after": after,
            "user_facts": facts.user_facts(session),
            "path_facts": facts.path_facts(session),
        },
    )
