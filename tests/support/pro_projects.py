"""Small projects for Rasa Pro: an assistant with flows (CALM), and one with skills (Mantle)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

__all__ = ["CALM", "MANTLE", "write_project"]

#: One flow; Rasa runs the actions itself.
CALM: Mapping[str, str] = {
    "config.yml": """\
recipe: default.v1
assistant_id: shop
language: en
pipeline:
  - name: CompactLLMCommandGenerator # a comment
    llm: {model_group: ours}
policies:
  - name: FlowPolicy
""",
    "domain/orders.yml": """\
version: "3.1"
slots:
  order_number:
    type: text
    mappings: [{type: from_llm}]
responses:
  utter_ask_order_number:
    - text: Which order?
  utter_on_its_way:
    - text: It is on its way.
""",
    "data/flows/orders.yml": """\
flows:
  track_order:
    description: Tells where an order is.
    steps:
      - collect: order_number
      - action: utter_on_its_way
""",
    "actions/__init__.py": "",
    "credentials.yml": "socketio:\n  session_persistence: true\n",
    "endpoints.yml": """\
action_endpoint:
  actions_module: "actions"
model_groups:
  - id: ours
    models:
      - {provider: openai, model: a-model, api_key: "${OUR_KEY}"}
""",
}

MANTLE: Mapping[str, str] = {
    "agent.yml": "agent:\n  language: en\n  persona: You help people find their orders.\n",
    "integrations.yml": """\
model_groups:
  - id: ours
    models:
      - {provider: openai, model: a-model, api_key: very-secret}
channels:
  rest:
    enabled: false
# The end.
""",
    "skills/track_order/skill.md": "---\nname: Track an order\ndescription: Where is it?\n---\nAsk for it.\n",
}


def write_project(files: Mapping[str, str], folder: Path) -> Path:
    """Write a project's files into a folder."""
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder
