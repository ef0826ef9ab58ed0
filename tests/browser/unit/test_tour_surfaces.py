"""Show me on hostile pages: it is usable everywhere, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.unit.conftest import Visitor, after_timers
from browser.unit.stand_in import STRICT_CSP, StandIn, offer, tour

CARD = "rasa-autoplay-tour .card:not(.done)"
_ONE = tour(("one", "#before", "First"), ("two", "#options", "Second"))

#: What of the spotlight is where: the ring's and the card's box, and what is on top in the card's middle.
_WHERE = """(selector) => {
  const root = document.querySelector("rasa-autoplay-tour").shadowRoot;
  const boxOf = (it) => it.getBoundingClientRect().toJSON();
  const card = boxOf(root.querySelector(".card"));
  const top = document.elementFromPoint(card.x + card.width / 2, card.y + card.height / 2);
  return {
    ring: boxOf(root.querySelector(".ring")), card, target: boxOf(document.querySelector(selector)),
    isOnTop: top?.localName === "rasa-autoplay-tour", inside: [innerWidth, innerHeight],
  };
}"""


def _title(page: Page) -> Locator:
    return page.locator("rasa-autoplay-tour .title")


def _start(page: Page, server: StandIn, shown: dict[str, Any] = _ONE) -> None:
    server.send(offer(tours=[shown]))
    page.get_by_role("button", name="Show me").click()
    expect(page.locator(CARD)).to_be_visible()


def _expect_pointing(page: Page, selector: str = "#before") -> None:
    where = page.evaluate(_WHERE, selector)
    ring, target, card = where["ring"], where["target"], where["card"]
    for side in ("left", "top"):
        assert ring[side] == pytest.approx(target[side] - 4, abs=1)
    for side in ("right", "bottom"):
        assert ring[side] == pytest.approx(target[side] + 4, abs=1)
    assert where["isOnTop"]
    width, height = where["inside"]
    assert (card["left"] >= 0, card["top"] >= 0) == (True, True)
    assert (card["right"] <= width, card["bottom"] <= height) == (True, True)


_DIALOG = """() => {
  const dialog = document.createElement("dialog");
  dialog.innerHTML = '<button id="inside" type="button">Inside</button><button id="after">After</button>';
  document.body.append(dialog);
  document.querySelector("#before").onclick = () => dialog.showModal();
  document.querySelector("#before").textContent = "Open";
}"""


def test_steps_inside_a_modal_dialog_are_usable(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    page.evaluate(_DIALOG)
    steps = (("one", "#before", "Open it"), ("two", "#inside", "Inside it"), ("three", "#after", "After"))
    _start(page, server, tour(*steps))
    page.locator("#before").click()
    expect(_title(page)).to_have_text("Inside it")
    _expect_pointing(page, "#inside")
    page.locator("rasa-autoplay-tour .next").click()
    expect(_title(page)).to_have_text("After")
    page.evaluate("document.querySelector('dialog').close()")
    expect(_title(page)).to_have_text("Open it")
    _expect_pointing(page)


@pytest.mark.parametrize(
    "style",
    [
        "transform: translate(40px, 30px) scale(0.9)",
        "filter: contrast(1.1)",
        "perspective: 500px",
        "contain: paint",
        "overflow: hidden; height: 100vh",
        "zoom: 1.25",
    ],
)
def test_the_pages_style_moves_neither_ring_nor_card(visitor: Visitor, server: StandIn, style: str) -> None:
    page = visitor.open()
    page.evaluate("(style) => (document.body.style.cssText = style)", style)
    _start(page, server)
    _expect_pointing(page)


def test_a_page_that_zooms_itself_moves_nothing(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    page.evaluate("document.documentElement.style.zoom = 1.5")
    _start(page, server)
    _expect_pointing(page)


@pytest.mark.parametrize("size", [(320, 568), (375, 667), (1366, 768)])
def test_the_card_fits_every_screen(
    new_visitor: Callable[..., Visitor], server: StandIn, size: tuple[int, int]
) -> None:
    visitor = new_visitor(viewport={"width": size[0], "height": size[1]})
    page = visitor.open()
    long = tour(("one", "#before", "A long title of a step, as teams write them"), ("two", "#options", "B"))
    long["steps"][0]["text"] = "Press this button, which does what you want. " * 12
    _start(page, server, long)
    _expect_pointing(page)


def test_the_ring_follows_scrolling(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    _start(page, server)
    page.mouse.wheel(0, 37)
    page.wait_for_function("scrollY === 37")
    page.evaluate("new Promise(requestAnimationFrame)")
    _expect_pointing(page)


def test_works_under_a_strict_policy_with_trusted_types(visitor: Visitor, server: StandIn) -> None:
    server.policy = f"{STRICT_CSP}; require-trusted-types-for 'script'; trusted-types 'none'"
    page = visitor.open()
    _start(page, server)
    _expect_pointing(page)
    page.locator("#before").click()
    expect(_title(page)).to_have_text("Second")


_HOSTILE = """
* { box-sizing: content-box !important; font-size: 40px !important; letter-spacing: 9px !important; }
button { padding: 90px !important; background: red !important; text-transform: uppercase !important; }
section, rasa-autoplay-tour, [popover] { transform: rotate(9deg) !important; opacity: 0.2 !important; }
rasa-autoplay-tour { display: none !important; }
:popover-open { inset: 50px !important; margin: 70px !important; }
"""


def test_the_host_apps_rules_do_not_reach_it(new_visitor: Callable[..., Visitor], server: StandIn) -> None:
    page = new_visitor(reduced_motion="reduce").open()
    plain: dict[str, Any] = {}
    read = """() => {
      const root = document.querySelector("rasa-autoplay-tour").shadowRoot;
      const pick = ({ fontSize, padding, backgroundColor, textTransform, opacity, width, height }) =>
        ({ fontSize, padding, backgroundColor, textTransform, opacity, width, height });
      const parts = [".card", ".next", ".close", ".title"].map((it) => root.querySelector(it));
      return [root.host, ...parts].map((it) => pick(getComputedStyle(it)));
    }"""
    _start(page, server)
    plain = page.evaluate(read)
    page.evaluate(
        """(css) => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(css);
          document.adoptedStyleSheets = [sheet];
        }""",
        _HOSTILE,
    )
    assert page.evaluate(read) == plain
    assert page.evaluate(_WHERE, "#before")["isOnTop"]


#: The contrast of the ring with what is on each side of it, from the styles in force.
_CONTRAST = """() => {
  const root = document.querySelector("rasa-autoplay-tour").shadowRoot;
  const ring = getComputedStyle(root.querySelector(".ring"));
  const channels = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const luminance = (rgb) => rgb.map((it) => it / 255)
    .map((it) => (it <= 0.03928 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4))
    .reduce((sum, it, index) => sum + it * [0.2126, 0.7152, 0.0722][index], 0);
  const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const page = channels(getComputedStyle(document.body).backgroundColor);
  const accent = luminance(channels(ring.outlineColor));
  const outer = luminance(channels(ring.boxShadow.match(/rgb\\([^)]*\\)/)[0]));
  const dimmed = luminance(page.map((it) => it / 2));
  const arrow = getComputedStyle(root.querySelector(".arrow"));
  return {
    width: ring.outlineWidth, inside: contrast(accent, luminance(page)), outside: contrast(accent, outer),
    edge: contrast(outer, dimmed), hasArrow: arrow.display !== "none",
  };
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_ring_stands_out_on_both_sides(
    new_visitor: Callable[..., Visitor], server: StandIn, scheme: str
) -> None:
    visitor = new_visitor(color_scheme=scheme)
    page = visitor.open()
    _start(page, server)
    ring = page.evaluate(_CONTRAST)
    assert ring["width"] == "2px"
    assert ring["inside"] >= 3
    assert ring["outside"] >= 3
    assert ring["hasArrow"]


