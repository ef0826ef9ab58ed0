"""A PostgreSQL server for tests, on a free port of this machine."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

__all__ = ["PostgresServer", "postgres", "postgres_of_the_run", "postgres_server"]

_FOLDERS = ("/usr/lib/postgresql", "/usr/local/lib/postgresql")


class PostgresServer:
    """A server that can be stopped and started again.

    Args:
        folder: its data and log; owned by its account.
        programs: the folder of ``initdb`` and ``pg_ctl``.
        owner: the account to run as; None for that of this process.
    """

    def __init__(self, folder: Path, programs: Path, owner: str | None) -> None:
        self._folder, self._programs, self._owner = folder, programs, owner
        self._databases = 0
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self._run("initdb", "-D", "data", "-U", "tester", "--auth=trust", "--encoding=UTF8", "--no-sync")

    @property
    def url(self) -> str:
        """The value of ``database.url``."""
        return f"postgresql://tester@127.0.0.1:{self._port}/test_{self._databases}"

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._port)

    def url_through(self, port: int) -> str:
        """The same database through another port of this machine."""
        return self.url.replace(f":{self._port}/", f":{port}/")

    def freeze(self) -> None:
        """Stop every process of the server like a machine that hangs: connections stay open."""
        for pid in self._processes():
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Continue after :meth:`freeze`."""
        for pid in self._processes():
            os.kill(pid, signal.SIGCONT)

    def _processes(self) -> list[int]:
        postmaster = int((self._folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        return [postmaster, *map(int, children)]

    def make_database(self) -> None:
        """Create an empty database, which ``url`` refers to from now on."""
        self._databases += 1
        server = sa.create_engine(f"postgresql://tester@127.0.0.1:{self._port}/postgres", future=True)
        with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text(f"CREATE DATABASE test_{self._databases}"))
        server.dispose()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        self._run("pg_ctl", "-D", "data", "-l", "log", "-w", "-t", "60", "-o", options, "start")

    def stop(self) -> None:
        """Stop the server, which cuts connections."""
        self._run("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._programs / program, *arguments],
            cwd=self._folder,
            user=self._owner,
            group=pwd.getpwnam(self._owner).pw_gid if self._owner else None,
            stdin=subprocess.DEVNULL,
            # The server inherits open files: a pipe would never end.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=120,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed with status {done.returncode}")


def _programs() -> Path | None:
    found = [Path(path).resolve().parent for path in [shutil.which("initdb")] if path]
    found += sorted((path for folder in _FOLDERS for path in Path(folder).glob("*/bin")), reverse=True)
    return next((folder for folder in found if (folder / "pg_ctl").exists()), None)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Run a server; if it is not installed, fail in CI and skip elsewhere."""
    programs = _programs()
    if programs is None:
        message = "There is no PostgreSQL here: install the package postgresql."
        if os.environ.get("CI"):
            pytest.fail(f"{message} In CI nothing is skipped.", pytrace=False)
        pytest.skip(message)
    # PostgreSQL refuses to run as root; Debian's package creates an account for it.
    owner = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="autoplay-postgres-"))
    if owner:
        shutil.chown(folder, owner)
    try:
        server = PostgresServer(folder, programs, owner)
        server.start()
        try:
            yield server
        finally:
            if (folder / "data" / "postmaster.pid").exists():
                server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_of_the_run() -> Iterator[PostgresServer]:
    """One server for all tests of a process; each test leaves it running."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def postgres(postgres_of_the_run: PostgresServer) -> PostgresServer:
    """The server with an empty database."""
    postgres_of_the_run.make_database()
    return postgres_of_the_run
