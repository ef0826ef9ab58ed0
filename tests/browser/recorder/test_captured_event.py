"""The captured event decodes to the same action as the event of the real posthog-js.

Both listen to the same clicks, changes and submits of pages made of a small grammar. Then the gateway's own
decoder reads both. At choices, in fields and in private elements we say less than posthog-js: there, only the
type of the action and its page must be equal.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from support.chromium import require_library

from browser.recorder.elements_page import LIBRARIES, PAGES, ElementsPage
from rasa_autoplay.gateway.sources.pages import Pages
from rasa_autoplay.gateway.sources.posthog.elements import elements_of, is_own_interface
from rasa_autoplay.gateway.sources.posthog.label import ActionLabel, label_event

LIBRARY = "posthog-js/dist/array.no-external.js"
START = """
window.events = [];
const choices = "select,[role=combobox],[role=listbox],[role=option]";
const fields = `${choices},[role=textbox]`;
posthog.init("phc_x", {
  api_host: location.origin, advanced_disable_flags: true, disable_external_dependency_loading: true,
  disable_session_recording: true, disable_surveys: true, opt_out_useragent_filter: true,
  persistence: "memory", capture_pageview: false, capture_pageleave: false, rageclick: false,
  rate_limiting: { events_per_second: 100000, events_burst_limit: 100000 },
  before_send: (event) => { if (event.event === "$autocapture") events.at(-1).theirs = event; return null; },
});
for (const type of ["click", "change", "submit"]) {
  // Runs before posthog-js, which listens to the document.
  addEventListener(type, (event) => {
    const [target] = event.composedPath();
    const hasChoice = target.closest(fields) || target.querySelector(choices);
    const maySayLess = Boolean(hasChoice) || elements.describe(target).isPrivate;
    const ours = elements.capturedEvent(type, target);
    events.push({ type, html: target.outerHTML, maySayLess, theirs: null, ours });
  }, true);
}
addEventListener("submit", (event) => event.preventDefault());
"""
#: Dispatches each event on each element, also in shadow roots, and returns what both made of it.
ACT_ON_ALL = """
const act = (element) => {
  for (const type of ["click", "change", "submit"]) {
    const kind = type === "click" ? MouseEvent : Event;
    element.dispatchEvent(new kind(type, { bubbles: true, composed: true, cancelable: true }));
  }
  for (const inner of element.shadowRoot?.querySelectorAll("*") || []) act(inner);
};
for (const element of document.body.querySelectorAll("*")) act(element);
return events;
"""
#: Kinds of controls.
COMMON = (PAGES / "controls.html").read_text("utf-8")


def random_page(seed: int) -> str:
    """A page of nested elements with the attributes that the library and the gateway read."""
    chance = random.Random(seed)  # noqa: S311
    tags = [
        "button",
        "a",
        "span",
        "div",
        "label",
        "input",
        "select",
        "textarea",
        "li",
        "svg",
        "form",
        "p",
        "i",
        "b",
        "summary",
    ]
    words = [
        "Save",
        "changes",
        "edit",
        "more_vert",
        "⋯",
        "Plan 7",
        "",
        "  two  words ",
        "línea",
        "→ next",
        "&amp;",
    ]
    texts = {
        "id": ["save", "export-csv", "row-17", ":r3:", "userName", "pass-btn", "mui-4"],
        "class": ["btn primary", "ql-editor", "rw-x", "ph-include", "a  b"],
        "role": ["button", "option", "tab", "Link", "presentation", "textbox"],
        "aria-label": ["Close it", "  ", "⋯"],
        "title": ["A title", "x"],
        "name": ["q", "expiry", "first-name"],
        "type": ["button", "submit", "checkbox", "radio", "text", "password", "hidden", "reset", "Email"],
        "alt": ["An image"],
        "placeholder": ["Type here"],
        "data-testid": ["save-button", "saveButton"],
        "data-label": ["Label"],
        "data-slate": ["1"],
        "contenteditable": ["false"],
        "style": ["cursor:pointer", "display:none"],
    }

    def element(depth: int) -> str:
        tag = chance.choice(tags)
        attributes = "".join(
            f' {name}="{chance.choice(values)}"'
            for name, values in texts.items()
            if chance.random() < (0.35 if name in ("type", "id") else 0.13)
        )
        content = ""
        if tag == "svg":  # there, the elements of HTML would not be those of HTML
            return f"<svg{attributes}><path /></svg>"
        # What a textarea holds is taken for typed, and such words are left out everywhere.
        while tag != "textarea" and depth and chance.random() < 0.75:
            content += element(depth - 1) if chance.random() < 0.55 else chance.choice(words)
        return f"<{tag}{attributes}>{content}</{tag}>"

    return "".join(element(4) for _ in range(14))


def decoded(event: dict[str, Any] | None) -> tuple[ActionLabel, str] | None:
    """The action that the gateway makes of an event; None if it makes none."""
    if event is None:
        return None
    properties = event["properties"]
    elements, pages = elements_of(properties), Pages()
    if is_own_interface(elements):
        return None
    url = pages.canonical(properties["$current_url"])
    label = label_event("$autocapture", properties, elements, pages.page(url))
    return (label, url) if label else None


def differences(elements: ElementsPage, html: str) -> tuple[list[Any], int]:
    """The acts that the two libraries describe differently, and the number of acts that theirs captured."""
    elements.show(html)
    elements.page.add_script_tag(path=LIBRARIES / LIBRARY)
    elements.run(START)
    events = elements.run(ACT_ON_ALL)
    decodings = [(event, decoded(event["theirs"]), decoded(event["ours"])) for event in events]
    wrong = [(event, theirs, ours) for event, theirs, ours in decodings if theirs != ours]
    return wrong, sum(event["theirs"] is not None for event in events)


def says_less(
    event: dict[str, Any], theirs: tuple[ActionLabel, str] | None, ours: tuple[ActionLabel, str] | None
) -> bool:
    """Whether privacy makes the difference: it is in a text or an element, not in the type or the page."""
    if theirs is None or ours is None or not event["maySayLess"]:
        return False
    return (theirs[0].type, theirs[1]) == (ours[0].type, ours[1])


@pytest.mark.parametrize("seed", [None, 0])
def test_decodes_like_the_event_of_posthog_js(elements: ElementsPage, seed: int | None) -> None:
    require_library(LIBRARY)
    wrong, captured = differences(elements, COMMON if seed is None else random_page(seed))
    assert captured > 20
    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 160))
def test_decodes_like_the_event_of_posthog_js_on_many_pages(elements: ElementsPage, seed: int) -> None:
    require_library(LIBRARY)
    wrong, _ = differences(elements, random_page(seed))
    assert [each for each in wrong if not says_less(*each)] == []
