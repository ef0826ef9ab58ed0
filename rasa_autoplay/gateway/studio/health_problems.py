"""Checks of what the Rasa server's health says: what is wrong, and what to do about it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from rasa_autoplay.common.checks import Problem, error, warning
from rasa_autoplay.gateway.studio.health import HealthReport

__all__ = [
    "addresses",
    "batching",
    "chat_users",
    "chat_windows",
    "clock",
    "engine",
    "events",
    "freshness",
    "known_users",
    "link",
    "none",
    "offers",
    "owners",
    "page_settings",
    "page_views",
    "recording",
    "tokens",
    "tours",
    "undelivered_offers",
]

#: After this many actions, at least one trigger should have fired.
_MANY_ACTIONS = 50
#: This many actions show how a page is set up.
_SOME_ACTIONS = 20
_SEE_LOG = "see the log of the server that runs the engine"


def none(_report: HealthReport) -> Iterator[Problem]:
    """Find nothing: another check reports what is wrong, or nothing can be."""
    yield from ()


def link(report: HealthReport) -> Iterator[Problem]:
    """The gateway has a link to the engine."""
    link = report.health.get("link") or {}
    if report.health and link.get("state") != "connected":
        yield error(
            f"the link to the engine is {link.get('state')}",
            str(
                link.get("remedy")
                or "check that the action server runs, and that its module imports rasa_autoplay.actions"
            ),
        )


def engine(report: HealthReport) -> Iterator[Problem]:
    """No part of the engine reports a failure."""
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


def events(report: HealthReport) -> Iterator[Problem]:
    """No source reports a problem."""
    for name, source in report.sources.items():
        if source.get("state") == "failed":
            yield error(f"{name} has failed", str(source.get("remedy") or "see the Rasa server's log"))
        elif source.get("remedy"):
            yield warning(f"{name} is {source.get('state')}", str(source["remedy"]))
        if keyless := source.get("keyless"):
            yield warning(
                f"{name}: {keyless} requests had no project key",
                'posthog.init("phc_…"): a variable of the build that holds the key may be empty',
            )
        if source.get("refused") and not source.get("remedy"):
            yield warning(
                f"{name}: {source['refused']} requests with a wrong key or secret were refused",
                "if they are your own, give the sender the key of credentials.yml",
            )


def page_settings(report: HealthReport) -> Iterator[Problem]:
    """No source has a hint about the page's settings."""
    for name, source in report.sources.items():
        for hint in source.get("hints") or ():
            found, _, remedy = str(hint).partition(". ")
            yield warning(f"{name}: {found}", remedy)


def owners(report: HealthReport) -> Iterator[Problem]:
    """No second source reports the same users."""
    if count := sum(engine.get("duplicate_source", 0) for engine in report.engines.values()):
        yield warning(
            f"{count} actions came from a second source and were not evaluated",
            "let one source report each user (see the check owners)",
        )


def page_views(report: HealthReport) -> Iterator[Problem]:
    """Page views are among the actions."""
    for name, source in report.sources.items():
        if source.get("accepted") and source.get("page_views") == 0:
            yield warning(
                f"{name}: {source['accepted']} actions arrived, and none of them is a page view",
                'capture_pageview: "history_change" in posthog-js, so that triggers know the page',
            )


def known_users(report: HealthReport) -> Iterator[Problem]:
    """Not all actions are anonymous."""
    for name, source in report.sources.items():
        accepted = int(source.get("accepted") or 0)
        if accepted >= _SOME_ACTIONS and source.get("anonymous") == accepted:
            yield warning(
                f"{name}: all {accepted} actions come from anonymous visitors, but only known users get "
                "offers",
                "posthog.identify(<user id>), with the same id as data-user-id",
            )


def batching(report: HealthReport) -> Iterator[Problem]:
    """Browsers do not hold actions back."""
    for name, source in report.sources.items():
        accepted, held_back = int(source.get("accepted") or 0), int(source.get("held_back") or 0)
        if accepted >= _SOME_ACTIONS and held_back > accepted / 4:
            yield warning(
                f"{name}: browsers held back {held_back} of {accepted} actions for half a second or more",
                "request_batching: false in posthog.init",
            )


def undelivered_offers(report: HealthReport) -> Iterator[Problem]:
    """Offers do not expire unseen while pages are open."""
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


def chat_users(report: HealthReport) -> Iterator[Problem]:
    """Users of the chat are known."""
    if count := (report.health.get("engine") or {}).get("chat_without_session"):
        yield warning(
            f"{count} chat messages came from users without any recorded action",
            "set the widget's customData: {userId: …} to the id given to posthog.identify",
        )


def chat_windows(report: HealthReport) -> Iterator[Problem]:
    """Open chat has found its window."""
    if count := (report.health.get("engine") or {}).get("chat_open_failed"):
        yield warning(
            f"Open chat failed {count} times: no chat window of that session was connected",
            "put the widget on the page of autoplay.js and set session_persistence; the Rasa server's log "
            "says why",
        )


def tours(report: HealthReport) -> Iterator[Problem]:
    """Tours could be shown."""
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


def freshness(report: HealthReport) -> Iterator[Problem]:
    """No step of a golden path is suspect."""
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


def offers(report: HealthReport) -> Iterator[Problem]:
    """Many actions make some trigger fire."""
    engine = report.health.get("engine") or {}
    seen = sum(int(source.get("accepted") or 0) for source in report.sources.values())
    counted = [name for each in report.engines.values() for name, count in each.items() if count]
    fired = any(name in ("offers", "offers_withheld") or name.startswith("held_by_") for name in counted)
    if engine.get("state") == "running" and seen >= _MANY_ACTIONS and not fired:
        yield warning(
            f"{seen} actions arrived and no trigger has fired: a title or page may never match",
            "GET /webhooks/autoplay/explain/<user id> with the admin_key shows the state of each condition",
        )


def addresses(report: HealthReport) -> Iterator[Problem]:
    """A proxy's clients have their own addresses."""
    proxy = report.health.get("proxy") or {}
    if remedy := proxy.get("remedy"):
        yield warning(str(proxy.get("error")), str(remedy).rstrip("."))


def tokens(report: HealthReport) -> Iterator[Problem]:
    """Users must show who they are, and their tokens are valid."""
    identity = report.health.get("identity") or {}
    if identity.get("mode") == "none":
        yield warning(
            "identity is none, so any browser may speak for any user",
            "identity: report_only, then required, with a jwt_key (docs/security.md)",
        )
    for key in ("refused", "would_be_refused"):
        counts = identity.get(key) or {}
        if counts:
            reasons = ", ".join(f"{count} {reason}" for reason, count in counts.items())
            yield warning(f"{key.replace('_', ' ')}: {reasons}", "docs/security.md explains each reason")


def clock(report: HealthReport) -> Iterator[Problem]:
    """No action is dated ahead."""
    for name, source in report.sources.items():
        if count := source.get("clock_ahead"):
            yield warning(
                f"{name}: {count} actions have timestamps in the future and were left out",
                "synchronize the clocks of the Rasa server and of the sender by NTP",
            )


def recording(report: HealthReport) -> Iterator[Problem]:
    """The database stores recorded sessions."""
    for engine in report.engines.values():
        part = engine.get("recording") or {}
        if part.get("state") == "failed":
            yield warning("sessions cannot be recorded", str(part.get("remedy") or _SEE_LOG))
        elif part.get("dropped"):
            yield warning(f"{part['dropped']} entries of the recording were lost", _SEE_LOG)
