"""The running servers, as the Rasa server's health route tells of them."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from rasa_autoplay.doctor.base import Check, Problem, error, warning
from rasa_autoplay.doctor.running import Running

__all__ = ["HEALTH_CHECKS", "SERVER_CHECKS"]

_MOST_SKEW_S = 5.0
#: So many actions without a trigger that fires are worth a look at the rules.
_MANY_ACTIONS = 50


def _server(running: Running) -> Iterator[Problem]:
    if running.problem:
        yield error(running.problem, "start it with `rasa run`, with the channel in credentials.yml")


def _action_server(running: Running) -> Iterator[Problem]:
    if running.project.action_endpoint and not running.reaches_actions:
        yield error(
            f"nothing listens at {_place_of(running.project.action_endpoint)}", "start `rasa run actions`"
        )


def _place_of(endpoint: str) -> str:
    """Host and port: an address may hold a password or token."""
    place = urlsplit(endpoint)
    return f"{place.hostname}:{place.port}" if place.port else str(place.hostname)


def _link(running: Running) -> Iterator[Problem]:
    link = running.health.get("link") or {}
    if running.health and link.get("state") != "connected":
        yield error(
            f"the link to the engine is {link.get('state')}",
            str(link.get("remedy") or "is the actions module's import there, and the action server up?"),
        )


def _engine(running: Running) -> Iterator[Problem]:
    engine = running.health.get("engine") or {}
    if running.health and engine.get("state") != "running":
        remedy = engine.get("remedy") or engine.get("error") or "look at the action server's log"
        yield error(f"the engine is {engine.get('state', 'not there')}", str(remedy))
    for part in ("memory", "llm", "embeddings"):
        state = engine.get(part) or {}
        if state.get("state") == "failed":
            yield error(f"{part} has failed", str(state.get("remedy") or "look at the action server's log"))


def _events(running: Running) -> Iterator[Problem]:
    for name, source in running.sources.items():
        if source.get("state") == "failed":
            yield error(f"{name} has failed", str(source.get("remedy") or "look at the Rasa server's log"))
        elif source.get("remedy"):
            yield warning(f"{name} is {source.get('state')}", str(source["remedy"]))


def _owners(running: Running) -> Iterator[Problem]:
    if count := (running.health.get("engine") or {}).get("from_second_source"):
        yield warning(
            f"{count} actions were told by a second source, and left out",
            "let one source tell of a user: owners",
        )


def _page_views(running: Running) -> Iterator[Problem]:
    for name, source in running.sources.items():
        if source.get("accepted") and source.get("page_views") == 0:
            yield warning(
                f"{name}: {source['accepted']} actions, and no page view among them",
                'capture_pageview: "history_change" in posthog-js, so that triggers know the page',
            )


def _offers(running: Running) -> Iterator[Problem]:
    engine = running.health.get("engine") or {}
    seen = sum(int(source.get("accepted") or 0) for source in running.sources.values())
    fired = engine.get("offers") or any(name.startswith("held_by_") for name in engine)
    if engine.get("state") == "running" and seen >= _MANY_ACTIONS and not fired:
        yield warning(
            f"{seen} actions, and no trigger has fired: a title or page may never match",
            "GET /webhooks/autoplay/explain/<user id> with the admin_key tells each condition's state",
        )


def _feeds(running: Running) -> Iterator[Problem]:
    if running.health and not (running.health.get("link") or {}).get("feeds"):
        yield warning(
            "no browser listens for toasts",
            "open a page of your app with autoplay.js on it and data-user-id set",
        )


def _origins(running: Running) -> Iterator[Problem]:
    for origin, is_allowed in running.allowed.items():
        if not is_allowed:
            yield error(
                f"pages of {origin} are not let in",
                "restart `rasa run`: credentials.yml is read at its start",
            )


def _clock(running: Running) -> Iterator[Problem]:
    if running.skew_s is not None and abs(running.skew_s) > _MOST_SKEW_S:
        yield warning(
            f"the server's clock is {running.skew_s:+.0f} s off this one",
            "set both by NTP: windows and tokens go by the clock",
        )


def _tokens(running: Running) -> Iterator[Problem]:
    identity = running.health.get("identity") or {}
    for key in ("refused", "would_be_refused"):
        counts = identity.get(key) or {}
        if counts:
            told = ", ".join(f"{count} {reason}" for reason, count in counts.items())
            yield warning(f"{key.replace('_', ' ')}: {told}", "docs/security.md tells what each reason means")


SERVER_CHECKS: tuple[Check[Running], ...] = (
    Check("server", "the Rasa server answers", _server),
    Check("action server", "something listens at the action endpoint", _action_server),
)

#: Of what health tells, where a server answers.
HEALTH_CHECKS: tuple[Check[Running], ...] = (
    Check("link", "the Rasa server has its engine", _link),
    Check("engine", "engine, database and model are up", _engine),
    Check("events", "the sources work", _events),
    Check("second source", "what users do is told once", _owners),
    Check("pages seen", "page views are among the actions", _page_views),
    Check("offers", "triggers fire", _offers),
    Check("feeds", "a browser listens for toasts", _feeds),
    Check("origins let in", "the running server knows the origins", _origins),
    Check("clock", "both clocks agree", _clock),
    Check("tokens", "users' tokens are good", _tokens),
)
