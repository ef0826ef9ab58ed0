"""One act of the user is one step, however many events it makes; real gestures in Chromium."""

from __future__ import annotations

import pytest

from browser.recorder.elements_page import ElementsPage

LISTEN = """
window.steps = [];
for (const type of ["click", "change", "submit"]) {
  addEventListener(type, (event) => {
    const step = elements.stepOf(event);
    if (step) steps.push([step.element.id, step.act]);
  }, true);
}
addEventListener("submit", (event) => event.preventDefault());
"""
FORM = (
    "<form id=f><label for=name id=l>Name <b>of it</b></label><input id=name><input id=two>"
    "<button id=go>Go</button></form>"
)
#: HTML, what the user does, and the steps: id of the element, and act.
CASES: dict[str, tuple[str, list[tuple[str, ...]], list[list[str]]]] = {
    "a click on a button": ("<button id=a>A</button>", [("click", "#a")], [["a", "click"]]),
    "an icon in a button": (
        "<button id=a><svg width=20 height=20><path d='M0 0h20v20H0z'/></svg></button>",
        [("click", "path")],
        [["a", "click"]],
    ),
    "a key on a button": (
        "<button id=a>A</button>",
        [("press", "#a", "Enter")],
        [["a", "click"]],
    ),
    "text in a field": (
        FORM,
        [("click", "#name"), ("fill", "#name", "Ada"), ("click", "#two")],
        [["name", "change"]],
    ),
    "a field by its label": (FORM, [("click", "label b")], []),
    "a box by its label": (
        "<label id=l><input type=checkbox id=a> I <i>agree</i></label>",
        [("click", "i")],
        [["a", "click"]],
    ),
    "a box itself": ("<input type=checkbox id=a>", [("check", "#a")], [["a", "click"]]),
    "a box by the keyboard": (
        "<input type=checkbox id=a>",
        [("press", "#a", "Space")],
        [["a", "click"]],
    ),
    "radio buttons by the keyboard": (
        "<input type=radio name=r id=a checked><input type=radio name=r id=b>",
        [("press", "#a", "ArrowDown")],
        [["b", "click"]],
    ),
    "a label that names a button": (
        "<label for=a id=l>Go</label><button id=a>x</button>",
        [("click", "#l")],
        [["a", "click"]],
    ),
    "a label without a field": (
        "<label id=l>Apollo <i>13</i></label>",
        [("click", "i")],
        [["l", "click"]],
    ),
    "a label whose click is stopped": (
        "<label onclick='event.preventDefault()'><i>x</i> <input type=checkbox id=a></label>",
        [("click", "i")],
        [],
    ),
    "an option of a select": (
        "<select id=a><option>x<option>y</select>",
        [("select_option", "#a", "y")],
        [["a", "change"]],
    ),
    "a button that submits": (FORM, [("click", "#go")], [["go", "click"]]),
    "Enter in a field": (
        FORM,
        [("fill", "#name", "Ada"), ("press", "#name", "Enter")],
        [["name", "change"], ["go", "click"]],
    ),
    "Enter in a form without a button": (
        "<form id=f><input id=name></form>",
        [("fill", "#name", "Ada"), ("press", "#name", "Enter")],
        [["name", "change"], ["f", "submit"]],
    ),
    "a summary": (
        "<details><summary id=a>More</summary>x</details>",
        [("click", "#a")],
        [["a", "click"]],
    ),
    "a card that can be pressed": (
        "<div id=card style='cursor:pointer'><p>Apollo</p></div>",
        [("click", "p")],
        [["card", "click"]],
    ),
    "prose": ("<p id=p>Some words</p>", [("click", "#p")], []),
    "a row's link in a card": (
        "<div id=card style='cursor:pointer'><a id=a href='#'>Open</a></div>",
        [("click", "#a")],
        [["a", "click"]],
    ),
    "an editor": ("<div contenteditable id=e>text</div>", [("click", "#e")], [["e", "click"]]),
    "a slider": ("<input type=range id=a>", [("press", "#a", "ArrowRight")], [["a", "change"]]),
    "a part of a shadow root": (
        "<x-y id=host><template shadowrootmode=open><button id=a><b>A</b></button></template></x-y>",
        [("click", "x-y b")],
        [["a", "click"]],
    ),
    "a slotted label": (
        "<x-y><template shadowrootmode=open><button id=a><slot></slot></button></template><i>A</i></x-y>",
        [("click", "i")],
        [["a", "click"]],
    ),
    "what the page forbids": (
        "<div class=ph-no-capture><button id=a>A</button></div>",
        [("click", "#a")],
        [],
    ),
    "the recorder itself": (
        "<rasa-autoplay-recorder><button id=a>A</button></rasa-autoplay-recorder>",
        [("click", "#a")],
        [],
    ),
    "the chat": ("<div class=rw-widget><button id=a>A</button></div>", [("click", "#a")], []),
}


@pytest.mark.parametrize("case", CASES)
def test_one_act_is_one_step(elements: ElementsPage, case: str) -> None:
    html, gestures, expected = CASES[case]
    elements.show(html)
    elements.run(LISTEN)
    for method, *arguments in gestures:
        getattr(elements.page, method)(*arguments)
    assert elements.run("return window.steps") == expected


def test_a_password_is_a_step_that_is_private(elements: ElementsPage) -> None:
    elements.show("<label>Password <input type=password id=pw></label><button id=b>x</button>")
    elements.run(LISTEN)
    elements.page.fill("#pw", "hunter2!")
    elements.page.click("#b")
    assert elements.run("return window.steps") == [["pw", "change"], ["b", "click"]]
    described = elements.describe("#pw")
    assert (described["isPrivate"], described["name"]) == (True, "Password")
