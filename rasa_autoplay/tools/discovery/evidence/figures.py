"""All figures of a proposal, as ``evidence.json`` has them; docs/evidence.schema.json is its schema.

No user and no session is named. Texts of the app are masked.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

import msgspec

from rasa_autoplay.tools.discovery.evidence.intervals import Share

__all__ = [
    "BackTest",
    "Day",
    "Evidence",
    "Example",
    "ExampleAct",
    "Found",
    "NearMisses",
    "Overlap",
    "Totals",
    "Verdict",
    "VerdictKind",
    "Way",
    "evidence_schema",
]


class Totals(msgspec.Struct, frozen=True):
    """What the recordings have on some days.

    Args:
        first_day: the first day (UTC) with a session, such as ``2026-11-16``; empty if there is none.
        last_day: the last one.
        days: how many days have a session.
        users: how many users, without anonymous ones.
        sessions: how many sessions.
    """

    first_day: str
    last_day: str
    days: int
    users: int
    sessions: int


class Way(msgspec.Struct, frozen=True):
    """One way to do something.

    Args:
        acts: its acts in order, by their names in the app.
        act_count: how many acts it takes, each time; None if unknown.
        seconds: how long it takes, each time; None if unknown.
    """

    acts: list[str]
    act_count: float | None = None
    seconds: float | None = None


class Found(msgspec.Struct, frozen=True):
    """What was found on the first days.

    Args:
        recordings: all of these days.
        users: how many users went the slow way; for a workflow, how many did it.
        sessions: in how many sessions.
        times: how often in all.
        slow_way: the slow way; for a workflow, its acts.
        fast_way: the fast way; without acts if no session shows one.
        extra_acts: the median number of acts that the slow way costs more, each time.
        extra_s: the median time that it costs more, each time, in seconds.
        times_per_week: how often a week, over all users.
        acts_per_week: how many acts that costs all users together, a week.
        seconds_per_week: how many seconds that costs all users together, a week.
    """

    recordings: Totals
    users: int
    sessions: int
    times: int
    slow_way: Way
    fast_way: Way
    extra_acts: float
    extra_s: float
    times_per_week: float
    acts_per_week: float
    seconds_per_week: float


class ExampleAct(msgspec.Struct, frozen=True):
    """One act in an example.

    Args:
        at_s: seconds since the beginning of the slow way; negative before it.
        act: the act, masked.
        page: the page, masked.
        is_slow_way: whether it belongs to the slow way.
    """

    at_s: float
    act: str
    page: str
    is_slow_way: bool = False


class Example(msgspec.Struct, frozen=True):
    """One session that went the slow way.

    Args:
        name: a name that holds in this proposal only, such as ``session 3 of user 2``.
        duration_s: how long the slow way took, in seconds.
        acts: what the user did around it; of many acts, the first and the last ones.
        left_out: how many acts are left out between them.
    """

    name: str
    duration_s: float
    acts: list[ExampleAct]
    left_out: int = 0


class Day(msgspec.Struct, frozen=True):
    """One held-out day.

    Args:
        day: such as ``2026-11-16`` (UTC).
        active_users: how many users were active, of those that the back-test replays.
        users: to how many of them the trigger fired.
        went_on: how many fires were followed by the slow way.
        found: how many were followed by the fast way within two minutes.
        neither: how many were followed by neither.
    """

    day: str
    active_users: int
    users: int
    went_on: int
    found: int
    neither: int


class BackTest(msgspec.Struct, frozen=True):
    """What the trigger would have done on the held-out days.

    Args:
        recordings: all of these days.
        replayed_users: how many of their users were replayed: all, or a sample.
        user_days: how many days these users were active, in all.
        fires: how often it fired.
        users: to how many users.
        sessions: in how many sessions.
        fires_per_user_day: the mean over these days.
        most_per_user_day: the most fires for one user in one day.
        by_day: the held-out days.
        went_on: after which share of fires the user went on the slow way; None if there are too few.
        found: after which share the user found the fast way within two minutes; None if there are too few,
            or no act shows it.
        neither: the share of the others; None if there are too few.
        found_share: the share in ``found``, by itself; None if it is unknown.
        is_recommended: false if the back-test speaks against the trigger.
        reasons: why not, or why nothing can be said.
        by_users: whether 30 % of the users were held out, because there are fewer than three days.
    """

    recordings: Totals
    replayed_users: int
    user_days: int
    fires: int
    users: int
    sessions: int
    fires_per_user_day: float
    most_per_user_day: int
    by_day: list[Day]
    went_on: Share | None = None
    found: Share | None = None
    neither: Share | None = None
    found_share: float | None = None
    is_recommended: bool = True
    reasons: tuple[str, ...] = ()
    by_users: bool = False


class NearMisses(msgspec.Struct, frozen=True):
    """How often the rule was almost fulfilled on the held-out days, in sessions in which it did not fire.

    Args:
        sessions_examined: how many sessions were examined.
        sessions: in how many of them it nearly fired.
        missing: what was missing, and in how many sessions, such as ``2 of 3`` with its condition.
    """

    sessions_examined: int
    sessions: int
    missing: dict[str, int]


class Overlap(msgspec.Struct, frozen=True):
    """How often an existing trigger makes an offer at the same moments.

    Args:
        trigger_id: the existing trigger.
        fires: within five minutes of how many fires of the proposal it makes an offer to the same user.
        share: of the proposal's fires.
        users: to how many of the proposal's users it makes an offer on the held-out days at all.
    """

    trigger_id: str
    fires: int
    share: float
    users: int


class VerdictKind(str, Enum):
    """What the back-test says about a proposal."""

    RECOMMENDED = "recommended"
    UNCERTAIN = "uncertain"
    NOT_RECOMMENDED = "not_recommended"
    NOT_TESTED = "not_tested"

    def to_text(self) -> str:
        """Return it for people."""
        return self.value.replace("_", " ")


class Verdict(msgspec.Struct, frozen=True):
    """The back-test's verdict.

    Args:
        kind: what it says.
        reason: why, in a sentence.
        change: what would change it, in a sentence; may be empty.
    """

    kind: VerdictKind
    reason: str
    change: str = ""


class Evidence(msgspec.Struct, frozen=True):
    """The evidence for one proposal.

    Args:
        version: the version of this form.
        id: the proposal's id; also of its trigger and of its path.
        kind: how it was found: ``repetition``, ``detour``, ``stall``, ``unused_feature`` or ``workflow``.
        title: one sentence for people.
        page: where it happens.
        found: what was found on the first days.
        examples: at most ten sessions.
        backtest: the back-test on the held-out days or users; None if nothing was held out.
        near_misses: how often the rule was almost fulfilled; None without a back-test.
        overlap: existing triggers that fire at the same moments, those with most fires first.
        not_compared: existing triggers that were not compared, because they are Python code or external.
        verdict: the back-test's verdict.
    """

    version: int
    id: str
    kind: str
    title: str
    page: str
    found: Found
    examples: list[Example]
    backtest: BackTest | None
    near_misses: NearMisses | None
    overlap: list[Overlap]
    not_compared: list[str]
    verdict: Verdict


def evidence_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``evidence.json``."""
    (schema,), definitions = msgspec.json.schema_components([Evidence], ref_template="#/definitions/{name}")
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "The evidence for a proposal of rasa_autoplay",
        **schema,
        "definitions": definitions,
    }
