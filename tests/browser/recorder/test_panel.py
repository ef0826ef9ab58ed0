"""The recorder's panel: acts become cards, cards become a golden path."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from support.axe import AXE, RUN_AXE
from support.background import PATIENCE_S

from browser.recorder.stand_in import ORIGIN, RECORDER, RecorderStandIn, open_recorder

expect.set_options(timeout=PATIENCE_S * 1000)

#: An app with a menu that closes when something outside it is pressed, by a listener in the capture phase.
APP = """
<main style="max-width: 600px">
  <h1>Projects</h1>
  <button id=options aria-label="Table options">⋯</button>
  <div id=menu role=menu hidden style="position: absolute; top: 400px">
    <button role=menuitem id=toggle>Bulk edit</button>
  </div>
  <label>Name <input id=name></label>
  <label>Password <input id=secret type=password></label>
  <label><input type=checkbox id=row-1> One</label>
  <label><input type=checkbox id=row-2> Two</label>
  <label><input type=checkbox id=row-3> Three</label>
  <button id=save>Save</button>
  <a href="/other" style="color: inherit">Other page</a>
  <a id=new-tab style="color: inherit" href="/other" target=_blank rel=opener>New tab</a>
  <button id=open>Ask</button>
  <dialog id=ask><button id=confirm>Confirm</button></dialog>
  <p id=seen></p>
</main>
<script>
  const seen = (what) => (document.querySelector("#seen").textContent += `${what};`);
  options.onclick = () => (menu.hidden = false);
  toggle.onclick = () => (menu.hidden = true);
  const leave = ({ target }) => menu.contains(target) || (menu.hidden = true);
  document.addEventListener("pointerdown", leave, true);
  document.addEventListener("keydown", ({ key }) => seen(`key ${key}`), true);
  for (const type of ["click", "input", "focusin", "wheel"]) {
    document.addEventListener(type, ({ target }) => target.localName.startsWith("rasa-") && seen(type), true);
  }
  document.querySelector("#open").onclick = () => ask.showModal();
  document.querySelector("#confirm").onclick = () => ask.close();
</script>
"""


@pytest.fixture
def app() -> RecorderStandIn:
    """The app and the server."""
    return RecorderStandIn(pages={"/projects": APP, "/other": "<h1>Other</h1><button id=next>Next</button>"})


@pytest.fixture
def new_context(chromium: Browser, app: RecorderStandIn) -> Iterator[Callable[..., BrowserContext]]:
    """Make a browser profile that sees the app; a test fails if a page logs an error."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def listen(page: Page) -> None:
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda it: complaints.append(it.text) if it.type == "error" else None)

    def make(**options: Any) -> BrowserContext:
        context = chromium.new_context(**{"viewport": {"width": 1200, "height": 800}, **options})
        context.set_default_timeout(PATIENCE_S * 1000)
        context.on("page", listen)
        app.serve(context)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert [it for it in complaints if "Failed to load resource" not in it] == []


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    """A tab in which nothing is open yet."""
    return new_context().new_page()


def cards(page: Page) -> Locator:
    """The cards of the steps."""
    return page.locator(f"{RECORDER} .steps .card")


def expect_titles(page: Page, *titles: str) -> None:
    """Wait until these are the titles of the steps."""
    fields = page.locator(f"{RECORDER} .card .title")
    expect(fields).to_have_count(len(titles))
    for index, title in enumerate(titles):
        expect(fields.nth(index)).to_have_value(title)


def button(page: Page, name: str) -> Locator:
    """A button of the panel."""
    return page.locator(RECORDER).get_by_role("button", name=name, exact=True)


def checked(app: RecorderStandIn, page: Page, count: int) -> dict[str, Any]:
    """Wait until the server has checked the draft as it is now, with so many steps; returns it."""
    expect(cards(page)).to_have_count(count)
    page.locator(f"{RECORDER} .path").evaluate("(it) => (it.open = true)")
    described = f"Draft {len(app.posts)}."
    with page.expect_response(lambda it: "recorder/draft" in it.url and described in repr(app.drafts()[-1])):
        page.locator(RECORDER).get_by_label("Description").fill(described)
    return app.drafts()[-1]


