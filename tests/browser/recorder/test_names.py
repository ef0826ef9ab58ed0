"""Accessible names and roles are those of Chromium's own accessibility tree."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import CDPSession

from browser.recorder.elements_page import PAGES, ElementsPage

#: Names of roles inside Chromium that ARIA calls otherwise.
ARIA_ROLES = {"image": "img", "DisclosureTriangle": "button", "ComboBoxSelect": "combobox"}
#: Roles of controls, and of what a path may name beside them.
CONTROLS = {
    *("button", "link", "textbox", "searchbox", "combobox", "listbox", "spinbutton", "slider", "checkbox"),
    *("radio", "switch", "tab", "menuitem", "menuitemcheckbox", "heading", "img", "dialog", "table"),
    "navigation",
}


def accessible(elements: ElementsPage, cdp: CDPSession) -> list[tuple[str, dict[str, Any], str, str]]:
    """Each element of the page: its HTML, what we say, and Chromium's role and name."""
    found = []
    ours = elements.run(
        "const all = (root) => [...root.querySelectorAll('*')].flatMap((it) =>"
        " [it, ...(it.shadowRoot ? all(it.shadowRoot) : [])]);"
        "window.all = all(document.body);"
        "return window.all.map((it) => [it.outerHTML, elements.describe(it)])"
    )
    for index, (html, described) in enumerate(ours):
        handle = cdp.send("Runtime.evaluate", {"expression": f"window.all[{index}]"})["result"]["objectId"]
        node = cdp.send("Accessibility.getPartialAXTree", {"objectId": handle, "fetchRelatives": False})[
            "nodes"
        ][0]
        if not node["ignored"]:
            name = node.get("name", {}).get("value", "")
            role = node["role"]["value"]
            found.append((html, described, ARIA_ROLES.get(role, role), " ".join(name.split())))
    return found


def test_names_and_roles_are_those_of_chromium(elements: ElementsPage) -> None:
    elements.show((PAGES / "names.html").read_text("utf-8"))
    cdp = elements.page.context.new_cdp_session(elements.page)
    compared = [each for each in accessible(elements, cdp) if each[2] in CONTROLS]
    cdp.detach()
    assert len(compared) > 60
    wrong = [
        (html[:150], (ours["role"], ours["name"]), (role, name))
        for html, ours, role, name in compared
        if (ours["role"], ours["name"]) != (role, name)
    ]
    assert wrong == []
