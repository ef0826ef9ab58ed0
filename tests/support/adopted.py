"""Existing Rasa projects, to which ``rasa-autoplay init`` adds the copilot."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from support.processes import ServerProcess, free_port, rasa_command, rasa_environment
from support.project import Project

__all__ = ["CONVERSATIONS", "PROJECTS", "AdoptedProject", "files_of", "make_project", "run_in"]

_ACTION_SERVER = re.compile(r"http://[\w.]+:5055")

#: The smallest possible pipeline: it trains in a second, and matches exactly.
_PIPELINE = """\
recipe: default.v1
assistant_id: {name}
language: en
pipeline:
- name: WhitespaceTokenizer
- name: KeywordIntentClassifier
  case_sensitive: false
- name: RegexEntityExtractor
policies:
- name: MemoizationPolicy
- name: RulePolicy
"""

_GREETS = """\
stories:
- story: who greets is greeted
  steps:
  - user: |
      hello
    intent: greet
  - action: {action}
"""

#: Domain and data in parts, actions in one module.
_SPLIT = {
    "config.yml": _PIPELINE.format(name="split"),
    "domain/main.yml": 'version: "3.1"\nintents:\n- greet   # hello\n',
    "domain/more/responses.yml": "responses:\n  utter_greet:\n  - text: Hello\n",
    "data/nlu/greet.yml": 'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - hi\n    - hello\n',
    "data/rules.yml": "rules:\n- rule: greet\n  steps:\n  - intent: greet\n  - action: utter_greet\n",
    "actions.py": '#!/bin/env python\n"""Ours."""\nfrom __future__ import annotations\nimport os; X = 1\n',
    "credentials.yml": "# nothing so far\n",
    "endpoints.yml": 'action_endpoint: {url: "http://actions:5055/webhook"} # in Docker\n',
    "tests/test_stories.yml": _GREETS.format(action="utter_greet"),
}

_HELLO = """\
from rasa_sdk import Action


class Hello(Action):
    def name(self):
        return "action_hello"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text="Hello from our own action")
        return []
