"""The configurations with which the product takes part."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from ruamel.yaml import YAML

from benchmarks.timing.contestants.product import golden_paths_of
from benchmarks.timing.messages import AppMessage
from rasa_autoplay.tools.project_setup import starter

__all__ = ["all_builtins", "default_configuration", "rules", "struggle_and_slow_way"]

_RULES = Path(__file__).parents[1] / "rules"
#: All built-in triggers that needed no parameter at the first run, in the order of docs/rules.md.
_BUILTINS = (
    "bulk_edit_opportunity",
    "canonical_url_ping_pong",
    "user_page_dwell",
    "workflow_stall",
    "repeated_failure",
    "skipped_step",
    "return_after_gap",
    "first_time",
    "repeat_attempt",
    "next_step",
    "rage_click",
    "dead_click",
)


def default_configuration(app: AppMessage) -> Mapping[str, str]:
    """Return what ``rasa-autoplay init`` writes, and the app's golden paths."""
    return {
        **golden_paths_of(app),
        "autoplay.yml": starter.autoplay_yml(app.id),
        "golden_paths/repeated-saves.yml": starter.GOLDEN_PATH,
    }


def all_builtins(app: AppMessage) -> Mapping[str, str]:
    """Return all built-in triggers with their defaults, and default courtesy."""
    triggers = "".join(f"  - builtin: {name}\n" for name in _BUILTINS)
    text = f"product_id: {app.id}\ngolden_paths: golden_paths\ntriggers:\n{triggers}"
    return {**golden_paths_of(app), "autoplay.yml": text}


def rules(app: AppMessage) -> Mapping[str, str]:
    """Return the app's hand-written rules."""
    text = (_RULES / f"{app.id}.yml").read_text(encoding="utf-8")
    return {**golden_paths_of(app), "autoplay.yml": text}


def struggle_and_slow_way(app: AppMessage) -> Mapping[str, str]:
    """Return what docs/rules.md advises: the built-in struggle, and one rule about the slow way."""
    files = rules(app)
    settings = YAML(typ="safe").load(files["autoplay.yml"])
    slow_way = [trigger for trigger in settings["triggers"] if trigger["id"] == "one-by-one"]
    settings["triggers"] = [*slow_way, {"builtin": "struggle"}]
    return {**files, "autoplay.yml": json.dumps(settings)}
