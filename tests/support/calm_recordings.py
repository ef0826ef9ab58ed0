"""Random recordings in which a replay can look ahead: each session is one user's, without odd corners.

The rules mostly count actions, wait for time, or look at pages, so that they are silent for long.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import yaml

from rasa_autoplay.engine.replay.moment import Moment
from rasa_autoplay.events.models import ActionsPayload
from support.random_recordings import random_configuration
from support.random_rules import foreseeable_rule, random_actions, random_rule
from support.rules import T0

__all__ = ["calm_configuration", "calm_moments"]


def calm_moments(chance: random.Random, *, sessions: int) -> list[Moment]:
    """Return a recording of several users, in order of time."""
    users = [f"u{number}" for number in range(max(sessions * 2 // 3, 1))]
    moments = [
        moment
        for number in range(sessions)
        for moment in _session(chance, f"s{number}", chance.choice(users))
    ]
    return sorted(moments, key=lambda moment: moment[0])


def _session(chance: random.Random, session_id: str, user_id: str) -> list[Moment]:
    at, pause_s = T0 + chance.random() * 3000, chance.choice((0.7, 3.0, 8.0))
    source, email = chance.choice(("stream", "capture")), chance.choice((None, "a@acme.com"))
    has_ids, page, moments = chance.random() < 0.3, "", []
    for action in random_actions(chance, chance.randint(5, 60), 10):
        at += chance.choice((0.25, 0.5, chance.expovariate(1 / pause_s) + 0.001))
        page = action.canonical_url if chance.random() < 0.15 else page
        action.canonical_url = page
        action.timestamp_start = action.timestamp_end = at
        action.signal = action.signal if source == "capture" and chance.random() < 0.2 else ""
        payload = ActionsPayload("demo", session_id, user_id, email, [action])
        payload.event_ids = [chance.randrange(1, 1 << 60)] if has_ids else []
        if chance.random() < 0.02:
            payload.properties = {"plan": chance.choice(("Pro", "free"))}
        if chance.random() < 0.3:
            payload.timezone, payload.language = "Europe/Berlin", chance.choice(("de", "DE", "en"))
        moments.append((at, payload, source))
    return moments


def calm_configuration(chance: random.Random, folder: Path) -> Path:
    """Write an ``autoplay.yml`` whose rules are mostly silent, and return it."""
    file = random_configuration(chance, folder)
    settings: dict[str, Any] = yaml.safe_load(file.read_text())
    for trigger in settings["triggers"]:
        if "when" in trigger:
            trigger["when"] = foreseeable_rule(chance)
            if "golden_paths" in settings and chance.random() < 0.2:
                trigger["when"] = {"all": [trigger["when"], random_rule(chance)]}
    file.write_text(yaml.safe_dump(settings, sort_keys=False))
    return file
