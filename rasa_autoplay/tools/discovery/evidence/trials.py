"""Runs the back-tests of all proposals, on several cores. Each trigger is replayed alone.

Each process replays some of the users, with all proposals. Its processes are forked, so that they share the
recordings. The results depend neither on the number of processes nor on their order.
"""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from rasa_autoplay.common.runtime.processes import Progressed, in_processes, usable_cores
from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.replay.recorded_users import RecordedUser, moments_of
from rasa_autoplay.engine.replay.results import Fire
from rasa_autoplay.engine.rule_editor.replayed_fires import replayed_fires
from rasa_autoplay.tools.discovery.evidence.back_test import JudgedFire, fires_of
from rasa_autoplay.tools.discovery.evidence.figures import NearMisses, Overlap
from rasa_autoplay.tools.discovery.evidence.near_fires import near_misses_of
from rasa_autoplay.tools.discovery.evidence.overlaps import comparable, overlaps_of, times_by_trigger
from rasa_autoplay.tools.discovery.evidence.prepared import Prepared

__all__ = ["Trial", "run_trials"]


@dataclass(frozen=True)
class Trial:
    """What the replays of one proposal have shown.

    Args:
        judged: its fires, in order of time.
        near: its near misses.
        overlap: the existing triggers that make offers at the same moments.
    """

    judged: Sequence[JudgedFire]
    near: NearMisses
    overlap: Sequence[Overlap]


@dataclass(frozen=True)
class _Share:
    """What one process does.

    Args:
        proposals: all proposals.
        base: the team's files.
        users: the users whose fires it finds.
        all_users: all users, among whom it looks for near misses.
        nearly: the proposals whose near misses it finds.
    """

    proposals: Sequence[Prepared]
    base: Configuration
    users: Sequence[RecordedUser]
    all_users: Sequence[RecordedUser]
    nearly: Sequence[int]


@dataclass(frozen=True)
class _Found:
    """What one process has found: fires by proposal, fires of existing triggers, near misses by proposal."""

    judged: list[list[JudgedFire]]
    existing: list[Fire]
    near: dict[int, NearMisses]


def run_trials(
    proposals: Sequence[Prepared],
    users: Sequence[RecordedUser],
    base: Configuration,
    processes: int = 0,
    progressed: Progressed = int,
) -> list[Trial]:
    """Replay the users of the held-out days, with each trigger alone, and with the existing triggers.

    Args:
        proposals: the triggers.
        users: the users, in an order that is independent of what they did.
        base: the team's files.
        processes: how many processes replay; 0 for one on each core.
        progressed: called with the number of additional proposals tested, in shares of users.
    """
    number = max(min(processes or usable_cores(), len(users)), 1) if _can_fork() else 1
    shares = [
        _Share(proposals, base, users[at::number], users, range(at, len(proposals), number))
        for at in range(number)
    ]
    found = in_processes(_replay, shares, progressed)
    existing = times_by_trigger(fire for each in found for fire in each.existing)
    near = {place: misses for each in found for place, misses in each.near.items()}
    trials = []
    for place in range(len(proposals)):
        judged = sorted((fire for each in found for fire in each.judged[place]), key=_place)
        overlap = overlaps_of([each.fire for each in judged], existing) if judged else []
        trials.append(Trial(judged, near[place], overlap))
    return trials


def _can_fork() -> bool:
    """Whether processes can share the loaded triggers, which cannot be sent to others."""
    return "fork" in multiprocessing.get_all_start_methods() and threading.active_count() == 1


def _replay(share: _Share, progressed: Progressed) -> _Found:
    judged = []
    for proposal in share.proposals:
        judged.append(fires_of(proposal.version, proposal.ways, share.users))
        progressed(1)
    reached = {each.fire.user_id for fires in judged for each in fires}
    shown = [user for user in share.users if user.names & reached]
    configuration = comparable(share.base)
    existing = replayed_fires(moments_of(shown), configuration) if configuration and shown else []
    near = {
        place: near_misses_of(share.proposals[place].version, share.proposals[place].ways, share.all_users)
        for place in share.nearly
    }
    return _Found(judged, existing, near)


def _place(judged: JudgedFire) -> tuple[float, str, str]:
    return judged.fire.at, judged.fire.user_id, judged.fire.session_id
