"""Checks of the running servers, based on the Rasa server's health route."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from rasa_autoplay.tools.doctor.base import Check, Problem, error, warning
from rasa_autoplay.tools.doctor.health_request import Running
from rasa_autoplay.tools.doctor.pauses import pauses_in_force
from rasa_autoplay.tools.doctor.versions import loaded_files

__all__ = ["HEALTH_CHECKS", "SERVER_CHECKS"]

_MOST_SKEW_S = 5.0
_MOST_FEED_DELAY_S = 2.0
#: After this many actions, at least one trigger should have fired.
_MANY_ACTIONS = 50
#: This many actions show how a page is set up.
_SOME_ACTIONS = 20
_SEE_LOG = "see the log of the server that runs the engine"


def _server(running: Running) -> Iterator[Problem]:
    if running.problem:
        yield error(running.problem, "start it with `rasa run`, with the channel in credentials.yml")


def _action_server(running: Running) -> Iterator[Problem]:
    if running.project.runs_engine_in_process or running.project.has_engine_server:
        return  # only the bot's own actions need it
    if running.project.action_endpoint and not running.reaches_actions:
        yield error(
            f"nothing listens at {_place_of(running.project.action_endpoint)}", "start `rasa run actions`"
        )


def _place_of(endpoint: str) -> str:
    """Return host and port only: an address may hold a password or token."""
    place = urlsplit(endpoint)
    return f"{place.hostname}:{place.port}" if place.port else str(place.hostname)


def _link(running: Running) -> Iterator[Problem]:
    link = running.health.get("link") or {}
    if running.health and link.get("state") != "connected":
        yield error(
            f"the link to the engine is {link.get('state')}",
            str(
                link.get("remedy")
                or "check that the action server runs, and that its module imports rasa_autoplay.actions"
            ),
        )


def _engine(running: Running) -> Iterator[Problem]:
    engine = running.health.get("engine") or {}
    if running.health and engine.get("state") != "running":
        remedy = engine.get("remedy") or engine.get("error") or _SEE_LOG
        yield error(f"the engine is {engine.get('state', 'missing')}", str(remedy))
    for name, each in running.engines.items():
        for part in ("memory", "llm", "embeddings", "redis"):
            state = each.get(part) or {}
            owner = f" of {name}" if name else ""
            if state.get("state") == "failed":
                remedy = state.get("remedy") or _SEE_LOG
                yield error(f"{part}{owner} has failed", str(remedy))
            elif state.get("remedy"):
                yield warning(f"{part}{owner} is {state.get('state')}", str(state["remedy"]))


def _events(running: Running) -> Iterator[Problem]:
    for name, source in running.sources.items():
        if source.get("state") == "failed":
            yield error(f"{name} has failed", str(source.get("remedy") or "see the Rasa server's log"))
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
            f"{count} actions came from a second source and were not evaluated",
            "let one source report each user (see the check owners)",
        )


def _page_views(running: Running) -> Iterator[Problem]:
    for name, source in running.sources.items():
        if source.get("accepted") and source.get("page_views") == 0:
            yield warning(
                f"{name}: {source['accepted']} actions arrived, and none of them is a page view",
                'capture_pageview: "history_change" in posthog-js, so that triggers know the page',
            )


def _known_users(running: Running) -> Iterator[Problem]:
    for name, source in running.sources.items():
        accepted = int(source.get("accepted") or 0)
        if accepted >= _SOME_ACTIONS and source.get("anonymous") == accepted:
            yield warning(
                f"{name}: all {accepted} actions come from anonymous visitors, but only known users get "
                "offers",
                "posthog.identify(<user id>), with the same id as data-user-id",
            )


def _batching(running: Running) -> Iterator[Problem]:
    for name, source in running.sources.items():
        accepted, held_back = int(source.get("accepted") or 0), int(source.get("held_back") or 0)
        if accepted >= _SOME_ACTIONS and held_back > accepted / 4:
            yield warning(
                f"{name}: browsers held back {held_back} of {accepted} actions for half a second or more",
                "request_batching: false in posthog.init",
            )


def _undelivered_offers(running: Running) -> Iterator[Problem]:
    engine = running.health.get("engine") or {}
    undelivered, mismatched = engine.get("offers_undelivered"), engine.get("offers_undelivered_id_mismatch")
    if mismatched:
        yield error(
            f"{mismatched} offers reached no page, because the page spells the user's id differently",
            "use exactly the same id in posthog.identify and data-user-id, including upper and lower case",
        )
    elif undelivered and (running.health.get("link") or {}).get("feeds"):
        yield warning(
            f"{undelivered} offers expired because no page of their users was connected, though other pages "
            "are",
            "check that data-user-id is the id given to posthog.identify; or these users had left",
        )


def _chat_users(running: Running) -> Iterator[Problem]:
    if count := (running.health.get("engine") or {}).get("chat_without_session"):
        yield warning(
            f"{count} chat messages came from users without any recorded action",
            "set the widget's customData: {userId: …} to the id given to posthog.identify",
        )


def _chat_windows(running: Running) -> Iterator[Problem]:
    if count := (running.health.get("engine") or {}).get("chat_open_failed"):
        yield warning(
            f"Open chat failed {count} times: no chat window of that session was connected",
            "put the widget on the page of autoplay.js and set session_persistence; the Rasa server's log "
            "says why",
        )


def _tours(running: Running) -> Iterator[Problem]:
    engine = running.health.get("engine") or {}
    for tour, count in (engine.get("tours_aborted") or {}).items():
        yield warning(
            f"the tour {tour!r} stopped early {count} times, and the chat took over",
            "check that the flow is published for these users and that its elements are on the page "
            "(docs/tours.md)",
        )
    for row in engine.get("tour_problems") or ():
        why = "is not a CSS selector" if row.get("problem") == "invalid" else "has no visible element there"
        yield warning(
            f"{row.get('times')} times, {row.get('page')} could not show the step {row.get('step')!r} of "
            f"the path {row.get('path')!r}: {row.get('selector')!r} {why}",
            "correct the step's element, or the path's page (docs/tours.md)",
        )
    unknown = (engine.get("unknown_tours") or 0) + (engine.get("tour_orders_for_unknown_tours") or 0)
    if unknown:
        yield warning(
            f"{unknown} requested tours are in no golden path",
            "flow_id: … in the golden path, with the provider's id of the tour",
        )


def _offers(running: Running) -> Iterator[Problem]:
    engine = running.health.get("engine") or {}
    seen = sum(int(source.get("accepted") or 0) for source in running.sources.values())
    counted = [name for each in running.engines.values() for name, count in each.items() if count]
    fired = any(name in ("offers", "offers_withheld") or name.startswith("held_by_") for name in counted)
    if engine.get("state") == "running" and seen >= _MANY_ACTIONS and not fired:
        yield warning(
            f"{seen} actions arrived and no trigger has fired: a title or page may never match",
            "GET /webhooks/autoplay/explain/<user id> with the admin_key shows the state of each condition",
        )


def _feeds(running: Running) -> Iterator[Problem]:
    if running.health and not (running.health.get("link") or {}).get("feeds"):
        yield warning(
            "no browser is connected to the toast feed",
            "open a page of your app with autoplay.js on it and data-user-id set",
        )


def _feed_delay(running: Running) -> Iterator[Problem]:
    feed = running.feed
    if feed is None:
        return
    if feed.refusal in (401, 403):
        yield warning(
            "the feed's first byte was not timed: the server wants a user's token, and no shared jwt_key is "
            "set here",
            "set the variable of jwt_key here; or see in the browser's network tab when the feed begins",
        )
    elif feed.refusal:
        yield warning(f"the server answers {feed.refusal} to a feed", "see the log of the Rasa server")
    elif feed.stream_s is None and feed.short_s is not None:
        yield warning(
            "the feed sent nothing for 10 s, but a feed of one second arrived: a proxy holds streams back, "
            "so toasts come some seconds late",
            "switch buffering off for /webhooks/autoplay/ in the proxy (docs/proxies.md)",
        )
    elif feed.stream_s is None:
        yield error(
            "the feed sent nothing for 10 s, nor did a feed of one second",
            "see whether the Rasa server is overloaded, or which proxy before it keeps the answer",
        )
    elif feed.stream_s > _MOST_FEED_DELAY_S:
        yield warning(
            f"the feed's first byte came after {feed.stream_s:.1f} s",
            "look for a proxy that buffers (docs/proxies.md), or an overloaded server",
        )
    if feed.is_compressed:
        yield warning(
            "a proxy compresses the feed, and may hold events back for it",
            "compress no text/event-stream (docs/proxies.md)",
        )


def _addresses(running: Running) -> Iterator[Problem]:
    proxy = running.health.get("proxy") or {}
    if remedy := proxy.get("remedy"):
        yield warning(str(proxy.get("error")), str(remedy).rstrip("."))


def _origins(running: Running) -> Iterator[Problem]:
    for origin, is_allowed in running.allowed.items():
        if not is_allowed:
            yield error(
                f"the server rejects pages of {origin}",
                "restart `rasa run`, which reads credentials.yml when it starts",
            )


def _clock(running: Running) -> Iterator[Problem]:
    if running.skew_s is not None and abs(running.skew_s) > _MOST_SKEW_S:
        yield warning(
            f"the server's clock differs from this one by {running.skew_s:+.0f} s",
            "synchronize both clocks by NTP: time windows and tokens depend on them",
        )
    for name, source in running.sources.items():
        if count := source.get("clock_ahead"):
            yield warning(
                f"{name}: {count} actions have timestamps in the future and were left out",
                "synchronize the clocks of the Rasa server and of the sender by NTP",
            )


def _tokens(running: Running) -> Iterator[Problem]:
    identity = running.health.get("identity") or {}
    for key in ("refused", "would_be_refused"):
        counts = identity.get(key) or {}
        if counts:
            reasons = ", ".join(f"{count} {reason}" for reason, count in counts.items())
            yield warning(f"{key.replace('_', ' ')}: {reasons}", "docs/security.md explains each reason")


SERVER_CHECKS: tuple[Check[Running], ...] = (
    Check("server", "the Rasa server answers", _server),
    Check("action server", "something listens at the action endpoint", _action_server),
)

#: Checks of the health report; they run only if the server answers.
HEALTH_CHECKS: tuple[Check[Running], ...] = (
    Check("link", "the Rasa server is connected to the engine", _link),
    Check("engine", "the engine, its database and its model work", _engine),
    Check("loaded files", "the servers use the files as they are here", loaded_files),
    Check("events", "the sources work", _events),
    Check("page settings", "posthog-js sends what triggers need", _page_settings),
    Check("second source", "one source reports each user", _owners),
    Check("pages seen", "sources report page views", _page_views),
    Check("known users", "actions come from known users", _known_users),
    Check("delay", "browsers send actions at once", _batching),
    Check("offers", "triggers fire", _offers),
    Check("pauses in force", "the engines know which triggers are paused", pauses_in_force),
    Check("feeds", "a browser is connected to the toast feed", _feeds),
    Check("feed delay", "the feed's first byte comes at once", _feed_delay),
    Check("addresses", "the server knows its clients' addresses", _addresses),
    Check("offers heard", "offers reach their users' pages", _undelivered_offers),
    Check("chat users", "the chat knows its users", _chat_users),
    Check("chat windows", "Open chat finds the window", _chat_windows),
    Check("tours", "no tour stops early", _tours),
    Check("origins let in", "the running server accepts the app's origins", _origins),
    Check("clock", "both clocks agree", _clock),
    Check("tokens", "users' tokens are accepted", _tokens),
)
