"""Turns DOM events into actions with a type and a title.

A title must be stable, because rules match it, and fit for display. It comes from the page's controls, never
from the user's input: fields, editable areas and selects are named only by their labels, and texts that look
personal (addresses, card and telephone numbers, tokens) are always masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from rasa_autoplay.events.element_ids import is_generated_id
from rasa_autoplay.events.masking import mask_text, visible
from rasa_autoplay.gateway.sources.pages import Page
from rasa_autoplay.gateway.sources.posthog.elements import Element, acted_on, holds_typed_text, is_hidden
from rasa_autoplay.gateway.sources.posthog.signals import Failure, failure_of

__all__ = ["ActionLabel", "clean_text", "label_elements", "label_event"]

_MAX_TEXT = 120
_MAX_ID = 200
#: The number of characters that are read of a text, so that masking always takes microseconds.
_MAX_SCANNED = 600


class ActionLabel(msgspec.Struct, frozen=True):
    """An action's type, title and description.

    Args:
        type: ``pageview``, ``click``, ``type`` or ``submit``; ``blur`` for errors and failed requests.
        title: for example ``"Click Save changes"``.
        description: for example ``"User clicked Save changes on the projects page"``.
        element_id: DOM id of the element; ``""`` if it has none.
        signal: what went wrong, as in ``SlimAction``.
    """

    type: str
    title: str
    description: str
    element_id: str = ""
    signal: str = ""


#: DOM event → action type, verb of the title, verb of the description.
_DOM_EVENTS = {
    "click": ("click", "Click", "clicked"),
    "change": ("type", "Change", "changed"),
    "submit": ("submit", "Submit", "submitted"),
}
#: Events that repeat a captured click. Their titles do not name the control, because a rule that counts "save
#: changes" must not count the same click twice.
_CLICK_ECHOES = {
    "$rageclick": ("rage_click", "Rage click", "User clicked {label} again and again"),
    "$dead_click": ("dead_click", "Dead click", "User clicked {label} and nothing happened"),
}
_FAILURES = {
    "error": ("Error", "An error{kind} occurred"),
    "failed_request": ("Failed request", "A request failed{kind}"),
}


def label_event(
    event: str, properties: Mapping[str, Any], elements: Sequence[Element], page: Page
) -> ActionLabel | None:
    """Label one event of posthog-js.

    Args:
        event: the event's name, for example ``$autocapture``.
        properties: the event's properties.
        elements: the target and its ancestors, target first, as ``elements_of(properties)`` returns them.
        page: the page on which it happened.

    Returns:
        The label; None if the event is not a user's action (``$identify``, ``$pageleave``, …).
    """
    if event == "$pageview":
        return ActionLabel("pageview", f"Page load: {page.title}", f"User opened {page.phrase or 'a page'}")
    if event not in _CLICK_ECHOES and event != "$autocapture":
        return _label_failure(failure_of(event, properties), page)
    kind = properties.get("$event_type") if event == "$autocapture" else "click"
    label = label_elements(str(kind), elements, page)
    if label is None or event == "$autocapture":
        return label
    signal, title, sentence = _CLICK_ECHOES[event]
    name = label.title.removeprefix("Click ")
    description = sentence.replace("{label}", name) + _where(page)
    return ActionLabel("click", title, description, label.element_id, signal)


def _label_failure(failure: Failure | None, page: Page) -> ActionLabel | None:
    if failure is None:
        return None
    title, sentence = _FAILURES[failure.signal]
    kind = f" ({failure.kind})" if failure.kind else ""
    # Not a user's action: of the wire's types, "blur" is the one that does not count as an action.
    return ActionLabel("blur", title, sentence.format(kind=kind) + _where(page), signal=failure.signal)


def label_elements(event_type: str, elements: Sequence[Element], page: Page) -> ActionLabel | None:
    """Label a DOM event by its elements.

    Args:
        event_type: ``click``, ``change`` or ``submit``.
        elements: the target and its ancestors, target first.
        page: the page on which it happened.

    Returns:
        The label; None for other events, for elements that the page hides (``ph-no-capture``), and for
        changes of checkboxes and radio buttons, because the click that causes the change is captured, too.
    """
    verbs = _DOM_EVENTS.get(event_type)
    if verbs is None or not elements or is_hidden(elements):
        return None
    index = acted_on(elements, event_type)
    element = elements[index]
    if event_type == "change" and element.attributes.get("type", "").lower() in ("checkbox", "radio"):
        return None
    kind, title_verb, verb = verbs
    # All text inside a field or an editor is the user's, and prose outside of controls names nothing.
    private = kind != "click" or element.tag in _PROSE or any(map(holds_typed_text, elements))
    name = _name(element, [] if private else elements[:index], with_text=not private)
    return ActionLabel(
        type=kind,
        title=f"{title_verb} {name}",
        description=f"User {verb} {name}{_where(page)}",
        element_id=mask_text(element.id[:_MAX_SCANNED])[:_MAX_ID],
    )


def _where(page: Page) -> str:
    return f" on {page.phrase}" if page.phrase else ""


_TEST_ATTRIBUTES = ("data-testid", "data-test-id", "data-test", "data-cy", "data-qa")
_LABEL_ATTRIBUTES = ("aria-label", "title", "placeholder", "data-label", "data-title", "data-tooltip")
_NOUNS = {
    "": "element",
    "a": "link",
    "img": "image",
    "svg": "icon",
    "i": "icon",
    "td": "table cell",
    "li": "list item",
}
_PROSE = frozenset({"blockquote", "p", "pre"})
#: The name of an icon in an icon font, such as ``more_vert``, which is not a readable text.
_ICON_NAME = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+")


def _name(element: Element, inner: Sequence[Element], *, with_text: bool) -> str:
    if element.attributes.get("role", "").lower() == "option":
        return "option"  # its only name is the selected value, which is the user's input
    return next(_candidates(element, inner, with_text), "") or _NOUNS.get(element.tag, element.tag[:20])


def _candidates(element: Element, inner: Sequence[Element], with_text: bool) -> Iterator[str]:
    """The element's possible names, best first; unreadable texts come last."""
    attributes = element.attributes
    shown = [each.text for each in (element, *inner)] if with_text else []
    if attributes.get("type", "").lower() in ("button", "submit", "reset") and element.tag == "input":
        shown.append(attributes.get("value", ""))  # the button's text, not the user's input
    texts = [text for text in map(clean_text, shown) if text]
    yield from (text for text in texts if _is_readable(text))
    yield from _readable(attributes, _LABEL_ATTRIBUTES)
    for each in inner:
        yield from _readable(each.attributes, ("aria-label", "title", "alt"))
    yield from _humanised(attributes, (*_TEST_ATTRIBUTES, "name"))
    yield from _readable(attributes, ("alt",))
    yield from _humanised({"id": element.id}, ("id",))
    yield from texts


