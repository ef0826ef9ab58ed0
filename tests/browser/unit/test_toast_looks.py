"""How the toast looks: themes, forced colours, small windows, print; and what axe-core finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.unit.conftest import Visitor
from browser.unit.stand_in import StandIn, offer

LONG = "Changing projects one at a time? **Select several** of them, then change all with `Bulk edit`. " * 6
RICH = "Changing **many** projects?\n\n1. Open `⋯`\n2. Pick *Bulk edit*\n\nSee [the guide](/guide)."
REPLIES = ["Compare the plans that my team could change to this year", "Yes", "No"]
_DIALOG = """
  document.body.insertAdjacentHTML("beforeend", '<dialog aria-label="Edit"><button>Save</button></dialog>');
  document.querySelector("dialog").showModal();
"""

#: Playwright's options of a context, the offer, and what the page does once the toast is there.
STATES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "light": ({}, {}, ""),
    "dark": ({"color_scheme": "dark"}, {}, ""),
    "forced colours": ({"forced_colors": "active"}, {}, ""),
    "forced colours, dark": ({"forced_colors": "active", "color_scheme": "dark"}, {}, ""),
    "right to left": ({}, {"body": "האם לערוך **הכול** יחד?"}, "document.dir = 'rtl'"),
    "320 px": ({"viewport": {"width": 320, "height": 568}}, {}, ""),
    "320 px, long": (
        {"viewport": {"width": 320, "height": 568}},
        {"body": LONG, "reply_options": REPLIES},
        "",
    ),
    "zoom 200 %": ({"viewport": {"width": 640, "height": 360}, "device_scale_factor": 2}, {}, ""),
    "zoom 200 %, long": (
        {"viewport": {"width": 640, "height": 360}, "device_scale_factor": 2},
        {"body": LONG, "reply_options": REPLIES},
        "",
    ),
    "rich text": ({}, {"body": RICH, "reply_options": REPLIES}, ""),
    "rich text, dark": ({"color_scheme": "dark"}, {"body": RICH, "reply_options": REPLIES}, ""),
    "behind a dialog": ({}, {}, _DIALOG),
    "behind a dialog, dark": ({"color_scheme": "dark"}, {}, _DIALOG),
}
_AXE = """async () => {
  const { violations } = await axe.run();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((it) => `${it.html} ${it.failureSummary}`)}`);
}"""


def _card(page: Page) -> Locator:
    return page.locator("rasa-autoplay .card")


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_in_the_toast_and_in_the_pill(
    new_visitor: Callable[..., Visitor], server: StandIn, state: str
) -> None:
    axe = server.library("axe-core/axe.min.js")
    if axe is None:
        pytest.skip("axe-core is not among the browser libraries")
    options, changes, script = STATES[state]
    visitor = new_visitor(reduced_motion="reduce", **options)
    visitor.context.clock.install()  # it goes on, because axe-core needs timers
    page = visitor.open("plain.html", toast_seconds=60)
    server.send(offer(expires_in_s=600, **changes))
    expect(_card(page)).to_be_visible()
    page.evaluate(f"() => {{ {script} }}")
    page.evaluate(axe)
    assert page.evaluate(_AXE) == []
    page.evaluate("document.querySelector('dialog')?.close()")
    visitor.pass_time(61)
    expect(page.get_by_role("button", name="Suggestion")).to_be_visible()
    page.evaluate(f"() => {{ {script} }}")
    assert page.evaluate(_AXE) == []


@pytest.mark.parametrize("state", [state for state in STATES if "px" in state or "zoom" in state])
def test_the_buttons_stay_in_sight(new_visitor: Callable[..., Visitor], server: StandIn, state: str) -> None:
    options, changes, _ = STATES[state]
    page = new_visitor(reduced_motion="reduce", **options).open("plain.html")
    server.send(offer(**changes))
    expect(_card(page)).to_be_visible()
    for name in (
        "Show me",
        "Open chat",
        "Later",
        "Don’t show again",
        "Close",
        *changes.get("reply_options", []),
    ):
        expect(page.get_by_role("button", name=name, exact=True)).to_be_in_viewport(ratio=0.99)
    text = page.get_by_role("status")
    if "long" in state:
        assert text.evaluate("(it) => it.scrollHeight > it.clientHeight && it.clientHeight >= 30")
        text.focus()  # the keyboard reaches it and scrolls it
        page.keyboard.press("End")
        expect(text).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") <= options["viewport"]["width"]


#: What a page says of its colours, and whether the toast is dark where the system is light, and dark.
SCHEMES = {
    "": (False, True),
    "document.documentElement.style.colorScheme = 'dark'": (True, True),
    "document.documentElement.style.colorScheme = 'light'": (False, False),
    "document.documentElement.style.colorScheme = 'light dark'": (False, True),
    "document.documentElement.style.colorScheme = 'dark light'": (False, True),
    "document.documentElement.style.colorScheme = 'only light'": (False, False),
    "document.body.style.colorScheme = 'dark'": (True, True),
    "document.head.insertAdjacentHTML('beforeend', '<meta name=color-scheme content=dark>')": (True, True),
    "document.head.insertAdjacentHTML('beforeend', '<meta name=color-scheme content=light>')": (False, False),
}


@pytest.mark.parametrize("system", ["light", "dark"])
def test_the_theme_is_the_pages_own_before_the_systems(
    new_visitor: Callable[..., Visitor], server: StandIn, system: str
) -> None:
    page = new_visitor(color_scheme=system).open("plain.html")
    server.send(offer())
    expect(_card(page)).to_be_visible()
    reset = "document.querySelector('meta[name=color-scheme]')?.remove();" + "".join(
        f"document.{element}.style.colorScheme = '';" for element in ("body", "documentElement")
    )
    for script, dark in SCHEMES.items():
        page.evaluate(f"() => {{ {reset} {script} }}")  # while it is shown
        expected = "rgb(27, 30, 38)" if dark[system == "dark"] else "rgb(255, 255, 255)"
        expect(_card(page), script).to_have_css("background-color", expected)


def test_a_theme_that_is_set_wins(new_visitor: Callable[..., Visitor], server: StandIn) -> None:
    page = new_visitor(color_scheme="dark").open("plain.html", theme="light")
    server.send(offer())
    expect(_card(page)).to_have_css("background-color", "rgb(255, 255, 255)")


def test_nothing_is_printed(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open("plain.html")
    server.send(offer())
    expect(_card(page)).to_be_visible()
    page.emulate_media(media="print")
    expect(_card(page)).to_be_hidden()
    page.emulate_media(media="screen")
    expect(_card(page)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_star_survives_forced_colours(
    new_visitor: Callable[..., Visitor], server: StandIn, scheme: str
) -> None:
    visitor = new_visitor(forced_colors="active", color_scheme=scheme, reduced_motion="reduce")
    visitor.stop_the_clock()
    page = visitor.open("plain.html", toast_seconds=10)
    server.send(offer(expires_in_s=600))
    expect(_card(page)).to_be_visible()
    colours = """([selector, pseudo]) => {
      const part = document.querySelector("rasa-autoplay").shadowRoot.querySelector(selector);
      const probe = document.body.appendChild(document.createElement("p"));
      probe.style.background = "Canvas";
      return [getComputedStyle(part, pseudo).backgroundColor, getComputedStyle(probe).backgroundColor];
    }"""
    star, canvas = page.evaluate(colours, [".card", "::after"])
    assert star != canvas
    visitor.pass_time(11)
    expect(page.get_by_role("button", name="Suggestion")).to_be_visible()
    star, canvas = page.evaluate(colours, [".pill button", "::before"])
    assert star != canvas


def test_the_pill_is_announced_with_its_offer(visitor: Visitor, server: StandIn) -> None:
    visitor.stop_the_clock()
    page = visitor.open("plain.html", toast_seconds=10)
    server.send(offer(expires_in_s=600, body="Change **all** projects?"))
    expect(_card(page)).to_be_visible()
    visitor.pass_time(11)
    expect(page.get_by_role("status")).to_have_text("Suggestion: Change all projects? Press F6 to respond.")
    expect(page.locator("rasa-autoplay .pill")).to_be_visible()


HOSTILE = """
* { text-transform: uppercase !important; letter-spacing: 9px !important; font-size: 40px !important;
    position: relative !important; opacity: 0.4 !important; transform: rotate(3deg) !important }
html { transform: none !important }
body { filter: blur(0); transform: translateY(900px) !important; display: grid; gap: 50px }
button { background: red !important; border: 9px solid red !important }
"""


def test_the_host_apps_rules_do_not_reach_it(new_visitor: Callable[..., Visitor], server: StandIn) -> None:
    page = new_visitor(reduced_motion="reduce").open("plain.html")
    server.send(offer())
    expect(_card(page)).to_be_visible()
    look = """() => {
      const parts = [...document.querySelector("rasa-autoplay").shadowRoot.querySelectorAll("*")];
      const looks = ["fontSize", "letterSpacing", "textTransform", "opacity", "backgroundColor"];
      return JSON.stringify(parts.map((it) => {
        const { x, y, width, height } = it.getBoundingClientRect();
        const style = getComputedStyle(it);
        return [it.className, x, y, width, height, ...looks.map((name) => style[name])];
      }));
    }"""
    before = page.evaluate(look)
    page.add_style_tag(content=HOSTILE)
    page.wait_for_timeout(1500)  # several times as long as it takes to notice a change of the page
    assert page.evaluate(look) == before
