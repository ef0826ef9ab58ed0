"""The running servers, as the Rasa server's health route tells of them."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from rasa_autoplay.tools.doctor.base import Check, Problem, error, warning
from rasa_autoplay.tools.doctor.health_request import Running

__all__ = ["HEALTH_CHECKS", "SERVER_CHECKS"]

_MOST_SKEW_S = 5.0
#: So many actions without a trigger that fires are worth a look at the rules.
_MANY_ACTIONS = 50
#: So many tell how a page is set up.
_SOME_ACTIONS = 20


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
    for name, each in running.engines.items():
        for part in ("memory", "llm", "embeddings", "redis"):
            state = each.get(part) or {}
            whose = f" of {name}" if name else ""
            if state.get("state") == "failed":
                remedy = state.get("remedy") or "look at the action server's log"
                yield error(f"{part}{whose} has failed", str(remedy))
            elif state.get("remedy"):
                yield warning(f"{part}{whose} is {state.get('state')}", str(state["remedy"]))


def _events(running: Running) -> Iterator[Problem]:
    for name, source in running.sources.items():
        if source.get("state") == "failed":
            yield error(f"{name} has failed", str(source.get("remedy") or "look at the Rasa server's log"))
        elif source.get("remedy"):
            yield warning(f"{name} is {source.get('state')}", str(source["remedy"]))


def _page_settings(running: Running) -> Iterator[Problem]:
    for name, source in running.sources.items():
        for hint in source.get("hints") or ():
            found, _, remedy = str(hint).partition(". ")
            yield warning(f"{name}: {found}", remedy)


def _owners(running: Running) -> Iterator[Problem]:
    if count := sum(engine.get("duplicate_source", 0) for engine in running.engines.values()):
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


def _known_users(running: Running) -> Iterator[Problem]:
    for name, source in running.sources.items():
        accepted = int(source.get("accepted") or 0)
        if accepted >= _SOME_ACTIONS and source.get("anonymous") == accepted:
            yield warning(
                f"{name}: {accepted} actions, all of visitors without a name: offers are for known users",
                "posthog.identify(<user id>), with the id that data-user-id has",
            )


def _batching(running: Running) -> Iterator[Problem]:
    for name, source in running.sources.items():
        accepted, held_back = int(source.get("accepted") or 0), int(source.get("held_back") or 0)
        if accepted >= _SOME_ACTIONS and held_back > accepted / 4:
            yield warning(
                f"{name}: browsers kept {held_back} of {accepted} actions for half a second or more",
                "request_batching: false in posthog.init",
            )


def _heard(running: Running) -> Iterator[Problem]:
    engine = running.health.get("engine") or {}
    unheard, misspelt = engine.get("offers_undelivered"), engine.get("offers_undelivered_id_mismatch")
    if misspelt:
        yield error(
            f"{misspelt} offers found nobody under the user's id, but somebody under another spelling of it",
            "one id everywhere: letter by letter the same in posthog.identify and data-user-id",
        )
    elif unheard and (running.health.get("link") or {}).get("feeds"):
        yield warning(
            f"{unheard} offers expired before a page of their users listened, though pages do listen",
            "is data-user-id the id that posthog.identify has? or had the users left?",
        )


def _chat_users(running: Running) -> Iterator[Problem]:
    if count := (running.health.get("engine") or {}).get("chat_without_session"):
        yield warning(
            f"{count} chat messages came from users whom nobody has seen do anything",
            "customData: {userId: …} of the widget, with the id that posthog.identify has",
        )


def _chat_windows(running: Running) -> Iterator[Problem]:
    if count := (running.health.get("engine") or {}).get("chat_open_failed"):
        yield warning(
            f"Open chat failed {count} times: no chat window of that session was connected",
            "the widget of autoplay.js's page, with session_persistence: the Rasa server's log says why",
        )


def _tours(running: Running) -> Iterator[Problem]:
    engine = running.health.get("engine") or {}
    for tour, count in (engine.get("tours_aborted") or {}).items():
        yield warning(
            f"the tour {tour!r} lost its way {count} times, and the chat went on",
            "is the flow published, for these users, and are its elements on the page? docs/tours.md",
        )
    unknown = (engine.get("unknown_tours") or 0) + (engine.get("tour_orders_for_unknown_tours") or 0)
    if unknown:
        yield warning(
            f"{unknown} tours were asked for that no golden path has",
            "flow_id: … in the golden path, as the provider calls it",
        )


def _offers(running: Running) -> Iterator[Problem]:
    engine = running.health.get("engine") or {}
    seen = sum(int(source.get("accepted") or 0) for source in running.sources.values())
    told = [name for each in running.engines.values() for name, count in each.items() if count]
    fired = any(name == "offers" or name.startswith("held_by_") for name in told)
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
    for name, source in running.sources.items():
        if count := source.get("clock_ahead"):
            yield warning(
                f"{name}: {count} actions are dated ahead of now, and were left out",
                "set the clocks of the server and of whoever sends them by NTP",
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
    Check("page settings", "posthog-js sends what triggers need", _page_settings),
    Check("second source", "what users do is told once", _owners),
    Check("pages seen", "page views are among the actions", _page_views),
    Check("known users", "actions are those of known users", _known_users),
    Check("delay", "browsers send at once", _batching),
    Check("offers", "triggers fire", _offers),
    Check("feeds", "a browser listens for toasts", _feeds),
    Check("offers heard", "offers reach the pages of their users", _heard),
    Check("chat users", "the chat knows its users", _chat_users),
    Check("chat windows", "Open chat finds the window", _chat_windows),
    Check("tours", "tours run to their end", _tours),
    Check("origins let in", "the running server knows the origins", _origins),
    Check("clock", "both clocks agree", _clock),
    Check("tokens", "users' tokens are good", _tokens),
)
