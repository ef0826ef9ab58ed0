"""Asks a running Rasa server how it is."""

from __future__ import annotations

import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.tools.doctor.project import Project

__all__ = ["Running", "ask"]

_BASE = "/webhooks/autoplay/"
_TIMEOUT_S = 5.0


@dataclass(frozen=True)
class Running:
    """What a running pair of servers answers.

    Attributes:
        project: its files here.
        problem: why there is no answer; empty when there is one.
        health: of ``GET /webhooks/autoplay/``; empty without an answer.
        allowed: by each of the project's origins, whether the server lets it in.
        skew_s: how far the server's clock is ahead of this one; None where it cannot be told.
        reaches_actions: whether something listens at the action endpoint, as seen from here.
        url: of the Rasa server: scheme and host.
        api_is_open: whether Rasa's own API answers without a token.
    """

    project: Project
    problem: str
    health: Mapping[str, Any]
    allowed: Mapping[str, bool]
    skew_s: float | None
    reaches_actions: bool
    url: str = ""
    api_is_open: bool = False

    @property
    def sources(self) -> Mapping[str, Mapping[str, Any]]:
        """What health tells of each source."""
        return _sources_of(self.health)

    @property
    def engines(self) -> Mapping[str, Mapping[str, Any]]:
        """What health tells of each engine, by its id; of the one there is without Redis, by no name."""
        engine: Mapping[str, Any] = self.health.get("engine") or {}
        several: Mapping[str, Mapping[str, Any]] = engine.get("engines") or {}
        return several or {"": engine}


def ask(url: str, project: Project, clock: Callable[[], float] = time.time) -> Running:
    """Ask a Rasa server.

    Args:
        url: scheme and host, as in ``http://localhost:5005``.
        project: names origins and action server.
        clock: epoch seconds.

    Raises:
        ConfigError: the address is none.
    """
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        raise ConfigError(f"--live: {url!r} is no address.", remedy="Write it as http://localhost:5005.")
    base = url.rstrip("/") + _BASE
    health, _, problem = _get(base, "")
    entries = map(str, project.channel.get("allowed_origins") or [])
    wanted = [entry for entry in entries if "*" not in entry]
    allowed = {} if problem else {origin: _get(base, origin)[1] for origin in wanted}
    return Running(
        project,
        problem,
        health,
        allowed,
        _skew(health, clock()),
        _listens(project.action_endpoint),
        url.rstrip("/"),
        _api_is_open(url.rstrip("/")),
    )


def _get(url: str, origin: str) -> tuple[Mapping[str, Any], bool, str]:
    """The answer's JSON, whether the origin is let in, and why there is none."""
    request = urllib.request.Request(url, headers={"Origin": origin} if origin else {})  # noqa: S310 - checked
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - http(s) only
            content = json.loads(answer.read(1_000_000))
            is_allowed = answer.headers.get("Access-Control-Allow-Origin") in (origin, "*")
    except urllib.error.HTTPError as refusal:
        return {}, False, f"it answers {refusal.code}: the channel is not in its credentials.yml"
    except (OSError, ValueError) as problem:
        return {}, False, f"no answer ({getattr(problem, 'reason', problem)})"
    if not isinstance(content, Mapping) or "link" not in content:
        return {}, False, "something else answers there"
    return content, is_allowed, ""


def _api_is_open(url: str) -> bool:
    """``/status`` belongs to Rasa's API: 404 without it, 401 where it asks for a token."""
    try:
        with urllib.request.urlopen(f"{url}/status", timeout=_TIMEOUT_S) as answer:  # noqa: S310 - checked
            return b"model_file" in answer.read(100_000)
    except (OSError, ValueError):
        return False


def _skew(health: Mapping[str, Any], now: float) -> float | None:
    """The server's time is that of an event and how long that is ago."""
    for source in _sources_of(health).values():
        at, age_s = source.get("last_event_at"), source.get("last_event_age_s")
        if isinstance(at, (int, float)) and isinstance(age_s, (int, float)):
            return at + age_s - now
    return None


def _listens(endpoint: str) -> bool:
    place = urlsplit(endpoint)
    if not place.hostname:
        return False
    try:
        port = place.port or (443 if place.scheme == "https" else 80)
        socket.create_connection((place.hostname, port), timeout=_TIMEOUT_S).close()
    except (OSError, ValueError):
        return False
    return True


def _sources_of(health: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    sources: Mapping[str, Mapping[str, Any]] = health.get("sources") or {}
    return sources