def test_the_ring_is_seen_in_forced_colours(new_visitor: Callable[..., Visitor], server: StandIn) -> None:
    visitor = new_visitor(forced_colors="active")
    page = visitor.open()
    _start(page, server)
    outline = page.evaluate(
        """() => {
          const ring = document.querySelector("rasa-autoplay-tour").shadowRoot.querySelector(".ring");
          const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(ring);
          const { backgroundColor } = getComputedStyle(document.body);
          return [outlineStyle, outlineWidth, outlineColor === backgroundColor];
        }"""
    )
    assert outline == ["solid", "2px", False]


def test_a_menu_stays_open_while_a_button_of_the_card_is_pressed(visitor: Visitor, server: StandIn) -> None:
    """Menus close when something outside of them is pressed, or when the focus leaves them."""
    page = visitor.open()
    page.evaluate("""() => {
      const menu = document.createElement("div");
      menu.id = "popup";
      menu.innerHTML = '<button id="item">Item</button><button id="other">Other</button>';
      document.querySelector("main").append(menu);
      const close = (event) => event.composedPath().includes(menu) || menu.remove();
      for (const name of ["pointerdown", "mousedown", "click"]) document.addEventListener(name, close);
      menu.addEventListener("focusout", ({ relatedTarget }) => menu.contains(relatedTarget) || menu.remove());
    }""")
    server.send(offer(tours=[tour(("one", "#item", "First"), ("two", "#other", "Second"))]))
    expect(page.get_by_role("button", name="Show me")).to_be_visible()
    page.locator("#item").focus()
    page.evaluate("void rasaAutoplay.copilot.showTour('bulk-edit')")
    expect(_title(page)).to_have_text("First")
    page.locator("rasa-autoplay-tour .next").click()
    expect(_title(page)).to_have_text("Second")


