"""Builds the context in which a trigger is evaluated, from a live session."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.sessions.session_follower import NO_FOLLOWER, SessionFollower
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.events.models import SlimAction

__all__ = ["context_of"]


_NOTHING: frozenset[str] = frozenset()


class _Pages(Sequence["str | None"]):
    """The actions' canonical URLs, computed only on access, because rules do not use them.

    Args:
        actions: in order.
    """

    __slots__ = ("_actions",)

    def __init__(self, actions: tuple[SlimAction, ...]) -> None:
        self._actions = actions

    def __len__(self) -> int:
        return len(self._actions)

    def __iter__(self) -> Iterator[str | None]:
        return iter([action.canonical_url or None for action in self._actions])

    @overload
    def __getitem__(self, place: int) -> str | None: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[str | None, ...]: ...

    def __getitem__(self, place: int | slice) -> str | tuple[str | None, ...] | None:
        if isinstance(place, slice):
            return tuple(_Pages(self._actions[place]))
        return self._actions[place].canonical_url or None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


def context_of(
    session: Session,
    after: float,
    now: float,
    follower: SessionFollower = NO_FOLLOWER,
    silenced: frozenset[str] = _NOTHING,
) -> ProactiveTriggerContext:
    """Build the context of a session.

    Args:
        session: is not changed.
        after: epoch seconds; an earlier offer has consumed the actions up to this time.
        now: epoch seconds.
        follower: knows the user's history and the progress in workflows.
        silenced: workflows and pages that the trigger must not offer help with now.
    """
    product_id, session_id = session.key
    actions: tuple[SlimAction, ...] = tuple(session.window.between(after, now))
    user_history = follower.user_history(session)
    return ProactiveTriggerContext(
        canonical_urls=_Pages(actions),
        session_id=session_id,
        product_id=product_id,
        action_count=len(actions),
        recent_actions=actions,
        latest_summary_text=session.summary.newest if session.summary else "",
        prior_session_summaries=user_history.session_summaries if user_history else (),
        context_extra={
            "eval_now": now,
            "user_id": session.user_id,
            "email": session.email,
            "remembered": session.remembered,
            "session_action_count": session.action_count,
            "window_actions": session.window.actions,
            "evidence_after": after,
            "user_history": user_history,
            "workflow_progress": follower.workflow_progress(session),
            "silenced": silenced,
        },
    )
