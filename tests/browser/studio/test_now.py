"""The screen Now: what is shown, how it stays up to date, and that what users wrote is text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from support.chromium import until_true
from support.hostile import CANARY, HOSTILE

from browser.studio.accessibility import violations
from browser.studio.now_answers import now_answers
from browser.studio.stand_in import Refused, StudioStandIn

Open = Callable[..., Page]
#: Lets the page's timers wait for the test.
_HIDDEN = (
    "Object.defineProperty(document, 'hidden', { get: () => window.isHidden ?? false, configurable: true })"
)


def _rows(page: Page) -> Any:
    return page.get_by_role("listitem").locator(".session-row")


def test_no_finding_s_state_covers_its_text(studio: Open, answers: dict[str, Any]) -> None:
    answers.update(now_answers(1))
    one = answers["findings"]["findings"][0]
    answers["findings"]["findings"] = [
        {**one, "label": text} for text in ("Problem", "Warning", "Not seen yet")
    ]
    page = studio("#/now")
    expect(page.locator(".finding")).to_have_count(3)
    for finding in page.locator(".finding").all():
        state, text = finding.locator(".tag").bounding_box(), finding.locator("p").first.bounding_box()
        assert state is not None
        assert text is not None
        assert state["x"] + state["width"] < text["x"]


def test_shows_health_sessions_and_silence(studio: Open, answers: dict[str, Any]) -> None:
    answers.update(now_answers(6))
    page = studio("#/now")
    expect(page.locator(".page-head")).to_contain_text("1 problem")
    expect(page.locator(".page-head")).to_contain_text("3 not seen yet")
    expect(page.locator(".finding").first).to_contain_text("Memory has failed.")
    expect(page.locator(".finding").first).to_contain_text("What to do: check database.url in autoplay.yml.")
    expect(page.locator(".finding").nth(1).locator("p").nth(1)).to_have_text(
        "What to do: open a page of your app with autoplay.js on it and data-user-id set."
    )
    expect(page.locator("[data-label='Live sessions']")).to_contain_text("6")
    row = _rows(page).nth(1)
    expect(row).to_contain_text("user-1")
    expect(row).to_contain_text("/projects/:id/edit")
    expect(row).to_contain_text("Toast or tour")
    expect(row).to_contain_text("2 of 3 bulk_edit_opportunity")
    expect(row).to_contain_text("“Changing projects one at a time? Shall I show you how?”")
    expect(row).to_contain_text("Offered, accepted")
    expect(row.get_by_role("img")).to_have_accessible_name("40 actions")
    expect(_rows(page).nth(2)).to_contain_text("min_interval: the last toast was shown 2m ago")
    silence = page.get_by_role("region", name="Silence today")
    expect(silence.locator("article").first.locator("li")).to_have_text(
        ["Offered12", "Withheld by chance3", "min_interval17", "answered9"]
    )
    expect(silence.locator("article").nth(2)).to_contain_text("export_help has not fired")
    row.click()
    page.wait_for_url("**/studio#/session/s1?user=user-1")


def test_says_what_to_do_when_nothing_is_there(studio: Open, answers: dict[str, Any]) -> None:
    answers.update(now_answers(0, silence={"day": "2026-11-29", "triggers": []}))
    answers["findings"] = {**answers["findings"], "findings": [], "counts": {"ok": 17}}
    page = studio("#/now")
    expect(page.locator(".page-head").get_by_role("status")).to_have_text("17 ok")
    expect(page.get_by_text("Sources, link, engine and pages are well.")).to_be_visible()
    expect(page.get_by_text("Nobody is using the app right now.")).to_be_visible()
    expect(page.get_by_text("There are no triggers.")).to_be_visible()


def test_shows_a_failure_with_its_remedy_and_recovers(studio: Open, answers: dict[str, Any]) -> None:
    answers.update(now_answers(3))
    works = answers["sessions"]
    answers["sessions"] = Refused(502, "the engine does not answer", "Start it.")
    page = studio("#/now", init=_HIDDEN)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("The engine does not answer.")
    expect(alert).to_contain_text("Start it.")
    answers["sessions"] = works
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(_rows(page)).to_have_count(3)
    expect(alert).to_have_count(0)


def test_asks_nothing_while_nobody_looks(
    studio: Open, server: StudioStandIn, answers: dict[str, Any]
) -> None:
    answers.update(now_answers(3))
    page = studio("about:blank")
    page.clock.install()
    page.add_init_script(_HIDDEN)
    page.goto(f"{server.origin}/webhooks/autoplay/studio#/now")
    expect(_rows(page).first).to_contain_text("of 3")
    page.evaluate("window.isHidden = true")
    page.clock.run_for(60_000)
    count = len(server.asked)
    page.clock.run_for(600_000)
    assert len(server.asked) == count
    page.evaluate("window.isHidden = false; document.dispatchEvent(new Event('visibilitychange'))")
    until_true(page, "document.querySelectorAll('.session-row').length === 3")
    with page.expect_response("**/findings"):
        page.clock.run_for(20_000)
    # Leaving the screen ends its questions, too.
    page.evaluate("location.hash = '#/nowhere'")
    paths = {each.path for each in server.asked}
    assert paths >= {"sessions", "sessions/details", "findings", "silence"}


def test_the_filter_is_part_of_the_url(studio: Open, answers: dict[str, Any]) -> None:
    answers.update(now_answers(40))
    page = studio("#/now?q=user-3")
    expect(page.get_by_label("Show only this user or page")).to_have_value("user-3")
    expect(page.get_by_text("10 of 40")).to_be_visible()
    page.get_by_label("Show only this user or page").fill("team")
    expect(page.get_by_text("10 of 40")).to_be_visible()
    expect(_rows(page).first).to_contain_text("/settings/team")
    assert page.url.endswith("#/now?q=team")
    page.get_by_label("Show only this user or page").fill("nobody of that name")
    expect(page.get_by_text("No session matches.")).to_be_visible()


def test_five_thousand_sessions_scroll_smoothly_and_by_keyboard(
    studio: Open, server: StudioStandIn, answers: dict[str, Any]
) -> None:
    answers.update(now_answers(5_000))
    page = studio("#/now")
    expect(page.locator("[data-label='Live sessions']")).to_contain_text("5,000")
    expect(_rows(page).first).to_be_visible()
    took = page.evaluate(
        """async () => {
          const list = document.querySelector(".virtual-list");
          const median = async (act) => {
            const frames = [];
            for (let step = 0; step < 60; step++) {
              const began = performance.now();
              act(step);
              await new Promise(requestAnimationFrame);
              list.getBoundingClientRect();
              frames.push(performance.now() - began);
            }
            return frames.sort((a, b) => a - b)[30];
          };
          const still = await median(() => {});
          const scrolled = await median((step) => {
            list.scrollTop = step * 5_000;
            list.dispatchEvent(new Event("scroll"));
          });
          return { still, scrolled, rows: document.querySelectorAll(".session-row").length };
        }"""
    )
    assert took["rows"] < 40, "only what is in view is in the page"
    # A frame at 60 Hz has 16.7 ms. Other pages may take their share meanwhile; all rows would take seconds.
    assert took["scrolled"] < 10 * max(took["still"], 17), took
    # Details are asked for what is in view only.
    assert all(len(each.body["session_ids"]) < 40 for each in server.asked if each.path == "sessions/details")
    page.evaluate("document.querySelector('.virtual-list').scrollTop = 0")
    expect(_rows(page).first).to_contain_text("Anonymous visitor")
    _rows(page).first.focus()
    page.keyboard.press("ArrowDown")
    assert "user-1" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("End")
    assert "user-4999" in page.evaluate("document.activeElement.textContent")
    last = page.evaluate("[...document.activeElement.parentElement.attributes].map((a) => [a.name, a.value])")
    assert ["aria-posinset", "5000"] in last
    assert ["aria-setsize", "5000"] in last
    # The focus stays where it is when the list is asked again.
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(0)
    assert "user-4999" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Home")
    assert "Anonymous visitor" in page.evaluate("document.activeElement.textContent")


def test_asks_often_only_for_the_newest_of_many(
    studio: Open, server: StudioStandIn, answers: dict[str, Any]
) -> None:
    answers.update(now_answers(300))
    listed = answers["sessions"]["sessions"]
    newcomer = {**listed[0], "session_id": "new", "user_id": "newcomer"}

    def sessions(query: dict[str, str], _body: Any) -> dict[str, Any]:
        is_first = query["limit"] == "5000"
        found = listed if is_first else [newcomer, *listed[:199]]
        return {"at": 1.0, "total": 300 + (not is_first), "sessions": found}

    answers["sessions"] = sessions
    page = studio("#/now", init=_HIDDEN)
    expect(_rows(page).first).to_contain_text("of 3")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_text("newcomer")).to_be_visible()
    expect(page.get_by_text("newcomer").locator("xpath=ancestor::*[@role='listitem']")).to_have_attribute(
        "aria-setsize", "301"
    )
    limits = [each.query["limit"] for each in server.asked if each.path == "sessions"]
    assert limits == ["5000", "200"]


def test_nothing_moves_under_somebody_who_reads(studio: Open, answers: dict[str, Any]) -> None:
    answers.update(now_answers(5))
    page = studio("#/now", init=_HIDDEN)
    expect(_rows(page)).to_have_count(5)
    # What stands above the list moves it when it comes, away from the mouse.
    expect(page.locator(".finding").first).to_be_visible()
    expect(page.locator("[data-label='Open pages']")).to_be_visible()
    _rows(page).nth(1).hover()
    listed = answers["sessions"]["sessions"]
    new = {**listed[0], "session_id": "new", "user_id": "newcomer"}
    answers["sessions"] = {"at": 1.0, "total": 5, "sessions": [new, *reversed(listed[:4])]}
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_text("newcomer")).to_be_visible()
    who = (
        "[...document.querySelectorAll('.session-row')].sort((a, b) => a.getBoundingClientRect().top - "
        "b.getBoundingClientRect().top).map((row) => row.querySelector('.who').firstChild.textContent)"
    )
    assert page.evaluate(who) == ["Anonymous visitor", "user-1", "user-2", "user-3", "newcomer"]
    page.mouse.move(0, 0)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    until_true(page, f"({who})[0] === 'newcomer'")


def test_what_users_and_pages_say_is_text(studio: Open, answers: dict[str, Any]) -> None:
    answers.update(now_answers(1))
    row = {**answers["sessions"]["sessions"][0], "user_id": HOSTILE, "page": f"https://a.example/{HOSTILE}"}
    row.update(session_id=HOSTILE, state=HOSTILE)
    nearest = {
        "trigger_id": HOSTILE,
        "fires": False,
        "nearness": 0.5,
        "text": HOSTILE,
        "has": None,
        "needs": None,
    }
    last = {"at": 1.0, "outcome": HOSTILE, "trigger_id": HOSTILE, "gate": HOSTILE, "detail": HOSTILE}
    details = {**row, "activity": {"bucket_s": 1, "counts": [1]}, "nearest": nearest, "last": last}
    finding = dict.fromkeys(("check", "state", "label", "tone", "found", "remedy"), HOSTILE)
    answers["sessions"] = {"at": 1.0, "total": 1, "sessions": [row]}
    answers["sessions/details"] = {"at": 1.0, "sessions": [details]}
    answers["findings"]["findings"] = [finding]
    answers["findings"]["health"]["sources"] = {HOSTILE: {"last_event_at": 1.0}}
    gates = [{"gate": HOSTILE, "count": 1}]
    silent = {"trigger_id": HOSTILE, "fired": 1, "offered": 0, "withheld": 0, "gates": gates}
    answers["silence"] = {"day": "2026-11-29", "triggers": [silent]}
    answers["triggers"] = {"triggers": [{"trigger_id": HOSTILE}]}
    answers["golden-paths"] = {"paths": [{"path_id": HOSTILE, "title": HOSTILE}]}
    page = studio("#/now")
    expect(page.locator(".nearest")).to_contain_text(HOSTILE)
    expect(page.locator(".finding")).to_contain_text(HOSTILE)
    expect(page.locator(".silence")).to_contain_text(HOSTILE)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("hacked")
    expect(page.get_by_role("option").first).to_contain_text("onerror")
    page.keyboard.press("Escape")
    _rows(page).first.click()
    page.wait_for_url("**/studio#/session/**")
    assert page.evaluate(f"window.{CANARY}") is None
    assert page.locator("main img, main script, a[href^='javascript']").count() == 0


@pytest.mark.parametrize(
    "options",
    [{}, {"color_scheme": "dark"}, {"viewport": {"width": 375, "height": 812}}],
    ids=["light", "dark", "phone"],
)
def test_is_accessible(studio: Open, answers: dict[str, Any], options: dict[str, Any]) -> None:
    answers.update(now_answers(30))
    page = studio("#/now", **options)
    expect(_rows(page).nth(1)).to_contain_text("of 3")
    expect(page.locator(".silence").first).to_be_visible()
    expect(page.locator(".finding").first).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
