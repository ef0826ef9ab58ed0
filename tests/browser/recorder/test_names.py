"""Accessible names and roles are those of Chromium's own accessibility tree."""

from __future__ import annotations

import random
from typing import Any

import pytest
from playwright.sync_api import CDPSession

from browser.recorder.elements_page import ElementsPage

PAGE = """
<style>.gone { display: none } .unseen { visibility: hidden } .icon { font-family: icons }</style>
<button>Save changes</button> <button>  Save
  changes </button> <button aria-label="Close">×</button> <button title="Only a title"></button>
<button title="A title">Text</button> <button><b>Save</b> <i>all</i></button> <button><div>Two</div><div>lines</div></button>
<button>Seen <span class=gone>not seen</span><span class=unseen>nor this</span><span aria-hidden=true>✓</span></button>
<button hidden>Hidden button</button> <button><img alt="Delete" src="data:,"> it</button> <button><img alt="" src="data:,">Bare</button>
<button><svg width=9 height=9><title>Edit it</title><path d="M0 0h9"/></svg></button>
<button><svg role=img aria-label="Star" width=9 height=9></svg> 12</button> <button aria-labelledby="h1 h2">Not this</button>
<h2 id=h1>Delete</h2> <span id=h2 hidden>project Apollo</span> <button id=self aria-label=Remove aria-labelledby="self h1">x</button>
<button aria-labelledby=nothing>Falls back</button> <button aria-label="   ">Blank label</button>
<a href="/x">Projects</a> <a href="/x"><img alt="Home" src="data:,"></a> <a href="/x" aria-label="Team page">Team</a> <a>No link</a>
<label for=i1>Name</label><input id=i1> <label>E-mail <input type=email id=i2></label> <label><input type=checkbox id=i3> I agree</label>
<input id=i4 placeholder="Search projects" type=search> <input id=i5 title="Phone" type=tel placeholder="555"> <input id=i6 aria-label="Amount" type=number>
<label for=i7>First</label><label for=i7>Second</label><input id=i7> <input type=submit value="Send"> <input type=submit> <input type=reset> <input type=button value="Other">
<input type=image alt="Go" src="data:,"> <input type=radio aria-label="Pro plan"> <input type=range aria-label=Volume> <input list=dl aria-label=Town><datalist id=dl><option>Ulm</datalist> <input list=none aria-label=Street>
<select aria-label=Priority><option>Low<option selected>High</select> <label>Status <select><option>Open</select></label> <select multiple aria-label=Tags><option>a</select>
<textarea aria-label=Notes>typed</textarea> <label>About <textarea></textarea> you</label> <textarea placeholder="Write here"></textarea>
<fieldset><legend>Address</legend><input aria-label=Street></fieldset> <details><summary>More <b>options</b></summary>Content</details>
<div role=button tabindex=0>Div button</div> <div role=checkbox aria-checked=true tabindex=0>Ticked</div> <span role=link tabindex=0>Span link</span>
<div role=tablist><div role=tab tabindex=0>Overview</div></div> <ul role=menu><li role=menuitem tabindex=0>Rename <kbd>F2</kbd></li></ul>
<div role=switch tabindex=0 aria-checked=false aria-labelledby=h1></div> <h3>Heading <em>three</em></h3> <table><caption>Orders</caption><tr><th>Total</th><td>12</td></tr></table>
<button><span>Nested <span aria-label="labelled">text</span></span></button> <button>Line<br>break</button> <button>A<span>B</span>C</button>
<div role=dialog aria-labelledby=h1 tabindex=0>x</div> <nav aria-label=Main><a href="/y">Y</a></nav> <img alt="A picture" src="data:,">
<app-card><template shadowrootmode=open><button><slot></slot> now</button></template>Buy</app-card>
<app-icon><template shadowrootmode=open><button><app-i><template shadowrootmode=open><span>Inner</span></template></app-i> button</button></template></app-icon>
<button><style>.x{}</style><script>1</script>After style</button> <div role="menuitemcheckbox" aria-checked=false tabindex=0><span>Show</span><span> grid</span></div>
<button><label>Inner label</label></button> <label>Outer <span aria-label="hint">?</span><input type=checkbox></label> <a href="/z" title="The title"><span aria-hidden=true>→</span></a>
<p id=emptied></p><button aria-labelledby=emptied>Own</button> <input type=checkbox title=Tick> <div role=textbox aria-label=Editor contenteditable=true>typed</div>
<button role="presentation button">First known</button> <a role=button href="/b">As button</a> <button role=tab>As tab</button> <area> <summary>Stray</summary>
"""
#: Names of roles inside Chromium that ARIA calls otherwise.
ARIA_ROLES = {"image": "img", "DisclosureTriangle": "button", "ComboBoxSelect": "combobox"}
#: Roles of elements that are no controls; we give them no role, or one of HTML.
PLAIN = {"generic", "none", "LabelText", "paragraph", "emphasis", "strong", "StaticText", "Legend", "caption"}


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
        node = cdp.send("Accessibility.getPartialAXTree", {"objectId": handle, "fetchRelatives": False})["nodes"][0]
        if not node["ignored"]:
            name = node.get("name", {}).get("value", "")
            role = node["role"]["value"]
            found.append((html, described, ARIA_ROLES.get(role, role), " ".join(name.split())))
    return found


CONTROLS = {
    "button", "link", "textbox", "searchbox", "combobox", "listbox", "spinbutton", "slider", "checkbox", "radio",
    "switch", "tab", "menuitem", "menuitemcheckbox", "heading", "img", "dialog", "table", "navigation",
}  # fmt: skip


def test_names_and_roles_are_those_of_chromium(elements: ElementsPage) -> None:
    elements.show(PAGE)
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
