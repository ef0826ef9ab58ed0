"""Failure signals for sources that have none: rage clicks and shown errors, told from the actions alone.

Autoplay's stream, webhook and live activity say what was clicked and on which page, but not at which point of
it, and not what the page did. So:

* A *rage click* is the third click on the same thing (element, title and page) within 1 s. A burst counts
  once.
* An *error* or a *failed request* is an action whose title or description says that one was shown. What
  follows within 1 s belongs to the same mishap.
* A *dead click* cannot be told: whether a click changed anything, only the browser sees.

Capture and the PostHog destination see more, and judge for themselves (``posthog/signals.py``).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from operator import attrgetter

from rasa_autoplay.events.models import SlimAction

__all__ = [
    "JUDGED_AT_THE_SOURCE",
    "NEVER_DERIVED",
    "RAGE_CLICKS_WITHIN_S",
    "SAME_FAILURE_S",
    "STEPPERS",
    "derive_signals",
]

#: Sources whose actions arrive with their signals.
JUDGED_AT_THE_SOURCE = frozenset({"amplitude", "capture", "posthog"})
#: Signals that no other source can show.
NEVER_DERIVED = frozenset({"dead_click"})

_RAGE_CLICKS = 3
RAGE_CLICKS_WITHIN_S = 1.0
#: One mishap throws several errors: what follows this soon is the same one.
SAME_FAILURE_S = 1.0
_START = attrgetter("timestamp_start")

#: Controls that are made to be clicked again and again.
STEPPERS = re.compile(
    r"(?i)[\W_]*|(?:go to )?(?:next|prev|previous|back|forward)(?: (?:page|month|week|day|year|slide|item))?"
    r"|more|less|load more|show more|increase|decrease|increment|decrement|add|remove|undo|redo"
    r"|zoom (?:in|out)"
)
_ACT_VERB = re.compile(
    r"(?i)(?:(?:click|tap|press|submit|type)(?:ted|ped|ed|d)?(?: on)?|changed?|page load:) "
)

#: A burst that began longer ago than this is not looked back to.
_BURST_S = 10.0

#: More of a text is not looked at.
_MAX_SCANNED = 300
#: What users do is called after a control or a page: "Click Error log" shows no error.
_ACTS = frozenset({"click", "submit", "type", "pageview", ""})
_REQUEST = (
    r"failed request|failed to fetch|request (?:has )?failed|network error|server error"
    r"|(?:http|status)(?: code)? [45]\d\d"
)
_FAILED_REQUEST = re.compile(rf"(?i)\b(?:{_REQUEST})\b")
#: A title that names a mishap, of an action that is nobody's act.
_TITLE = re.compile(
    rf"(?i)(?!focus|blur|left|leave|enter)(?:an? )?"
    rf"(?:{_REQUEST}|error|exception|uncaught|something went wrong|\w+ (?:error|failed))\b"
)
#: A sentence that says that a mishap was seen.
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
    """Give actions the signals that they and their neighbours show.

    Args:
        actions: new ones, in any order, each of them once; changed in place.
        window: what is known of the session, in order of time.
    """
    seen: list[SlimAction] = []
    for action in sorted(actions, key=_START):
        seen.append(action)
        if action.signal:
            continue
        if signal := _shown(action.type, action.title[:_MAX_SCANNED], action.description[:_MAX_SCANNED]):
            near = _near(action, SAME_FAILURE_S, window, seen)
            # Of one mishap, one signal.
            if not any(other.signal in ("error", "failed_request") for other in near):
                action.signal = signal
        elif action.type == "click" and _completes_a_burst(action, window, seen):
            action.signal = "rage_click"


@lru_cache(maxsize=4096)
def _shown(kind: str, title: str, description: str) -> str:
    """The mishap that an action's own words tell of; empty for none."""
    if kind in _ACTS:
        # What the control is called says nothing: "User clicked Login failed on the filters page".
        name = _ACT_VERB.sub("", title, count=1)
        is_told = _SENTENCE.search(description.replace(name, " ") if name else description)
    else:
        is_told = _TITLE.match(title) or _SENTENCE.search(description)
    if not is_told:
        return ""
    return "failed_request" if _FAILED_REQUEST.search(f"{title}\n{description}") else "error"


def _near(
    action: SlimAction, seconds: float, window: Sequence[SlimAction], others: Sequence[SlimAction]
) -> Iterator[SlimAction]:
    """What happened so many seconds before or after an action, itself included."""
    since, until = action.timestamp_start - seconds, action.timestamp_start + seconds
    known = window[bisect_left(window, since, key=_START) : bisect_right(window, until, key=_START)]
    return chain(known, (other for other in others if since <= other.timestamp_start <= until))


def _completes_a_burst(
    action: SlimAction, window: Sequence[SlimAction], others: Sequence[SlimAction]
) -> bool:
    if STEPPERS.fullmatch(_ACT_VERB.sub("", action.title, count=1)):
        return False
    clicks = [click for click in _near(action, _BURST_S, window, others) if _is_on_the_same(click, action)]
    if len(clicks) < _RAGE_CLICKS:
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
    """The clicks around an action that follow each other within a second; ``clicks`` are in order of time."""
    burst: list[SlimAction] = []
    for click in clicks:
        if burst and click.timestamp_start - burst[-1].timestamp_start > RAGE_CLICKS_WITHIN_S:
            if any(each is action for each in burst):
                break
            burst = []
        burst.append(click)
    return burst
