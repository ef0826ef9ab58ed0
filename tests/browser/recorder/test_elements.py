"""Names, roles and selectors of a page's elements, as the recorder and ``verify`` see them."""

from __future__ import annotations

from browser.recorder.elements_page import ElementsPage


def test_describes_a_button(elements: ElementsPage) -> None:
    elements.show('<button id=save class="primary" data-testid=save-button><i>✓</i> Save changes</button>')
    assert elements.describe("#save") == {
        "role": "button",
        "name": "✓ Save changes",
        "nameSource": "text",
        "tag": "button",
        "testId": "save-button",
        "id": "save",
        "classes": ["primary"],
        "isPrivate": False,
        "problem": "",
    }


def test_what_has_no_role_is_named_by_a_short_text(elements: ElementsPage) -> None:
    elements.show(f"<div id=card onclick=1>Open <b>Apollo</b></div><div id=prose>{'word ' * 30}</div>")
    assert (elements.describe("#card")["name"], elements.describe("#card")["nameSource"]) == (
        "Open Apollo",
        "text",
    )
    assert elements.describe("#prose")["name"] == ""


def test_ids_that_differ_in_a_number_mean_any_of_these(elements: ElementsPage) -> None:
    rows = "".join(
        f"<tr><td><input type=checkbox id=project-checkbox-{n} aria-label='Select {n}'></td></tr>"
        for n in range(1, 4)
    )
    elements.show(f"<table>{rows}</table>")
    first = elements.selectors("#project-checkbox-2")[0]
    assert first["selector"] == "[id^=project-checkbox-]"
    assert (first["hits"], first["isAnyOf"], first["elementId"]) == (3, True, "project-checkbox-*")


def test_finds_elements_in_open_shadow_roots(elements: ElementsPage) -> None:
    elements.show(
        "<app-menu id=menu><template shadowrootmode=open><button id=edit>Edit</button></template></app-menu>"
    )
    assert elements.selectors("#menu >> #edit")[0]["selector"] == "#menu >> #edit"


def test_a_click_on_an_icon_means_its_button(elements: ElementsPage) -> None:
    elements.show("<button id=save><svg width=10 height=10></svg></button>")
    step = elements.run(
        "return new Promise((done) => { addEventListener('click', (event) => {"
        " const { element, act, target } = elements.stepOf(event); done([element.id, act, target.localName]);"
        " }, { once: true }); one('svg').dispatchEvent(new MouseEvent('click', { bubbles: true })); })"
    )
    assert step == ["save", "click", "svg"]


def test_captured_event_has_no_value(elements: ElementsPage) -> None:
    elements.show("<label>Name <input id=project-name></label>")
    elements.page.fill("#project-name", "Apollo 13")
    event = elements.run("return JSON.stringify(elements.capturedEvent('change', one('#project-name')))")
    assert "project-name" in event
    assert "Apollo" not in event


def test_finds_the_button_that_replaced_another(elements: ElementsPage) -> None:
    elements.show("<button id=a>Delete</button><button id=b>Save all changes</button>")
    found = elements.run(
        "return elements.mostSimilar({selector: '#save', label: 'Save changes', title: 'Save'})"
        ".map(({selector, label}) => [selector, label])"
    )
    assert found[0] == ["#b", "Save all changes"]
