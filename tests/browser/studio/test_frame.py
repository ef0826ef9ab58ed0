"""The frame: sign-in, navigation, theme, command palette, and what the screens share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from support.chromium import until_true

from browser.studio.accessibility import violations
from browser.studio.now_answers import now_answers
from browser.studio.stand_in import KEY, Refused, StudioStandIn

Open = Callable[..., Page]


@pytest.fixture(autouse=True)
def _of_now(answers: dict[str, Any]) -> None:
    answers.update(now_answers(6))


def test_signs_in_with_the_key_and_out(studio: Open, server: StudioStandIn) -> None:
    server.is_signed_in = False
    page = studio("#/now?q=user-1")
    page.get_by_label("Admin key").fill("a wrong one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("This is not the admin key.")
    page.get_by_label("Admin key").fill(KEY)
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation")).to_be_visible()
    assert page.url.endswith("#/now?q=user-1"), "the place that the person wanted"
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert KEY not in stored
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Admin key")).to_be_visible()
    expect(page.get_by_role("navigation")).to_have_count(0)


def test_a_ticket_leaves_the_url_and_the_history(studio: Open, server: StudioStandIn) -> None:
    server.is_signed_in = False
    server.tickets = ["good.ticket-1"]
    page = studio("#ticket=good.ticket-1")
    expect(page.get_by_role("navigation")).to_be_visible()
    assert page.url.endswith("/studio#/now")
    page.goto(page.url.replace("#/now", "#/unknown"))
    page.go_back()
    assert "ticket" not in page.url
    # A used link says so, and leaves the form.
    server.is_signed_in = False
    page = studio("#ticket=good.ticket-1")
    expect(page.get_by_role("alert")).to_contain_text("was used already")
    assert "ticket" not in page.url


def test_a_session_that_ends_asks_for_the_key_and_keeps_the_place(
    studio: Open, server: StudioStandIn, answers: dict[str, Any]
) -> None:
    page = studio("#/now")
    expect(page.get_by_role("heading", name="Live sessions")).to_be_visible()
    answers["people"] = Refused(401, "the admin key is missing or wrong")
    server.is_signed_in = False
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("jane")
    expect(page.get_by_role("alert")).to_contain_text("Your session has ended. Sign in again.")
    expect(page.locator("dialog")).to_have_count(0)
    page.get_by_label("Admin key").fill(KEY)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Live sessions")).to_be_visible()


def _fulfil_empty_screen(route: Route) -> None:
    route.fulfill(
        content_type="text/javascript", body="export const title = ''; export const show = () => {};"
    )


def test_the_palette_jumps_to_screens_triggers_paths_and_users(studio: Open) -> None:
    page = studio("#/now")
    # The other screens have tests of their own.
    for name in ("triggers", "paths", "people", "session"):
        page.route(f"**/studio/screens/{name}.js", _fulfil_empty_screen)
    expect(page.get_by_role("heading", name="Now", exact=True)).to_be_visible()
    for words, place in (
        ("trig", "#/triggers"),
        ("trigger next", "#/triggers/next_step"),
        ("many projects", "#/paths/projects-bulk-edit"),
        ("user-7", "#/people?q=user-7"),
    ):
        page.keyboard.press("Control+k")
        box = page.get_by_role("combobox")
        expect(box).to_be_focused()
        box.fill(words)
        label = {
            "trig": "Triggers",
            "trigger next": "next_step",
            "many projects": "Edit many projects at once",
        }
        expect(page.get_by_role("option").first).to_contain_text(label.get(words, "user-7"))
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/studio{place}")
        expect(page.locator("dialog")).to_have_count(0)
    page.keyboard.press("Meta+k")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", selected=True)).to_contain_text("Sessions")
    assert page.evaluate("document.activeElement.getAttribute('aria-activedescendant')") == "palette-1"
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)


def test_the_theme_follows_the_system_until_somebody_chooses(studio: Open) -> None:
    page = studio("#/now", color_scheme="dark")
    background = "getComputedStyle(document.body).backgroundColor"
    expect(page.get_by_role("navigation")).to_be_visible()
    assert page.evaluate(background) == "rgb(16, 21, 19)"
    page.get_by_role("button", name="Theme of the system").click()
    assert page.evaluate(background) == "rgb(245, 244, 239)"
    page.reload()
    expect(page.get_by_role("button", name="Light theme")).to_be_visible()
    assert page.evaluate(background) == "rgb(245, 244, 239)"
    page.get_by_role("button", name="Light theme").click()
    page.get_by_role("button", name="Dark theme").click()
    assert page.evaluate(background) == "rgb(16, 21, 19)"
    assert page.evaluate("document.documentElement.dataset.theme") is None


def test_an_unknown_place_shows_the_first_screen(studio: Open) -> None:
    page = studio("#/nowhere/%E0%A4%A?x=%")
    expect(page.get_by_role("heading", name="Now", exact=True)).to_be_visible()


def test_the_page_allows_no_markup_from_text(studio: Open, complaints: list[str]) -> None:
    page = studio("#/now")
    expect(page.get_by_role("navigation")).to_be_visible()
    for attempt in (
        "document.body.innerHTML = '<b>x</b>'",
        "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')",
        "document.write('<b>x</b>')",
        "new DOMParser().parseFromString('<b>x</b>', 'text/html')",
        "document.createElement('script').text = 'x()'",
        "document.createElement('iframe').srcdoc = '<b>x</b>'",
        "trustedTypes.createPolicy('default', { createHTML: (text) => text })",
    ):
        # In a function, because Playwright's own evaluation is exempt from the policy for eval.
        refused = page.evaluate(f"() => {{ try {{ {attempt}; return false; }} catch {{ return true; }} }}")
        assert refused, attempt
    assert len(complaints) >= 7
    complaints.clear()


def test_asks_no_other_host(studio: Open, server: StudioStandIn) -> None:
    page = studio("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server.origin}/webhooks/autoplay/studio#/now")
    expect(page.get_by_role("heading", name="Live sessions")).to_be_visible()
    assert asked
    assert all(url.startswith((server.origin, "data:")) for url in asked)


def test_sign_in_is_accessible(studio: Open, server: StudioStandIn) -> None:
    server.is_signed_in = False
    for options in ({}, {"color_scheme": "dark"}, {"viewport": {"width": 375, "height": 700}}):
        page = studio("", **options)
        expect(page.get_by_label("Admin key")).to_be_focused()
        assert violations(page) == []


def test_the_palette_is_accessible(studio: Open) -> None:
    page = studio("#/now")
    expect(page.get_by_role("heading", name="Live sessions")).to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option").first).to_be_visible()
    assert violations(page) == []


# --- The shared modules ---


def _import(page: Page, module: str, body: str) -> Any:
    """Run a function's body with a module of the studio as `m`."""
    expect(page.get_by_role("navigation")).to_be_visible()
    url = f"{page.url.partition('#')[0]}/{module}.js"
    return page.evaluate(f"async () => {{ const m = await import({url!r}); {body} }}")


