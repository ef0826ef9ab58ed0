"""Which existing triggers make offers at the moments at which a proposal would fire."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.replay.results import Fire
from rasa_autoplay.tools.discovery.evidence.figures import Overlap

__all__ = ["NEAR_S", "ExistingFires", "comparable", "not_compared", "overlaps_of", "times_by_trigger"]

#: Offers so near in time are about the same moment (seconds).
NEAR_S = 300.0

#: The times of an existing trigger's offers, by trigger and user.
ExistingFires = Mapping[str, Mapping[str, Sequence[float]]]


def comparable(base: Configuration) -> Configuration | None:
    """Return the team's files with those triggers that a replay can ask without running the team's code.

    Returns:
        None if there is no such trigger.
    """
    triggers = [each for each in base.evaluated_triggers if each.own_possibility is not None]
    return replace(base, triggers=triggers) if triggers else None


def not_compared(base: Configuration) -> list[str]:
    """Return the ids of the triggers that are Python code, or external."""
    return [each.id for each in base.triggers if each.own_possibility is None and not each.rollout.is_off]


def times_by_trigger(fires: Iterable[Fire]) -> dict[str, dict[str, list[float]]]:
    """Group fires by trigger and user."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for fire in sorted(fires, key=lambda each: each.at):
        found[fire.trigger_id][fire.user_id].append(fire.at)
    return found


def overlaps_of(fires: Sequence[Fire], existing: ExistingFires) -> list[Overlap]:
    """Compare the fires of a proposal with those of the existing triggers; most overlap first."""
    users = {fire.user_id for fire in fires}
    found = []
    for trigger_id, times in existing.items():
        near = sum(_is_near(fire.at, times.get(fire.user_id, ())) for fire in fires)
        shared = len(users.intersection(times))
        if near or shared:
            found.append(Overlap(trigger_id, near, round(near / len(fires), 4), shared))
    return sorted(found, key=lambda each: (-each.fires, -each.users, each.trigger_id))


def _is_near(at: float, times: Sequence[float]) -> bool:
    place = bisect_left(times, at - NEAR_S)
    return place < len(times) and times[place] <= at + NEAR_S
