"""Replays large files in several processes, each of which reads and replays some of the users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from rasa_autoplay.common.runtime.processes import Progressed, in_processes
from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.replay.assumptions import Assumptions
from rasa_autoplay.engine.replay.division import have_tie, joined_outcome
from rasa_autoplay.engine.replay.near_misses import evenly_chosen
from rasa_autoplay.engine.replay.results import Outcome
from rasa_autoplay.engine.replay.share import Share, ShareOutcome, replay_in_order, replay_share
from rasa_autoplay.engine.sessions.session import SessionKey
from rasa_autoplay.tools.simulation.recordings import nothing_to_replay
from rasa_autoplay.tools.simulation.sharing.file_moments import FileMoments
from rasa_autoplay.tools.simulation.sharing.session_stories import SentStories, joined_stories, sent_stories
from rasa_autoplay.tools.simulation.sharing.sighted_recording import SightedRecording

__all__ = ["FileReplay"]


class _Found(NamedTuple):
    """What a process has found: the outcome of each version, and the sessions."""

    outcomes: list[ShareOutcome]
    stories: SentStories


@dataclass
class FileReplay:
    """A replay of large files.

    Args:
        sighted: who did something when.
        configurations: the versions of the files.
        assumptions: how users behave.
        processes: how many processes work.
    """

    sighted: SightedRecording
    configurations: Sequence[Configuration]
    assumptions: Assumptions
    processes: int

    def run(self, paths: Sequence[Path], replayed: Progressed) -> list[Outcome] | None:
        """Return the outcome of each version; None if a replay must keep what it does to the moments.

        A batch that came with a user's own token can be given another session, which later versions see.
        One process replays everyone if the users cannot be divided.

        Args:
            paths: what the user has named, for the error.
            replayed: called with the number of additional moments replayed.

        Raises:
            UnusableRecording: there is no action, or a file cannot be read.
        """
        users = self.sighted.users()
        _, actions = self.sighted.sessions()
        if not actions:
            raise nothing_to_replay(paths, self.sighted.recordings)
        if users.has_verified:
            return None
        if users.are_separable(self.configurations):
            found = in_processes(_replay, self._shares(users.divided(self.processes)), replayed)
            if not any(map(have_tie, zip(*(each.outcomes for each in found), strict=True))):
                return self._joined(found)
        return self._joined(in_processes(_replay_in_order, self._shares(users.divided(1)), replayed))

    @cached_property
    def _examined(self) -> frozenset[SessionKey]:
        return evenly_chosen(*self.sighted.sessions())

    def _shares(self, share_of: Mapping[str, int]) -> list[Share]:
        begins_at, ends_at = self.sighted.span()
        return [
            Share(
                self.configurations,
                self.assumptions,
                FileMoments(self.sighted, share_of, number),
                begins_at,
                ends_at + self.assumptions.stays_s,
                self._examined,
            )
            for number in sorted(set(share_of.values()))
        ]

    def _joined(self, found: Sequence[_Found]) -> list[Outcome]:
        sessions, _ = self.sighted.sessions()
        stories = joined_stories(sessions, (each.stories for each in found))
        return [
            joined_outcome(configuration, self.assumptions, stories, outcomes, len(self._examined))
            for configuration, *outcomes in zip(
                self.configurations, *(each.outcomes for each in found), strict=True
            )
        ]


def _replay(share: Share, progressed: Progressed) -> _Found:
    outcomes = replay_share(share, progressed)
    return _Found(outcomes, sent_stories(share.moments.stories()))


def _replay_in_order(share: Share, progressed: Progressed) -> _Found:
    outcomes = replay_in_order(share, progressed)
    return _Found(outcomes, sent_stories(share.moments.stories()))
