"""The screen Rules: one text with two views, completion, the back-test, and how a change leaves."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from support.axe import AXE, RUN_AXE

from browser.studio.rule_answers import BEGAN, FILE, RuleAnswers
from browser.studio.stand_in import Refused, StudioStandIn

Open = Callable[..., Page]
ROUTE = "#/rules/bulk_edit"
HOSTILE = '<img src=x onerror="document.title=1">"\'</script>'


@pytest.fixture
def rules(tmp_path: Path, answers: dict[str, Any]) -> RuleAnswers:
    """The rule editor's answers, for a file of this test."""
    made = RuleAnswers(tmp_path)
    answers.update(made.by_path())
    return made


def _violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text("utf-8"))
    found: list[str] = page.evaluate(RUN_AXE)
    return found


def test_edits_a_number_in_a_block_and_keeps_the_text(studio: Open, rules: RuleAnswers) -> None:
    page = studio(ROUTE)
    expect(page.locator(".figure").first).to_contain_text("124")
    number = page.get_by_label("At least")
    number.fill("4")
    number.press("Tab")
    expect(page.locator(".figure").first).to_contain_text("−63 against loaded")
    expect(page.get_by_text("63 gone")).to_be_visible()
    page.get_by_role("tab", name="YAML").click()
    text = page.get_by_label("The rule as YAML").input_value()
    assert "    # Three saves mean three projects.\n" in text
    assert "at_least: 4" in text
    assert page.url.endswith("?view=yaml"), "each view is a URL"
    page.reload()
    expect(page.get_by_label("The rule as YAML")).to_be_visible()


def test_completes_a_block_with_what_was_captured(studio: Open, rules: RuleAnswers) -> None:
    page = studio(ROUTE)
    title = page.get_by_role("combobox", name="Title").first
    title.fill("sav")
    option = page.locator(".suggestions [role=option]").first
    expect(option).to_have_text("Save changes1,204×")
    title.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(title).to_have_attribute("aria-expanded", "true")
    title.press("ArrowDown")
    title.press("Enter")
    expect(page.get_by_role("combobox", name="Title").first).to_have_value("Save as draft")
    expect(page.locator(".suggestions [role=option]")).to_have_count(0)


def test_completes_the_text_with_keys_and_captured_words(studio: Open, rules: RuleAnswers) -> None:
    page = studio(f"{ROUTE}?view=yaml")
    area = page.get_by_label("The rule as YAML")
    expect(area).to_have_value(re.compile("^# The first one"))
    area.press("Control+End")
    area.press_sequentially("coold")
    expect(page.locator(".suggestions [role=option]")).to_have_text(["cooldownduration"])
    area.press("ArrowDown")
    area.press("Enter")
    assert area.input_value().endswith("\ncooldown: ")
    area.press_sequentially("3m\ngoal: {on_page: rep")
    area.press("ArrowDown")
    area.press("Enter")
    assert area.input_value().endswith("goal: {on_page: https://app.example.com/reports")
    area.press_sequentially("}")
    expect(page.get_by_role("status").filter(has_text="Exact")).to_be_visible()


@pytest.mark.slow
def test_names_the_line_of_a_problem_and_goes_there(studio: Open, rules: RuleAnswers) -> None:
    page = studio(f"{ROUTE}?view=yaml")
    area = page.get_by_label("The rule as YAML")
    expect(page.locator(".figure").first).to_contain_text("124")
    area.fill(area.input_value().replace("at_least: 3", "at_last: 3"))
    problem = page.get_by_role("listitem").filter(has_text="autoplay.yml:11").last
    expect(problem).to_contain_text("did you mean 'at_least'?")
    expect(page.get_by_text("runs when the rule has no problems")).to_be_visible()
    expect(area).to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="Line 8").first.click()
    expect(area).to_be_focused()
    selected = area.evaluate("area => area.value.slice(area.selectionStart, area.selectionEnd)")
    assert "at_last: 3" in selected