def test_acts_become_a_golden_path(page: Page, app: RecorderStandIn) -> None:
    open_recorder(page)
    assert page.url == f"{ORIGIN}/projects"
    page.click("#options")
    page.click("#toggle")
    page.fill("#name", "typed by the user")
    page.click("#row-2")
    page.click("#row-3")
    page.click("#save")
    draft = checked(app, page, 5)
    assert draft["page"] == "/projects"
    assert draft["steps"] == [
        {
            "id": "press-table-options",
            "title": "Press Table options",
            "element": "#options",
            "text": 'Press "Table options".',
            "tooltip": "Press this button.",
            "done_when": {"element_id": "options"},
        },
        {
            "id": "choose-bulk-edit",
            "title": "Choose Bulk edit",
            "element": "#toggle",
            "label": "Bulk edit",
            "text": 'In the menu, choose "Bulk edit".',
            "tooltip": "Choose this entry.",
            "done_when": {"element_id": "toggle"},
        },
        {
            "id": "fill-in-name",
            "title": "Fill in Name",
            "element": "#name",
            "label": "Name",
            "text": 'Fill in "Name".',
            "tooltip": "Fill in this field.",
            "done_when": {"element_id": "name"},
        },
        {
            "id": "tick-any-of-these",
            "title": "Tick any of these",
            "element": "[id^=row-]",
            "text": "Tick any of these.",
            "tooltip": "Any of these will do.",
            "done_when": {"element_id": "row-*"},
            "several": True,
        },
        {
            "id": "press-save",
            "title": "Press Save",
            "element": "#save",
            "label": "Save",
            "text": 'Press "Save".',
            "tooltip": "Press this button.",
            "done_when": {"element_id": "save"},
        },
    ]
    assert "typed by the user" not in repr(app.posts)
    expect(cards(page).nth(4)).to_contain_text("Traffic shows: Click Save")
    assert {key for path, _, key in app.posts if path != "session"} == {"Bearer key-1"}
    assert [it for it in app.requested if "token-1" in it or "key-1" in it] == []


def test_cards_are_edited_marked_moved_deleted_and_undone(page: Page, app: RecorderStandIn) -> None:
    open_recorder(page)
    page.click("#options")
    page.click("#save")
    page.click("#open")
    page.click("#confirm")
    start = ["Press Table options", "Press Save", "Press Ask", "Press Confirm"]
    expect_titles(page, *start)
    button(page, "Move up: Press Save").click()
    button(page, "Delete: Press Ask").click()
    title = cards(page).nth(0).get_by_label("Title")
    title.fill("Save it")
    title.press("End")
    title.type(" now")
    grip = button(page, "Drag, or press the arrow keys, to move: Save it now")
    grip.press("ArrowDown")
    changed = ["Press Table options", "Save it now", "Press Confirm"]
    expect_titles(page, *changed)
    page.locator(f"{RECORDER} summary", has_text="Edit").nth(0).click()
    page.locator(RECORDER).get_by_label("Optional").nth(0).check()
    page.locator(RECORDER).get_by_label("Chat only").nth(0).check()
    draft = checked(app, page, 3)
    assert [step.get("element") for step in draft["steps"]] == [None, "#save", "#confirm"]
    assert draft["steps"][0]["optional"] is True
    page.reload()
    expect_titles(page, *changed)
    for _ in range(3):  # the description and the two marks
        button(page, "Undo").click()
    expect_titles(page, *changed)
    title.press("Control+z")
    expect_titles(page, "Save it now", "Press Table options", "Press Confirm")
    title.press("Control+z")
    expect_titles(page, "Press Save", "Press Table options", "Press Confirm")
    title.press("Control+z")
    button(page, "Undo").click()
    expect_titles(page, *start)


def test_a_dragged_card_goes_where_it_is_dropped(page: Page) -> None:
    open_recorder(page)
    for each in ("#options", "#save", "#open"):
        page.click(each)
    for index in range(3):  # the cards do not grow any more
        expect(cards(page).nth(index)).to_contain_text("Traffic shows")
    grip = button(page, "Drag, or press the arrow keys, to move: Press Ask").bounding_box()
    first = cards(page).nth(0).bounding_box()
    assert grip
    assert first
    page.mouse.move(grip["x"] + 5, grip["y"] + 5)
    page.mouse.down()
    page.mouse.move(grip["x"] + 5, first["y"] + 20, steps=5)
    page.mouse.move(grip["x"] + 5, first["y"] + 2)
    page.mouse.up()
    expect_titles(page, "Press Ask", "Press Table options", "Press Save")


def test_the_app_sees_nothing_of_the_panel(page: Page) -> None:
    open_recorder(page)
    page.click("#options")
    expect(page.locator("#menu")).to_be_visible()
    button(page, "Pause").click()
    title = cards(page).nth(0).get_by_label("Title")
    title.fill("More")
    title.press("ArrowLeft")
    page.mouse.wheel(0, 40)
    button(page, "Go on").click()
    expect(page.locator("#menu")).to_be_visible()
    page.click("#toggle")
    page.keyboard.press("x")
    expect(page.locator("#seen")).to_have_text("key x;")
    expect_titles(page, "More", "Choose Bulk edit")


