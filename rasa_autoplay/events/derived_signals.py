"""Derives failure signals (rage clicks and errors) from actions, for sources that send none.

Autoplay's stream, webhook and live activity say what was clicked and on which page, but not at which point of
the page, and not how the page reacted. Therefore:

* A *rage click* is the third click on the same element, title and page within 1 s. A burst of clicks counts
  once.
* An *error* or a *failed request* is an action whose title or description says that one was shown. Further
  ones within 1 s belong to the same failure.
* A *dead click* cannot be derived, because only the browser knows whether a click changed anything.

Capture and the PostHog destination see more, and find their own signals (``posthog/signals.py``).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter

from rasa_autoplay.events.models import SlimAction

__all__ = [
    "NEVER_DERIVED",
    "RAGE_CLICKS_WITHIN_S",
    "SAME_FAILURE_S",
    "SOURCES_WITH_SIGNALS",
    "STEPPERS",
    "derive_signals",
    "shown_failure",
]

#: Sources whose actions already have signals.
SOURCES_WITH_SIGNALS = frozenset({"amplitude", "capture", "posthog"})
#: Signals that cannot be derived for other sources.
NEVER_DERIVED = frozenset({"dead_click"})

_RAGE_CLICKS = 3
RAGE_CLICKS_WITHIN_S = 1.0
#: One failure can cause several errors; errors this close together count as one failure.
SAME_FAILURE_S = 1.0
_START = attrgetter("timestamp_start")

#: Controls that are meant to be clicked repeatedly.
STEPPERS = re.compile(
    r"(?i)[\W_]*|(?:go to )?(?:next|prev|previous|back|forward)(?: (?:page|month|week|day|year|slide|item))?"
    r"|more|less|load more|show more|increase|decrease|increment|decrement|add|remove|undo|redo"
    r"|zoom (?:in|out)"
)
_ACT_VERB = re.compile(
    r"(?i)(?:(?:click|tap|press|submit|type)(?:ted|ped|ed|d)?(?: on)?|changed?|page load:) "
)

#: Clicks longer ago than this do not belong to a burst.
_BURST_S = 10.0

#: Only the beginning of a text is searched (characters).
_MAX_SCANNED = 300
#: Titles of these actions name a control or a page, so "Click Error log" is not an error.
_ACTS = frozenset({"click", "submit", "type", "pageview", ""})
_REQUEST = (
    r"failed request|failed to fetch|request (?:has )?failed|network error|server error"
    r"|(?:http|status)(?: code)? [45]\d\d"
)
_FAILED_REQUEST = re.compile(rf"(?i)\b(?:{_REQUEST})\b")
#: A title that names a failure, in an action that the user did not do.
_TITLE = re.compile(
    rf"(?i)(?!focus|blur|left|leave|enter)(?:an? )?"
    rf"(?:{_REQUEST}|error|exception|uncaught|something went wrong|\w+ (?:error|failed))\b"
)
#: A sentence that says that a failure was seen.
_SENTENCE = re.compile(
    r"(?i)\b(?:errors?|exception|failure)(?: (?:message|toast|banner|alert|dialog|page|screen))?"
    r"(?: \([\w .]{1,40}\))? (?:was |were |is |has |have )?"
    r"(?:shown|displayed|occurred|appeared|popped up|raised|thrown)\b"
    r"|\b(?:saw|got|received|encountered|ran into) (?:an?|the) (?:[\w-]{1,20} ){0,3}"
    r"(?:error|failure|exception)\b"
    r"|\bsomething went wrong\b"
    r"|\b(?:request|save|saving|upload|submission|payment|login|sign-in|validation|loading) (?:has )?failed\b"
    r"|\bfailed to (?:load|save|fetch|send|submit|upload|connect|create|update|delete)\b"
)


def derive_signals(actions: Sequence[SlimAction], window: Sequence[SlimAction]) -> None:
    """Set the signals of actions, by their texts and by the actions around them.

    Args:
        actions: new actions in any order, without duplicates; changed in place.
        window: the session's known actions, in order of time.
    """
    if len(actions) == 1 and not (window and _is_near_the_newest(actions[0], window[-1])):
        # Nearly always: the user did nothing else just before, so that only the texts count.
        (alone,) = actions
        alone.signal = alone.signal or shown_failure(alone)
        return
    seen: list[SlimAction] = []
    for action in sorted(actions, key=_START):
        seen.append(action)
        if action.signal:
            continue
        if signal := shown_failure(action):
            near = _near(action, SAME_FAILURE_S, window, seen)
            # One failure gets one signal.
            if not any(other.signal in ("error", "failed_request") for other in near):
                action.signal = signal
        elif action.type == "click" and _completes_a_burst(action, window, seen):
            action.signal = "rage_click"


def _is_near_the_newest(action: SlimAction, newest: SlimAction) -> bool:
    """Whether a failure or a burst of clicks in the window can have to do with an action."""
    start, longest_s = action.timestamp_start, max(RAGE_CLICKS_WITHIN_S, SAME_FAILURE_S)
    return newest.timestamp_start >= start - longest_s or start - newest.timestamp_start <= longest_s


def shown_failure(action: SlimAction) -> str:
    """Return the signal for the failure that an action's own texts report; empty for none."""
    return _shown(action.type, action.title[:_MAX_SCANNED], action.description[:_MAX_SCANNED])


