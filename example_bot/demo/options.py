"""The options of a demo run, and the paths that it uses."""

from __future__ import annotations

import secrets
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["CREDENTIALS", "NOT_RUNNING", "ROOT", "DemoFailed", "Options"]

#: The Rasa project that the demo runs.
ROOT = Path(__file__).resolve().parents[2]

#: The run's own ``credentials.yml``, with its admin key, relative to the project's folder.
CREDENTIALS = Path(".cache", "demo", "credentials.yml")

#: A remedy.
NOT_RUNNING = "Is the demo running? In another terminal: make demo"

_RASA_PORT, _ACTIONS_PORT = 5005, 5055


class DemoFailed(Exception):
    """A part of the demo failed.

    Args:
        message: what is wrong.
        remedy: what to do about it.
        evidence: lines to show unchanged, such as the end of a log.
    """

    def __init__(self, message: str, *, remedy: str = "", evidence: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.evidence = evidence


@dataclass(frozen=True)
class Options:
    """The options of a run.

    Args:
        once: end after the story.
        rasa_port: the port of ``rasa run``.
        actions_port: the port of ``rasa run actions``.
        root: the folder of the Rasa project.
        admin_key: this run's key for operators.
    """

    once: bool = False
    rasa_port: int = _RASA_PORT
    actions_port: int = _ACTIONS_PORT
    root: Path = ROOT
    admin_key: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Options:
        """Read ``ONCE``, ``RASA_PORT`` and ``ACTIONS_PORT``.

        Raises:
            DemoFailed: a port is invalid.
        """
        return cls(
            once=environment.get("ONCE", "").strip().lower() not in ("", "0", "no", "false"),
            rasa_port=_port(environment, "RASA_PORT", _RASA_PORT),
            actions_port=_port(environment, "ACTIONS_PORT", _ACTIONS_PORT),
        )

    @property
    def rasa_url(self) -> str:
        """The Rasa server's URL for browsers."""
        return f"http://127.0.0.1:{self.rasa_port}"

    @property
    def gateway_url(self) -> str:
        """The base of the autoplay channel's routes."""
        return f"{self.rasa_url}/webhooks/autoplay"

    @property
    def has_own_action_port(self) -> bool:
        """Whether endpoints.yml names another action server than the demo's."""
        return self.actions_port != _ACTIONS_PORT

    def tool(self, *arguments: str) -> str:
        """Return a shell command that runs ``rasa-autoplay`` from the project's folder."""
        return shlex.join([str(self._shown(Path(sys.executable).with_name("rasa-autoplay"))), *arguments])

    def command(self, module: str, *arguments: str) -> str:
        """Return a shell command that runs one of our modules from the project's folder."""
        port = f"RASA_PORT={self.rasa_port} " if self.rasa_port != _RASA_PORT else ""
        return port + shlex.join([str(self._shown(Path(sys.executable))), "-m", module, *arguments])

    def _shown(self, program: Path) -> Path:
        return program.relative_to(self.root) if program.is_relative_to(self.root) else program


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name, "").strip() or str(default)
    if text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    raise DemoFailed(f"{name}={text} is no port.", remedy=f"Give a number up to 65535, or leave {name} out.")