def test_it_can_be_used_above_a_modal_dialog(page: Page) -> None:
    open_recorder(page)
    page.click("#open")
    button(page, "Delete: Press Ask").click()
    expect(cards(page)).to_have_count(0)
    page.click("#confirm")
    expect(cards(page)).to_have_count(1)
    button(page, "Pause").click()
    page.click("#save")
    button(page, "Go on").click()
    expect_titles(page, "Press Confirm")


def test_it_goes_on_after_a_page_load_and_only_pages_without_an_act_are_steps(
    page: Page, app: RecorderStandIn
) -> None:
    open_recorder(page)
    page.click("a[href='/other']")
    page.locator(f"{RECORDER} .frame").wait_for()
    page.click("#next")
    expect_titles(page, "Open Other page", "Press Next")
    page.evaluate("history.pushState(null, '', '/other?step=2')")
    expect(cards(page).nth(0)).to_contain_text("on /projects")
    page.wait_for_timeout(2100)  # a page so soon after another is a redirect
    page.evaluate("history.pushState(null, '', '/wizard')")  # caused by the click on Next
    page.wait_for_timeout(2100)
    page.evaluate("history.pushState(null, '', '/settings')")
    expect(cards(page)).to_have_count(3)
    expect_titles(page, "Open Other page", "Press Next", "Go to /settings")
    draft = checked(app, page, 3)
    assert draft["steps"][2]["done_when"]["page"] == {"exact": "/settings"}


def test_only_the_tab_that_got_the_link_records(page: Page, app: RecorderStandIn) -> None:
    open_recorder(page)
    with page.context.expect_page() as opened:
        page.click("#new-tab")
    other = opened.value
    other.wait_for_function("!sessionStorage['rasa-autoplay-recorder']")
    other.click("#next")
    expect(other.locator(RECORDER)).to_have_count(0)
    expect_titles(page, "Open New tab")
    page.reload()
    expect_titles(page, "Open New tab")


def test_try_it_plays_the_tour_with_the_matcher_beside_it(page: Page, app: RecorderStandIn) -> None:
    open_recorder(page)
    page.click("#options")
    page.click("#toggle")
    page.click("#open")
    page.click("#confirm")
    checked(app, page, 4)
    button(page, "Try it").click()
    tour = page.locator("rasa-autoplay-tour .title")
    rows = page.locator(f"{RECORDER} .rows li")
    for selector, title in (
        ("#options", "Press Table options"),
        ("#toggle", "Choose Bulk edit"),
        ("#open", "Press Ask"),
        ("#confirm", "Press Confirm"),
    ):
        expect(tour).to_have_text(title)
        page.click(selector)
    expect(page.locator(RECORDER)).to_contain_text("The tour reached its end.")
    for row, action in zip(range(4), ("⋯", "Bulk edit", "Ask", "Confirm"), strict=True):
        expect(rows.nth(row)).to_contain_text(f"✓ tour · ✓ seen: Click {action}")
    page.click("#save")
    expect(page.locator(RECORDER)).to_contain_text("“Click Save” proves no step.")
    button(page, "Back to the steps").click()
    expect(cards(page)).to_have_count(4)


def test_stop_removes_everything(page: Page) -> None:
    open_recorder(page)
    page.click("#save")
    button(page, "Stop recording").click()
    button(page, "Keep it").click()
    button(page, "Stop recording").click()
    button(page, "Delete").click()
    expect(page.locator(RECORDER)).to_have_count(0)
    assert page.evaluate("Object.keys(sessionStorage)") == []
    page.reload()
    page.click("#save")
    expect(page.locator(RECORDER)).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 375])
def test_axe_finds_nothing(
    new_context: Callable[..., BrowserContext], app: RecorderStandIn, scheme: Any, width: int
) -> None:
    page = new_context(viewport={"width": width, "height": 700}, color_scheme=scheme).new_page()
    app.head += "<style>:root{color-scheme:light dark}</style>"
    app.errors = [{"place": "steps: 1: text", "message": "It is empty.", "remedy": "Write it."}]
    open_recorder(page)
    page.evaluate(AXE.read_text("utf-8"))
    page.click("#options")
    checked(app, page, 1)
    page.locator(f"{RECORDER} summary", has_text="Edit").click()
    assert page.evaluate(RUN_AXE) == []
    button(page, "Get the file").click()
    assert page.evaluate(RUN_AXE) == []
    button(page, "Back to the steps").click()
    button(page, "Stop recording").click()
    assert page.evaluate(RUN_AXE) == []


def test_it_starts_although_the_app_has_changed_the_address_before(page: Page, app: RecorderStandIn) -> None:
    """Some routers drop the fragment while they start."""
    app.head = f"<script>history.replaceState(null, '', '/projects')</script>{app.head}"
    open_recorder(page)
    assert page.url == f"{ORIGIN}/projects"
    assert app.bodies("session") == [{"token": "token-1"}]
