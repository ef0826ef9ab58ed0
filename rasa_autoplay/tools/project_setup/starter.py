"""What new files begin with. Their texts are for people to read and to change."""

from __future__ import annotations

from rasa_autoplay.tools.validation.rasa_files import ACTION, ENTITY, INTENT, SLOT

__all__ = [
    "ACTION_ENDPOINT",
    "CHAT",
    "DOMAIN",
    "GOLDEN_PATH",
    "RULE",
    "SLOT_BLOCK",
    "autoplay_yml",
    "channel_section",
]

RULE = f"""\
version: "3.1"

# How the bot speaks first. The intent is sent by the channel, never typed: its examples only tell Rasa that
# it exists, and the rule asks for the entity, which no text can carry.

rules:
  - rule: The copilot says what it noticed
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

# What the copilot adds to the bot.
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

ACTION_ENDPOINT = """\
# The action server, started by `rasa run actions`. The copilot's engine runs there too.
action_endpoint:
  url: "http://localhost:5055/webhook"
"""

_PORTS = (3000, 5005, 5173, 8080)
_ORIGINS = [f"http://{host}:{port}" for port in _PORTS for host in ("localhost", "127.0.0.1")]


def channel_section(product_id: str) -> str:
    """The channel in ``credentials.yml``, for a host app on this machine."""
    origins = "\n".join(f"    - {origin}" for origin in _ORIGINS)
    return f"""\
# The copilot: events come in, toasts go out.
rasa_autoplay.channel.AutoplayInput:
  product_id: {_quoted(product_id)} # the same as in autoplay.yml
  capture: true # posthog-js: api_host = <this server>/webhooks/autoplay/capture
  identity: none # any browser may speak for any user: for trying it out only
  allowed_origins: # the pages that may use it
{origins}
"""


def autoplay_yml(product_id: str) -> str:
    """``autoplay.yml`` with one trigger."""
    return f"""\
# When the bot speaks first. The action server reads this file at its start; no training is needed.
# `rasa-autoplay validate` checks it.
version: "1"
product_id: {_quoted(product_id)} # the same as in credentials.yml

session: {{interaction_timeout: 10s, cooldown: 20s}} # for trying it out; in production 60s and 120s
courtesy: {{min_interval: 0s}} # in production 5m

# In order of priority: the first whose condition holds is offered.
triggers:
  # An example to be replaced: three clicks on something called "save" within two minutes, unless the user
  # has used what is called "bulk" in this session.
  - id: repeated_saves # its name in logs
    body: "Saving one by one? There may be a shorter way. Shall I show you?" # the toast
    when:
      all:
        # - on_page: /projects # the newest action's address contains this
        - count: {{title: save, at_least: 3, within: 120s}} # titles read like "Click Save changes"
        - never: {{title: bulk}}
    golden_path: repeated-saves # what is explained: golden_paths/repeated-saves.yml

golden_paths: golden_paths # the folder
database: {{url: "sqlite:///autoplay.db"}} # offers, receipts, what users know
# llm: {{model: gpt-4o-mini}} # friendlier words for the same steps; the key: OPENAI_API_KEY
"""


GOLDEN_PATH = """\
# The ideal steps of one workflow, to be replaced by one of your app's. With an element, which is a CSS
# selector, a step is also part of the tour behind "Show me".
id: repeated-saves
title: Change several things at once
description: Several entries are changed together instead of one by one.
# page: /projects # the tour is offered where the address contains this
steps:
  - id: select
    title: Select the entries
    # element: "#my-table input[type=checkbox]"
    text: Select the entries that you want to change.
    done_when: {title: select}
  - id: save
    title: Save them together
    # element: "#save"
    text: Make the change, and save it once for all of them.
    done_when: {title: save}
"""


def _quoted(name: str) -> str:
    """As a text in YAML, also where it looks like a number."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
