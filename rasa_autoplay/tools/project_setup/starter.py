"""The initial content of new files, for people to read and change."""

from __future__ import annotations

from rasa_autoplay.settings.assistant_kind import AssistantKind
from rasa_autoplay.tools.validation.rasa_files import ACTION, ENTITY, INTENT, SLOT

__all__ = [
    "ACTION_ENDPOINT",
    "CHAT",
    "DOMAIN",
    "ENGINE_IN_PROCESS",
    "GOLDEN_PATH",
    "RULE",
    "SLOT_BLOCK",
    "autoplay_yml",
    "channel_section",
]

RULE = f"""\
version: "3.1"

# How the bot speaks first. The channel sends the intent; users never type it. The examples only make Rasa
# know it, and the rule needs the entity, which a typed text cannot carry.

rules:
  - rule: The copilot sends a proactive message
    steps:
      - intent: {INTENT}
        entities:
          - {ENTITY}
      - action: {ACTION}

nlu:
  - intent: {INTENT}
    examples: |
      - {INTENT}
      - /{INTENT}
"""

SLOT_BLOCK = f"""\
  {SLOT}: # autoplay
    type: text
    influence_conversation: false
    mappings:
      - type: from_entity
        entity: {ENTITY}
"""

DOMAIN = f"""\
version: "3.1"

# The copilot's intent, entity, slot and action.
intents:
  - {INTENT}
entities:
  - {ENTITY}
slots:
{SLOT_BLOCK}\
actions:
  - {ACTION}
"""

CHAT = """\
# The chat widget's channel.
rasa_autoplay.chat_channel.AutoplaySocketIOInput:
  session_persistence: true
  metadata_key: customData
"""

ENGINE_IN_PROCESS = """\
  engine: in_process # the copilot's engine runs in the Rasa server, which runs the actions too
"""

ACTION_ENDPOINT = """\
# The action server, started by `rasa run actions`. The copilot's engine runs there too.
action_endpoint:
  url: "http://localhost:5055/webhook"
"""

_PORTS = (3000, 5005, 5173, 8080)
_ORIGINS = [f"http://{host}:{port}" for port in _PORTS for host in ("localhost", "127.0.0.1")]


_CHAT_WITH_INTENTS = """\
  chat:
    say: auto # as an event, without training; by the intent EXTERNAL_proactive if the model knows it
    # After the copilot has spoken, it answers "yes" and questions that a golden path answers, unless the
    # model is at least this sure of an intent of the bot. 0: it leaves them to the bot.
    bot_confidence: 0.9
"""


def channel_section(product_id: str, kind: AssistantKind, *, in_process: bool) -> str:
    """Return the channel's section of ``credentials.yml``, for a host app on this machine.

    Args:
        product_id: the app's name.
        kind: what decides the assistant's next step.
        in_process: the engine runs in the Rasa server.
    """
    origins = "\n".join(f"    - {origin}" for origin in _ORIGINS)
    return f"""\
# The copilot: receives events and sends toasts.
rasa_autoplay.channel.AutoplayInput:
  product_id: {_quoted(product_id)} # the same as in autoplay.yml
{ENGINE_IN_PROCESS if in_process else ""}\
  # admin_key: <16 or more secret characters> # opens the studio and `rasa-autoplay tail` for operators
  capture: true # posthog-js: api_host = <this server>/webhooks/autoplay/capture
  identity: none # any browser may speak for any user; only for trying it out
{_CHAT_WITH_INTENTS if kind is AssistantKind.RULES else ""}\
  allowed_origins: # the origins of the pages that may use the copilot
{origins}
"""


def autoplay_yml(product_id: str) -> str:
    """Return an ``autoplay.yml`` with an example, and the trigger that suits every app."""
    return f"""\
# When the bot speaks first. The engine reads this file when it starts; no training is needed.
# `rasa-autoplay validate` checks it.
version: "1"
product_id: {_quoted(product_id)} # the same as in credentials.yml

session: {{interaction_timeout: 10s, cooldown: 20s}} # for trying it out; use 60s and 120s in production
courtesy: {{min_interval: 0s}} # use 5m in production

# In order of priority: the first trigger whose condition holds makes an offer.
triggers:
  # An example to replace: three clicks on something called "save" within two minutes, unless the user has
  # clicked something called "bulk" in this session.
  - id: repeated_saves # the trigger's name in logs
    body: "Saving one at a time? There may be a quicker way. Want me to show you?" # the toast's text
    when:
      all:
        # - on_page: /projects # the URL of the newest action contains this
        - count: {{title: save, at_least: 3, within: 120s}} # titles read like "Click Save changes"
        - never: {{title: bulk}}
    golden_path: repeated-saves # what the bot explains: golden_paths/repeated-saves.yml
  # Users who try and get nowhere: failures in a row, clicks around one step, a search without end.
  - builtin: struggle

golden_paths: golden_paths # the folder
database: {{url: "sqlite:///autoplay.db"}} # stores offers, receipts and user memory
# llm: {{model: gpt-4o-mini}} # rewords the steps in a friendlier way; set OPENAI_API_KEY
"""


GOLDEN_PATH = """\
# The ideal steps of one workflow. Replace them with a workflow of your app. A step with an element (a CSS
# selector) is also a step of the tour that "Show me" starts. These elements are on the page of the ten-minute
# start, docs/first-toast.
id: repeated-saves
title: Change several things at once
description: Change several entries together instead of one at a time.
page: ":8080/" # the tour is offered on pages whose URL contains this
steps:
  - id: select
    title: Select the entries
    element: ".entries input[type=checkbox]"
    text: Select the entries you want to change.
    done_when: {title: select}
  - id: save
    title: Save them together
    element: "#save-together"
    text: Make your change, then save it once for all of them.
    done_when: {title: save}
"""


def _quoted(name: str) -> str:
    """Quote a name as a YAML string, even if it looks like a number."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
