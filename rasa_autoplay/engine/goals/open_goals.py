"""Follows what users reach after decisions, in any of their sessions, and records it.

Users without a decision whose window is open cost one lookup for each batch. The decisions of earlier runs,
and of other engines, are read from the ledger in the background when a user appears.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.common.runtime.backoff import Backoff, Retry
from rasa_autoplay.common.runtime.tasks import end_tasks, until_finished
from rasa_autoplay.engine.goals.decisions_by_user import DecisionsByUser
from rasa_autoplay.engine.goals.goal import DEFAULT_GOAL, Goal
from rasa_autoplay.engine.goals.goal_check import OpenGoal, failures_after, holds_already, reached_at
from rasa_autoplay.engine.offers.base import OfferLedger, PastDecision
from rasa_autoplay.engine.offers.offer import REQUESTED_TRIGGERS, Offer
from rasa_autoplay.engine.sessions.session import Session, SessionKey
from rasa_autoplay.engine.sessions.session_follower import SessionFollower
from rasa_autoplay.events.models import SlimAction

__all__ = ["GoalsByTrigger", "OpenGoals"]

logger = logging.getLogger(__name__)

#: A safeguard, above the number of live users. A user who is forgotten is read again.
_MAX_USERS = 500_000
#: Users that are read in one statement: toasts use the same connection, and wait no longer than that.
_BATCH = 100
#: How long a batch of users is collected, in seconds.
_GATHER_S = 0.05
_BACKOFF = Backoff(0.5, 5.0)

GoalsByTrigger = Mapping[str, Goal]


@dataclass(slots=True)
class _Unread:
    """A user whose decisions are not read yet.

    Args:
        product_id: the product.
        goals: the goals of the triggers.
        sessions: the user's sessions, which are checked after that.
        made: the decisions since.
    """

    product_id: str
    goals: GoalsByTrigger
    sessions: dict[SessionKey, Session] = field(default_factory=dict)
    made: list[OpenGoal] = field(default_factory=list)


class OpenGoals:
    """The decisions of the present users that can still lead to a goal or a failure.

    Args:
        ledger: has all decisions, and gets the receipts ``goal_reached`` and ``failed_after``.
        follower: knows the user's history and the progress in workflows.
        clock: epoch seconds.
    """

    def __init__(self, ledger: OfferLedger, follower: SessionFollower, clock: Callable[[], float]) -> None:
        self._ledger = ledger
        self._follower = follower
        self._clock = clock
        self._by_user = DecisionsByUser(_MAX_USERS)
        self._unread: BoundedDict[str, _Unread] = BoundedDict(_MAX_USERS)
        self._reading: asyncio.Task[None] | None = None
        self._recording: set[asyncio.Task[bool]] = set()

    def observe(self, session: Session, actions: Sequence[SlimAction], goals: GoalsByTrigger) -> None:
        """Record what a session's new actions have reached.

        Args:
            session: a session, whose user may be new, too.
            actions: in any order; may be empty if something else about the user has changed.
            goals: the goals of the triggers.
        """
        user_id = session.user_id
        if not user_id:
            return
        found = self._by_user.get(user_id)
        if found is None:
            self._read_later(session, goals)
        elif found:
            self._check(user_id, session, actions)

    def decided(self, offer: Offer, goal: Goal, session: Session) -> None:
        """Follow a decision from now on, whether its offer is shown or withheld."""
        new = OpenGoal(offer.offer_id, offer.golden_path, offer.created_at, goal)
        condition = goal.condition
        if condition is not None and holds_already(condition, session, self._follower, offer.created_at):
            new.is_reached = True
            self._record(offer.offer_id, "goal_held", offer.created_at)
        found = self._by_user.get(offer.user_id)
        if found is None:
            self._read_later(session, {}).made.append(new)
        else:
            self._by_user.set(offer.user_id, [*found, new])
            newest = session.window.newest
            if newest is not None and newest.timestamp_start > offer.created_at:
                # It arrived while the gates, or the judge, were asked.
                self._check_one(new, session, session.window.actions, self._clock())

    def of_user(self, user_id: str) -> Sequence[OpenGoal]:
        """Return the user's open decisions, as far as they are read."""
        return self._by_user.get(user_id) or ()

    def on_session_ended(self, session: Session) -> None:
        """Forget the decisions about its user; another session of the user lets them be read again."""
        user_id = session.user_id or ""
        self._by_user.forget(user_id)
        unread = self._unread.get(user_id)
        if unread is not None:
            unread.sessions.pop(session.key, None)
            if not unread.sessions:
                del self._unread[user_id]

    def release(self, is_theirs: Callable[[str], bool]) -> None:
        """Forget the decisions about these users, because another engine serves them now."""
        for user_id in filter(is_theirs, list(self._by_user)):
            self._by_user.forget(user_id)
        for user_id in filter(is_theirs, list(self._unread)):
            del self._unread[user_id]

    @property
    def is_pending(self) -> bool:
        """Whether something is to be read or recorded."""
        return bool(self._unread or self._recording)

    async def finish_pending(self) -> None:
        """Wait until everything is read, if the database works, and recorded."""
        while self._unread and await self._read_batch():
            pass
        await until_finished(self._recording)

    async def stop(self) -> None:
        """Stop reading, and wait until everything is recorded."""
        await end_tasks([self._reading])
        await until_finished(self._recording)

    def _check(self, user_id: str, session: Session, actions: Sequence[SlimAction]) -> None:
        now = self._clock()
        known = self.of_user(user_id)
        still_open = [goal for goal in known if not goal.is_over(now)]
        if len(still_open) < len(known):
            self._by_user.set(user_id, still_open)
        for goal in still_open:
            self._check_one(goal, session, actions, now)

    def _check_one(self, goal: OpenGoal, session: Session, actions: Sequence[SlimAction], now: float) -> None:
        for failure in failures_after(goal, actions):
            goal.failed_at.add(failure.timestamp_start)
            self._record(goal.offer_id, "failed_after", failure.timestamp_start, failure.title)
        if not goal.is_reached:
            reached = reached_at(goal, session, actions, self._follower, now)
            if reached is not None:
                goal.is_reached = True
                self._record(goal.offer_id, "goal_reached", reached)

    def _record(self, offer_id: str, event: str, at: float, detail: str = "") -> None:
        receipt = self._ledger.record_receipt(offer_id, event, at, detail)
        task = asyncio.get_running_loop().create_task(receipt)
        self._recording.add(task)
        task.add_done_callback(self._recording.discard)

    def _read_later(self, session: Session, goals: GoalsByTrigger) -> _Unread:
        unread = self._unread.get(session.user_id or "")
        if unread is None:
            unread = self._unread[session.user_id or ""] = _Unread(session.key[0], goals)
        unread.goals = goals or unread.goals
        unread.sessions[session.key] = session
        if self._reading is None:
            self._reading = asyncio.get_running_loop().create_task(self._read_on(), name="autoplay, goals")
        return unread

    async def _read_on(self) -> None:
        retry = Retry(_BACKOFF)
        try:
            while self._unread:
                await asyncio.sleep(_GATHER_S)
                while self._unread:
                    if await self._read_batch():
                        retry.succeeded()
                    else:
                        await retry.wait()
        except Exception:
            logger.exception("The decisions about some users could not be read; they are read again later.")
        finally:
            self._reading = None

    async def _read_batch(self) -> bool:
        """Read the decisions about some users; False if the database does not work."""
        batch = dict(islice(self._unread.items(), _BATCH))
        longest_s = max((g.within_s for each in batch.values() for g in each.goals.values()), default=0.0)
        since = self._clock() - max(longest_s, DEFAULT_GOAL.within_s)
        users = [(each.product_id, user_id) for user_id, each in batch.items()]
        found = await self._ledger.decisions_since(users, since)
        if found is None:
            return False
        for user_id, unread in batch.items():
            if self._unread.get(user_id) is unread:
                del self._unread[user_id]
                self._add(user_id, unread, found.get((unread.product_id, user_id), ()))
        return True

    def _add(self, user_id: str, unread: _Unread, past: Sequence[PastDecision]) -> None:
        now, made = self._clock(), {goal.offer_id for goal in unread.made}
        goals = [
            _open_goal(decision, unread.goals)
            for decision in past
            if decision.offer_id not in made and decision.trigger_id not in REQUESTED_TRIGGERS
        ]
        still_open = [goal for goal in [*goals, *unread.made] if not goal.is_over(now)]
        self._by_user.set(user_id, still_open)
        if still_open:
            for session in unread.sessions.values():
                if session.user_id == user_id:
                    self._check(user_id, session, session.window.actions)


def _open_goal(decision: PastDecision, goals: GoalsByTrigger) -> OpenGoal:
    goal = goals.get(decision.trigger_id, DEFAULT_GOAL)
    return OpenGoal(
        decision.offer_id,
        decision.golden_path,
        decision.created_at,
        goal,
        decision.is_settled,
        set(decision.failed_at),
    )
