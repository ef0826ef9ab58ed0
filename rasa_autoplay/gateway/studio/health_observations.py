"""What the servers have seen, and what they have not seen yet.

"No problem" is not "it works" for whatever depends on users, browsers or other servers. Each function yields
what was seen, or what was not and how to make it seen; nothing if it does not apply.
"""

from __future__ import annotations

from collections.abc import Iterator

from rasa_autoplay.common.checks import Observation, not_seen, seen
from rasa_autoplay.gateway.studio.health import HealthReport, counted, seen_count, spoken, watched_for

__all__ = [
    "addresses",
    "batching",
    "buffered_feeds",
    "chat_users",
    "chat_windows",
    "clock",
    "embeddings",
    "events",
    "feeds",
    "freshness",
    "known_users",
    "language_model",
    "offers",
    "offers_heard",
    "origins",
    "owners",
    "page_settings",
    "page_views",
    "recording",
    "script",
    "silent_pages",
    "source_limits",
    "tokens",
    "tours",
]

_AGAIN = "then run this again"
_CLICK = f"open your app, click something, {_AGAIN}"
_HINTS_AFTER, _DELAYS_AFTER = 3, 20
#: How to make each source deliver an event.
_SOURCES = {
    "posthog": f"enable the destination in PostHog, {_CLICK}",
    "amplitude": f"connect the destination in Amplitude, {_CLICK}",
    "fullstory": f"save and enable the stream in FullStory, {_CLICK}",
}


def _accepted(report: HealthReport) -> int:
    return sum(int(source.get("accepted") or 0) for source in report.sources.values())


def events(report: HealthReport) -> Iterator[Observation]:
    """Each source has delivered events."""
    if report.health and not report.sources:
        yield not_seen("there is no source of events", "capture: true, or another source (docs/sources.md)")
    for name, source in report.sources.items():
        age_s = source.get("last_event_age_s")
        if source.get("runs"):
            continue  # another server runs it
        if isinstance(age_s, (int, float)):
            yield seen(f"{name}: {source.get('accepted', 0)} actions, the last event {spoken(age_s)} ago")
        else:
            yield not_seen(f"{name}: no event {watched_for(report)}", _SOURCES.get(name, _CLICK))


def page_settings(report: HealthReport) -> Iterator[Observation]:
    """Enough actions have come to judge the settings of posthog-js."""
    for name, source in report.sources.items():
        if "page_views" not in source:
            continue
        accepted = int(source.get("accepted") or 0)
        if accepted >= _HINTS_AFTER:
            yield seen(f"{name}: {accepted} actions show no unsuitable setting of posthog-js")
        else:
            yield not_seen(f"{name}: {accepted} actions are too few to judge posthog-js's settings", _CLICK)


def owners(report: HealthReport) -> Iterator[Observation]:
    """Actions have come, all from one source for each user."""
    if actions := counted(report, "actions"):
        yield seen(f"{actions} actions, each from the only source of its user")
    else:
        yield not_seen(f"no action {watched_for(report)}", _CLICK)


def page_views(report: HealthReport) -> Iterator[Observation]:
    """Each source that can report page views has done so."""
    for name, source in report.sources.items():
        if "page_views" not in source:
            continue
        if source["page_views"]:
            yield seen(f"{name}: {source['page_views']} page views")
        else:
            yield not_seen(
                f"{name}: no page view {watched_for(report)}", f"open a page of your app, {_AGAIN}"
            )


def known_users(report: HealthReport) -> Iterator[Observation]:
    """A user whom the app has identified has acted."""
    for name, source in report.sources.items():
        if "anonymous" not in source:
            continue
        known = int(source.get("accepted") or 0) - int(source["anonymous"] or 0)
        if known > 0:
            yield seen(f"{name}: {known} actions of identified users")
        else:
            yield not_seen(
                f"{name}: no action of an identified user {watched_for(report)}",
                f"sign in to your app, which calls posthog.identify(<user id>), click something, {_AGAIN}",
            )


