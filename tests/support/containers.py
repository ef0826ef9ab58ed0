"""The deployment of ``deploy/`` without a container engine: each image's command in a sandbox of its own.

A sandbox has what the compose file grants: its environment variables, a read-only root, an own /tmp, the
mounted files, an unprivileged user and no capability. What an image installs comes from this repository's
environments instead, and the ports are free ones of this machine.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from support.postgres import PostgresServer
from support.processes import ROOT, ServerProcess
from support.project import Project
from support.redis_server import RedisServer

__all__ = ["DEPLOY", "ContainedProject", "compose_file", "example_environment"]

DEPLOY = ROOT / "deploy"
#: Everything that programs need of this machine; the rest of its root is empty.
_MACHINE = ("usr", "bin", "lib", "lib64", "etc")
_IMAGE_VENVS = {"rasa": ROOT / ".venv", "engine": ROOT / ".venvs" / "engine-3.12"}


def compose_file() -> dict[str, Any]:
    """The parsed compose file."""
    # Not by ruamel.yaml, which fills in variables once Rasa is imported.
    content: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yml").read_text(encoding="utf-8"))
    return content


def example_environment() -> dict[str, str]:
    """The variables of the example's ``.env`` file."""
    lines = (DEPLOY / "example.env").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


class _Image:
    """What a Dockerfile's last stage says.

    Args:
        service: the service, whose Dockerfile it is.
    """

    def __init__(self, service: str) -> None:
        text = (DEPLOY / f"{service}.Dockerfile").read_text(encoding="utf-8")
        last = re.sub(r"\\\n\s*", " ", text).rpartition("\nFROM ")[2]
        self._lines = [line.split(maxsplit=1) for line in last.splitlines() if line and line[0] != "#"]

    def variables(self) -> dict[str, str]:
        """The environment variables, but for ``PATH``."""
        words = (word.partition("=") for word in self._of("ENV").split())
        return {name: value for name, _, value in words if name != "PATH"}

    def command(self) -> list[str]:
        """The command."""
        return list(json.loads(self._of("CMD")))

    def health_command(self) -> list[str]:
        """The command of the health check."""
        return list(json.loads(self._of("HEALTHCHECK").rpartition("CMD ")[2]))

    def user(self) -> list[str]:
        """The ids of user and group."""
        return self._of("USER").split(":")

    def _of(self, word: str) -> str:
        (value,) = [line[1] for line in self._lines if line[0] == word]
        return value


class ContainedProject(Project):
    """The example's project as the compose file runs it.

    Args:
        folder: an empty folder.
        model: the trained model.
        database: a PostgreSQL server.
        redis: a Redis server.
    """

    def __init__(self, folder: Path, model: Path, database: PostgresServer, redis: RedisServer) -> None:
        super().__init__(folder, model)
        if shutil.which("bwrap") is None:
            pytest.skip("There is no bwrap here: install the package bubblewrap.")
        _make_database(database)
        self._services = compose_file()["services"]
        self.environment = {
            **example_environment(),
            "DATABASE_HOST": "127.0.0.1",
            "DATABASE_PORT": str(database.port),
            "AUTOPLAY_DATABASE_URL": f"postgresql://autoplay@127.0.0.1:{database.port}/autoplay",
            "REDIS_HOST": "127.0.0.1",
            "REDIS_PORT": str(redis.port),
            "REDIS_PASSWORD": redis.password,
            "AUTOPLAY_REDIS_URL": redis.url,
            "ENGINE_URL": f"http://127.0.0.1:{self.actions_port}/webhook",
        }
        self._ports = {"5005": str(self.rasa_port), "5055": str(self.actions_port)}
        self.journal = folder / "journal volume"
        self.journal.mkdir()

    def write(self) -> None:
        """Write nothing: the servers read the files of the deployment."""

    def start_rasa(self) -> ServerProcess:
        """Start the Rasa server's container."""
        command = [*_Image("rasa").command(), "--port", "5005"]
        return self._start_service("rasa", command, ["--bind", str(self.journal), "/data"])

    def start_actions(self) -> ServerProcess:
        """Start the engine's container."""
        command = [re.sub(r"\$\{\w+:-(.+)\}", r"\1", word) for word in self._services["engine"]["command"]]
        return self._start_service("engine", command)

    def is_healthy(self, service: str) -> subprocess.CompletedProcess[str]:
        """Run the health check of a service's image."""
        sandbox = self._sandbox(service, _Image(service).health_command())
        return subprocess.run(sandbox, capture_output=True, text=True, timeout=60, check=False)

    def run(self, service: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run another command in a service's container."""
        return subprocess.run(
            self._sandbox(service, list(command)), capture_output=True, text=True, timeout=60, check=False
        )

    def _start_service(
        self, service: str, command: list[str], mounts: list[str] | None = None
    ) -> ServerProcess:
        return ServerProcess(service, self._sandbox(service, command, mounts), self.folder, {})

    def _sandbox(self, service: str, command: list[str], mounts: list[str] | None = None) -> list[str]:
        """Return the command line that runs a command in a service's container."""
        image, definition = _Image(service), self._services[service]
        user, group = image.user()
        words = ["bwrap", "--unshare-user", "--uid", user, "--gid", group, "--unshare-pid", "--unshare-ipc"]
        words += ["--die-with-parent", "--cap-drop", "ALL", "--clearenv", "--proc", "/proc", "--dev", "/dev"]
        for name in _MACHINE:
            words += ["--ro-bind-try", f"/{name}", f"/{name}"]
        for place in (ROOT, *_python_folders(_IMAGE_VENVS[service])):
            words += ["--ro-bind", str(place), str(place)]
        words += ["--ro-bind", str(ROOT), "/app", "--chdir", "/app"]
        for volume in definition["volumes"]:
            source, target, *_ = volume.split(":")
            if source.startswith("."):
                words += ["--ro-bind", str((DEPLOY / source).resolve()), target]
        for path in definition["tmpfs"]:
            words += ["--tmpfs", path]
        words += mounts or []
        assert definition["read_only"] is True
        words += ["--remount-ro", "/"]
        for name, value in self._variables(service, image).items():
            words += ["--setenv", name, value]
        return words + [self._with_port(word) for word in command]

    def _variables(self, service: str, image: _Image) -> dict[str, str]:
        own = {
            name: re.sub(r"\$\{\w+:-(.*)\}", r"\1", value)
            for name, value in self._services[service]["environment"].items()
        }
        path = f"{_IMAGE_VENVS[service].resolve() / 'bin'}:/usr/bin:/bin"
        return {**image.variables(), **self.environment, **own, "PATH": path, "PYTHONPATH": "/app"}

    def _with_port(self, word: str) -> str:
        for port, ours in self._ports.items():
            word = re.sub(rf"\b{port}\b", ours, word)
        return word


def _python_folders(venv: Path) -> list[Path]:
    """Return where an environment's files are: its own folder, and that of the Python that it is made of."""
    interpreter = (venv / "bin" / "python").resolve(strict=True)
    return [venv.resolve(), interpreter.parents[1]]


def _make_database(server: PostgresServer) -> None:
    """Create what the database's image creates: a role and its database."""
    engine = sa.create_engine(f"postgresql://tester@127.0.0.1:{server.port}/postgres", future=True)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("CREATE ROLE autoplay LOGIN"))
        connection.execute(sa.text("CREATE DATABASE autoplay OWNER autoplay"))
    engine.dispose()
