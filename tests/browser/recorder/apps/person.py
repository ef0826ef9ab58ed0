"""A person who records a workflow, and another one who follows its tour."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Locator, Page, expect
from support.chromium import until_true

from browser.recorder.apps.workflows import Act, Workflow
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.step import Step

__all__ = ["ALL_NAMED", "follow_tour", "perform", "record", "uncover"]

#: The server has said of each recorded act what real traffic will look like.
ALL_NAMED = """() => {
  const state = JSON.parse(sessionStorage["rasa-autoplay-recorder"] || "{}");
  return state.path?.steps.length && state.path.steps.every((step) => !step.events?.length);
}"""
_TOUR_CARD = "rasa-autoplay-tour .card:not(.done)"


def perform(page: Page, act: Act) -> None:
    """Do one act, as a person does: no script presses or changes anything."""
    act_on(page.locator(act.target).first, act)


def act_on(target: Locator, act: Act) -> None:
    """Do an act with an element."""
    keyboard = target.page.keyboard
    if act.kind == "click":
        target.click()
    elif act.kind == "type":
        target.click()
        keyboard.press("ControlOrMeta+a")
        keyboard.type(act.text)
        keyboard.press("Tab")
    elif act.kind == "choose":
        target.focus()
        keyboard.press("ArrowDown")
        keyboard.press("Tab")
    else:
        target.focus()
        keyboard.press(act.text)


def uncover(page: Page, act: Act) -> None:
    """Move the panel to the other side if it covers what the act needs."""
    target = page.locator(act.target).first.bounding_box()
    panel = page.locator("rasa-autoplay-recorder .frame").bounding_box()
    if target is None or panel is None:
        return
    beside = target["x"] >= panel["x"] + panel["width"] or target["x"] + target["width"] <= panel["x"]
    if not beside:
        page.get_by_role("button", name="Move to the other side").click()


def record(context: BrowserContext, link: str, workflow: Workflow) -> str:
    """Do a workflow with the recorder, and return the file that it made."""
    page = context.new_page()
    page.goto(link)
    panel = page.locator("rasa-autoplay-recorder")
    expect(panel.get_by_text("Recording", exact=True)).to_be_visible()
    assert "autoplay-record" not in page.url
    for act in workflow.acts:
        uncover(page, act)
        perform(page, act)
    expect(page.locator(workflow.done).first).to_be_visible()
    until_true(page, ALL_NAMED)
    panel.get_by_role("button", name="Get the file").click()
    # Empty once the server has written the file, and finds nothing wrong with it.
    expect(panel.locator(".view:visible p.about")).to_have_text("")
    file = panel.locator("pre").text_content() or ""
    panel.get_by_role("button", name="Stop recording").click()
    panel.get_by_role("button", name="Delete").click()
    expect(panel).to_have_count(0)
    assert page.evaluate("sessionStorage['rasa-autoplay-recorder']") is None
    return file


def follow_tour(context: BrowserContext, url: str, path: GoldenPath, workflow: Workflow) -> Page:
    """Take the offer, do what the tour points at, and in the chat's steps what the workflow says."""
    page = context.new_page()
    page.goto(url)
    page.locator("rasa-autoplay .card").get_by_role("button", name="Show me").click()
    title = page.locator(f"{_TOUR_CARD} .title")
    shown = [step for step in path.steps if step.element]
    for step in path.steps:
        if not step.element:
            perform(page, _act_of(path, step, workflow))
            continue
        expect(title).to_have_text(step.title)
        target = page.locator(step.element).filter(visible=True).first
        act_on(target, _natural_act(target))
        if step.several or "[id^=" in step.element:
            page.locator(_TOUR_CARD).get_by_role(
                "button", name="Done" if step is shown[-1] else "Next"
            ).click()
    expect(page.locator(_TOUR_CARD)).to_have_count(0)
    return page


def _natural_act(target: Locator) -> Act:
    """What a person does with an element that a tour shows."""
    kind = target.evaluate(
        "(it) => it.matches('select') ? 'choose' : it.matches('textarea,input') ? it.type : ''"
    )
    if kind == "choose":
        return Act("choose", "")
    if kind in ("text", "email", "search", "textarea"):
        return Act("type", "", "grace@example.com")
    return Act("click", "")


def _act_of(path: GoldenPath, step: Step, workflow: Workflow) -> Act:
    """The act of a step that only the chat explains: each act has made a step, in their order."""
    return workflow.acts[path.steps.index(step)]
