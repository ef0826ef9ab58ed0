"""The changes say the truth: what users do in the changed app is captured as they state."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser
from support.changing_app import CHANGES, WORKFLOWS, Change
from support.changing_app.server import source_of
from support.changing_app.workflows import GOLDEN_PATHS, Workflow

from browser.verify.captured import CapturedPage, perform
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath, load_golden_paths

PATHS: dict[str, GoldenPath] = {path.id: path for path in load_golden_paths(GOLDEN_PATHS)}


def _prove(chromium: Browser, address: str, *workflows: Workflow) -> None:
    """Walk workflows that begin on a page, and compare what is captured with what they state."""
    acts = [act for workflow in workflows for step in workflow.values() for act in step]
    with chromium.new_context() as context:
        tab = CapturedPage(context)
        for workflow in workflows:
            tab.page.goto(address)
            for step in workflow.values():
                for act in step:
                    perform(tab.page, act)
        tab.until_captured(len(acts))
        assert tab.actions() == [act.captured for act in acts]


def test_there_are_thirty_changes_of_which_24_show_in_traffic() -> None:
    assert len({change.id for change in CHANGES}) == 30
    assert sum(change.shows_in_traffic for change in CHANGES) == 24
    for change in CHANGES:
        assert PATHS[change.path_id].has_step(change.step_id)
        assert change.does.keys() <= WORKFLOWS[change.path_id].keys()


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.id)
def test_each_edit_replaces_one_text(change: Change) -> None:
    source = source_of("page.html", None) + source_of("app.js", None)
    for old, _ in change.edits:
        assert source.count(old) == 1, old


def test_workflows_are_the_golden_paths() -> None:
    assert WORKFLOWS.keys() == PATHS.keys()
    for path_id, workflow in WORKFLOWS.items():
        assert list(workflow) == [step.id for step in PATHS[path_id].steps]


def test_unchanged_app_is_captured_as_stated(chromium: Browser, app: str) -> None:
    orders = [workflow for path_id, workflow in WORKFLOWS.items() if PATHS[path_id].page == "/orders"]
    _prove(chromium, f"{app}/orders", *orders)
    _prove(chromium, f"{app}/team", WORKFLOWS["invite-member"])
    _prove(chromium, f"{app}/settings", WORKFLOWS["notify-me"])


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.id)
def test_changed_app_is_captured_as_stated(chromium: Browser, app: str, change: Change) -> None:
    _prove(chromium, f"{app}{PATHS[change.path_id].page}?change={change.id}", change.workflow)


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.id)
def test_replacement_is_on_the_page_after_the_steps_before_it(
    chromium: Browser, app: str, change: Change
) -> None:
    """The replacement's element exists where a user who succeeds does the step."""
    if change.replacement is None:
        return
    with chromium.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto(f"{app}{PATHS[change.path_id].page}?change={change.id}")
        for step_id, acts in change.workflow.items():
            for act in acts:
                if step_id == change.step_id and page.locator(change.replacement.element).count():
                    return
                perform(page, act)
        raise AssertionError(f"{change.replacement.element} was never on the page")
