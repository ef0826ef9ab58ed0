"""Divides the sessions of a recording among processes, and joins what the processes have found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter
from typing import TypeVar

from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.languages.user_languages import MAX_USERS
from rasa_autoplay.engine.replay.assumptions import Assumptions
from rasa_autoplay.engine.replay.joined_users import JoinedUsers, divided
from rasa_autoplay.engine.replay.replay_timers import Step
from rasa_autoplay.engine.replay.results import Outcome, SessionStory
from rasa_autoplay.engine.replay.share import ShareOutcome
from rasa_autoplay.engine.replay.simulation import empty_outcome
from rasa_autoplay.engine.sessions.session import SessionKey
from rasa_autoplay.events.models import ActionsPayload

__all__ = ["RecordedUsers", "have_tie", "joined_outcome"]

_ItemT = TypeVar("_ItemT")


@dataclass
class RecordedUsers:
    """Who is in a recording.

    Args:
        moments: how many moments each session has, by its id.
        pairs: each session id with each user who was seen in it; None for an anonymous visitor.
        has_verified: whether a user's own token came with a batch.
        with_language: the users whose browser has stated its language.
    """

    moments: Counter[str] = field(default_factory=Counter)
    pairs: dict[tuple[str, str | None], None] = field(default_factory=dict)
    has_verified: bool = False
    with_language: set[str | None] = field(default_factory=set)

    def add(self, payload: ActionsPayload) -> None:
        """Add a moment."""
        session_id = payload.session_id or ""
        self.moments[session_id] += 1
        self.pairs.setdefault((session_id, payload.user_id))
        self.has_verified |= payload.is_verified
        if payload.language:
            self.with_language.add(payload.user_id)

    def are_separable(self, configurations: Iterable[Configuration]) -> bool:
        """Whether nothing applies to all users together: no code of the team, and no limit of the engine."""
        # A token proves whose a session is, so that others with its id get sessions of their own.
        return (
            not self.has_verified
            and len(self.with_language) < MAX_USERS
            and all(map(self._are_separable_by, configurations))
        )

    def _are_separable_by(self, configuration: Configuration) -> bool:
        return (
            not any(entry.predicate for entry in configuration.settings.triggers)
            and len(self.moments) <= configuration.settings.session.max_sessions
        )

    def divided(self, processes: int) -> dict[str, int]:
        """Divide the sessions, so that users who shared one are together; return the share of each."""
        groups = JoinedUsers()
        for session_id, user_id in self.pairs:
            groups.add(session_id, user_id)
        group_of = {session_id: groups.of_session(session_id) for session_id in self.moments}
        of_groups = Counter[str]()
        for session_id, group in group_of.items():
            of_groups[group] += self.moments[session_id]
        chosen = divided(of_groups, processes)
        return {session_id: chosen[group] for session_id, group in group_of.items()}


def joined_outcome(
    configuration: Configuration,
    assumptions: Assumptions,
    stories: Mapping[SessionKey, SessionStory],
    outcomes: Sequence[ShareOutcome],
    looked_at: int,
) -> Outcome:
    """Join the outcomes of all shares by one version of the files.

    Args:
        configuration: the version.
        assumptions: how users behave.
        stories: the recorded sessions.
        outcomes: what was found in each share.
        looked_at: in how many sessions near misses were searched.
    """
    joined = empty_outcome(configuration, assumptions, dict(stories))
    joined.fires = _in_order(each.fires for each in outcomes)
    joined.withheld = _in_order(each.withheld for each in outcomes)
    joined.suppressed = _in_order(each.suppressed for each in outcomes)
    misses = [miss for each in outcomes for miss in each.near_misses]
    joined.near_misses = sorted(misses, key=lambda miss: (miss.at, miss.session_id, miss.trigger_id))
    joined.counts = sum((each.counts for each in outcomes), Counter[str]())
    joined.looked_at = looked_at
    users = sorted((each for outcome in outcomes for each in outcome.users), key=itemgetter(0))
    joined.users = {user_id: user for _, user_id, user in users}
    return joined


def have_tie(outcomes: Sequence[ShareOutcome]) -> bool:
    """Whether timers of different sessions were due at the same time, and it matters which came first.

    That depends on when the timers were set, which looking ahead changes.

    Args:
        outcomes: what was found in each share.
    """
    lists = zip(*((each.fires, each.withheld, each.suppressed) for each in outcomes), strict=True)
    return any(each.had_tie for each in outcomes) or any(
        one[:-1] == other[:-1] and one[-1] != other[-1]
        for shares in lists
        for one, other in pairwise(sorted(step for share in shares for step, _ in share))
    )


def _in_order(found: Iterable[list[tuple[Step, _ItemT]]]) -> list[_ItemT]:
    items = sorted((each for share in found for each in share), key=itemgetter(0))
    return [item for _, item in items]
