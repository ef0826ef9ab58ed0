"""Screen Proposals: the list, the evidence of one proposal, and its steps from draft to live."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from browser.studio.proposal_answers import DETAIL, FOUND, HOSTILE, PROMOTED, row
from browser.studio.stand_in import Refused, StudioStandIn
from browser.studio.test_paths import violations_in_both_themes

LISTS = (
    "slow_way",
    "fast_way",
    "overlap",
    "not_compared",
    "examples",
    "rule",
    "reasons",
    "checks",
    "toasts",
    "figures",
)
PHONE = {"viewport": {"width": 375, "height": 760}}


@pytest.fixture
def proposals(answers: dict[str, Any]) -> dict[str, Any]:
    answers["proposals"] = FOUND
    answers["proposals/bulk-edit"] = DETAIL
    return answers


def test_lists_the_dearest_first_with_a_url_for_each_stage(
    studio: Callable[..., Page], proposals: dict[str, Any]
) -> None:
    page = studio("#/proposals")
    cards = page.locator(".proposal")
    expect(cards).to_have_count(5)
    expect(cards.first).to_contain_text("Users change the state of many tasks one by one.")
    expect(cards.first).to_contain_text("12 h 27 min")
    expect(cards.first).to_contain_text("3.4 % would have been noise")
    expect(cards.first).to_contain_text("Next: The back-test recommends it")
    expect(page.get_by_text("4 slow ways: 21 h 38 min of users' time a week")).to_be_visible()
    assert violations_in_both_themes(page) == []
    page.get_by_role("link", name="Ghost 1").click()
    page.wait_for_url("**/studio#/proposals?stage=ghost")
    expect(cards).to_have_count(1)
    page.reload()
    expect(page.get_by_role("link", name="Ghost 1")).to_have_attribute("aria-current", "true")
    expect(cards).to_have_count(1)


def test_shows_the_evidence_of_a_proposal(studio: Callable[..., Page], proposals: dict[str, Any]) -> None:
    page = studio("#/proposals")
    page.get_by_role("link", name="Users change the state").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Users change the state of many tasks one by one."
    )
    for text in (
        f"Click Save {HOSTILE}",
        "Click Change state",
        "On 4 days, it would have fired 96 times for 61 users: 0.31 per user and day.",
        "82 % (71 % to 89 %)",
        "Near misses in 17 of 120 sessions without a fire",
        f"2 of 3 “State” {HOSTILE}",
        "13 %",
        "Not compared, because code decides: ours.",
        "3 of 7",
        "3 × “State” within 120 s",
    ):
        expect(page.get_by_text(text).first).to_be_visible()
    page.get_by_text("session 1 of user 1").click()
    expect(page.get_by_text("3 acts between them are left out.")).to_be_visible()
    expect(page.get_by_role("list", name="Stages").locator("[aria-current=step]")).to_have_text("Draft")
    expect(page.get_by_text("+    rollout: ghost")).to_be_visible()
    expect(page.get_by_text("+title: Change many tasks at once")).to_be_visible()
    expect(page.frame_locator("iframe").first.get_by_text("Shall I?")).to_be_visible()
    assert violations_in_both_themes(page) == []
    assert page.evaluate("window.hacked") is None
    assert page.locator("main img").count() == 0


def test_promotes_and_takes_the_step_back(
    studio: Callable[..., Page], proposals: dict[str, Any], server: StudioStandIn
) -> None:
    def step(_query: dict[str, str], body: dict[str, Any]) -> Any:
        proposals["proposals/bulk-edit"] = PROMOTED if body["action"] == "promote" else DETAIL
        return {"text": "bulk-edit is now a ghost."}

    page = studio("#/proposals/bulk-edit")
    proposals["proposals/step"] = Refused(400, "autoplay.yml has changed.", "Open the proposal again.")
    for answer, said in ((None, "Open the proposal again."), (step, "bulk-edit is now a ghost.")):
        proposals["proposals/step"] = answer or proposals["proposals/step"]
        page.get_by_role("button", name="Promote to ghost").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("It writes into autoplay.yml and golden_paths/bulk-edit.yml")
        dialog.get_by_label("Your name").fill("Ann")
        dialog.get_by_role("button", name="Promote to ghost").click()
        expect(page.get_by_text(said).first).to_be_visible()
    expect(page.get_by_role("list", name="Stages").locator("[aria-current=step]")).to_have_text("Ghost")
    expect(page.get_by_text("Promoted from draft to ghost")).to_be_visible()
    page.get_by_role("link", name="Back to draft").click()
    page.wait_for_url("**?change=back")
    page.get_by_role("button", name="Promote to 5 %").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The rule does not say so now.")
    expect(dialog.get_by_label("Why?")).to_have_js_property("required", True)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Back to draft").click()
    page.get_by_role("dialog").get_by_role("button", name="Back to draft").click()
    expect(page.get_by_role("list", name="Stages").locator("[aria-current=step]")).to_have_text("Draft")
    sent = [asked.body for asked in server.asked if asked.path == "proposals/step"]
    promotion = {"proposal_id": "bulk-edit", "action": "promote", "base": "ab12", "by": "Ann", "why": ""}
    assert sent == [promotion, promotion, {**promotion, "action": "back"}]


def test_a_rejection_needs_a_reason(
    studio: Callable[..., Page], proposals: dict[str, Any], server: StudioStandIn
) -> None:
    proposals["proposals/step"] = {"text": "bulk-edit is rejected."}
    page = studio("#/proposals/bulk-edit")
    page.get_by_role("button", name="Reject").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("autoplay.yml stays as it is.")
    dialog.get_by_label("Your name").fill("Ann")
    dialog.get_by_role("button", name="Reject").click()
    expect(dialog).to_be_visible()
    dialog.get_by_label("Why?").fill("Nobody asked for it.")
    proposals["proposals/bulk-edit"] = {
        **DETAIL,
        "stage": "rejected",
        "steps": [],
        "log": [{**PROMOTED["log"][0], "before": "draft", "text": "Rejected at draft"}],
    }
    dialog.get_by_role("button", name="Reject").click()
    expect(page.get_by_text("Rejected at draft")).to_be_visible()
    expect(page.get_by_role("button", name="Reject")).to_have_count(0)
    (asked,) = [asked.body for asked in server.asked if asked.path == "proposals/step"]
    assert asked["why"] == "Nobody asked for it."


def test_without_the_right_to_write_it_gives_the_command_and_the_diff(
    studio: Callable[..., Page], proposals: dict[str, Any]
) -> None:
    proposals["proposals/bulk-edit"] = {**DETAIL, "can_write": False}
    page = studio("#/proposals/bulk-edit", **PHONE)
    expect(page.get_by_role("button", name="Promote to ghost", exact=True)).to_have_count(0)
    expect(page.get_by_text("rasa-autoplay propose bulk-edit", exact=True)).to_be_visible()
    page.get_by_role("button", name="Copy the command: Promote to ghost").click()
    expect(page.get_by_text("The command is copied.")).to_be_visible()
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download the diff").click()
    assert downloading.value.suggested_filename == "bulk-edit.diff"
    assert violations_in_both_themes(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_says_what_to_do_without_proposals_and_when_something_fails(
    studio: Callable[..., Page], proposals: dict[str, Any]
) -> None:
    proposals["proposals"] = {**FOUND, "proposals": []}
    page = studio("#/proposals", **PHONE)
    expect(page.get_by_text("rasa-autoplay discover RECORDINGS --out proposals")).to_be_visible()
    assert violations_in_both_themes(page) == []
    broken = {"name": f"odd {HOSTILE}", "text": "odd/trigger.yml: not valid YAML. Run discover again."}
    proposals["proposals"] = {
        **FOUND,
        "proposals": [row("one", "stall", "live", 0.0, "")],
        "problems": [broken],
    }
    page.reload()
    expect(page.get_by_role("link", name="one")).to_be_visible()
    expect(page.get_by_role("note")).to_contain_text("not valid YAML")
    page.get_by_role("link", name="Draft 0").click()
    expect(page.get_by_text("No proposal has the stage Draft.")).to_be_visible()
    proposals["proposals"] = Refused(503, "the engine does not answer", "Check that rasa run actions runs.")
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("Check that rasa run actions runs.")
    proposals["proposals"] = FOUND
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".proposal").first).to_be_visible()


def test_shows_little_where_little_is_known(studio: Callable[..., Page], proposals: dict[str, Any]) -> None:
    unknown = dict.fromkeys(("cost_s", "users", "sessions", "times", "extra_acts", "extra_s"))
    proposals["proposals/bulk-edit"] = {
        **DETAIL,
        **unknown,
        "kind": "",
        "title": "",
        "page": "",
        "backtest": None,
        "verdict": None,
        "near_misses": None,
        **{name: [] for name in LISTS},
    }
    page = studio("#/proposals/bulk-edit")
    expect(page.get_by_text("There is no back-test.")).to_be_visible()
    expect(page.get_by_text("No session shows one.").first).to_be_visible()
    assert violations_in_both_themes(page) == []


def test_the_palette_jumps_to_a_proposal(studio: Callable[..., Page], proposals: dict[str, Any]) -> None:
    page = studio("#/proposals")
    expect(page.locator(".proposal").first).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("proposal six clicks")
    expect(page.get_by_role("option").first).to_contain_text("Users export a report by six clicks.")
    proposals["proposals/export-by-menu"] = {**DETAIL, "id": "export-by-menu"}
    page.keyboard.press("Enter")
    page.wait_for_url("**/studio#/proposals/export-by-menu")
