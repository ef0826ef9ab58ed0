"""Checks of the running servers, based on the Rasa server's health route."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from rasa_autoplay.common.checks import Check, Observation, Problem, error, not_seen, seen, warning
from rasa_autoplay.gateway.studio import health_checks
from rasa_autoplay.tools.doctor.health_request import Running
from rasa_autoplay.tools.doctor.pauses import pauses_in_force, saw_pauses_in_force
from rasa_autoplay.tools.doctor.versions import loaded_files, saw_loaded_files

__all__ = ["HEALTH_CHECKS", "SERVER_CHECKS"]

_MOST_SKEW_S = 5.0
_MOST_FEED_DELAY_S = 2.0
#: The checks that the studio runs, too.
_OF_HEALTH = {check.name: check for check in health_checks.HEALTH_CHECKS}


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
    yield from _OF_HEALTH["clock"].run(running)


def _saw_action_server(running: Running) -> Iterator[Observation]:
    endpoint = running.project.action_endpoint
    if endpoint and running.reaches_actions:
        yield seen(f"something listens at {_place_of(endpoint)}")


def _saw_feed(running: Running) -> Iterator[Observation]:
    feed = running.feed
    if feed is not None and feed.stream_s is not None:
        yield seen(f"a feed's first byte came after {feed.stream_s:.2f} s")
    else:
        yield not_seen("no feed was opened", "run this again when the server answers")


def _saw_origins(running: Running) -> Iterator[Observation]:
    accepted = [origin for origin, is_allowed in running.allowed.items() if is_allowed]
    if accepted:
        yield seen(f"the running server accepts {', '.join(accepted)}")


def _saw_clocks(running: Running) -> Iterator[Observation]:
    if running.skew_s is None:
        yield not_seen(
            "no event has come, by whose age the server's clock could be compared",
            "open your app, click something, then run this again",
        )
    else:
        yield seen(f"the server's clock differs from this one by {abs(running.skew_s):.1f} s")


SERVER_CHECKS: tuple[Check[Running], ...] = (
    Check("server", "the Rasa server answers", _server),
    Check("action server", "something listens at the action endpoint", _action_server, _saw_action_server),
)

#: Checks of the health report; they run only if the server answers.
HEALTH_CHECKS: tuple[Check[Running], ...] = (
    _OF_HEALTH["link"],
    _OF_HEALTH["engine"],
    _OF_HEALTH["language model"],
    _OF_HEALTH["embeddings"],
    _OF_HEALTH["recording"],
    Check("loaded files", "the servers use the files as they are here", loaded_files, saw_loaded_files),
    _OF_HEALTH["events"],
    _OF_HEALTH["page settings"],
    _OF_HEALTH["second source"],
    _OF_HEALTH["pages seen"],
    _OF_HEALTH["known users"],
    _OF_HEALTH["delay"],
    _OF_HEALTH["source limits"],
    _OF_HEALTH["offers"],
    Check(
        "pauses in force", "the engines know which triggers are paused", pauses_in_force, saw_pauses_in_force
    ),
    _OF_HEALTH["script loaded"],
    _OF_HEALTH["feeds"],
    _OF_HEALTH["silent pages"],
    _OF_HEALTH["refused origins"],
    Check("feed delay", "the feed's first byte comes at once", _feed_delay, _saw_feed),
    _OF_HEALTH["toasts in time"],
    _OF_HEALTH["addresses"],
    _OF_HEALTH["offers heard"],
    _OF_HEALTH["chat users"],
    _OF_HEALTH["chat windows"],
    _OF_HEALTH["tours"],
    _OF_HEALTH["freshness"],
    _OF_HEALTH["outcomes"],
    _OF_HEALTH["promotion"],
    Check("origins let in", "the running server accepts the app's origins", _origins, _saw_origins),
    Check("clock", "both clocks agree", _clock, _saw_clocks),
    _OF_HEALTH["traces"],
    _OF_HEALTH["consent"],
    _OF_HEALTH["tokens"],
)
