"""Rasa projects of other people's, into which ``rasa-autoplay init`` brings the copilot."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

__all__ = ["PROJECTS", "files_of", "make_project"]

_CONFIG = "recipe: default.v1\nlanguage: en\npipeline: null\npolicies: null\n"

#: Domain and data in parts, actions in one module.
_SPLIT = {
    "config.yml": _CONFIG,
    "domain/main.yml": 'version: "3.1"\nintents:\n- greet   # hello\n',
    "domain/more/responses.yml": "responses:\n  utter_greet:\n  - text: Hello\n",
    "data/nlu/greet.yml": 'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - hi\n    - hello\n',
    "data/rules.yml": "rules:\n- rule: greet\n  steps:\n  - intent: greet\n  - action: utter_greet\n",
    "actions.py": '#!/bin/env python\n"""Ours."""\nfrom __future__ import annotations\nimport os; X = 1\n',
    "credentials.yml": "# nothing so far\n",
    "endpoints.yml": 'action_endpoint: {url: "http://actions:5055/webhook"} # in Docker\n',
}

#: Stock socketio, an actions package, Windows' line ends, and files that end without one.
_SOCKETIO = {
    "config.yml": _CONFIG,
    "domain.yml": (
        'version: "3.1"\r\nintents: [greet, bye] # in braces\r\nentities: []\r\nslots:\r\n  name:\r\n'
        "    type: text\r\n    mappings:\r\n    - type: from_text\r\n"
        "actions:\r\n  - action_hello\r\n  # the end"
    ),
    "data/stories.yml": "stories: []",
    "actions/__init__.py": "",
    "actions/hello.py": (
        "from rasa_sdk import Action\n\n\nclass Hello(Action):\n    def name(self):\n        return 'hello'\n"
    ),
    "credentials.yml": (
        "slack:\n  slack_token: xoxb-very-secret\n\nsocketio:\n  user_message_evt: user_uttered\n"
        "  bot_message_evt: bot_uttered\n  session_persistence: true\n\nrest:"
    ),
}

#: Forms, a greet rule, sections that hold nothing, entries that are mappings.
_FORMS = {
    "config.yml": _CONFIG,
    "domain.yml": (
        "intents:\n    - greet:\n        use_entities: []\n    # asked for by the form\n    - inform\n\n"
        "entities:\n    - size\nslots:\n    size:\n        type: text\n        mappings:\n"
        "            - type: from_entity\n              entity: size\n\n"
        "# our form\nforms:\n    order_form:\n        required_slots:\n            - size\n"
        "responses:\n    utter_greet:\n    -   text: |\n            Hi.\n\n            How are you?\n\n"
        "actions:\n    - action_validate\n"
    ),
    "data/all.yml": (
        "rules:\n- rule: greet\n  steps:\n  - intent: greet\n  - action: utter_greet\n"
        "- rule: order\n  steps:\n  - intent: inform\n  - action: order_form\n  - active_loop: order_form\n"
    ),
    "actions.py": "# Ours.\n@print\ndef hello(): ...\n",
    "credentials.yml": "socketio: # as it comes\nrest:\n",
    "endpoints.yml": "",
}

PROJECTS = ("stock", "split", "socketio", "forms")


def make_project(name: str, folder: Path) -> Path:
    """Write one of :data:`PROJECTS` into a new folder."""
    if name == "stock":
        # What `rasa init --no-prompt` writes; the package is found without being imported.
        spec = importlib.util.find_spec("rasa")
        assert spec is not None
        assert spec.origin is not None
        stock = Path(spec.origin).parent / "cli" / "initial_project"
        shutil.copytree(stock, folder, ignore=shutil.ignore_patterns("__pycache__"))
        return folder
    texts = {"split": _SPLIT, "socketio": _SOCKETIO, "forms": _FORMS}[name]
    for path, text in texts.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    """All files of a folder, by path, and its folders, to the byte."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b"(a folder)"
        for path in folder.rglob("*")
        if "__pycache__" not in path.parts
    }
