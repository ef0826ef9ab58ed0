"""Detects that something went wrong for the user: rage clicks, dead clicks, errors and failed requests.

The events of posthog-js 1.449.2, and their meaning:

* ``$rageclick``: three clicks within 30 px, each within 1 s of the previous one. It arrives in addition to
  the ``$autocapture`` of the third click. Captured clicks have no coordinates, so if the page disables this
  event, three clicks on the same control within 1 s count instead.
* ``$dead_click``: a click after which neither the page nor the selection changed. Only the browser knows.
* ``$exception``: an uncaught error, a rejected promise, or an error that the page reported.
* Failed requests have no event of their own. They are recognised by the type and text of the error that the
  page did not catch, or by ``failed_request``, an event that a page may send itself.

An error's message is never stored, because it may quote what a user has typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from rasa_autoplay.events.derived_signals import RAGE_CLICKS_WITHIN_S, SAME_FAILURE_S, STEPPERS
from rasa_autoplay.gateway.sources.posthog.elements import Element, acted_on, holds_typed_text, is_control

__all__ = ["Failure", "SessionSignals", "failure_of", "rage_place"]

_TYPE = re.compile(r"[A-Za-z_$][\w$.]{0,59}")
_STATUS = re.compile(r"(?i)(?:status(?: code)?:?|response for \S{0,200}:|HTTP) ([45]\d\d)\b")
_REQUEST_ERRORS = frozenset(
    {"AxiosError", "ChunkLoadError", "FetchError", "HTTPError", "HttpErrorResponse", "NetworkError"}
)
_FAILED_REQUEST = re.compile(
    r"(?i)failed to fetch|fetch failed|network ?error|^load failed|net::err_|http failure response"
    r"|failed with status|response not successful|timeout of \d+ ?ms|dynamically imported module"
    r"|loading (?:css )?chunk"
)
#: Errors that browsers report although users notice nothing.
_HARMLESS = re.compile(
    r"(?i)ResizeObserver loop|^script error\.?$|\babort(?:ed|error)?\b|play\(\) request was inter"
)


class Failure(msgspec.Struct, frozen=True):
    """An error or a failed request.

    Args:
        signal: ``error`` or ``failed_request``.
        kind: the error's type or the HTTP status, for example ``TypeError`` or ``503``; ``""`` if unknown.
    """

    signal: str
    kind: str


def failure_of(event: str, properties: Mapping[str, Any]) -> Failure | None:
    """Read an error or a failed request; None if the event is neither, or if users do not notice it."""
    if event == "failed_request":
        status = properties.get("status")
        return Failure("failed_request", str(status) if status in range(400, 600) else "")
    if event != "$exception":
        return None
    kind, message = _type_and_message(properties)
    if _HARMLESS.search(message) or kind == "AbortError":
        return None
    if kind in _REQUEST_ERRORS or _FAILED_REQUEST.search(message):
        status_match = _STATUS.search(message)
        return Failure("failed_request", status_match[1] if status_match else "")
    return Failure("error", kind)


def _type_and_message(properties: Mapping[str, Any]) -> tuple[str, str]:
    listed = properties.get("$exception_list")
    first = listed[0] if isinstance(listed, list) and listed else None
    if isinstance(first, dict):
        kind, message = first.get("type"), first.get("value")
    else:  # before 2024
        kind, message = properties.get("$exception_type"), properties.get("$exception_message")
    return (
        kind if isinstance(kind, str) and _TYPE.fullmatch(kind) else "",
        message[:500] if isinstance(message, str) else "",
    )


def rage_place(elements: Sequence[Element], title: str) -> int:
    """A number that identifies the clicked control; 0 if repeated clicks on it are normal.

    They are normal in fields (three clicks select a line), on elements that are no controls (three clicks
    select a paragraph), and on controls that are meant to be clicked repeatedly.

    Args:
        elements: the target and its ancestors, target first.
        title: the click's title.
    """
    index = acted_on(elements)
    control = elements[index]
    if not is_control(control) or any(map(holds_typed_text, elements)):
        return 0
    if STEPPERS.fullmatch(title.removeprefix("Click ")):
        return 0
    if not control.nth_child:
        return hash((control.tag, control.id, title)) or 1
    # By its position in the page, because its text may change with each click ("Saving…").
    return hash(tuple((element.tag, element.nth_child) for element in elements[index:])) or 1


class SessionSignals(msgspec.Struct, gc=False):
    """The recent clicks and failures of a session, to report each incident only once."""

    place: int = 0
    clicked_at: float = 0.0
    clicked_before_at: float = 0.0
    raged_at: float = 0.0
    failed_at: float = 0.0

    def is_rage(self, place: int, at: float) -> bool:
        """Record a click; True if it completes a burst that was not reported yet.

        Args:
            place: the result of :func:`rage_place`.
            at: when the click happened, epoch seconds.
        """
        if place != self.place:
            self.place, self.clicked_at, self.clicked_before_at = place, 0.0, 0.0
        first, self.clicked_before_at, self.clicked_at = self.clicked_before_at, self.clicked_at, at
        return place != 0 and 0 <= at - first <= RAGE_CLICKS_WITHIN_S and self.is_new_rage(at)

    def is_new_rage(self, at: float) -> bool:
        """Record a burst of clicks; False if it continues the last one."""
        is_new = abs(at - self.raged_at) > RAGE_CLICKS_WITHIN_S
        self.raged_at = max(at, self.raged_at)
        return is_new

    def is_new_failure(self, at: float) -> bool:
        """Record an error or a failed request; False if it belongs to the last one."""
        is_new = abs(at - self.failed_at) > SAME_FAILURE_S
        self.failed_at = max(at, self.failed_at)
        return is_new
