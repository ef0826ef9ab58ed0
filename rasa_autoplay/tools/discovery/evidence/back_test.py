"""Tests a proposed trigger on the held-out days: when would it have fired, and what did the users do then?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rasa_autoplay.engine.replay.recorded_users import RecordedUser, moments_of
from rasa_autoplay.engine.replay.results import Fire
from rasa_autoplay.engine.rule_editor.replayed_fires import replayed_fires
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.tools.discovery.columns.held_out import day_of
from rasa_autoplay.tools.discovery.evidence.aftermath import Aftermath, Ways
from rasa_autoplay.tools.discovery.evidence.days import date_of
from rasa_autoplay.tools.discovery.evidence.figures import BackTest, Day, Totals
from rasa_autoplay.tools.discovery.evidence.intervals import share_of
from rasa_autoplay.tools.discovery.evidence.shadow_version import ShadowVersion

__all__ = ["MIN_FIRES", "MIN_USERS", "JudgedFire", "back_test_of", "fires_of"]

#: With fewer fires, or to fewer users, no share is stated.
MIN_FIRES = 10
MIN_USERS = 5


@dataclass(frozen=True, slots=True)
class JudgedFire:
    """A fire, and what the user did then.

    Args:
        fire: when, and to whom.
        aftermath: what the user did.
    """

    fire: Fire
    aftermath: Aftermath


def fires_of(version: ShadowVersion, ways: Ways, users: Sequence[RecordedUser]) -> list[JudgedFire]:
    """Replay the users that the trigger can reach, and judge each fire; in order of time.

    Args:
        version: the team's files with this trigger only.
        ways: tell what the user did.
        users: the users of the held-out days.
    """
    reachable = [user for user in users if _is_reachable(version.trigger, user)]
    if not reachable:
        return []
    sessions = {key: actions for user in reachable for key, actions in user.sessions.items()}
    moments = moments_of(reachable)
    fires = replayed_fires(moments, version.configuration)
    return [JudgedFire(fire, ways.after(sessions.get(fire.session_id, ()), fire.at)) for fire in fires]


def _is_reachable(trigger: ConfiguredTrigger, user: RecordedUser) -> bool:
    return any(trigger.could_fire(actions) for actions in user.sessions.values())


def back_test_of(
    judged: Sequence[JudgedFire], users: Sequence[RecordedUser], totals: Totals, ways: Ways
) -> BackTest:
    """Add up the fires of a trigger.

    Args:
        judged: its fires.
        users: the users that were replayed, whether the trigger could reach them or not.
        totals: all recordings of the held-out days.
        ways: whether the fast way can be told.
    """
    user_days = {place for user in users for place in user.days}
    counts = Counter(each.aftermath for each in judged)
    found_by = {each.fire.user_id for each in judged}
    per_day = Counter((each.fire.user_id, day_of(each.fire.at)) for each in judged)
    is_enough = len(judged) >= MIN_FIRES and len(found_by) >= MIN_USERS

    def share(kind: Aftermath) -> object:
        return share_of(counts[kind], len(judged), len(found_by)) if is_enough else None

    shares = {kind.value: share(kind) for kind in Aftermath if kind is not Aftermath.FOUND or ways.fast}
    return BackTest(
        totals,
        replayed_users=sum(len(user.names) for user in users),
        user_days=len(user_days),
        fires=len(judged),
        users=len(found_by),
        sessions=len({each.fire.session_id for each in judged}),
        fires_per_user_day=round(len(judged) / max(len(user_days), 1), 4),
        most_per_user_day=max(per_day.values(), default=0),
        by_day=_by_day(judged, user_days),
        **shares,  # type: ignore[arg-type]
    )


def _by_day(judged: Sequence[JudgedFire], user_days: set[tuple[str, int]]) -> list[Day]:
    active = Counter(day for _, day in user_days)
    counts = Counter((day_of(each.fire.at), each.aftermath) for each in judged)
    reached = Counter(day for _, day in {(each.fire.user_id, day_of(each.fire.at)) for each in judged})
    return [
        Day(
            date_of(day),
            active[day],
            reached[day],
            **{kind.value: counts[day, kind] for kind in Aftermath},
        )
        for day in sorted({*active, *(day for day, _ in counts)})
    ]
