"""A Rasa project in its own folder: the repository's bot with other ports, credentials and settings."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from support.processes import ROOT, ServerProcess, free_port, rasa_command, rasa_environment

__all__ = ["ADMIN_KEY", "CHANNEL", "SOCKET_CHANNEL", "TRIGGER", "Project"]

CHANNEL = "rasa_autoplay.channel.AutoplayInput"
SOCKET_CHANNEL = "rasa_autoplay.chat_channel.AutoplaySocketIOInput"
#: The admin key of every project here.
ADMIN_KEY = "admin-key-3c9d41fe"
#: The example's only trigger.
TRIGGER = "bulk_edit_opportunity"


class Project:
    """The repository's own project files, copied and changed.

    ``credentials``, ``endpoints`` and ``autoplay`` are the parsed files; change them, then call ``write()``.

    Args:
        folder: an empty folder.
        model: the trained model.
    """

    def __init__(self, folder: Path, model: Path) -> None:
        self.folder = folder
        self.model = model
        self.rasa_port, self.actions_port = free_port(), free_port()
        self.environment: dict[str, str] = {}
        #: Additional flags of ``rasa run``; none may be required.
        self.rasa_flags: tuple[str, ...] = ()
        for name in ("domain.yml", "config.yml"):
            shutil.copy(ROOT / name, folder)
        shutil.copytree(ROOT / "data", folder / "data")
        (folder / "example_bot").symlink_to(ROOT / "example_bot")
        self.credentials = _read("credentials.yml")
        self.channel["admin_key"] = ADMIN_KEY
        self.endpoints = _read("endpoints.yml")
        self.endpoints["action_endpoint"]["url"] = f"http://127.0.0.1:{self.actions_port}/webhook"
        self.autoplay = _read("autoplay.yml")
        # Short enough that tests can watch what happens during and after them.
        self.autoplay["session"].update(interaction_timeout="1s", cooldown="1s")
        # A busy machine takes longer than the demo's minute to see that no second offer is made.
        self.autoplay["courtesy"]["snooze"] = "1d"

    @property
    def channel(self) -> dict[str, Any]:
        """The autoplay channel's section of the credentials."""
        section: dict[str, Any] = self.credentials[CHANNEL]
        return section

    @property
    def database(self) -> Path:
        """The database of offers and receipts."""
        return self.folder / "autoplay.db"

    def write(self) -> None:
        """Write the three files."""
        yaml = YAML()
        for name, content in (
            ("credentials.yml", self.credentials),
            ("endpoints.yml", self.endpoints),
            ("autoplay.yml", self.autoplay),
        ):
            text = io.StringIO()
            yaml.dump(content, text)
            # Once rasa is imported here, the YAML writer quotes variables, which are then not filled in.
            plain = re.sub(r"""(['"])(\$\{\w+\})\1""", r"\2", text.getvalue())
            (self.folder / name).write_text(plain, encoding="utf-8")

    def start_rasa(self) -> ServerProcess:
        """Start ``rasa run`` with ``rasa_flags``, and without ``--enable-api``, which must be optional."""
        place = ("-i", "127.0.0.1", "-p", str(self.rasa_port))
        return self._start("rasa", "run", "-m", str(self.model), *place, *self.rasa_flags)

    def start_actions(self) -> ServerProcess:
        """Start ``rasa run actions``."""
        return self._start(
            "actions", "run", "actions", "--actions", "example_bot.actions", "-p", str(self.actions_port)
        )

    def _start(self, name: str, *arguments: str) -> ServerProcess:
        environment = rasa_environment(**self.environment)
        return ServerProcess(name, rasa_command(*arguments), self.folder, environment)


def _read(name: str) -> dict[str, Any]:
    content = YAML(typ="safe").load((ROOT / name).read_text(encoding="utf-8"))
    assert isinstance(content, Mapping)
    plain: dict[str, Any] = json.loads(json.dumps(content))
    return plain