def test_replays_the_session_that_one_came_from(
    studio: Open, rules: RuleAnswers, server: StudioStandIn
) -> None:
    of_session = {"session_id": "s1", "is_recorded": True, "loaded": [], "draft": [BEGAN + 60.5]}
    rules.backtest = {"session": of_session}
    page = studio(f"{ROUTE}?user=ann&session=s1&at={BEGAN}")
    found = page.get_by_role("note").filter(has_text="In the session of ann")
    expect(found.locator("dd").first).to_have_text("no offer")
    offer = found.locator("dd").last.get_by_role("link")
    expect(offer).to_have_attribute("href", f"#/session/s1?user=ann&at={BEGAN + 61:.0f}")
    (asked,) = [each.body for each in server.asked if each.path == "rules/backtest"]
    assert (asked["user_id"], asked["session_id"]) == ("ann", "s1")


def test_draws_the_volume_for_each_value_of_a_number(studio: Open, rules: RuleAnswers) -> None:
    page = studio(ROUTE)
    page.get_by_role("button", name="Volume").first.click()
    slider = page.get_by_role("slider")
    expect(slider).to_have_attribute("aria-valuetext", "3: 245 toasts, 122 users")
    expect(page.locator(".volume rect")).to_have_count(8)
    slider.press("ArrowRight")
    expect(page.get_by_label("At least")).to_have_value("4")
    expect(page.locator(".figure").first).to_contain_text("61")


@pytest.mark.slow
def test_an_estimate_says_so_and_becomes_exact(
    studio: Open, rules: RuleAnswers, answers: dict[str, Any], server: StudioStandIn
) -> None:
    exact = answers["rules/backtest"]
    rest = iter([{"is_complete": False, "replayed": 30}])

    def answer(query: Any, body: Any) -> Any:
        return {**exact(query, body), **next(rest, {})}

    answers["rules/backtest"] = answer
    page = studio(ROUTE)
    expect(page.get_by_role("status").filter(has_text="Exact: replayed for all 298 users")).to_be_visible()
    assert [each.path for each in server.asked].count("rules/backtest") == 2


@pytest.mark.slow
def test_sample_sessions_open_in_the_screen_session(studio: Open, rules: RuleAnswers) -> None:
    page = studio(ROUTE)
    link = page.get_by_role("link", name="ann-1@example.com")
    expect(page.locator(".samples li")).to_have_count(10)
    expect(link).to_have_attribute("href", "#/session/s1?user=ann-1%40example.com&at=1795900977")


def test_writes_into_the_file_after_showing_the_diff(studio: Open, rules: RuleAnswers) -> None:
    page = studio(ROUTE)
    show = page.get_by_role("button", name="Show the change")
    expect(show).to_be_disabled()
    page.get_by_label("At least").fill("5")
    page.get_by_label("At least").press("Enter")
    expect(show).to_be_enabled()
    show.click()
    diff = page.get_by_role("region", name="Diff")
    expect(diff.locator(".added")).to_contain_text("at_least: 5")
    expect(diff.locator(".removed")).to_contain_text("at_least: 3")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download autoplay.yml").click()
    assert Path(download.value.path()).read_text() == FILE.replace("at_least: 3", "at_least: 5")
    page.get_by_role("button", name="Write into autoplay.yml").click()
    page.get_by_label("Your name").fill("Ann")
    page.get_by_role("button", name="Write", exact=True).click()
    expect(page.get_by_text("autoplay.yml is written")).to_be_visible()
    assert rules.path.read_text() == FILE.replace("at_least: 3", "at_least: 5")
    expect(page.get_by_label("At least")).to_have_value("5")


@pytest.mark.slow
def test_refuses_to_write_over_a_change_of_somebody_else(studio: Open, rules: RuleAnswers) -> None:
    page = studio(ROUTE)
    expect(page.locator(".figure").first).to_contain_text("124")
    rules.path.write_text(FILE + "# Bob was here.\n")
    page.get_by_label("At least").fill("5")
    page.get_by_label("At least").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("has changed since you opened this rule")
    assert rules.path.read_text() == FILE + "# Bob was here.\n"


