"""A Redis server for tests, on a free port of this machine, with a password."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

__all__ = ["RedisServer", "redis_server", "running_redis"]

#: Below the system's ephemeral ports, so that a stopped server gets its own port again.
_PORTS = range(20_000, 30_000)
_DEADLINE_S = 60.0


class RedisServer:
    """A server that can be stopped, killed, paused, flushed and restarted; it loses its data when it ends.

    Args:
        program: the path of ``redis-server``.
        folder: its working directory.
        options: additional lines of its configuration, such as ``"maxmemory 2mb"``.
    """

    password = "correct horse/battery@staple"

    def __init__(self, program: str, folder: Path, *options: str) -> None:
        self._program, self._folder, self._options = program, folder, options
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The value of ``store.url`` and ``link.url``."""
        return self.url_with("correct%20horse%2Fbattery%40staple")

    def url_with(self, password: str) -> str:
        """The same server with another password (percent-encoded)."""
        return f"redis://:{password}@127.0.0.1:{self.port}/0"

    @property
    def is_running(self) -> bool:
        """Whether its process is running."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the server and wait until it answers."""
        own = (
            f"port {self.port}",
            "bind 127.0.0.1",
            f'requirepass "{self.password}"',
            f'dir "{self._folder}"',
        )
        text = "\n".join([*own, 'save ""', "appendonly no", "loglevel warning", *self._options, ""])
        log = (self._folder / "log").open("ab")
        with log:
            # Passed on standard input: any user can read a password on a command line.
            self._process = subprocess.Popen(
                [self._program, "-"], stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT
            )
        assert self._process.stdin is not None
        with self._process.stdin as configuration:
            configuration.write(text.encode())
        deadline = time.monotonic() + _DEADLINE_S
        while not self._answers():
            if not self.is_running or time.monotonic() > deadline:
                raise RuntimeError(f"redis-server does not come up:\n{(self._folder / 'log').read_text()}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            return b"+PONG" in self.command("PING")
        except OSError:
            return False

    def command(self, *words: str) -> bytes:
        """Return the server's raw reply to a command."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            for command in (("AUTH", self.password), words, ("QUIT",)):
                parts = b"".join(b"$%d\r\n%s\r\n" % (len(w.encode()), w.encode()) for w in command)
                connection.sendall(b"*%d\r\n%s" % (len(command), parts))
            answer = b""
            while received := connection.recv(65536):
                answer += received
        return answer.removeprefix(b"+OK\r\n").removesuffix(b"+OK\r\n")

    def flush(self) -> None:
        """Delete all data."""
        self.command("FLUSHALL")

    def pause(self) -> None:
        """Stop answering, with connections kept open."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Continue after :meth:`pause`."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """Kill it like ``kill -9``."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop it in good order, which cuts connections."""
        self._end(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _end(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)
        self._process.wait(timeout=_DEADLINE_S)


def _free_port() -> int:
    for port in random.sample(_PORTS, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port was found")


@contextmanager
def running_redis(*options: str) -> Iterator[RedisServer]:
    """Run a server; if it is not installed, fail in CI and skip elsewhere.

    Args:
        options: additional lines of its configuration.
    """
    program = shutil.which("redis-server")
    if program is None:
        message = "There is no Redis here: install the package redis-server."
        if os.environ.get("CI"):
            pytest.fail(f"{message} In CI nothing is skipped.", pytrace=False)
        pytest.skip(message)
    folder = Path(tempfile.mkdtemp(prefix="autoplay-redis-"))
    server = RedisServer(program, folder, *options)
    try:
        server.start()
        yield server
    finally:
        if server.is_running:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def _redis_of_the_run() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@pytest.fixture
def redis_server(_redis_of_the_run: RedisServer) -> RedisServer:
    """An empty server; a test may stop it, and must not leave it paused."""
    if not _redis_of_the_run.is_running:
        _redis_of_the_run.start()
    _redis_of_the_run.flush()
    return _redis_of_the_run