@lru_cache(maxsize=4096)
def _shown(kind: str, title: str, description: str) -> str:
    if kind in _ACTS:
        # The control's name does not count: "User clicked Login failed on the filters page".
        name = _ACT_VERB.sub("", title, count=1)
        is_reported = _SENTENCE.search(description.replace(name, " ") if name else description)
    else:
        is_reported = _TITLE.match(title) or _SENTENCE.search(description)
    if not is_reported:
        return ""
    return "failed_request" if _FAILED_REQUEST.search(f"{title}\n{description}") else "error"


def _near(
    action: SlimAction, seconds: float, window: Sequence[SlimAction], others: Sequence[SlimAction]
) -> list[SlimAction]:
    """Return the actions up to ``seconds`` before or after an action, including itself."""
    since, until = action.timestamp_start - seconds, action.timestamp_start + seconds
    # Nearly always, only a few of the window's newest actions are near.
    if not window or window[-1].timestamp_start < since:
        known: Sequence[SlimAction] = ()
    else:
        known = window[bisect_left(window, since, key=_START) : bisect_right(window, until, key=_START)]
    return [*known, *(other for other in others if since <= other.timestamp_start <= until)]


def _completes_a_burst(
    action: SlimAction, window: Sequence[SlimAction], others: Sequence[SlimAction]
) -> bool:
    if len(others) == 1 and (
        not window or action.timestamp_start - window[-1].timestamp_start > RAGE_CLICKS_WITHIN_S
    ):
        return False  # nearly always: the user did nothing else just before
    near = _near(action, _BURST_S, window, others)
    if len(near) < _RAGE_CLICKS:
        return False
    clicks = [click for click in near if _is_on_the_same(click, action)]
    if len(clicks) < _RAGE_CLICKS or STEPPERS.fullmatch(_ACT_VERB.sub("", action.title, count=1)):
        return False
    clicks.sort(key=_START)
    burst = _burst_around(action, clicks)
    if any(click.signal == "rage_click" for click in burst):
        return False
    times = [click.timestamp_start for click in burst]
    return any(
        last - first <= RAGE_CLICKS_WITHIN_S
        for first, last in zip(times, times[_RAGE_CLICKS - 1 :], strict=False)
    )


def _is_on_the_same(click: SlimAction, action: SlimAction) -> bool:
    return (
        click.type == "click"
        and click.title == action.title
        and click.canonical_url == action.canonical_url
        and click.element_id == action.element_id
    )


def _burst_around(action: SlimAction, clicks: Sequence[SlimAction]) -> list[SlimAction]:
    """Return the clicks around an action, each within 1 s of the last; ``clicks`` are in order of time."""
    burst: list[SlimAction] = []
    for click in clicks:
        if burst and click.timestamp_start - burst[-1].timestamp_start > RAGE_CLICKS_WITHIN_S:
            if any(each is action for each in burst):
                break
            burst = []
        burst.append(click)
    return burst
