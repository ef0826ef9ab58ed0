"""The engine's side of the rule editor: starts the worker when it is needed, and passes requests on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.engine.changes.change import Change, ChangeKind, new_change_id
from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.rule_editor.captured_words import live_words
from rasa_autoplay.engine.rule_editor.worker_messages import LENGTH, Task, TaskDone
from rasa_autoplay.link import rule_requests
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.request_types import EngineRequest

__all__ = ["RuleEditor"]

logger = logging.getLogger(__name__)

#: A worker that is silent for this long is ended: a rule may contain a slow regular expression (seconds).
_TASK_TIMEOUT_S = 20.0
_END_TIMEOUT_S = 5.0
_MAX_WAITING = 16
_MODULE = "rasa_autoplay.engine.rule_editor.worker"

_encode = msgspec.json.Encoder().encode
_decode_done = msgspec.json.Decoder(TaskDone).decode


class _Worker(NamedTuple):
    """A running worker, and the task that reads its answers."""

    process: asyncio.subprocess.Process
    reading: asyncio.Task[None]


class RuleEditor:
    """Answers the rule editor's requests by a worker process, which ends by itself when it is unused.

    Args:
        path: ``autoplay.yml``.
        configuration: returns the loaded version.
        sessions: the live sessions; those of Redis cannot be listed.
        append: stores an entry in the log of changes; True once it is durable.
        clock: epoch seconds.
    """

    def __init__(
        self,
        path: Path,
        configuration: Callable[[], Configuration],
        sessions: object,
        append: Callable[[Change], Awaitable[bool]],
        clock: Callable[[], float],
    ) -> None:
        self._path = path
        self._configuration = configuration
        self._sessions = sessions
        self._append = append
        self._clock = clock
        self._worker: _Worker | None = None
        self._starting = asyncio.Lock()
        self._waiting: dict[int, asyncio.Future[TaskDone]] = {}
        self._last_id = 0
        self._is_stopped = False

    async def answer(self, request: EngineRequest[Any]) -> dict[str, Any]:
        """Answer a request of the rule editor.

        Raises:
            EngineRefused: the request is wrong, or the worker failed.
        """
        done = await self._ask(request)
        if done.error:
            raise EngineRefused("failed" if done.is_fault else "invalid", done.error, done.remedy)
        answer: dict[str, Any] = msgspec.json.decode(done.answer)
        if isinstance(request, rule_requests.FindCapturedWords) and isinstance(self._sessions, Iterable):
            words = await live_words(self._sessions)
            answer["captured"] = words.joined(answer["captured"])
        if isinstance(request, rule_requests.WriteRule):
            answer["is_logged"] = await self._log(request, answer)
        return answer

    async def stop(self) -> None:
        """End the worker; no other one starts."""
        self._is_stopped = True
        await self.forget_recording()

    async def forget_recording(self) -> None:
        """End the worker, which holds what users did; the next request starts another one."""
        async with self._starting:
            worker, self._worker = self._worker, None
        if worker is not None:
            await self._end(worker)

    async def _log(self, request: rule_requests.WriteRule, answer: dict[str, Any]) -> bool:
        change = Change(
            new_change_id(),
            self._configuration().settings.product_id,
            self._clock(),
            ChangeKind.WRITTEN,
            trigger_id=str(answer["trigger_id"]),
            who=request.by,
            why=request.why,
            detail=self._path.name,
        )
        logger.warning("%s", change.describe())
        return await self._append(change)

    async def _ask(self, request: EngineRequest[Any]) -> TaskDone:
        if len(self._waiting) >= _MAX_WAITING:
            raise EngineRefused("too_many", "the rule editor is busy", "Wait a moment, and try again.")
        worker = await self._running()
        configuration = self._configuration()
        self._last_id += 1
        task = Task(
            self._last_id, configuration.text, configuration.fingerprint, msgspec.Raw(_encode(request))
        )
        done = self._waiting[task.task_id] = asyncio.get_running_loop().create_future()
        data = _encode(task)
        try:
            assert worker.process.stdin is not None  # noqa: S101 - it was started with a pipe
            worker.process.stdin.write(LENGTH.pack(len(data)) + data)
            await worker.process.stdin.drain()
            return await asyncio.wait_for(asyncio.shield(done), _TASK_TIMEOUT_S)
        except (asyncio.TimeoutError, ConnectionError):
            self._kill(worker)
            raise EngineRefused(
                "failed",
                f"the rule editor did not answer within {_TASK_TIMEOUT_S:.0f} s",
                "Simplify the rule's regular expressions, or record less.",
            ) from None
        finally:
            self._waiting.pop(task.task_id, None)

    async def _running(self) -> _Worker:
        async with self._starting:
            if self._is_stopped:
                raise EngineRefused("unavailable", "the engine is stopping")
            if self._worker is None or self._worker.process.returncode is not None:
                self._worker = await self._start()
            return self._worker

    async def _start(self) -> _Worker:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            _MODULE,
            str(self._path.resolve()),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        reading = asyncio.get_running_loop().create_task(self._read(process), name="autoplay, rule editor")
        return _Worker(process, reading)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101 - it was started with a pipe
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                (length,) = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
                done = _decode_done(await process.stdout.readexactly(length))
                waiting = self._waiting.get(done.task_id)
                if waiting is not None and not waiting.done():
                    waiting.set_result(done)
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()
        self._fail_waiting()

    def _fail_waiting(self) -> None:
        """Answer what the worker has left: it ended just when the request came, or it crashed."""
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result(
                    TaskDone(0, error="the rule editor has ended", remedy="Try again.", is_fault=True)
                )

    async def _end(self, worker: _Worker) -> None:
        self._kill(worker)
        # It reads to the end of the stream, so that the loop can close the pipe.
        await asyncio.wait({worker.reading}, timeout=_END_TIMEOUT_S)
        await end_tasks([worker.reading])

    def _kill(self, worker: _Worker) -> None:
        """End the worker together with its second process."""
        if worker.process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(worker.process.pid, signal.SIGKILL)
