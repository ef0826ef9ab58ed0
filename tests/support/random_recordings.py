"""Random recordings and configurations that reach the odd corners of a replay.

Times lie on a grid of quarter seconds, so that timers and actions of different users often coincide. Users
share sessions, sign in late, come back after the idle timeout, and send the same action twice.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import msgspec
import yaml

from rasa_autoplay.engine.replay.moment import Moment
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from support.random_rules import random_actions, random_rule
from support.rules import PATHS

__all__ = ["copied", "random_configuration", "random_moments"]

_SOURCES = ("stream", "stream", "stream", "capture")


def random_moments(chance: random.Random, *, sessions: int = 12) -> list[Moment]:
    """Return a recording of several users, in order of time."""
    users = [f"u{number}" for number in range(max(sessions // 3, 1))]
    moments: list[Moment] = []
    for number in range(sessions):
        moments += _session(chance, f"s{number}", users)
    moments.sort(key=lambda moment: moment[0])
    return moments


def _session(chance: random.Random, session_id: str, users: list[str]) -> list[Moment]:
    moments: list[Moment] = []
    source, user_id = chance.choice(_SOURCES), chance.choice([*users, None])
    began_s = float(chance.randrange(400))
    for _ in range(chance.randint(1, 3)):
        for action in random_actions(chance, chance.randint(1, 14), chance.choice((10, 60, 200))):
            action.timestamp_start += began_s
            action.timestamp_end = max(action.timestamp_end + began_s, action.timestamp_start)
            if chance.random() < 0.5:
                action.signal = ""
            if chance.random() < 0.05:
                user_id = chance.choice(users)
            copies = 2 if chance.random() < 0.04 else 1
            for _ in range(copies):
                moments.append(_moment(chance, action, session_id, user_id, source))
        # Often around the idle timeout of the configuration below.
        began_s += chance.choice((5.0, 70.0, 180.0, 190.0, 200.0, 400.0, 4000.0))
    return moments


def _moment(
    chance: random.Random, action: SlimAction, session_id: str, user_id: str | None, source: str
) -> Moment:
    email = f"{user_id}@acme.com" if user_id and chance.random() < 0.3 else None
    payload = ActionsPayload("demo", session_id, user_id, email, [msgspec.structs.replace(action)])
    if user_id and chance.random() < 0.1:
        payload.properties = {"plan": chance.choice(("Pro", "free")), "admin": chance.random() < 0.5}
    if chance.random() < 0.1:
        payload.timezone, payload.language = "Europe/Berlin", chance.choice(("de", "en"))
    if chance.random() < 0.2:
        payload.event_ids = [chance.randrange(1, 1 << 20)]
    if chance.random() < 0.02:
        payload.actions, payload.event_ids, payload.count = [], [], 0
        payload.forwarded_at = action.timestamp_start
    return action.timestamp_start, payload, source


def copied(moments: list[Moment]) -> list[Moment]:
    """Return a recording that a replay can change without changing this one."""
    return msgspec.convert(
        [(at, msgspec.to_builtins(payload), source) for at, payload, source in moments], list[Moment]
    )


def random_configuration(chance: random.Random, folder: Path) -> Path:
    """Write a random ``autoplay.yml`` with golden paths, and return it."""
    (folder / "paths").mkdir(parents=True, exist_ok=True)
    for path_id in PATHS:
        path = {"id": path_id, "title": path_id.title(), "steps": [_step(chance, n) for n in range(3)]}
        (folder / "paths" / f"{path_id}.yml").write_text(yaml.safe_dump(path))
    settings: dict[str, Any] = {
        "product_id": "demo",
        "session": {
            "idle_timeout": chance.choice(("3m", "30m")),
            "interaction_timeout": chance.choice(("5s", "20s")),
            "cooldown": chance.choice(("10s", "40s")),
            "window": {"lookback": chance.choice(("30s", "5m")), "max_actions": chance.choice((5, 200))},
        },
        "courtesy": _courtesy(chance),
        "triggers": [_trigger(chance, number) for number in range(chance.randint(1, 5))],
    }
    if chance.random() < 0.6:
        settings["golden_paths"] = "paths"
    else:
        settings["triggers"] = [each for each in settings["triggers"] if not _needs_paths(each)]
    if chance.random() < 0.3:
        settings["holdout"] = {"share": "30%", "salt": "x"}
    file = folder / "autoplay.yml"
    file.write_text(yaml.safe_dump(settings, sort_keys=False))
    return file


def _step(chance: random.Random, number: int) -> dict[str, Any]:
    done: dict[str, Any] = chance.choice(
        ({"element_id": "save"}, {"title": "edit"}, {"title": "menu"}, {"element_id": "menu"})
    )
    return {"id": f"step{number}", "title": f"Step {number}", "text": f"Do {number}.", "done_when": done}


def _courtesy(chance: random.Random) -> dict[str, Any]:
    courtesy: dict[str, Any] = {"min_interval": chance.choice(("0s", "30s", "2m"))}
    if chance.random() < 0.3:
        courtesy["hold_until"] = chance.choice((["navigation"], ["save", "idle 3s"], ["idle 5s"]))
        courtesy["max_wait"] = chance.choice(("5s", "30s"))
    if chance.random() < 0.3:
        courtesy["per_user_per_day"] = chance.randint(1, 3)
    if chance.random() < 0.2:
        courtesy["explore"] = "50%"
    return courtesy


def _trigger(chance: random.Random, number: int) -> dict[str, Any]:
    trigger: dict[str, Any] = {"id": f"t{number}", "body": "May I?"}
    kind = chance.random()
    if kind < 0.7:
        trigger["when"] = random_rule(chance)
    elif kind < 0.85:
        trigger |= {"builtin": "canonical_url_ping_pong", "min_cycles": chance.randint(1, 2)}
    else:
        trigger |= {"builtin": "user_page_dwell", "dwell": chance.choice(("10s", "60s"))}
    if chance.random() < 0.2:
        trigger["rollout"] = chance.choice(("50%", "ghost", "off"))
    return trigger


def _needs_paths(trigger: dict[str, Any]) -> bool:
    words = str(trigger.get("when", ""))
    return "'path'" in words or "'memory'" in words