@pytest.mark.slow
def test_starts_a_new_rule_from_a_template(studio: Open, rules: RuleAnswers) -> None:
    page = studio("#/rules")
    expect(page.get_by_role("link", name="rage_click")).to_be_visible()
    page.get_by_role("link", name="New rule").click()
    expect(page.get_by_label("Name")).to_have_value("new_rule")
    page.get_by_label("Add a condition…").last.select_option("idle")
    expect(page.get_by_text("Does nothing", exact=True).first).to_be_visible()
    page.get_by_role("button", name="Show the change").click()
    expect(page.locator(".diff .added").first).to_contain_text("- id: new_rule")


@pytest.mark.slow
def test_without_a_recording_it_says_how_to_record(studio: Open, rules: RuleAnswers) -> None:
    rules.backtest = {"recording": {"events": 0, "users": 0, "first_at": 0, "last_at": 0}}
    page = studio(ROUTE)
    expect(page.get_by_text("recording: {keep: 7d}")).to_be_visible()


def test_what_users_and_files_say_stays_text(studio: Open, tmp_path: Path, answers: dict[str, Any]) -> None:
    hostile = FILE.replace("Shall I show you how?", HOSTILE.replace('"', "'"))
    made = RuleAnswers(tmp_path, hostile.replace("save changes", f"'{HOSTILE.replace(chr(39), '')}'"))
    made.backtest = {
        "samples": [
            {"kind": "new", "user_id": HOSTILE, "session_id": HOSTILE, "at": 1.0, "page": "javascript:1"}
        ],
        "approximations": [HOSTILE],
    }
    answers.update(made.by_path())
    answers["rules/vocabulary"] = {"captured": {"title": [{"word": HOSTILE, "count": 1}]}}
    page = studio(ROUTE)
    expect(page.locator(".samples a")).to_have_text(HOSTILE)
    page.get_by_role("combobox", name="Title").first.fill("img")
    expect(page.locator(".suggestions [role=option]").first).to_contain_text("<img src=x")
    page.get_by_label("At least").fill("4")
    page.get_by_label("At least").press("Enter")
    page.get_by_role("button", name="Show the change").click()
    expect(page.get_by_role("region", name="Diff")).to_be_visible()
    assert page.locator("img[src=x]").count() == 0
    assert page.title() == "Rules · Studio"


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_axe_finds_nothing(studio: Open, rules: RuleAnswers, scheme: str) -> None:
    page = studio(ROUTE, color_scheme=scheme)
    expect(page.locator(".samples li")).to_have_count(10)
    page.get_by_role("button", name="Volume").first.click()
    expect(page.get_by_role("slider")).to_be_visible()
    page.get_by_role("combobox", name="Title").first.fill("sav")
    expect(page.locator(".suggestions [role=option]").first).to_be_visible()
    assert not _violations(page)
    page.get_by_role("tab", name="YAML").click()
    page.get_by_label("The rule as YAML").press("Control+End")
    page.get_by_label("The rule as YAML").press_sequentially("coo")
    expect(page.locator(".suggestions [role=option]").first).to_be_visible()
    assert not _violations(page)


def test_fits_a_phone(studio: Open, rules: RuleAnswers) -> None:
    page = studio(ROUTE, viewport={"width": 375, "height": 800})
    expect(page.locator(".samples li")).to_have_count(10)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


@pytest.mark.slow
def test_a_refusal_shows_its_remedy(studio: Open, rules: RuleAnswers, answers: dict[str, Any]) -> None:
    answers["rules/backtest"] = Refused(502, "the rule editor has ended", "Try again.")
    page = studio(ROUTE)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("The rule editor has ended.")
    expect(alert.get_by_role("button", name="Try again")).to_be_visible()
