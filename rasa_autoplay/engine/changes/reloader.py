"""Loads a new version of the files while the engine runs. A wrong version changes nothing."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Generic, Protocol, TypeVar

from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.engine.changes.change import ChangeKind
from rasa_autoplay.engine.changes.watched_files import WatchedFiles
from rasa_autoplay.errors import ConfigError

__all__ = ["Reloader", "VersionOfFiles"]

logger = logging.getLogger(__name__)

#: Two polls must agree on a new state, so a change is in force after about one second.
_POLL_S = 0.4
_LONGEST_PROBLEM = 2000


class VersionOfFiles(Protocol):
    """A version of the files that is loaded."""

    @property
    def fingerprint(self) -> str:
        """Identifies the version."""
        ...


_VersionT = TypeVar("_VersionT", bound=VersionOfFiles)


class Reloader(Generic[_VersionT]):
    """Keeps the engine at the newest valid version of its files.

    Args:
        files: the files.
        fingerprint: of the version in force.
        load: loads the files; called in a thread. It raises ``ConfigError`` if they are wrong.
        apply: puts a version in force; returns False if it is the same as before.
        record: records in the log of changes what was loaded or refused, with a fingerprint and a text.
        clock: epoch seconds.
    """

    def __init__(
        self,
        files: WatchedFiles,
        fingerprint: str,
        load: Callable[[], _VersionT],
        apply: Callable[[_VersionT], Awaitable[bool]],
        record: Callable[[ChangeKind, str, str], object],
        clock: Callable[[], float],
    ) -> None:
        self._files = files
        self._load = load
        self._apply = apply
        self._record = record
        self._clock = clock
        self._fingerprint, self._loaded_at = fingerprint, clock()
        #: Why the newest version of the files is not in force; empty if it is.
        self._problem = ""
        self._watching: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Watch the files in the background."""
        self._record(ChangeKind.LOADED, self._fingerprint, "the engine has started")
        self._watching = asyncio.get_running_loop().create_task(self._watch(), name="autoplay, files")

    async def stop(self) -> None:
        """Watch the files no longer."""
        await end_tasks([self._watching])

    def health(self) -> dict[str, Any]:
        """Describe the version in force, and what is wrong with a newer one."""
        return {
            "fingerprint": self._fingerprint,
            "loaded_at": self._loaded_at,
            "files": self._files.count,
            **({"problem": self._problem} if self._problem else {}),
        }

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_POLL_S)
            try:
                await self.check()
            except Exception:
                logger.exception("The files of the engine could not be checked for changes.")

    async def check(self) -> None:
        """Load the files if they have changed."""
        digest = await asyncio.to_thread(self._files.changed)
        if not digest:
            return
        try:
            version = await asyncio.to_thread(self._load)
        except ConfigError as problem:
            version, error = None, str(problem)
        except Exception as problem:  # triggers are code of the team, which may raise anything
            logger.exception("A new version of autoplay.yml could not be loaded.")
            version, error = None, f"it could not be loaded: {type(problem).__name__}"
        if await asyncio.to_thread(self._files.digest) != digest:
            return  # it changed while it was loaded
        await asyncio.to_thread(self._files.handled, digest)
        if version is None:
            self._refuse(error)
        else:
            await self._put_in_force(version)

    def _refuse(self, error: str) -> None:
        error = error[:_LONGEST_PROBLEM]
        if error != self._problem:
            logger.error(
                "The new version of autoplay.yml is wrong, so the one loaded at %s stays in force:\n%s",
                time.strftime("%H:%M:%S", time.localtime(self._loaded_at)),
                error,
            )
            self._record(ChangeKind.REFUSED, "", error)
        self._problem = error

    async def _put_in_force(self, version: _VersionT) -> None:
        try:
            is_new = await self._apply(version)
        except Exception as problem:  # a fault of this package; the version before is still in force
            logger.exception("A new version of autoplay.yml could not be put in force.")
            self._refuse(f"it could not be put in force: {type(problem).__name__}")
            return
        if is_new:
            self._fingerprint, self._loaded_at = version.fingerprint, self._clock()
            logger.info("A new version of autoplay.yml is in force (%s).", self._fingerprint)
            self._record(ChangeKind.LOADED, self._fingerprint, "")
        elif self._problem:
            logger.info("autoplay.yml is right again; the version in force (%s) stays.", self._fingerprint)
        self._problem = ""
