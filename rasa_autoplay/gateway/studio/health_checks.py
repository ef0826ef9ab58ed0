"""Checks of what the Rasa server's health says: what is wrong, and what to do about it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from rasa_autoplay.common.checks import Check, Problem, error, warning

__all__ = ["HEALTH_CHECKS", "Health", "HealthReport"]

#: After this many actions, at least one trigger should have fired.
_MANY_ACTIONS = 50
#: This many actions show how a page is set up.
_SOME_ACTIONS = 20
_SEE_LOG = "see the log of the server that runs the engine"


class HealthReport(Protocol):
    """The health of a Rasa server and its engines."""

    @property
    def health(self) -> Mapping[str, Any]:
        """The answer of ``GET /webhooks/autoplay/``; empty if there is none."""

    @property
    def sources(self) -> Mapping[str, Mapping[str, Any]]:
        """The health of each source, by its name."""

    @property
    def engines(self) -> Mapping[str, Mapping[str, Any]]:
        """The health of each engine, by its id. Without Redis there is one engine, and its key is empty."""


class Health(NamedTuple):
    """A health report.

    Args:
        health: the answer of ``GET /webhooks/autoplay/``; empty if there is none.
    """

    health: Mapping[str, Any]

    @property
    def sources(self) -> Mapping[str, Mapping[str, Any]]:
        """The health of each source, by its name."""
        sources: Mapping[str, Mapping[str, Any]] = self.health.get("sources") or {}
        return sources

    @property
    def engines(self) -> Mapping[str, Mapping[str, Any]]:
        """The health of each engine, by its id. Without Redis there is one engine, and its key is empty."""
        engine: Mapping[str, Any] = self.health.get("engine") or {}
        several: Mapping[str, Mapping[str, Any]] = engine.get("engines") or {}
        return several or {"": engine}


def _link(report: HealthReport) -> Iterator[Problem]:
    link = report.health.get("link") or {}
    if report.health and link.get("state") != "connected":
        yield error(
            f"the link to the engine is {link.get('state')}",
            str(
                link.get("remedy")
                or "check that the action server runs, and that its module imports rasa_autoplay.actions"
            ),
        )


def _engine(report: HealthReport) -> Iterator[Problem]:
    engine = report.health.get("engine") or {}
    if report.health and engine.get("state") != "running":
        remedy = engine.get("remedy") or engine.get("error") or _SEE_LOG
        yield error(f"the engine is {engine.get('state', 'missing')}", str(remedy))
    for name, each in report.engines.items():
        for part in ("memory", "llm", "embeddings", "redis"):
            state = each.get(part) or {}
            owner = f" of {name}" if name else ""
            if state.get("state") == "failed":
                remedy = state.get("remedy") or _SEE_LOG
                yield error(f"{part}{owner} has failed", str(remedy))
            elif state.get("remedy"):
                yield warning(f"{part}{owner} is {state.get('state')}", str(state["remedy"]))


def _events(report: HealthReport) -> Iterator[Problem]:
    for name, source in report.sources.items():
        if source.get("state") == "failed":
            yield error(f"{name} has failed", str(source.get("remedy") or "see the Rasa server's log"))
        elif source.get("remedy"):
            yield warning(f"{name} is {source.get('state')}", str(source["remedy"]))


def _page_settings(report: HealthReport) -> Iterator[Problem]:
    for name, source in report.sources.items():
        for hint in source.get("hints") or ():
            found, _, remedy = str(hint).partition(". ")
            yield warning(f"{name}: {found}", remedy)


def _owners(report: HealthReport) -> Iterator[Problem]:
    if count := sum(engine.get("duplicate_source", 0) for engine in report.engines.values()):
        yield warning(
            f"{count} actions came from a second source and were not evaluated",
            "let one source report each user (see the check owners)",
        )


def _page_views(report: HealthReport) -> Iterator[Problem]:
    for name, source in report.sources.items():
        if source.get("accepted") and source.get("page_views") == 0:
            yield warning(
                f"{name}: {source['accepted']} actions arrived, and none of them is a page view",
                'capture_pageview: "history_change" in posthog-js, so that triggers know the page',
            )


def _known_users(report: HealthReport) -> Iterator[Problem]:
    for name, source in report.sources.items():
        accepted = int(source.get("accepted") or 0)
        if accepted >= _SOME_ACTIONS and source.get("anonymous") == accepted:
            yield warning(
                f"{name}: all {accepted} actions come from anonymous visitors, but only known users get "
                "offers",
                "posthog.identify(<user id>), with the same id as data-user-id",
            )


def _batching(report: HealthReport) -> Iterator[Problem]:
    for name, source in report.sources.items():
        accepted, held_back = int(source.get("accepted") or 0), int(source.get("held_back") or 0)
        if accepted >= _SOME_ACTIONS and held_back > accepted / 4:
            yield warning(
                f"{name}: browsers held back {held_back} of {accepted} actions for half a second or more",
                "request_batching: false in posthog.init",
            )


def _undelivered_offers(report: HealthReport) -> Iterator[Problem]:
    engine = report.health.get("engine") or {}
    undelivered, mismatched = engine.get("offers_undelivered"), engine.get("offers_undelivered_id_mismatch")
    if mismatched:
        yield error(
            f"{mismatched} offers reached no page, because the page spells the user's id differently",
            "use exactly the same id in posthog.identify and data-user-id, including upper and lower case",
        )
    elif undelivered and (report.health.get("link") or {}).get("feeds"):
        yield warning(
            f"{undelivered} offers expired because no page of their users was connected, though other pages "
            "are",
            "check that data-user-id is the id given to posthog.identify; or these users had left",
        )


def _chat_users(report: HealthReport) -> Iterator[Problem]:
    if count := (report.health.get("engine") or {}).get("chat_without_session"):
        yield warning(
            f"{count} chat messages came from users without any recorded action",
            "set the widget's customData: {userId: …} to the id given to posthog.identify",
        )


def _chat_windows(report: HealthReport) -> Iterator[Problem]:
    if count := (report.health.get("engine") or {}).get("chat_open_failed"):
        yield warning(
            f"Open chat failed {count} times: no chat window of that session was connected",
            "put the widget on the page of autoplay.js and set session_persistence; the Rasa server's log "
            "says why",
        )


def _tours(report: HealthReport) -> Iterator[Problem]:
    engine = report.health.get("engine") or {}
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


def _freshness(report: HealthReport) -> Iterator[Problem]:
    # All engines of a product know the same suspect steps.
    suspects = {
        (row.get("path"), row.get("step")): row
        for each in report.engines.values()
        for row in (each.get("freshness") or {}).get("suspects") or ()
    }
    for (path, step), row in suspects.items():
        yield warning(
            f"the step {step!r} of the path {path!r} is suspect: {row.get('text')}. Its tour is withheld",
            f"edit the golden path, or confirm it: rasa-autoplay confirm {shlex.quote(str(path))} "
            f"{shlex.quote(str(step))} (docs/freshness.md)",
        )


def _offers(report: HealthReport) -> Iterator[Problem]:
    engine = report.health.get("engine") or {}
    seen = sum(int(source.get("accepted") or 0) for source in report.sources.values())
    counted = [name for each in report.engines.values() for name, count in each.items() if count]
    fired = any(name in ("offers", "offers_withheld") or name.startswith("held_by_") for name in counted)
    if engine.get("state") == "running" and seen >= _MANY_ACTIONS and not fired:
        yield warning(
            f"{seen} actions arrived and no trigger has fired: a title or page may never match",
            "GET /webhooks/autoplay/explain/<user id> with the admin_key shows the state of each condition",
        )


def _feeds(report: HealthReport) -> Iterator[Problem]:
    if report.health and not (report.health.get("link") or {}).get("feeds"):
        yield warning(
            "no browser is connected to the toast feed",
            "open a page of your app with autoplay.js on it and data-user-id set",
        )


def _addresses(report: HealthReport) -> Iterator[Problem]:
    proxy = report.health.get("proxy") or {}
    if remedy := proxy.get("remedy"):
        yield warning(str(proxy.get("error")), str(remedy).rstrip("."))


def _tokens(report: HealthReport) -> Iterator[Problem]:
    identity = report.health.get("identity") or {}
    for key in ("refused", "would_be_refused"):
        counts = identity.get(key) or {}
        if counts:
            reasons = ", ".join(f"{count} {reason}" for reason, count in counts.items())
            yield warning(f"{key.replace('_', ' ')}: {reasons}", "docs/security.md explains each reason")


def _clock(report: HealthReport) -> Iterator[Problem]:
    for name, source in report.sources.items():
        if count := source.get("clock_ahead"):
            yield warning(
                f"{name}: {count} actions have timestamps in the future and were left out",
                "synchronize the clocks of the Rasa server and of the sender by NTP",
            )


#: In the order in which they are shown.
HEALTH_CHECKS: tuple[Check[HealthReport], ...] = (
    Check("link", "the Rasa server is connected to the engine", _link),
    Check("engine", "the engine, its database and its model work", _engine),
    Check("events", "the sources work", _events),
    Check("page settings", "posthog-js sends what triggers need", _page_settings),
    Check("second source", "one source reports each user", _owners),
    Check("pages seen", "sources report page views", _page_views),
    Check("known users", "actions come from known users", _known_users),
    Check("delay", "browsers send actions at once", _batching),
    Check("offers", "triggers fire", _offers),
    Check("feeds", "a browser is connected to the toast feed", _feeds),
    Check("addresses", "the server knows its clients' addresses", _addresses),
    Check("offers heard", "offers reach their users' pages", _undelivered_offers),
    Check("chat users", "the chat knows its users", _chat_users),
    Check("chat windows", "Open chat finds the window", _chat_windows),
    Check("tours", "no tour stops early", _tours),
    Check("freshness", "users do the steps as the golden paths say", _freshness),
    Check("clock", "no clock is ahead", _clock),
    Check("tokens", "users' tokens are accepted", _tokens),
)