def _is_readable(text: str) -> bool:
    return any(char.isalnum() for char in text) and _ICON_NAME.fullmatch(text) is None


def _readable(attributes: Mapping[str, str], names: Sequence[str]) -> Iterator[str]:
    for name in names:
        text = clean_text(attributes.get(name, ""))
        if text and _is_readable(text):
            yield text


def _humanised(attributes: Mapping[str, str], names: Sequence[str]) -> Iterator[str]:
    """Identifiers as words: ``edit-priority`` → "edit priority", ``saveButton`` → "save button"."""
    for name in names:
        value = attributes.get(name, "")
        if not value or is_generated_id(value):
            continue
        # Masked first, because the masks would not recognise an address that is split into words.
        masked = clean_text(value)
        if masked.startswith("["):
            continue
        spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", masked)
        words = " ".join(re.sub(r"[^\w\[\]]|_", " ", spaced).split())
        if re.search(r"[^\W\d_]{2}", words):
            yield words.lower()


def clean_text(text: str) -> str:
    """A text for display: one line, trimmed, masked, no invisible characters, at most 120 characters."""
    masked = mask_text(" ".join(visible(text[:_MAX_SCANNED]).split()))
    return masked if len(masked) <= _MAX_TEXT else masked[: _MAX_TEXT - 1].rstrip() + "…"
