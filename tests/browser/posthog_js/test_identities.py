"""Whatever identities a page has, its clicks are its user's; or health names the setting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from support.gateway import BASE

from browser.posthog_js.conftest import QUIET, Site
from rasa_autoplay.engine.knowledge.control_names import control_name_of
from rasa_autoplay.engine.matching.patterns import TextPattern
from rasa_autoplay.link.messages import FeedOpened

Sites = Callable[..., Site]

SAVE = "<button id=save>Save changes</button>"
UUID = "0190b5a4-0000-7000-8000-000000000001"


@pytest.mark.parametrize(
    ("init", "script", "user_id"),
    [
        ({}, "posthog.identify(42)", "42"),
        ({"bootstrap": {"distinctID": 42, "isIdentifiedID": True}}, "", "42"),
        ({"bootstrap": {"distinctID": UUID, "isIdentifiedID": True}}, "", UUID),
        ({"bootstrap": {"distinctID": "u9"}}, "posthog.identify('u9')", "u9"),
    ],
    ids=["numeric", "bootstrapped number", "bootstrapped uuid", "bootstrapped and identified"],
)
def test_knows_the_user(site: Sites, init: dict[str, Any], script: str, user_id: str) -> None:
    app = site()
    app.publish(SAVE, {**QUIET, **init}, script)
    app.open().get_by_role("button").click()
    assert app.actions(1)[0].user_id == user_id


def test_a_numeric_id_in_the_widget_is_the_user_of_the_same_events(site: Sites) -> None:
    app = site()
    module = f"{app.gateway.origin}{BASE}/autoplay.mjs"
    widget = f"import {{ createCopilot }} from '{module}'; createCopilot({{ userId: 42 }});"
    app.publish(f"{SAVE}<script type=module>{widget}</script>", script="posthog.identify(42)")
    app.open().get_by_role("button").click()

    def listeners() -> set[str]:
        return {message.feed.user_id for message in app.gateway.link.sent if isinstance(message, FeedOpened)}

    app.wait_until(lambda: bool(listeners()), "the feed")
    assert listeners() == {app.actions(1)[0].user_id} == {"42"}


def test_joins_events_without_cookies_by_their_user(site: Sites) -> None:
    app = site()
    app.publish(SAVE, {**QUIET, "cookieless_mode": "always"})
    for number in (1, 2):
        app.open(f"/page-{number}").get_by_role("button").click()
        app.actions(number)
    assert {(action.user_id, action.session_id) for action in app.actions(2)} == {("u1", "user_u1")}
    assert app.hints() == ""


def test_names_the_setting_if_a_user_has_rejected_cookies(site: Sites) -> None:
    app = site()
    init = {**QUIET, "cookieless_mode": "on_reject"}
    app.publish(SAVE, init, "posthog.identify('u1'); posthog.opt_out_capturing()")
    app.open().get_by_role("button").click()
    app.page.goto("about:blank")  # what waits is sent
    told = "'on_reject', a user who has rejected cookies stays unknown"
    app.wait_until(lambda: told in app.hints(), "the hint")
    assert app.gateway.actions == []


def test_names_in_memory_persistence_and_joins_its_page_loads_if_told_to(site: Sites) -> None:
    for settings, sessions in (({}, 4), ({"capture": {"sessions": "of_user"}}, 1)):
        app = site(**settings)
        app.publish(SAVE, {**QUIET, "persistence": "memory"})
        for number in range(1, 5):
            app.open().get_by_role("button").click()
            app.actions(number)
        assert len({action.session_id for action in app.actions(4)}) == sessions
        assert {action.user_id for action in app.actions(4)} == {"u1"}
        assert "capture: {sessions: of_user}" in app.hints()


@pytest.mark.parametrize("defaults", ["2025-05-24", "2026-06-25"])
def test_names_the_setting_of_hash_routers(site: Sites, defaults: str) -> None:
    app = site()
    app.publish(SAVE, {**QUIET, "defaults": defaults})
    app.open("/#/projects")
    for number, route in enumerate(("#/projects/5", "#/team", "#/plans"), 1):
        app.page.evaluate("(route) => { location.hash = route; }", route)
        app.page.get_by_role("button").click()
        app.actions(number)
    if defaults == "2025-05-24":
        assert [action.canonical_url.partition("#")[2] for action in app.actions(3)] == [
            "/projects/:id",
            "/team",
            "/plans",
        ]
        assert "addEventListener('hashchange'" in app.hints()
    else:
        assert "disable_capture_url_hashes: false" in app.hints()


def test_clicks_without_texts_are_known_by_their_element(site: Sites) -> None:
    app = site()
    app.publish(SAVE, {**QUIET, "mask_all_text": True})
    app.open()
    for number in (1, 2, 3):
        app.page.get_by_role("button").click()
        app.actions(number)
    assert {(action.element_id, action.title) for action in app.actions(3)} == {("save", "Click save")}
    assert "Remove mask_all_text" in app.hints()


def test_names_masked_attributes(site: Sites) -> None:
    app = site()
    app.publish(SAVE, {**QUIET, "mask_all_text": True, "mask_all_element_attributes": True})
    app.open()
    for number in (1, 2, 3):
        app.page.get_by_role("button").click()
        app.actions(number)
    assert {action.element_id for action in app.actions(3)} == {""}
    assert "Remove mask_all_element_attributes" in app.hints()


NESTED = {
    "span": ("<span>Save</span>", "Click Save"),
    "icon": ("<svg width=9 height=9></svg><span>Save</span>", "Click Save"),
    "plain": ("Save", "Click Save"),
    # posthog-js sends no text for the edge of these.
    "strong": ("<strong>Save</strong>", "Click the button"),
    "div": ("<div>Save</div>", "Click the button"),
}


def test_a_click_on_the_edge_of_a_button_is_the_buttons(site: Sites) -> None:
    app = site()
    buttons = (
        f"<p><button style='padding: 20px' id=the-button-{name}>{html}</button>"
        for name, (html, _) in NESTED.items()
    )
    app.publish("".join(buttons))
    app.open()
    for number, name in enumerate(NESTED, 1):
        app.page.locator(f"#the-button-{name}").click(position={"x": 4, "y": 4})
        app.actions(number)
    for action, (name, (_, title)) in zip(app.actions(len(NESTED)), NESTED.items(), strict=True):
        assert action.element_id == f"the-button-{name}"
        assert action.title == (title if title == "Click Save" else f"{title} {name}")
    for name in NESTED:
        app.page.locator(f"#the-button-{name}").get_by_text("Save").click()
    clicks = app.actions(2 * len(NESTED))[len(NESTED) :]
    assert {action.title for action in clicks} == {"Click Save"}
    assert [action.element_id for action in clicks] == [f"the-button-{name}" for name in NESTED]


def test_knows_a_chinese_label_with_and_without_its_gap(site: Sites) -> None:
    app = site()
    app.publish("<button><span>保 存</span></button>")
    app.open().get_by_role("button").click()
    title = app.actions(1)[0].title
    assert title == "Click 保 存"
    assert TextPattern("保存").matches(title)
    name = control_name_of(["保存"], [])
    assert name is not None
    assert name.is_named_by(title)
