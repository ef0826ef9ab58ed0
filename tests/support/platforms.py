"""The combinations of Rasa server and action server on which the story is told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from support.missing import miss
from support.processes import ROOT, ServerProcess, rasa_environment
from support.project import Project

__all__ = ["ALONE", "PLATFORMS", "Platform", "PlatformProject"]

#: Instead of an action server's environment: the engine runs in the Rasa server.
ALONE = "in_process"


class Platform(NamedTuple):
    """One combination.

    Args:
        server: the Rasa server's environment, as in ``make venv ENV=…``.
        engine: the action server's environment, or ``ALONE``.
    """

    server: str
    engine: str

    def __str__(self) -> str:
        return f"{self.server} + {self.engine}"


PLATFORMS = (
    Platform("rasa-3.6", "rasa-3.6"),
    Platform("rasa-3.6", "engine-3.11"),
    Platform("rasa-3.6", "engine-3.12"),
    Platform("rasa-3.6", "engine-3.13"),
    Platform("rasa-3.6", ALONE),
    Platform("rasa-3.6.0", "rasa-3.6.0"),
    Platform("rasa-3.6.0", "engine-3.12"),
    Platform("rasa-3.5", "engine-3.12"),
    Platform("rasa-3.5", ALONE),
    Platform("rasa-3.4", "engine-3.12"),
)


def _python(environment: str) -> str:
    """Return the interpreter of an environment."""
    if environment == "rasa-3.6":
        return sys.executable
    python = ROOT / ".venvs" / environment / "bin" / "python"
    if not python.exists():
        miss(f"The environment is missing: `make venv ENV={environment}` prepares it.")
    return str(python)


class PlatformProject(Project):
    """The example's project, whose servers run in other environments.

    Args:
        folder: an empty folder.
        platform: the environments.
    """

    def __init__(self, folder: Path, platform: Platform) -> None:
        super().__init__(folder, folder / "models" / "example_bot.tar.gz")
        self._server = _python(platform.server)
        self._engine = _python(platform.engine if platform.engine != ALONE else platform.server)

    def train(self) -> None:
        """Train the model with the server's version of Rasa, because versions do not share models."""
        arguments = ("train", "--out", "models", "--fixed-model-name", "example_bot")
        done = subprocess.run(
            [self._server, "-W", "ignore", "-m", "rasa", *arguments],
            cwd=self.folder,
            env=rasa_environment(),
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def start_rasa(self) -> ServerProcess:
        """Start ``rasa run`` in the server's environment."""
        place = ("-i", "127.0.0.1", "-p", str(self.rasa_port))
        command = [self._server, "-W", "ignore", "-m", "rasa", "run", "-m", str(self.model), *place]
        return ServerProcess("rasa", command, self.folder, rasa_environment(**self.environment))

    def start_actions(self) -> ServerProcess:
        """Start the action server in the engine's environment, which has no ``rasa`` command."""
        arguments = ("-m", "rasa_sdk", "--actions", "example_bot.actions", "--port", str(self.actions_port))
        command = [self._engine, "-W", "ignore", *arguments]
        return ServerProcess("actions", command, self.folder, rasa_environment(**self.environment))
