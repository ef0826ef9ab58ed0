"""A Rasa project in its own folder: the example bot's model on free ports."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "ADMIN_KEY",
    "MODEL",
    "PRODUCT_ID",
    "ROOT",
    "SLOW_TITLE",
    "SLOW_TRIGGER_S",
    "TOKEN",
    "Project",
    "write_project",
]

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "models" / "example_bot.tar.gz"
PRODUCT_ID = "demo"
TOKEN = "benchmark"
ADMIN_KEY = "benchmark-admin-key"
#: An action with this title makes one trigger of the team slow.
SLOW_TITLE = "Open slow report"
SLOW_TRIGGER_S = 0.2

# The content of the example bot's files, with other paths and ports.
_AUTOPLAY = """\
version: "1"
product_id: {product_id}
session: {{interaction_timeout: 10s, cooldown: 20s, window: {{lookback: 5m, max_actions: 200}}, \
max_sessions: 100000}}
courtesy: {{min_interval: 0s}}
triggers:
  - predicate: "example_bot.triggers:bulk_edit_opportunity"
    id: bulk_edit_opportunity
    body: "Changing projects one at a time? Shall I show you how to change several together?"
    golden_path: projects-bulk-edit
  - predicate: "slow_trigger:is_slow"
    id: slow
    body: "Never said."
golden_paths: "{golden_paths}"
database: {{url: "sqlite:///autoplay.db"}}
"""
_CREDENTIALS = """\
rasa_autoplay.channel.AutoplayInput:
  product_id: {product_id}
  capture: true
  stream:
    url: {stream_url}
    token: {token}
  identity: none
  admin_key: {admin_key}
  chat: {{say: {say}}}
  engine: {engine}
  allowed_origins: ["http://127.0.0.1:{rasa_port}"]
rasa_autoplay.chat_channel.AutoplaySocketIOInput:
  session_persistence: true
  metadata_key: customData
"""
_PLAIN_CREDENTIALS = """\
socketio:
  session_persistence: true
  metadata_key: customData
"""
_SLOW_TRIGGER = f'''\
"""A trigger that blocks its event loop, as a database call without await would."""

import time

from rasa_autoplay import only_events


@only_events  # else it is polled for every session, and costs more than all that is measured
def is_slow(ctx):
    if ctx.recent_actions and ctx.recent_actions[-1].title == {SLOW_TITLE!r}:
        time.sleep({SLOW_TRIGGER_S})
    return False
'''
_PLAIN_ACTIONS = '''\
"""A bot's own actions, without autoplay."""

from rasa_sdk import Action


class ActionNothing(Action):
    def name(self):
        return "action_nothing"

    def run(self, dispatcher, tracker, domain):
        return []
'''


@dataclass(frozen=True)
class Project:
    """Where the project is, and how its processes are reached.

    Args:
        folder: its files and its processes' output.
        rasa_port: the port of ``rasa run``.
        actions_port: the port of ``rasa run actions``.
        actions_module: the module for ``rasa run actions``.
    """

    folder: Path
    rasa_port: int
    actions_port: int
    actions_module: str

    @property
    def rasa_url(self) -> str:
        """The Rasa server."""
        return f"http://127.0.0.1:{self.rasa_port}"

    @property
    def gateway_url(self) -> str:
        """The base of our routes."""
        return f"{self.rasa_url}/webhooks/autoplay"

    @property
    def actions_url(self) -> str:
        """The action server."""
        return f"http://127.0.0.1:{self.actions_port}"


def write_project(
    folder: Path, stream_url: str | None, say: str = "auto", *, in_process: bool = False
) -> Project:
    """Write the project's files.

    Args:
        folder: an empty one.
        stream_url: the connector's URL; None for a project without autoplay.
        say: how the copilot speaks in the chat.
        in_process: whether the engine runs in the Rasa server.
    """
    plain = stream_url is None
    rasa_port, actions_port = _free_ports(2)
    module = "plain_actions" if plain else "example_bot.actions"
    credentials = _PLAIN_CREDENTIALS if plain else _CREDENTIALS
    engine = "in_process" if in_process else "action_server"
    files = {
        "endpoints.yml": f'action_endpoint: {{url: "http://127.0.0.1:{actions_port}/webhook"}}\n',
        "credentials.yml": credentials.format(
            product_id=PRODUCT_ID,
            stream_url=stream_url,
            token=TOKEN,
            admin_key=ADMIN_KEY,
            rasa_port=rasa_port,
            say=say,
            engine=engine,
        ),
        "autoplay.yml": _AUTOPLAY.format(
            product_id=PRODUCT_ID, golden_paths=ROOT / "example_bot" / "golden_paths"
        ),
        "plain_actions.py": _PLAIN_ACTIONS,
        "slow_trigger.py": _SLOW_TRIGGER,
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return Project(folder, rasa_port, actions_port, module)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports
