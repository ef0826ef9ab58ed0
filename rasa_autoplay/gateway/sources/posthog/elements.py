"""Reads the DOM elements of an autocaptured event.

posthog-js describes the event's target and its ancestors up to ``body``, target first: as ``$elements`` (a
list of objects), as ``$elements_chain`` (one string), or both. Both give the same :class:`Element` list.

The chain's grammar in posthog-js (``elementsToString`` in ``autocapture-utils.ts``)::

    chain   = element *( ";" element )
    element = tag *( "." class ) ":" *( key "=" DQUOTE value DQUOTE )

Keys are ``attr__<name>``, ``attr_id``, ``href``, ``nth-child``, ``nth-of-type`` and ``text``, with no
separator. In a value, ``"`` is written as ``\\"``, but backslashes are not escaped. So a value that ends with
a backslash seems to continue; a key directly after the quote shows that it does not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

__all__ = [
    "Element",
    "acted_on",
    "elements_of",
    "holds_typed_text",
    "is_control",
    "is_hidden",
    "is_own_interface",
    "parse_chain",
    "parse_elements",
]

#: A DOM is rarely this deep; the library's own limit is 1,000.
_MAX_ELEMENTS = 100
_MAX_CHAIN = 100_000
_MAX_CACHED = 1_000

#: Prefixes of class names and ids in the copilot's own interface: ours, rasa-webchat's, driver.js's.
OWN_PREFIXES = ("rasa-autoplay", "rw-", "driver-popover")
_OWN_CLASS = re.compile(rf"(?:^|\s)(?:{'|'.join(OWN_PREFIXES)})")
#: Prefixes of attribute names and tags in it. Values do not count: during a tour, driver.js writes its
#: popover's id into ``aria-controls`` of the host's element.
_OWN_NAMES = ("rasa-autoplay", "data-rasa-autoplay")

_ACTIVE_TAGS = frozenset({"a", "button", "input", "label", "select", "summary", "textarea"})
_ACTIVE_ROLES = frozenset(
    {"button", "checkbox", "combobox", "link", "menuitem", "menuitemcheckbox", "menuitemradio", "option"}
    | {"radio", "searchbox", "slider", "spinbutton", "switch", "tab", "textbox", "treeitem"}
)
_TYPED_TAGS = frozenset({"input", "select", "textarea"})
_TYPED_ROLES = frozenset({"combobox", "listbox", "option", "searchbox", "spinbutton", "textbox"})
#: posthog-js leaves these elements out; other libraries that write chains may not.
_HIDDEN = re.compile(r"(?:^|\s)ph-no-capture(?:\s|$)")
_SENSITIVE = re.compile(r"(?:^|\s)ph-sensitive(?:\s|$)")

# Rich-text and code editors. posthog-js omits the attributes of an editable area, also "contenteditable", but
# captures the text of a clicked paragraph in it.
_EDITOR = re.compile(
    r"ProseMirror|\bql-editor|DraftEditor|\bmce-content|\bck-(?:content|editor)|CodeMirror|\bcm-content"
    r"|\bmonaco-editor|\bnote-editable|trix-editor|data-lexical|data-slate|data-offset-key"
)


class Element(msgspec.Struct, frozen=True, gc=False):
    """One DOM element.

    Args:
        tag: lower-case tag name.
        text: the visible text that the library captured.
        id: DOM id.
        attributes: HTML attributes by name (``aria-label``, ``class``, …).
        nth_child: its position among its parent's children, from 1; 0 if unknown.
    """

    tag: str
    text: str
    id: str
    attributes: dict[str, str]
    nth_child: int = 0


def elements_of(properties: Mapping[str, Any]) -> list[Element]:
    """The event's elements, target first, from either form; ``[]`` if it has none.

    If neither form can be read, the text of the target (``$el_text``) becomes an element.
    """
    listed, chain = properties.get("$elements"), properties.get("$elements_chain")
    elements = parse_elements(listed) if isinstance(listed, list) else []
    if not elements and isinstance(chain, str):
        elements = parse_chain(chain)
    text = properties.get("$el_text")
    if not elements and isinstance(text, str):
        elements = [Element(tag="", text=text, id="", attributes={})]
    return elements


def parse_elements(listed: Sequence[object]) -> list[Element]:
    """Read ``$elements``; values that are not objects are left out."""
    return [_from_mapping(item) for item in listed[:_MAX_ELEMENTS] if isinstance(item, dict)]


def _from_mapping(item: Mapping[str, Any]) -> Element:
    attributes = {
        key[6:]: " ".join(part for part in value if isinstance(part, str))
        if isinstance(value, list)
        else value
        for key, value in item.items()
        if key.startswith("attr__") and isinstance(value, (str, list))
    }
    text = item.get("$el_text")
    tag, nth_child = item.get("tag_name"), item.get("nth_child")
    return Element(
        tag=tag.lower() if isinstance(tag, str) else "",
        text=text if isinstance(text, str) else "",
        id=attributes.get("id", ""),
        attributes=attributes,
        nth_child=nth_child if isinstance(nth_child, int) else 0,
    )


# Lengths are bounded because a hostile chain would make the look-aheads quadratic.
_KEY = r'(?:attr__[^"=;]{0,100}|attr_id|href|nth-child|nth-of-type|text)="'
_VALUE = rf'[^"\\]*(?:\\(?:(?!")|"(?!{_KEY})|(?="{_KEY}))[^"\\]*)*'
_ELEMENT = re.compile(rf'([^;"]*(?:"{_VALUE}"[^;"]*)*)(;|$)')
_HEAD = re.compile(rf'((?:[^":]+|:(?!{_KEY}|$))*):?')
_PAIR = re.compile(rf'([^"=;]{{1,110}})="({_VALUE})"')


def parse_chain(chain: str) -> list[Element]:
    """Read ``$elements_chain``; a damaged chain gives the elements before the damage."""
    text = chain[:_MAX_CHAIN]
    elements: list[Element] = []
    position = 0
    while position < len(text) and len(elements) < _MAX_ELEMENTS:
        match = _ELEMENT.match(text, position)
        if match is None:
            break
        position = match.end()
        part = match[1]
        if part:
            elements.append(_parse_element(part) if len(part) > _MAX_CACHED else _cached_element(part))
    return elements


def _parse_element(text: str) -> Element:
    head = _HEAD.match(text)
    if head is None:  # pragma: no cover - the pattern matches anything
        return Element("", "", "", {})
    position = head.end()
    pairs: dict[str, str] = {}
    while pair := _PAIR.match(text, position):
        pairs[pair[1]] = pair[2].replace('\\"', '"')
        position = pair.end()
    return _from_chain(head[1], pairs)


#: The ancestors are the same in most events of a page.
_cached_element = lru_cache(maxsize=4096)(_parse_element)


def _from_chain(head: str, pairs: Mapping[str, str]) -> Element:
    tag, _, classes = head.partition(".")
    attributes = {key[6:]: value for key, value in pairs.items() if key.startswith("attr__")}
    if classes and "class" not in attributes:
        attributes["class"] = classes.replace(".", " ")
    nth_child = pairs.get("nth-child", "")
    return Element(
        tag=tag.lower(),
        text=pairs.get("text", ""),
        id=pairs.get("attr_id") or attributes.get("id", ""),
        attributes=attributes,
        nth_child=int(nth_child) if nth_child.isdecimal() and len(nth_child) < 10 else 0,
    )


def acted_on(elements: Sequence[Element], event_type: str = "click") -> int:
    """The index of the element that the user acted on.

    A click's target is the innermost element under the pointer, such as the icon inside a button. The user
    acts on the nearest control around it; without a control, on the target, as with changes and submits.

    Raises:
        ValueError: there are no elements.
    """
    if not elements:
        raise ValueError("acted_on() needs at least one element")
    if event_type in ("change", "submit"):
        return 0
    return next((i for i, element in enumerate(elements) if is_control(element)), 0)


def is_control(element: Element) -> bool:
    """Whether an element is a control, by its tag, by its role, or because it can be edited."""
    role = element.attributes.get("role", "").lower()
    return element.tag in _ACTIVE_TAGS or role in _ACTIVE_ROLES or _is_editable(element)


def _is_editable(element: Element) -> bool:
    return element.attributes.get("contenteditable", "false").lower() != "false"


def holds_typed_text(element: Element) -> bool:
    """Whether the text or value of an element or its content may be the user's input."""
    attributes = element.attributes
    if element.tag in _TYPED_TAGS or attributes.get("role", "").lower() in _TYPED_ROLES:
        return True
    if _is_editable(element) or _SENSITIVE.search(attributes.get("class", "")):
        return True
    marks = " ".join((element.tag, attributes.get("class", ""), *attributes))
    return _is_editor_again(marks) if len(marks) <= _MAX_CACHED else _is_editor(marks)


def _is_editor(marks: str) -> bool:
    return _EDITOR.search(marks) is not None


#: The pattern was the most expensive part of reading an event.
_is_editor_again = lru_cache(maxsize=4096)(_is_editor)


def is_hidden(elements: Sequence[Element]) -> bool:
    """Whether the page forbids capturing this (``ph-no-capture``)."""
    return any(_HIDDEN.search(element.attributes.get("class", "")) for element in elements)


def is_own_interface(elements: Sequence[Element]) -> bool:
    """Whether this is the copilot's own toast, chat or tour; it must not react to itself."""
    return any(map(_is_own, elements))


def _is_own(element: Element) -> bool:
    if element.tag.startswith(_OWN_NAMES) or element.id.startswith(OWN_PREFIXES):
        return True
    for name in element.attributes:
        if name.startswith(_OWN_NAMES):
            return True
    return _OWN_CLASS.search(element.attributes.get("class", "")) is not None
