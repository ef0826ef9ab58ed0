"""Finds the action by which a user reaches a goal after a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rasa_autoplay.engine.goals.goal import Goal
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.sessions.session_follower import SessionFollower
from rasa_autoplay.engine.triggers.rules.base import Condition
from rasa_autoplay.engine.triggers.rules.view import RuleView
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.events.models import SlimAction

__all__ = ["FAILURES_WITHIN_S", "OpenGoal", "failures_after", "holds_already", "reached_at"]

#: Failures within this time after a decision may be its harm, in seconds.
FAILURES_WITHIN_S = 600.0
#: At most this many failures are recorded for one decision.
_MAX_FAILURES = 20
#: Actions may arrive this much later than they happened, in seconds.
_LATE_S = 300.0


@dataclass(slots=True)
class OpenGoal:
    """A decision whose goal can still be reached, or after which failures still count.

    Args:
        offer_id: the decision's offer.
        golden_path: id of the decision's workflow; empty if it is about none.
        decided_at: when it was decided, epoch seconds.
        goal: the trigger's goal.
        is_reached: whether nothing more is expected: the goal was reached, or it held before the decision.
        failed_at: the times of the failures recorded so far, epoch seconds.
        checked: the session and the number of actions of the workflow at the last check.
    """

    offer_id: str
    golden_path: str
    decided_at: float
    goal: Goal
    is_reached: bool = False
    failed_at: set[float] = field(default_factory=set)
    checked: tuple[str, int] = ("", 0)

    def is_over(self, now: float) -> bool:
        """Whether no action that arrives now can count for it."""
        is_possible = self.goal.condition is not None or self.golden_path
        within_s = 0.0 if self.is_reached or not is_possible else self.goal.within_s
        return now > self.decided_at + max(within_s, FAILURES_WITHIN_S) + _LATE_S


def failures_after(goal: OpenGoal, actions: Sequence[SlimAction]) -> list[SlimAction]:
    """Return the failures among these actions that count for the decision, and are not recorded yet."""
    failures = [each for each in actions if each.signal]
    if not failures:
        return failures
    begin, end = goal.decided_at, goal.decided_at + FAILURES_WITHIN_S
    failures = [each for each in failures if begin < each.timestamp_start <= end]
    new = {each.timestamp_start: each for each in failures if each.timestamp_start not in goal.failed_at}
    return list(new.values())[: max(_MAX_FAILURES - len(goal.failed_at), 0)]


def holds_already(condition: Condition, session: Session, follower: SessionFollower, now: float) -> bool:
    """Whether a condition holds without any action, so that nothing after this moment can be its cause."""
    return condition.holds(_view(session, (), now, now, follower))


def reached_at(
    goal: OpenGoal, session: Session, actions: Sequence[SlimAction], follower: SessionFollower, now: float
) -> float | None:
    """Return when the user has reached the goal, epoch seconds; None if they have not.

    Args:
        goal: not reached so far.
        session: a session of the decision's user.
        actions: its actions that are new since the last check, in any order.
        follower: knows the user's history and the progress in workflows.
        now: epoch seconds.
    """
    condition = goal.goal.condition
    if condition is None:
        reached = _completed_at(goal, session, follower)
    else:
        reached = _held_at(condition, goal, session, actions, follower, now)
    return reached if reached is not None and reached <= goal.decided_at + goal.goal.within_s else None


def _completed_at(goal: OpenGoal, session: Session, follower: SessionFollower) -> float | None:
    evidence = session.step_evidence.get(goal.golden_path) if session.step_evidence else None
    if not evidence or goal.checked == (session.key[1], len(evidence)):
        return None
    goal.checked = (session.key[1], len(evidence))
    progress = follower.workflow_progress(session)
    return progress.completed_after(goal.golden_path, goal.decided_at) if progress else None


def _held_at(
    condition: Condition,
    goal: OpenGoal,
    session: Session,
    actions: Sequence[SlimAction],
    follower: SessionFollower,
    now: float,
) -> float | None:
    """Return when the condition held first, judged after each action in order of their own times."""
    after = goal.decided_at
    window = [each for each in session.window.actions if each.timestamp_start > after]
    if not actions:
        return now if condition.holds(_view(session, window, after, now, follower)) else None
    since = min(each.timestamp_start for each in actions)
    for count, each in enumerate(window, start=1):
        at = each.timestamp_start
        if at >= since and condition.holds(_view(session, window[:count], after, at, follower)):
            return at
    return None


def _view(
    session: Session, actions: Sequence[SlimAction], after: float, now: float, follower: SessionFollower
) -> RuleView:
    """Return what conditions see: what the user did after the decision, and what is known about them."""
    return RuleView(
        ProactiveTriggerContext(
            canonical_urls=(),
            session_id=session.key[1],
            product_id=session.key[0],
            action_count=len(actions),
            recent_actions=tuple(actions),
            context_extra={
                "eval_now": now,
                "email": session.email,
                "window_actions": tuple(actions),
                "evidence_after": after,
                "user_history": follower.user_history(session),
                "workflow_progress": follower.workflow_progress(session),
            },
        )
    )
