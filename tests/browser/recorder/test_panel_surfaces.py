"""The recorder on difficult pages: strict policies, focus traps, shadow roots, phones, right to left."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from browser.recorder.panel_app import button, cards, checked, expect_titles
from browser.recorder.stand_in import ORIGIN, RECORDER, RecorderStandIn, open_recorder

pytestmark = pytest.mark.slow

STRICT = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
    "require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors 'none'"
)
#: As component libraries make it: the rest is hidden, and the focus comes back to the dialog.
_TRAP = """
<main><button id=open>Open</button></main>
<div id=box role=dialog aria-modal=true aria-label=Ask hidden>
  <input id=why aria-label=Reason><button id=yes>Yes</button>
</div>
<script>
  const main = document.querySelector("main");
  document.querySelector("#open").onclick = () => {
    box.hidden = false;
    main.inert = true;
    main.setAttribute("aria-hidden", "true");
    document.body.style.pointerEvents = "none";
    box.style.pointerEvents = "auto";
    why.focus();
  };
  yes.onclick = () => (box.hidden = !(main.inert = false));
  let last;
  document.addEventListener("focusin", ({ target }) => {
    if (box.hidden) return;
    if (box.contains(target)) last = target;
    else last.focus();
  });
  document.addEventListener("focusout", ({ relatedTarget }) => {
    if (!box.hidden && relatedTarget && !box.contains(relatedTarget)) last.focus();
  });
</script>
"""
_SHADOW = """
<app-form id=form></app-form>
<script>
  const root = document.querySelector("app-form").attachShadow({ mode: "open" });
  root.innerHTML = "<label>City <input id=city></label><button id=send>Send</button>";
</script>
"""
_MENU = """
<button id=more popovertarget=menu>More</button>
<div id=menu popover><button id=rename>Rename</button></div>
"""
#: As Radix makes it: it opens when the pointer goes down, and the click goes to the page around the button.
_MENU_ON_PRESS = """
<main style="height: 300px">
  <button id=more>More</button><button id=save>Save</button>
  <div id=menu role=menu hidden style="pointer-events: auto">
    <button id=rename role=menuitem>Rename</button>
  </div>
</main>
<script>
  const show = (isShown) => {
    menu.hidden = !isShown;
    document.body.style.pointerEvents = isShown ? "none" : "";
  };
  document.querySelector("#more").onpointerdown = () => show(true);
  document.querySelector("#rename").onclick = () => show(false);
