"""The recorder's panel: acts become cards, cards become a golden path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from support.axe import AXE, RUN_AXE

from browser.recorder.panel_app import button, cards, checked, expect_titles
from browser.recorder.stand_in import ORIGIN, RECORDER, RecorderStandIn, open_recorder


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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("names", "title"),
    [
        (["Edit Apollo", "Edit Hermes"], "Press Edit"),
        (["Edit", "Edit", "Edit"], "Press Edit"),
        (["Add to cart: Pen", "Add to cart: Ink"], "Press Add to cart"),
        (["Apollo", "Hermes"], "Press any of these"),
        (["Edit Apollo"], "Press any of these"),
    ],
)
def test_a_button_of_each_row_is_called_what_all_are_called(
    page: Page, app: RecorderStandIn, names: list[str], title: str
) -> None:
    rows = (
        f'<tr><td><button id=edit-{n} aria-label="{name}">✎</button></td></tr>'
        for n, name in enumerate(names)
    )
    app.pages["/projects"] = f"<table>{''.join(rows)}</table>"
    open_recorder(page)
    page.click("#edit-0")
    expect_titles(page, title)
    (step,) = checked(app, page, 1)["steps"]
    assert (step["element"], step["tooltip"]) == ("[id^=edit-]", "Any of these will do.")
    assert "label" not in step
    assert not any(record in repr(step) for record in ("Apollo", "Hermes", "Pen"))


def test_boxes_of_rows_are_called_any_of_these(page: Page, app: RecorderStandIn) -> None:
    rows = (f'<li><input type=checkbox aria-label="Select {name}"></li>' for name in ("Apollo", "Hermes"))
    app.pages["/projects"] = f"<ul>{''.join(rows)}</ul>"
    open_recorder(page)
    page.get_by_label("Select Hermes").click()
    expect_titles(page, "Tick any of these")


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


@pytest.mark.slow
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


@pytest.mark.slow
def test_it_goes_on_after_a_page_load_and_only_pages_without_an_act_are_steps(
    page: Page, app: RecorderStandIn
) -> None:
    open_recorder(page)
    page.click("a[href='/other']")
    page.locator(f"{RECORDER} .frame").wait_for()
    page.click("#next")
    expect_titles(page, "Open Other page", "Press Next")
    page.evaluate("(() => { const now = Date.now(); Date.now = () => now + (window.aheadMs || 0); })()")
    noticed = "(page) => JSON.parse(sessionStorage['rasa-autoplay-recorder']).last.page === page"
    for path in ("/wizard", "/wizard/1"):  # caused by the click on Next, and a redirect
        page.evaluate("(path) => history.pushState(null, '', path)", path)
        page.wait_for_function(noticed, arg=path)
    page.evaluate("window.aheadMs = 60000")
    page.evaluate("history.pushState(null, '', '/settings')")
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


@pytest.mark.parametrize(
    ("scheme", "width"),
    [
        ("light", 1200),
        pytest.param("dark", 1200, marks=pytest.mark.slow),
        pytest.param("light", 375, marks=pytest.mark.slow),
        pytest.param("dark", 375, marks=pytest.mark.slow),
    ],
)
def test_axe_finds_nothing(
    new_context: Callable[..., BrowserContext], app: RecorderStandIn, scheme: Any, width: int
) -> None:
    page = new_context(viewport={"width": width, "height": 700}, color_scheme=scheme).new_page()
    app.head += "<style>:root{color-scheme:light dark}</style>"
    app.errors = [
        {"place": "step 1 (Press Table options), text", "message": "is empty", "remedy": "Write it."}
    ]
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


def _edges(page: Page) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the panel."""
    box = page.locator(f"{RECORDER} .frame").bounding_box()
    assert box is not None
    return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]


def test_it_is_dragged_by_its_head_and_stays_in_the_window(page: Page) -> None:
    open_recorder(page)
    left, top, *_ = _edges(page)
    page.mouse.move(left + 100, top + 20)
    page.mouse.down()
    page.mouse.move(left - 200, top - 80)
    assert _edges(page)[:2] == pytest.approx((left - 300, top - 100), abs=10)
    page.mouse.move(-500, -500)
    page.mouse.up()
    assert _edges(page)[:2] == pytest.approx((16, 16), abs=1)
    page.reload()
    expect(page.locator(f"{RECORDER} .frame")).to_be_visible()
    frame = f"document.querySelector('{RECORDER}').shadowRoot.querySelector('.frame')"
    page.wait_for_function(f"Math.round({frame}.getBoundingClientRect().x) === 16")


def test_it_leaves_what_the_tour_points_at(page: Page, app: RecorderStandIn) -> None:
    app.pages["/projects"] = "<button id=far style='position: fixed; right: 90px; bottom: 60px'>Far</button>"
    open_recorder(page)
    button(page, "Make the panel small").click()
    page.locator("#far").click()
    button(page, "Show the panel").click()
    expect_titles(page, "Press Far")
    button(page, "Try it").click()
    frame = page.locator(f"{RECORDER} .frame.left")
    expect(frame).to_be_visible()
    page.locator("#far").click()
    expect(page.locator(RECORDER)).to_contain_text("The tour reached its end.")
