"""Asks a running Rasa server for its health."""

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
from rasa_autoplay.gateway.studio.health import Health
from rasa_autoplay.tools.doctor.feed_timing import FeedTiming, time_feed
from rasa_autoplay.tools.doctor.project import Project

__all__ = ["Running", "ask"]

_BASE = "/webhooks/autoplay/"
_TIMEOUT_S = 5.0


@dataclass(frozen=True)
class Running:
    """The answers of a running Rasa server and its action server.

    Attributes:
        project: the project's files on this machine.
        problem: why the server did not answer; empty if it did.
        health: the answer of ``GET /webhooks/autoplay/``; empty if there is none.
        allowed: for each of the project's origins, whether the server accepts it.
        skew_s: how many seconds the server's clock is ahead of this one; None if unknown.
        reaches_actions: whether a server listens at the action endpoint, as seen from this machine.
        url: the Rasa server's scheme and host.
        api_is_open: whether Rasa's own API answers without a token.
        feed: when a feed's first byte came; None if the server did not answer.
    """

    project: Project
    problem: str
    health: Mapping[str, Any]
    allowed: Mapping[str, bool]
    skew_s: float | None
    reaches_actions: bool
    url: str = ""
    api_is_open: bool = False
    feed: FeedTiming | None = None

    @property
    def sources(self) -> Mapping[str, Mapping[str, Any]]:
        """The health of each source, by its name."""
        return Health(self.health).sources

    @property
    def engines(self) -> Mapping[str, Mapping[str, Any]]:
        """The health of each engine, by its id. Without Redis there is one engine, and its key is empty."""
        return Health(self.health).engines


def ask(url: str, project: Project, clock: Callable[[], float] = time.time) -> Running:
    """Ask a Rasa server for its health.

    Args:
        url: scheme and host, as in ``http://localhost:5005``.
        project: names the origins and the action server to check.
        clock: epoch seconds.

    Raises:
        ConfigError: ``url`` is not an HTTP address.
    """
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        raise ConfigError(
            f"--live: {url!r} is not an HTTP address.", remedy="Write it as http://localhost:5005."
        )
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
        None if problem else time_feed(base, project),
    )


def _get(url: str, origin: str) -> tuple[Mapping[str, Any], bool, str]:
    """Return the answer's JSON, whether the server accepts the origin, and why there is no answer."""
    request = urllib.request.Request(url, headers={"Origin": origin} if origin else {})  # noqa: S310 - checked
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - http(s) only
            content = json.loads(answer.read(1_000_000))
            is_allowed = answer.headers.get("Access-Control-Allow-Origin") in (origin, "*")
    except urllib.error.HTTPError as refusal:
        return {}, False, f"the server answers {refusal.code}: its credentials.yml does not have the channel"
    except (OSError, ValueError) as problem:
        return {}, False, f"the server does not answer ({getattr(problem, 'reason', problem)})"
    if not isinstance(content, Mapping) or "link" not in content:
        return {}, False, "the server that answers there is not the copilot's"
    return content, is_allowed, ""


def _api_is_open(url: str) -> bool:
    """``/status`` is part of Rasa's API: it answers 404 if the API is off, and 401 if it needs a token."""
    try:
        with urllib.request.urlopen(f"{url}/status", timeout=_TIMEOUT_S) as answer:  # noqa: S310 - checked
            return b"model_file" in answer.read(100_000)
    except (OSError, ValueError):
        return False


def _skew(health: Mapping[str, Any], now: float) -> float | None:
    """Compute the server's time from the time and age of its last event."""
    for source in Health(health).sources.values():
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