def test_elements_from_data_are_text_and_safe_links(studio: Open) -> None:
    page = studio("#/now")
    made = _import(
        page,
        "dom",
        """
        const hostile = "<img src=x onerror=alert(1)>";
        const hrefs = ["javascript:alert(1)", " jAvAscript:alert(1)", "data:text/html,x", "vbscript:x",
          "blob:x", "#/now", "https://example.com/a", "mailto:x@y"];
        const shapes = hrefs.map((href) => m.h("a", { href }).getAttribute("href"));
        const element = m.h("p", { title: hostile, onclick: "alert(1)", class: null, hidden: false,
          style: { "--x": "1px" } }, hostile, [1, [null, false, m.svg("svg", null)]]);
        return [shapes, element.outerHTML, element.childElementCount];
        """,
    )
    hrefs, outer, count = made
    assert hrefs == [None, None, None, None, None, "#/now", "https://example.com/a", None]
    assert count == 1, "the picture that the code made"
    assert "onclick" not in outer
    assert "&lt;img src=x" in outer


def test_routes_survive_every_id(studio: Open) -> None:
    page = studio("#/now")
    ids = ["a/b", "ü?&=#%", "..", "%2F", " x ", "a+b"]
    found = _import(
        page,
        "router",
        f"""
        return {ids!r}.map((id) => {{
          history.replaceState(null, "", m.href("session", id, {{ user: id, empty: "" }}));
          const {{ name, id: read, params }} = m.currentRoute();
          return [name, read, params.get("user"), params.has("empty")];
        }});
        """,
    )
    assert found == [["session", each, each, False] for each in ids]


def test_durations_are_short(studio: Open) -> None:
    texts = {
        0: "0 s",
        0.4: "< 1 s",
        59: "59 s",
        61: "1 min 1 s",
        3_599: "59 min",
        7_500: "2 h 5 min",
        86_400 * 4 + 7_300: "4 d 2 h",
        -90: "−1 min 30 s",
    }
    found = _import(studio("#/now"), "format", f"return {list(texts)}.map(m.duration);")
    assert found == list(texts.values())


def test_tables_sort_and_copy(studio: Open) -> None:
    page = studio("#/now")
    _import(
        page,
        "table",
        """
        const rows = [["ten", 10], ["=HYPERLINK(1)", 9], ["none", null]].map(([name, n]) => ({ name, n }));
        const columns = [
          { title: "Name", value: ({ name }) => name },
          { title: "Number", value: ({ n }) => n, align: "end" },
        ];
        window.copied = [];
        const clipboard = { writeText: async (text) => copied.push(text) };
        Object.defineProperty(navigator, "clipboard", { value: clipboard });
        // Beside the screen, which may still be loading.
        const place = Object.assign(document.createElement("section"), { id: "tested" });
        place.append(m.table({ columns, rows, caption: "Numbers" }));
        document.body.append(place);
        """,
    )
    tested = page.locator("#tested")
    cells = tested.locator("tbody tr td:first-child")
    tested.get_by_role("button", name="Number").click()
    expect(cells).to_have_text(["ten", "=HYPERLINK(1)", "none"])
    expect(tested.get_by_role("columnheader", name="Number")).to_have_attribute("aria-sort", "descending")
    tested.get_by_role("button", name="Number").click()
    expect(cells).to_have_text(["=HYPERLINK(1)", "ten", "none"])
    tested.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status").filter(has_text="3 rows copied.")).to_be_visible()
    # A spreadsheet must not run what a user wrote.
    assert page.evaluate("copied") == ["Name\tNumber\n'=HYPERLINK(1)\t9\nten\t10\nnone\t"]


def test_dialogs_answer_with_their_fields(studio: Open) -> None:
    page = studio("#/now")
    _import(
        page,
        "dialog",
        """
        const fields = [{ name: "by", label: "Your name", required: true }];
        m.ask({ title: "Delete?", text: "It is gone then.", confirm: "Delete", danger: true, fields })
          .then((answer) => (window.answered = JSON.stringify(answer)));
        """,
    )
    page.evaluate("window.answered = ''")
    dialog = page.get_by_role("dialog", name="Delete?")
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog).to_be_visible()
    page.get_by_label("Your name").fill("Ann <b>")
    dialog.get_by_role("button", name="Delete").click()
    until_true(page, "window.answered")
    assert page.evaluate("answered") == '{"by":"Ann <b>"}'
    expect(page.locator("dialog")).to_have_count(0)