</script>
"""


def test_works_under_a_strict_policy(page: Page, app: RecorderStandIn) -> None:
    app.headers = {"Content-Security-Policy": STRICT}
    app.pages["/projects"] = "<button id=options>Options</button><button id=save>Save</button>"
    open_recorder(page)
    page.click("#options")
    page.click("#save")
    checked(app, page, 2)
    panel = page.locator(f"{RECORDER} .frame")
    assert panel.evaluate("(it) => getComputedStyle(it).position") == "fixed"
    button(page, "Try it").click()
    page.click("#options")
    expect(page.locator("rasa-autoplay-tour .title")).to_have_text("Press Save")


def test_can_be_edited_beside_a_dialog_that_traps_the_focus(page: Page, app: RecorderStandIn) -> None:
    app.pages["/projects"] = _TRAP
    open_recorder(page)
    page.click("#open")
    title = cards(page).nth(0).get_by_label("Title")
    title.click()
    page.keyboard.press("End")
    page.keyboard.type("!")
    expect(title).to_have_value("Press Open!")
    page.click("#yes")
    page.keyboard.press("F9")
    page.keyboard.press("Control+a")
    page.keyboard.type("?")
    expect_titles(page, "?", "Press Yes")


def test_fields_in_a_shadow_root_are_steps(page: Page, app: RecorderStandIn) -> None:
    app.pages["/projects"] = _SHADOW
    open_recorder(page)
    page.fill("#city", "Paris")
    page.click("#send")
    expect_titles(page, "Fill in City", "Press Send")
    expect(cards(page).nth(0)).to_contain_text("Your analytics doesn’t capture this element")
    draft = checked(app, page, 2)
    assert [step["element"] for step in draft["steps"]] == ["#form >> #city", "#form >> #send"]
    assert "Paris" not in repr(app.posts)


def test_an_open_popover_stays_open_while_the_panel_is_used(page: Page, app: RecorderStandIn) -> None:
    app.pages["/projects"] = _MENU
    open_recorder(page)
    page.click("#more")
    expect(page.locator(f"#menu {RECORDER}")).to_have_count(1)
    cards(page).nth(0).get_by_label("Title").fill("Open the menu")
    expect(page.locator("#rename")).to_be_visible()
    page.click("#rename")
    page.keyboard.press("Escape")
    expect(page.locator("#rename")).to_be_hidden()
    expect_titles(page, "Open the menu", "Press Rename")
    expect(page.locator(f"html > {RECORDER} .frame")).to_be_visible()


def test_a_menu_that_opens_on_press_is_a_step(page: Page, app: RecorderStandIn) -> None:
    app.pages["/projects"] = _MENU_ON_PRESS
    open_recorder(page)
    page.click("#more")
    page.click("#rename")
    expect_titles(page, "Press More", "Choose Rename")
    expect(cards(page).nth(0)).to_contain_text("Your analytics doesn’t capture this element")
    draft = checked(app, page, 2)
    assert [step.get("done_when") for step in draft["steps"]] == [None, {"element_id": "rename"}]


def test_a_button_that_the_pointer_leaves_before_it_goes_up_is_no_step(
    page: Page, app: RecorderStandIn
) -> None:
    app.pages["/projects"] = _MENU_ON_PRESS
    open_recorder(page)
    page.hover("#save")
    page.mouse.down()
    page.mouse.move(300, 200)
    page.mouse.up()
    page.click("#more")
    expect_titles(page, "Press More")


def test_private_fields_leave_nothing_behind(page: Page, app: RecorderStandIn) -> None:
    open_recorder(page)
    page.fill("#secret", "hunter2-hunter2")
    page.fill("#name", "Ada Lovelace")
    page.click("#save")
    expect(cards(page).last).to_contain_text("Traffic shows")
    stored = page.evaluate("JSON.stringify(sessionStorage)")
    for typed in ("hunter2", "Ada", "Lovelace"):
        assert typed not in stored
        assert typed not in repr(app.posts)


def test_try_it_opens_a_window_of_a_phones_width(page: Page, app: RecorderStandIn) -> None:
    open_recorder(page)
    page.click("#options")
    page.click("#save")
    with page.context.expect_page() as opened:
        button(page, "At phone width").click()
    phone = opened.value
    expect(phone.locator("rasa-autoplay-tour .title")).to_have_text("Press Table options")
    phone.click("#options")
    expect(phone.locator(f"{RECORDER} .rows li").nth(0)).to_contain_text("✓ seen: Click ⋯")
    phone.reload()
    expect(phone.locator("rasa-autoplay-tour .title")).to_have_text("Press Save")
    with phone.expect_event("close"):
        button(phone, "Back to the steps").click()
    expect_titles(page, "Press Table options", "Press Save")
    page.click("#open")
    expect(cards(page)).to_have_count(3)


def test_the_tour_goes_to_the_page_where_the_path_begins(page: Page, app: RecorderStandIn) -> None:
    open_recorder(page)
    page.click("a[href='/other']")
    page.locator(f"{RECORDER} .frame").wait_for()
    page.click("#next")
    button(page, "Try it").click()
    tour = page.locator("rasa-autoplay-tour .title")
    expect(tour).to_have_text("Open Other page")
    assert page.url == f"{ORIGIN}/projects"
    page.click("a[href='/other']")
    expect(tour).to_have_text("Press Next")
    page.click("#next")
    expect(page.locator(RECORDER)).to_contain_text("The tour reached its end.")


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_is_a_sheet_at_the_bottom_of_a_phone(
    new_context: Callable[..., BrowserContext], app: RecorderStandIn, direction: str
) -> None:
    page = new_context(viewport={"width": 375, "height": 667}, has_touch=True, is_mobile=True).new_page()
    app.pages["/projects"] = (
        f"<script>document.documentElement.dir = '{direction}'</script><button id=a>A</button>"
    )
    open_recorder(page)
    page.tap("#a")
    expect_titles(page, "Press A")
    box = page.locator(f"{RECORDER} .frame").bounding_box()
    assert box
    assert (box["x"], box["width"], box["y"] + box["height"]) == (0, 375, 667)
    assert box["height"] <= 0.6 * 667
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    button(page, "Make the panel small").tap()
    box = page.locator(f"{RECORDER} .frame").bounding_box()
    assert box
    assert box["height"] < 70


def test_in_a_right_to_left_page_it_is_at_the_left(page: Page, app: RecorderStandIn) -> None:
    app.pages["/projects"] = "<script>document.documentElement.dir = 'rtl'</script><button id=a>حفظ</button>"
    open_recorder(page)
    page.click("#a")
    expect_titles(page, "Press حفظ")
    box = page.locator(f"{RECORDER} .frame").bounding_box()
    assert box
    assert box["x"] == 16
    button(page, "Move to the other side").click()
    page.wait_for_function(
        f"document.querySelector('{RECORDER}').shadowRoot.querySelector('.frame').offsetLeft > 600"
    )


def test_can_be_used_with_the_keyboard_alone(page: Page, app: RecorderStandIn) -> None:
    open_recorder(page)
    page.locator("#options").press("Enter")
    page.keyboard.press("F9")
    page.keyboard.press("Control+a")
    page.keyboard.type("A")
    expect_titles(page, "A")
    page.keyboard.press("Tab")  # to "Move up", which is useless here, so to the next one
    page.keyboard.press("Enter")
    expect(cards(page)).to_have_count(0)
    expect(page.locator(RECORDER)).to_contain_text("Deleted: A")
    page.keyboard.press("F9")
    assert page.evaluate("document.activeElement.id") == "options"