"""

#: Stock socketio, an actions package, Windows line ends, and files without a final newline.
_SOCKETIO = {
    "config.yml": _PIPELINE.format(name="socketio"),
    "domain.yml": (
        'version: "3.1"\r\nintents: [greet, bye] # in braces\r\nentities: []\r\nslots:\r\n  name:\r\n'
        "    type: text\r\n    influence_conversation: false\r\n    mappings:\r\n    - type: from_text\r\n"
        "responses:\r\n  utter_bye:\r\n  - text: Bye\r\n"
        "actions:\r\n  - action_hello\r\n  # the end"
    ),
    "data/nlu.yml": (
        "nlu:\n- intent: greet\n  examples: |\n    - hello\n    - hi\n"
        "- intent: bye\n  examples: |\n    - goodbye\n    - farewell"
    ),
    "data/stories.yml": (
        "stories:\n- story: a visit\n  steps:\n  - intent: greet\n  - action: action_hello\n"
        "  - intent: bye\n  - action: utter_bye"
    ),
    "actions/__init__.py": "",
    "actions/hello.py": _HELLO,
    "credentials.yml": (
        "slack:\n  slack_token: xoxb-very-secret\n  slack_signing_secret: xoxb-secret-too\n\n"
        "socketio:\n  user_message_evt: user_uttered\n"
        "  bot_message_evt: bot_uttered\n  session_persistence: true\n\nrest:"
    ),
    "tests/test_stories.yml": _GREETS.format(action="action_hello"),
}

#: Forms, a greet rule, empty sections, entries that are mappings.
_FORMS = {
    "config.yml": _PIPELINE.format(name="forms"),
    "domain.yml": (
        "intents:\n    - greet:\n        use_entities: []\n    # asked for by the form\n    - inform\n"
        "    - order\n\n"
        "entities:\n    - size\nslots:\n    size:\n        type: text\n        mappings:\n"
        "            - type: from_entity\n              entity: size\n\n"
        "# our form\nforms:\n    order_form:\n        required_slots:\n            - size\n"
        "responses:\n    utter_greet:\n    -   text: |\n            Hi.\n\n            How are you?\n\n"
        "    utter_ask_size:\n    -   text: Which size?\n"
        "    utter_ordered:\n    -   text: It is on its way.\n"
        "actions:\n    - action_validate\n"
    ),
    "data/all.yml": (
        "nlu:\n- intent: greet\n  examples: |\n    - hello\n- intent: order\n  examples: |\n    - a pizza\n"
        "- intent: inform\n  examples: |\n    - [large](size)\n    - [small](size)\n"
        "- lookup: size\n  examples: |\n    - large\n    - small\n"
        "rules:\n- rule: greet\n  steps:\n  - intent: greet\n  - action: utter_greet\n"
        "- rule: order\n  steps:\n  - intent: order\n  - action: order_form\n  - active_loop: order_form\n"
        "- rule: ordered\n  condition:\n  - active_loop: order_form\n  steps:\n  - action: order_form\n"
        "  - active_loop: null\n  - slot_was_set:\n    - requested_slot: null\n  - action: utter_ordered\n"
    ),
    "actions.py": "# Ours.\n@print\ndef hello(): ...\n",
    "credentials.yml": "socketio: # as it comes\nrest:\n",
    "endpoints.yml": "",
    "tests/test_stories.yml": _GREETS.format(action="utter_greet"),
}

#: In place of what `rasa init` writes, where the package rasa is not installed: the same files.
_LIKE_STOCK = {
    "config.yml": _PIPELINE.format(name="like-stock"),
    "domain.yml": (
        'version: "3.1"\n\nintents:\n  - greet\n  - bot_challenge\n\nresponses:\n  utter_greet:\n'
        '  - text: "Hello"\n\n  utter_goodbye:\n  - text: "Bye"\n\n'
        "session_config:\n  session_expiration_time: 60\n  carry_over_slots_to_new_session: true\n"
    ),
    "data/nlu.yml": (
        'version: "3.1"\n\nnlu:\n- intent: greet\n  examples: |\n    - hello\n    - hi\n\n'
        "- intent: bot_challenge\n  examples: |\n    - are you a robot\n"
    ),
    "data/rules.yml": (
        'version: "3.1"\n\nrules:\n\n- rule: Bye\n  steps:\n'
        "  - intent: bot_challenge\n  - action: utter_goodbye\n"
    ),
    "data/stories.yml": (
        'version: "3.1"\n\nstories:\n\n- story: hello\n  steps:\n  - intent: greet\n  - action: utter_greet\n'
    ),
    "actions/__init__.py": "",
    "actions/actions.py": "# Custom actions.\n",
    "credentials.yml": '# Channels.\n\nrest:\n#  # nothing to set\n\nrasa:\n  url: "http://localhost:5002/api"\n',
    "endpoints.yml": '# Servers.\n\n# action_endpoint:\n#  url: "http://localhost:5055/webhook"\n',
    "tests/test_stories.yml": _GREETS.format(action="utter_greet"),
}

PROJECTS = ("stock", "split", "socketio", "forms")

#: What each bot answered before the copilot was added, and must still answer.
CONVERSATIONS: Mapping[str, Sequence[tuple[str, str]]] = {
    "stock": [("bye", "Bye")],
    "split": [("hello", "Hello")],
    "socketio": [("hello", "Hello from our own action"), ("goodbye", "Bye")],
    "forms": [("a pizza", "Which size?"), ("large", "It is on its way.")],
}


def make_project(name: str, folder: Path) -> Path:
    """Write one of :data:`PROJECTS` into a new folder."""
    spec = importlib.util.find_spec("rasa") if name == "stock" else None
    if spec is not None:
        # What `rasa init --no-prompt` writes, found without an import.
        assert spec.origin is not None
        stock = Path(spec.origin).parent / "cli" / "initial_project"
        shutil.copytree(stock, folder, ignore=shutil.ignore_patterns("__pycache__"))
        return folder
    texts = {"stock": _LIKE_STOCK, "split": _SPLIT, "socketio": _SOCKETIO, "forms": _FORMS}[name]
    for path, text in texts.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file in a folder by path, and its folders."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b"(a folder)"
        for path in folder.rglob("*")
        if "__pycache__" not in path.parts
    }


class AdoptedProject(Project):
    """A project whose files are unchanged, except for the action server's port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rasa_port, self.actions_port = free_port(), free_port()
        endpoints = folder / "endpoints.yml"
        own = f"http://127.0.0.1:{self.actions_port}"
        endpoints.write_text(_ACTION_SERVER.sub(own, endpoints.read_text()))

    def write(self) -> None:
        """Do nothing: all files exist already."""

    def start_rasa(self) -> ServerProcess:
        """Run ``rasa run`` as a new user would."""
        command = rasa_command("run", "-i", "127.0.0.1", "-p", str(self.rasa_port))
        return ServerProcess("rasa", command, self.folder, self._own_environment())

    def start_actions(self) -> ServerProcess:
        """Run ``rasa run actions`` as a new user would."""
        command = rasa_command("run", "actions", "-p", str(self.actions_port))
        return ServerProcess("actions", command, self.folder, self._own_environment())

    def _own_environment(self) -> dict[str, str]:
        return rasa_environment(PYTHONPATH=str(self.folder))


def run_in(folder: Path, command: list[str]) -> str:
    """Run a command in a project's folder and return its output."""
    done = subprocess.run(
        command, cwd=folder, env=rasa_environment(), capture_output=True, text=True, timeout=900
    )
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    return output
