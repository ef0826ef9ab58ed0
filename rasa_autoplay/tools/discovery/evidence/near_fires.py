"""How often a proposed trigger nearly fired: one condition was missing, and it was close."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from rasa_autoplay.engine.replay.assumptions import Assumptions
from rasa_autoplay.engine.replay.recorded_users import RecordedUser, moments_of
from rasa_autoplay.engine.replay.simulation import replay
from rasa_autoplay.tools.discovery.evidence.aftermath import Ways
from rasa_autoplay.tools.discovery.evidence.figures import NearMisses
from rasa_autoplay.tools.discovery.evidence.shadow_version import ShadowVersion

__all__ = ["near_misses_of"]

#: Explaining a trigger costs much more than evaluating it, so only so many actions are examined.
_MAX_ACTIONS = 2_000
_NAMED = 5
#: Times differ from session to session.
_AGO = re.compile(r"\d{1,9}(?:\.\d)? s ago")


def near_misses_of(version: ShadowVersion, ways: Ways, users: Sequence[RecordedUser]) -> NearMisses:
    """Examine some of the users who did an act of the slow way.

    Args:
        version: the team's files with this trigger only.
        ways: the slow way.
        users: the users of the held-out days, in an order that is independent of what they did.
    """
    examined: list[RecordedUser] = []
    actions = 0
    for user in users:
        if actions >= _MAX_ACTIONS:
            break
        if any(map(ways.has_slow_act, user.sessions.values())):
            examined.append(user)
            actions += len(user.moments)
    if not examined:
        return NearMisses(0, 0, {})
    outcome = replay(moments_of(examined), version.configuration, Assumptions())
    missing = Counter(_AGO.sub("… s ago", miss.missing) for miss in outcome.near_misses)
    ordered = sorted(missing.items(), key=lambda item: (-item[1], item[0]))
    return NearMisses(outcome.looked_at, len(outcome.near_misses), dict(ordered[:_NAMED]))
