"""Random recordings as files: regular batches in between lines of every other kind."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from rasa_autoplay.engine.replay.moment import Moment
from rasa_autoplay.events.models import ActionsPayload

__all__ = ["random_files", "random_line"]

ROOT = Path(__file__).parents[2]
_REQUESTS = (ROOT / "example_bot/recordings/edit_three_projects.jsonl").read_text("utf-8").splitlines()


def random_files(chance: random.Random, moments: Sequence[Moment], folder: Path) -> list[Path]:
    """Write a recording to files, of which one may be gzipped and one is no recording.

    Args:
        chance: what to draw from.
        moments: the recording, in order of time.
        folder: where to write.
    """
    lines = [line for batch in _batches(chance, moments) for line in random_line(chance, batch)]
    cut = chance.randrange(len(lines) + 1)
    files = [folder / "one.jsonl", folder / "other.jsonl"]
    for file, some in zip(files, (lines[:cut], lines[cut:]), strict=True):
        content = "\n".join(some).encode() + chance.choice((b"\n", b""))
        file.write_bytes(content)
        if chance.random() < 0.2:
            file.write_bytes(gzip.compress(content))
    if chance.random() < 0.2:
        files.insert(1, folder / "shot.png")
        files[1].write_bytes(b"\x89PNG....")
    return files if chance.random() < 0.5 else files[::-1]


def _batches(chance: random.Random, moments: Sequence[Moment]) -> list[ActionsPayload]:
    """Join moments of a session to batches, nearly in order of time."""
    by_session: dict[str, list[ActionsPayload]] = {}
    for _, payload, _ in moments:
        batches = by_session.setdefault(payload.session_id or "", [])
        last = batches[-1] if batches else None
        if last is not None and last.user_id == payload.user_id and len(last.actions) < chance.randint(1, 5):
            last.actions.extend(payload.actions)
            last.event_ids = []
        else:
            copied = msgspec.convert(msgspec.to_builtins(payload), ActionsPayload)
            batches.append(copied)
    found = [batch for batches in by_session.values() for batch in batches]
    chance.shuffle(found)
    return found


def random_line(chance: random.Random, batch: ActionsPayload) -> list[str]:
    """Return a batch as a line, perhaps changed, and sometimes another line before it."""
    data: dict[str, Any] = msgspec.to_builtins(batch)
    if chance.random() < 0.3:
        chance.choice(_CHANGES)(data)
    text = json.dumps(data)
    if chance.random() < 0.05:
        text = f" {text}\r"
    before = [chance.choice(_OTHERS)()] if chance.random() < 0.15 else []
    if chance.random() < 0.05:
        before.append(chance.choice(_REQUESTS))
    return [*before, text]


def _time_of(data: dict[str, Any]) -> float:
    return float(max([data.get("forwarded_at", 0.0), *(each["timestamp_start"] for each in data["actions"])]))


def _with_times(change: Callable[[float], Any]) -> Callable[[dict[str, Any]], None]:
    def changed(data: dict[str, Any]) -> None:
        for action in data["actions"]:
            action["timestamp_start"] = change(action["timestamp_start"])

    return changed


def _first_with(**fields: Any) -> Callable[[dict[str, Any]], None]:
    def changed(data: dict[str, Any]) -> None:
        for action in data["actions"][:1]:
            action.update(fields)

    return changed


_CHANGES: tuple[Callable[[dict[str, Any]], None], ...] = (
    _with_times(lambda at: at * 1000),
    _with_times(str),
    _with_times(lambda _at: None),
    _with_times(lambda _at: 0),
    lambda data: data.update(forwarded_at=_time_of(data)),
    _first_with(title=None),
    _first_with(timestamp_start=0),
    _first_with(title="Click x@example.com", description="y" * 3000, raw_url="https://u:p@a.com/1?t=2"),
    lambda data: data["actions"].append("no action"),
    lambda data: data.update(actions=[], forwarded_at=_time_of(data)),
    lambda data: data.update(user_id=None),
    lambda data: data.update(user_id=f" {data['user_id']}"),
    lambda data: data.update(session_id=f"{data['session_id']} "),
    lambda data: data.update(session_id=""),
    lambda data: data.update(session_id="s~for~u"),
    lambda data: data.update(session_id="x" * 3000),
    lambda data: data.update(product_id="acme"),
    lambda data: data.update(product_id="other", user_id=None),
    lambda data: data.update(product_id=""),
    lambda data: data.update(product_id=" demo "),
    lambda data: data.update(timezone="Europe/Berlin", language="de", properties={"a": "b"}),
    lambda data: data.update(kind="x", at=3),
)
_SUMMARY = {"type": "summary", "product_id": "demo", "session_id": "s1", "summary": "…"}
_OTHERS: tuple[Callable[[], str], ...] = (
    str,
    lambda: "not json",
    lambda: "[1, 2]",
    lambda: json.dumps({"event": "heartbeat"}),
    lambda: json.dumps(_SUMMARY),
    lambda: '{"type": "surprise"}',
    lambda: '{"a": "\\ud83d"}',
)