def batching(report: HealthReport) -> Iterator[Observation]:
    """Enough actions have come to judge how soon browsers send them."""
    for name, source in report.sources.items():
        if "held_back" not in source:
            continue
        accepted = int(source.get("accepted") or 0)
        if accepted >= _DELAYS_AFTER:
            yield seen(
                f"{name}: browsers sent {accepted} actions, and held {source['held_back']} of them back"
            )
        else:
            yield not_seen(f"{name}: {accepted} of {_DELAYS_AFTER} actions that show a delay", _CLICK)


def offers(report: HealthReport) -> Iterator[Observation]:
    """A trigger has fired."""
    made = counted(report, "offers") + counted(report, "offers_withheld")
    held = sum(
        int(count or 0)
        for engine in report.engines.values()
        for name, count in engine.items()
        if name.startswith("held_by_")
    )
    if made or held:
        yield seen(f"triggers have fired; offers made: {made}, stopped by a gate: {held}")
    else:
        yield not_seen(
            f"no trigger has fired {watched_for(report)}",
            f"do in your app what a trigger waits for, {_AGAIN}; `rasa-autoplay tail` shows what is seen",
        )


def script(report: HealthReport) -> Iterator[Observation]:
    """A page has loaded autoplay.js."""
    if count := seen_count(report, "script"):
        yield seen(f"pages have loaded autoplay.js {count} times")
    else:
        yield not_seen(
            f"no page has loaded autoplay.js {watched_for(report)}",
            f"open a page of your app that has its tag, {_AGAIN}",
        )


def feeds(report: HealthReport) -> Iterator[Observation]:
    """A browser is connected to the toast feed."""
    now = int((report.health.get("link") or {}).get("feeds") or 0)
    earlier = seen_count(report, "feed") + seen_count(report, "short_feed")
    remedy = f"open a page of your app with autoplay.js on it and data-user-id set, {_AGAIN}"
    if now:
        yield seen(f"{now} pages are connected to the toast feed")
    elif earlier:
        yield not_seen(
            f"no browser is connected to the toast feed now; feeds opened so far: {earlier}", remedy
        )
    else:
        yield not_seen(f"no browser has connected to the toast feed {watched_for(report)}", remedy)


def silent_pages(report: HealthReport) -> Iterator[Observation]:
    """Users whose page is connected have acted."""
    connected, silent = counted(report, "connected_users"), counted(report, "silent_users")
    if connected > silent:
        yield seen(f"{connected - silent} of {connected} users with an open page act, or have just come")
    else:
        yield not_seen(
            "no user has a page open",
            "open a page of your app, leave it open for a minute, and run this meanwhile",
        )


def origins(report: HealthReport) -> Iterator[Observation]:
    """A page of the app was accepted."""
    if count := seen_count(report, "feed") + seen_count(report, "short_feed"):
        yield seen(f"feeds opened so far: {count}, all of them by pages of allowed origins")
    else:
        yield not_seen(
            f"no page has asked for anything {watched_for(report)}", f"open a page of your app, {_AGAIN}"
        )


def buffered_feeds(report: HealthReport) -> Iterator[Observation]:
    """Browsers have shown toasts soon after they were sent."""
    if count := seen_count(report, "receipt"):
        yield seen(f"browsers have reported toasts {count} times, without delay")
    else:
        yield not_seen(
            f"no browser has shown a toast {watched_for(report)}", f"make a trigger fire, {_AGAIN}"
        )


def addresses(report: HealthReport) -> Iterator[Observation]:
    """Browsers' requests have come, by way of a proxy or directly."""
    forwarded = int((report.health.get("proxy") or {}).get("forwarded") or 0)
    if forwarded:
        yield seen(f"a proxy forwarded {forwarded} requests, and the server reads its clients' addresses")
    elif seen_count(report, "feed") + seen_count(report, "short_feed"):
        yield seen("browsers connect without a proxy")
    else:
        yield not_seen(
            f"no browser has asked for anything {watched_for(report)}", f"open a page of your app, {_AGAIN}"
        )


def offers_heard(report: HealthReport) -> Iterator[Observation]:
    """Browsers have reported what became of offers."""
    if count := counted(report, "receipts"):
        yield seen(f"browsers have reported {count} times what became of toasts")
    else:
        yield not_seen(
            f"no browser has reported a toast {watched_for(report)}",
            f"make a trigger fire while a page of the user is open, {_AGAIN}",
        )


