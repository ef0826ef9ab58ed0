"""Runs a contestant that is a program of its own: JSON lines on its standard input and output."""

from __future__ import annotations

import os
import selectors
import subprocess
import tempfile
import time
from collections.abc import Sequence
from types import TracebackType

import msgspec

from benchmarks.timing.messages import Message, encode
from benchmarks.timing.referee import Offer
from benchmarks.timing.runner import EntryFailed

__all__ = ["Entry"]

_MAX_LINE = 64 * 1024
_ENDS_WITHIN_S = 5.0
_OFFERS = msgspec.json.Decoder(list[Offer])


class Entry:
    """A program that takes part. It starts in an empty folder, and is ended at the end of the ``with`` block.

    Args:
        command: the program and its arguments.
        answers_within_s: how long it may think about a message, in seconds.
        starts_within_s: how long it may think about the first one.
    """

    def __init__(
        self, command: Sequence[str], answers_within_s: float = 10.0, starts_within_s: float = 60.0
    ) -> None:
        self._command = list(command)
        self._answers_within_s, self._starts_within_s = answers_within_s, starts_within_s
        self._read = b""
        self._has_answered = False

    def __enter__(self) -> Entry:
        self._folder = tempfile.TemporaryDirectory()
        try:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder.name,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as problem:
            self._folder.cleanup()
            raise EntryFailed(f"{self._command[0]} cannot be started: {problem.strerror}.") from None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._stdin, False)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _problem: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(_ENDS_WITHIN_S if self._has_answered else 0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()

    def react(self, message: Message) -> Sequence[Offer]:
        """Send a message and wait for the answer, a JSON array of offers on one line.

        Raises:
            EntryFailed: there is none in time, or it is something else.
        """
        limit_s = self._answers_within_s if self._has_answered else self._starts_within_s
        ends_at = time.monotonic() + limit_s
        self._send(encode(message), ends_at)
        line = self._next_line(ends_at)
        self._has_answered = True
        try:
            return _OFFERS.decode(line)
        except msgspec.DecodeError as problem:
            raise self._failed(
                f"It wrote {line!r:.80}, which is no JSON array of offers: {problem}"
            ) from None
        except UnicodeDecodeError:
            raise self._failed(f"It wrote {line!r:.80}, which is not UTF-8") from None

    def _send(self, line: bytes, ends_at: float) -> None:
        while line:
            try:
                line = line[os.write(self._stdin, line) :]
            except BlockingIOError:
                self._wait_for(self._stdin, selectors.EVENT_WRITE, ends_at)
            except BrokenPipeError:
                raise self._failed("It has closed its standard input") from None

    def _next_line(self, ends_at: float) -> bytes:
        while b"\n" not in self._read:
            if len(self._read) > _MAX_LINE:
                raise self._failed(f"It wrote a line of more than {_MAX_LINE} bytes")
            self._wait_for(self._stdout, selectors.EVENT_READ, ends_at)
            part = os.read(self._stdout, _MAX_LINE)
            if not part:
                raise self._failed("It ended, or closed its standard output, before the last message")
            self._read += part
        line, _, self._read = self._read.partition(b"\n")
        if self._read:
            raise self._failed(f"It wrote more than one line for one message: {self._read!r:.80}")
        return line

    def _wait_for(self, pipe: int, event: int, ends_at: float) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, event)
            if not selector.select(max(ends_at - time.monotonic(), 0)):
                raise self._failed("It did not answer a message in time")

    def _failed(self, what: str) -> EntryFailed:
        self._has_answered = False  # there is nothing to wait for any more
        return EntryFailed(f"{' '.join(self._command)[:200]}: {what}.")
