"""The recording, and two processes that replay it: this one, and a fork that shares its memory."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from rasa_autoplay.engine.replay.moment import Moment
from rasa_autoplay.engine.replay.recorded_users import RecordedUser, recorded_users
from rasa_autoplay.engine.rule_editor.backtest_report import RecordingSize, joined
from rasa_autoplay.engine.rule_editor.captured_words import CapturedWords
from rasa_autoplay.engine.rule_editor.shard import IsWanted, Replayed, Shard, Version, always

__all__ = ["Bench"]

#: Below this number of events, a second process does not pay.
_MIN_EVENTS_FOR_TWO = 5_000

#: Makes the versions of a task; both processes call it, because a loaded version cannot be sent.
MakeVersions = Callable[[Any], Sequence[Version]]


class Bench:
    """Replays a recording.

    Args:
        moments: the recording, in order of time.
        make_versions: makes the versions of a task.
    """

    def __init__(self, moments: Sequence[Moment], make_versions: MakeVersions) -> None:
        self._make_versions = make_versions
        users = recorded_users(moments)
        events = sum(len(user.moments) for user in users)
        self.size = RecordingSize(
            events,
            sum(len(user.names) for user in users),
            sum(len(user.days) for user in users),
            moments[0][0] if moments else 0.0,
            moments[-1][0] if moments else 0.0,
        )
        self.words = CapturedWords()
        self.words.add_moments(moments)
        uses_two = events >= _MIN_EVENTS_FOR_TWO and (os.cpu_count() or 1) > 1 and sys.platform == "linux"
        self._shard = Shard(users[::2] if uses_two else users)
        # What is never freed is never copied either.
        gc.collect()
        gc.freeze()
        self._helper = _Helper(users[1::2], make_versions) if uses_two else None

    def compare(self, task: Any, deadline: float, is_wanted: IsWanted) -> Replayed:
        """Replay a task's versions for all users that one of them can reach; see :meth:`Shard.compare`."""
        return self._replay(Shard.compare, task, deadline, is_wanted)

    def volumes(self, task: Any, deadline: float, is_wanted: IsWanted) -> Replayed:
        """Replay each version of a task for the users that it can reach; see :meth:`Shard.volumes`."""
        return self._replay(Shard.volumes, task, deadline, is_wanted)

    def of_user(self, task: Any, user_id: str) -> Replayed:
        """Replay a task's versions for one user; see :meth:`Shard.of_user`."""
        return self._replay(Shard.of_user, task, 0.0, always, user_id)

    def close(self) -> None:
        """End the second process."""
        if self._helper is not None:
            self._helper.close()

    def _replay(
        self, method: Callable[..., Replayed], task: Any, deadline: float, is_wanted: IsWanted, *more: str
    ) -> Replayed:
        versions = self._make_versions(task)
        if self._helper is None:
            return method(self._shard, versions, deadline, is_wanted, *more)
        self._helper.send(method, task, deadline, *more)
        own = method(self._shard, versions, deadline, is_wanted, *more)
        return joined([own, self._helper.receive()])


class _Helper:
    """A fork that replays the other half of the users."""

    def __init__(self, users: Sequence[RecordedUser], make_versions: MakeVersions) -> None:
        context = get_context("fork")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, self._connection, users, make_versions), daemon=True
        )
        self._process.start()
        theirs.close()

    def send(self, method: Callable[..., Replayed], task: Any, deadline: float, *more: str) -> None:
        self._connection.send((method.__name__, task, deadline, more))

    def close(self) -> None:
        self._connection.close()
        self._process.terminate()
        self._process.join()

    def receive(self) -> Replayed:
        found: Replayed | Exception = self._connection.recv()
        if isinstance(found, Exception):
            raise found
        return found


def _serve(
    connection: Connection, parents: Connection, users: Sequence[RecordedUser], make_versions: MakeVersions
) -> None:
    """Answer until the parent has ended."""
    parents.close()
    shard = Shard(users)
    while True:
        try:
            method, task, deadline, more = connection.recv()
        except EOFError:
            return
        answer: Replayed | Exception
        try:
            versions = make_versions(task)
            answer = getattr(shard, method)(versions, max(deadline, time.monotonic()), always, *more)
        except Exception as problem:
            answer = problem
        connection.send(answer)