def chat_users(report: HealthReport) -> Iterator[Observation]:
    """A user who was seen to act has written in the chat."""
    if count := counted(report, "chat_messages"):
        yield seen(f"{count} chat messages from users who were seen to act")
    else:
        yield not_seen(
            f"nobody has written in the chat {watched_for(report)}",
            f"open the chat on a page of your app, write something, {_AGAIN}",
        )


def chat_windows(report: HealthReport) -> Iterator[Observation]:
    """A bubble of the copilot has reached a chat window."""
    if count := counted(report, "bubbles_delivered"):
        yield seen(f"messages of the copilot that reached a chat window: {count}")
    else:
        yield not_seen(
            f"Open chat was not used {watched_for(report)}", f"press Open chat in a toast, {_AGAIN}"
        )


def tours(report: HealthReport) -> Iterator[Observation]:
    """A user has finished a tour."""
    if count := counted(report, "tours_finished"):
        yield seen(f"tours that users have finished: {count}")
        return
    started = counted(report, "tours_started")
    what = f"of {started} tours, none was finished yet" if started else "no tour was started"
    yield not_seen(f"{what} {watched_for(report)}", f"press Show me in a toast, do all steps, {_AGAIN}")


def freshness(report: HealthReport) -> Iterator[Observation]:
    """Users have done steps of golden paths."""
    steps = {
        (path, step)
        for engine in report.engines.values()
        for path, done in ((engine.get("freshness") or {}).get("last_done") or {}).items()
        for step in done
    }
    if steps:
        yield seen(f"users have done {len(steps)} different steps of golden paths")
    else:
        yield not_seen(
            "no session in which a user did a step of a golden path has ended yet",
            f"do the steps of one in your app, wait until the session ends (session.idle_timeout), {_AGAIN}",
        )


def clock(report: HealthReport) -> Iterator[Observation]:
    """Actions have come, and none of them is dated ahead."""
    if count := _accepted(report):
        yield seen(f"none of {count} actions is dated ahead")
    else:
        yield not_seen(f"no action {watched_for(report)}", _CLICK)


def tokens(report: HealthReport) -> Iterator[Observation]:
    """A user's token was valid."""
    identity = report.health.get("identity") or {}
    if count := identity.get("accepted"):
        yield seen(f"{count} requests had a valid user token")
    else:
        yield not_seen(
            f"no request had a valid user token {watched_for(report)}",
            f"sign in to your app, open a page with autoplay.js, {_AGAIN}",
        )


def language_model(report: HealthReport) -> Iterator[Observation]:
    """The language model has answered; nothing if there is none."""
    models = [engine["llm"] for engine in report.engines.values() if engine.get("llm")]
    answered = sum(int(model.get("answered") or 0) for model in models)
    if answered:
        yield seen(f"the language model has answered {answered} times")
    elif models:
        yield not_seen(
            f"the language model was not asked {watched_for(report)}",
            f"ask the bot how to do what a golden path describes, {_AGAIN}",
        )


def embeddings(report: HealthReport) -> Iterator[Observation]:
    """The embedding model has read the golden paths; nothing if there is none."""
    models = [engine["embeddings"] for engine in report.engines.values() if engine.get("embeddings")]
    if models and all(model.get("state") == "connected" for model in models):
        yield seen("the embedding model has read the golden paths")
    elif models:
        yield not_seen("the embedding model has not answered yet", "wait a few seconds, and run this again")


def recording(report: HealthReport) -> Iterator[Observation]:
    """Sessions were recorded; nothing if recording is off."""
    parts = [engine["recording"] for engine in report.engines.values() if engine.get("recording")]
    entries = sum(int(part.get("actions") or 0) for part in parts)
    if entries:
        yield seen(f"{entries} actions and decisions are recorded")
    elif parts:
        yield not_seen("nothing is recorded yet", _CLICK)


def source_limits(report: HealthReport) -> Iterator[Observation]:
    """Actions have come, from sources that show all that is needed."""
    if actions := counted(report, "actions"):
        yield seen(f"the sources of {actions} actions can show what triggers and golden paths need")
    else:
        yield not_seen(f"no action {watched_for(report)}", _CLICK)
