"""One share of a recording's users, and what several versions of the files would offer them.

Only users whom a version can reach are replayed. Their results are cached, so that a back-test that runs out
of time continues where it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.replay.recorded_users import RecordedUser, moments_of
from rasa_autoplay.engine.replay.results import Fire
from rasa_autoplay.engine.rule_editor.replayed_fires import replayed_fires
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger

__all__ = ["IsWanted", "Replayed", "Shard", "Version", "always"]

#: The results of this many versions are cached.
_MAX_VERSIONS = 64
#: The first chunk of a replay (events), and how long a chunk should take (seconds).
_FIRST_CHUNK = 1500
_CHUNK_S = 0.25

_Fires = dict[int, list[Fire]]
IsWanted = Callable[[], bool]


def always() -> bool:
    """Say that the result is still wanted."""
    return True


@dataclass(frozen=True)
class Version:
    """A version of the files.

    Args:
        key: identifies it.
        configuration: the files.
        trigger_id: the edited trigger; empty if this version does not have it.
    """

    key: str
    configuration: Configuration
    trigger_id: str

    @property
    def trigger(self) -> ConfiguredTrigger | None:
        """The edited trigger; None if it is off, or does not exist."""
        found = (each for each in self.configuration.evaluated_triggers if each.id == self.trigger_id)
        return next(found, None)


@dataclass
class Replayed:
    """What is known after a replay.

    Args:
        reachable: how many users one of the versions can reach.
        replayed: how many of them were replayed so far, evenly chosen.
        events: how many events were replayed just now.
        fires: the offers to these users, by version, in the order of the versions.
    """

    reachable: int
    replayed: int
    events: int
    fires: list[list[Fire]]


class Shard:
    """Replays a share of the users.

    Args:
        users: the users, in an order that is independent of what they did.
    """

    def __init__(self, users: Sequence[RecordedUser]) -> None:
        self._users = users
        self._fires: BoundedDict[str, _Fires] = BoundedDict(_MAX_VERSIONS)
        self._reach: BoundedDict[tuple[str, str], frozenset[int]] = BoundedDict(_MAX_VERSIONS)
        #: Seconds of a replay for each event, as measured.
        self._event_s = _CHUNK_S / _FIRST_CHUNK

    def compare(self, versions: Sequence[Version], deadline: float, is_wanted: IsWanted = always) -> Replayed:
        """Replay all versions for the users that one of them can reach, until the time is up.

        Args:
            versions: the versions.
            deadline: when to stop, by ``time.monotonic()``. At least one chunk is replayed.
            is_wanted: called between chunks; False stops the replay.
        """
        reachable = frozenset[int]().union(*map(self._reachable, versions))
        return self._replay(versions, [reachable] * len(versions), deadline, is_wanted)

    def volumes(self, versions: Sequence[Version], deadline: float, is_wanted: IsWanted = always) -> Replayed:
        """Replay each version for the users that it can reach; for the rest, see :meth:`compare`."""
        return self._replay(versions, list(map(self._reachable, versions)), deadline, is_wanted)

    def of_user(
        self, versions: Sequence[Version], deadline: float, is_wanted: IsWanted, user_id: str
    ) -> Replayed:
        """Replay all versions for one user, whether a version can reach the user or not.

        Args:
            versions: the versions.
            deadline: has no effect: the answer is always complete.
            is_wanted: has no effect.
            user_id: the user.
        """
        numbers = [number for number, user in enumerate(self._users) if user_id in user.names]
        events = sum(self._replay_chunk(version, numbers) for version in versions)
        fires = [[fire for n in numbers for fire in self._cached(version)[n]] for version in versions]
        return Replayed(len(numbers), len(numbers), events, fires)

    def _replay(
        self,
        versions: Sequence[Version],
        wanted: Sequence[frozenset[int]],
        deadline: float,
        is_wanted: IsWanted,
    ) -> Replayed:
        reachable = sorted(frozenset[int]().union(*wanted))
        done, events = self._done(versions, wanted, reachable), 0
        for chunk in self._chunks(reachable[done:], wanted):
            began = time.monotonic()
            events_now = sum(
                self._replay_chunk(version, [number for number in chunk if number in users])
                for version, users in zip(versions, wanted, strict=True)
            )
            done, events = done + len(chunk), events + events_now
            now = time.monotonic()
            if events_now:
                self._event_s = (self._event_s + (now - began) / events_now) / 2
            if now + min(now - began, _CHUNK_S) > deadline or not is_wanted():
                break
        known = reachable[:done]
        fires = [
            [fire for n in known if n in users for fire in self._cached(version)[n]]
            for version, users in zip(versions, wanted, strict=True)
        ]
        return Replayed(len(reachable), done, events, fires)

    def _reachable(self, version: Version) -> frozenset[int]:
        """Return the users to whom the trigger could make an offer."""
        place = version.key, version.trigger_id
        found = self._reach.get(place)
        if found is None:
            trigger = version.trigger
            found = frozenset(
                number
                for number, user in enumerate(self._users)
                if trigger is not None and any(map(trigger.could_fire, user.sessions.values()))
            )
            self._reach[place] = found
        return found

    def _cached(self, version: Version) -> _Fires:
        found = self._fires.get(version.key)
        if found is None:
            found = self._fires[version.key] = {}
        return found

    def _done(
        self, versions: Sequence[Version], wanted: Sequence[frozenset[int]], reachable: Sequence[int]
    ) -> int:
        """Return how many of the first users are known already in all versions."""
        missing = [
            users.difference(self._cached(version)) for version, users in zip(versions, wanted, strict=True)
        ]
        unknown = frozenset[int]().union(*missing)
        return next((n for n, number in enumerate(reachable) if number in unknown), len(reachable))

    def _chunks(self, numbers: Sequence[int], wanted: Sequence[frozenset[int]]) -> Iterator[list[int]]:
        chunk: list[int] = []
        events = 0
        for number in numbers:
            chunk.append(number)
            events += len(self._users[number].moments) * sum(number in users for users in wanted)
            if events * self._event_s >= _CHUNK_S:
                yield chunk
                chunk, events = [], 0
        if chunk:
            yield chunk

    def _replay_chunk(self, version: Version, chunk: Sequence[int]) -> int:
        """Replay those of these users who are not known yet; return the number of events."""
        cached = self._cached(version)
        new = [number for number in chunk if number not in cached]
        if not new:
            return 0
        owner = {name: number for number in new for name in self._users[number].names}
        for number in new:
            cached[number] = []
        moments = moments_of([self._users[number] for number in new])
        for fire in replayed_fires(moments, version.configuration):
            cached[owner[fire.user_id]].append(fire)
        return len(moments)