def test_the_keyboard_reaches_the_card_and_returns(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    _start(page, server)
    expect(page.locator("#before")).to_be_focused()
    page.keyboard.press("F6")
    expect(page.locator("rasa-autoplay-tour .next")).to_be_focused()
    page.keyboard.press("F6")
    expect(page.locator("#before")).to_be_focused()
    page.keyboard.press("F6")
    page.keyboard.press("Enter")
    expect(_title(page)).to_have_text("Second")


def test_a_hundred_tours_leave_no_node_and_no_listener(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    session = visitor.context.new_cdp_session(page)

    def listeners() -> list[str]:
        names: list[str] = []
        for target in ("window", "document", "document.documentElement", "document.body"):
            found = session.send("Runtime.evaluate", {"expression": target})["result"]["objectId"]
            of_target = session.send("DOMDebugger.getEventListeners", {"objectId": found})["listeners"]
            names += [f"{target} {listener['type']}" for listener in of_target]
        return sorted(names)

    nodes = "document.querySelectorAll('*').length"
    server.send(offer(tours=[_ONE]))
    expect(page.get_by_role("button", name="Show me")).to_be_visible()
    server.until_receipt("seen")  # each receipt of an offer keeps a lock, and with it a listener
    run = """async (times) => {
      const { copilot } = rasaAutoplay;
      for (let left = times; left; left--) {
        const ended = copilot.showTour("bulk-edit");
        while (!document.querySelector("rasa-autoplay-tour")) await new Promise(requestAnimationFrame);
        document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
        await ended;
      }
    }"""
    page.evaluate(run, 20)
    visitor.settled()
    before = (page.evaluate(nodes), listeners())
    page.evaluate(run, 100)
    assert (page.evaluate(nodes), listeners()) == before


_LARGE = """() => {
  const cells = "<td>cell</td>".repeat(6);
  const row = (_, at) => `<tr><td><input type="checkbox" id="row-${at}"></td>${cells}</tr>`;
  const rows = [...Array(3000)].map(row);
  document.querySelector("main").insertAdjacentHTML("beforeend", `<table>${rows.join("")}</table>`);
}"""


def test_a_tour_at_rest_makes_a_large_page_do_nothing(visitor: Visitor, server: StandIn) -> None:
    """Layouts and styles are what costs; how long they take depends on the machine."""
    page = visitor.open()
    page.evaluate(_LARGE)
    server.send(offer(tours=[tour(("rows", "[id^=row-]", "Tick some rows"), ("two", "#options", "Second"))]))
    page.get_by_role("button", name="Show me").click()
    expect(page.locator(CARD)).to_be_visible()
    after_timers(page, 1000)
    session = visitor.context.new_cdp_session(page)
    session.send("Performance.enable")

    def work() -> dict[str, float]:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return {each["name"]: each["value"] for each in metrics if each["name"] in _WORK}

    before = work()
    after_timers(page, 3000)
    done = {name: value - before[name] for name, value in work().items()}
    assert max(done.values()) <= 3, done


#: What Chromium counts of a page's work.
_WORK = ("LayoutCount", "RecalcStyleCount")
