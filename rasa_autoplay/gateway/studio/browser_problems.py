"""Checks of what browsers did, or did not do, as the servers saw it."""

from __future__ import annotations

from collections.abc import Iterator

from rasa_autoplay.common.checks import Problem, error, warning
from rasa_autoplay.gateway.studio.health import HealthReport, counted, seen_count

__all__ = ["buffered_feeds", "refused_origins", "silent_pages", "source_limits"]

#: Some pages of any app are silent: their users have just left, or block scripts.
_SOME_SILENT = 3
_SILENT_SHARE = 0.05
_SOME_LATE = 3
_LATE_SHARE = 0.25


def refused_origins(report: HealthReport) -> Iterator[Problem]:
    """No page of an origin that ``allowed_origins`` does not name has asked for anything."""
    origins = report.health.get("origins") or {}
    for origin, count in (origins.get("refused") or {}).items():
        yield warning(
            f"pages of {origin} sent {count} requests, and their browsers refuse the answers",
            f'if it is your app, add "{origin}" to allowed_origins in credentials.yml, then restart it',
        )
    if others := origins.get("refused_others"):
        yield warning(
            f"{others} more requests came from origins that allowed_origins does not name",
            'nothing, if your app works; a page that was opened as a file has the origin "null"',
        )


def silent_pages(report: HealthReport) -> Iterator[Problem]:
    """Users whose page is connected send events."""
    silent, connected = counted(report, "silent_users"), counted(report, "connected_users")
    if not silent:
        return
    if silent >= connected:
        yield error(
            f"{_users(silent)} had a page open for more than a minute, and no event of them ever arrived",
            _causes(report),
        )
    elif silent >= max(_SOME_SILENT, connected * _SILENT_SHARE):
        yield warning(f"{silent} of {connected} users with an open page never sent an event", _causes(report))


def _users(count: int) -> str:
    return "1 user" if count == 1 else f"{count} users"


def _causes(report: HealthReport) -> str:
    causes = []
    if seen_count(report, "bot_feed"):
        causes.append(
            "some of these browsers are automated, and posthog-js drops their events unless posthog.init has "
            "opt_out_useragent_filter: true"
        )
    if any(source.get("accepted") for source in report.sources.values()):
        causes.append("posthog.identify has another id than data-user-id")
    if "capture" in report.sources:
        causes += [
            "an ad blocker or a Content-Security-Policy stops the requests of posthog-js",
            "posthog.init has no project key, or an api_host other than …/webhooks/autoplay/capture",
            "the user has opted out (posthog.opt_out_capturing, or Do Not Track)",
        ]
    else:
        causes.append("the source does not report these users, or reports them under other ids")
    return f"look at the page's console and network tab. Likely: {'; or '.join(causes)}"


def buffered_feeds(report: HealthReport) -> Iterator[Problem]:
    """No proxy holds feeds back."""
    receipts, late = seen_count(report, "receipt"), seen_count(report, "late_receipt")
    if late >= _SOME_LATE and late > receipts * _LATE_SHARE:
        yield warning(
            f"browsers showed {late} of the toasts more than 5 s after they were sent",
            "switch buffering off for /webhooks/autoplay/ in the proxy (docs/proxies.md)",
        )
    short, feeds = seen_count(report, "short_feed"), seen_count(report, "feed")
    if short > feeds:
        yield warning(
            f"browsers asked {short} times for a feed of one second instead of a stream",
            "a proxy may hold streams back: switch its buffering off (docs/proxies.md). Or the page comes "
            "by http, where tabs cannot share a feed: use https",
        )


def source_limits(report: HealthReport) -> Iterator[Problem]:
    """The sources that deliver can show what triggers and golden paths need."""
    for engine in report.engines.values():
        for name, missing in (engine.get("not_shown") or {}).items():
            yield warning(
                f"{name} cannot show what {missing.get('triggers')} triggers and {missing.get('steps')} "
                "steps need",
                "`rasa-autoplay validate` names them, with file and line (docs/sources.md)",
            )
