"""Selectors that a path will use for months: their order, their hits, and what is doubtful."""

from __future__ import annotations

import pytest

from browser.recorder.elements_page import ElementsPage

#: HTML, the element that is meant, and the selectors that come first.
FIRST = {
    "an id": ("<button id=save data-testid=s>Save</button>", "button", ["#save", "[data-testid=s]"]),
    "an id that CSS must escape": ('<button id="a:b.c/1 2">x</button>', "button", ['[id="a:b.c/1 2"]']),
    "a generated id": ('<button id=":r5:" data-cy="save it">x</button>', "button", ['[data-cy="save it"]']),
    "an aria-label": ('<button aria-label="Save">x</button>', "button", ["button[aria-label=Save]"]),
    "a stated role": ("<div role=tab title=All>x</div>", "div", ["[role=tab][title=All]"]),
    "a name": ("<input name=email type=email>", "input", ["input[name=email]", "input[type=email]"]),
    "a link": ('<a href="/projects?token=abc#x">x</a>', "a", ['a[href^="/projects"]']),
    "a link to one of many": (
        '<a href="/projects/17/edit">x</a>',
        "a",
        ['a[href^="/projects/"][href$="/edit"]'],
    ),
    "a telling class": (
        '<button class="css-1q8z7 mt-4 invite-send active">x</button>',
        "button",
        ["button.invite-send"],
    ),
    "a radio button": (
        "<input type=radio name=plan value=free><input type=radio name=plan value=pro>",
        "input + input",
        ["input[name=plan][value=pro]"],
    ),
    "a label that two have": (
        "<p id=a><button aria-label=Edit>x</button></p><p id=b><button aria-label=Edit>x</button></p>",
        "#b button",
        ["#b button[aria-label=Edit]"],
    ),
    "a dialog's button": (
        "<button>Save</button><dialog open><button>Save</button></dialog>",
        "dialog button",
        ["dialog > button"],
    ),
    "an id that two have": ("<p><b id=x>1</b></p><nav><b id=x>2</b></nav>", "nav b", ["nav #x"]),
    "numbered tabs": (
        "<div role=tablist><button id=tab-1>A</button><button id=tab-2>B</button></div>",
        "#tab-2",
        ["#tab-2", "[id^=tab-]"],
    ),
    "a shadow root": (
        "<app-bar id=bar><template shadowrootmode=open><button title=Go>x</button></template></app-bar>",
        "#bar >> button",
        ["#bar >> button[title=Go]"],
    ),
    "two shadow roots": (
        "<app-bar><template shadowrootmode=open><app-in><template shadowrootmode=open>"
        "<i id=x>x</i></template></app-in></template></app-bar>",
        "app-bar >> app-in >> i",
        ["app-bar >> app-in >> #x"],
    ),
    "signs of CSS in an attribute": (
        '<button title="a >> &quot;b&quot; \\\\ ]">x</button>',
        "button",
        ['button[title="a \\3e \\3e  \\"b\\" \\\\\\\\ ]"]'],
    ),
}


@pytest.mark.parametrize("case", FIRST)
def test_lasting_selectors_come_first(elements: ElementsPage, case: str) -> None:
    html, meant, expected = FIRST[case]
    elements.show(html)
    ranked = elements.selectors(meant)
    assert [each["selector"] for each in ranked][: len(expected)] == expected
    assert ranked[0]["hits"] == 1
    assert ranked[0]["warnings"] == []


ROW = "<tr><td><input type=checkbox {}></td><td><a href='/p/{n}'>P</a><button {}>⋯</button></td></tr>"


@pytest.mark.parametrize(
    ("box", "first", "element_id"),
    [
        ("id=project-checkbox-{n}", "[id^=project-checkbox-]", "project-checkbox-*"),
        ("id=row-{n}-check", '[id^=row-][id$="-check"]', "row-*-check"),
        ("id=p-6ba7b810-9dad-11d1-80b4-00c04fd430c{n}", "[id^=p-]", None),
        ("data-testid=pick-{n}", "[data-testid^=pick-]", None),
        ("aria-label='Select project {n}'", 'input[aria-label^="Select "]', None),
        ("class=choose-row", "input.choose-row", None),
        ("name=chosen", "input[name=chosen]", None),
    ],
)
def test_controls_of_rows_are_any_of_these(
    elements: ElementsPage, box: str, first: str, element_id: str | None
) -> None:
    rows = "".join(ROW.format(box.format(n=n), "", n=n) for n in range(1, 5))
    elements.show(f"<table>{rows}</table>")
    ranked = elements.selectors("tr:nth-child(2) input")[0]
    if element_id is None and "6ba7" in box:  # one letter says too little
        assert not ranked["isAnyOf"]
        return
    assert (ranked["selector"], ranked["hits"], ranked["isAnyOf"]) == (first, 4, True)
    assert ranked.get("elementId") == element_id
    assert ranked["warnings"] == []


def test_any_of_these_says_how_many_others_match(elements: ElementsPage) -> None:
    rows = "".join(f"<li><input type=checkbox id=pick-{n}></li>" for n in (1, 2))
    elements.show(f"<ul>{rows}</ul><input type=checkbox id=pick-all>")
    first = elements.selectors("#pick-2")[0]
    assert (first["hits"], first["warnings"]) == (3, ["1 other elements match, too."])


def test_an_id_with_a_number_of_its_own_is_doubtful(elements: ElementsPage) -> None:
    elements.show("<p><button id=order-17>x</button><button id=step2>y</button></p>")
    (one, any_of, *_) = elements.selectors("#order-17")
    assert one["warnings"] == ["Other users may have another number in this id."]
    assert (any_of["selector"], any_of["hits"], any_of["elementId"]) == ("[id^=order-]", 1, "order-*")
    assert elements.selectors("#step2")[0]["warnings"] == []


def test_warns_of_positions_generated_ids_and_hashed_classes(elements: ElementsPage) -> None:
    elements.show('<div><i>a</i><i id="radix-:r1:" class="Button_root__3kd2x">b</i></div>')
    (only,) = elements.selectors("i + i")
    assert (only["selector"], only["kind"], only["hits"]) == ("div > i:nth-of-type(2)", "structure", 1)
    assert only["warnings"] == [
        "This names a position. Ask the app's developers for an id or a data-testid.",
        "The id is made anew at each page load.",
        "The classes are made by the app's build.",
    ]


def test_every_selector_finds_its_element(elements: ElementsPage) -> None:
    """On a page with all kinds of names: each selector is valid, hits the element, and as many as it says."""
    hostile = [
        "a'b",
        'c"d',
        "e\\f",
        "g>>h",
        "i]j",
        "k l",
        "#",
        "1x",
        "é",
        "\U0001f600",
        "--",
        "a:b",
        ">",
        "\n",
        "${X}",
        "x" * 300,
    ]
    escaped = [text.replace("&", "&amp;").replace('"', "&quot;") for text in hostile]
    html = "".join(
        f'<section id="s{text}"><button id="{text}" class="{text}" data-testid="{text}" aria-label="{text}" '
        f'name="{text}">x</button><x-y title="{text}"><template shadowrootmode=open><a href="{text}">y</a>'
        "</template></x-y></section>"
        for text in escaped
    )
    elements.show(html)
    checked = elements.run(
        "const all = (root) => [...root.querySelectorAll('*')].flatMap((it) =>"
        "  [it, ...(it.shadowRoot ? all(it.shadowRoot) : [])]);"
        "return all(document.body).map((it) => elements.rankedSelectors(it).map(({ selector, hits }) => {"
        "  const found = elements.findHits(selector);"
        "  return [selector, found.includes(it) && found.length === hits];"
        "}))"
    )
    assert len(checked) == 4 * len(hostile)
    assert all(ranked for ranked in checked)
    assert [selector for ranked in checked for selector, is_right in ranked if not is_right] == []


def test_nothing_is_offered_where_tours_cannot_point(elements: ElementsPage) -> None:
    elements.show(
        "<iframe srcdoc='<button id=in>x</button>'></iframe>"
        "<x-y><template shadowrootmode=closed><slot></slot></template></x-y>"
    )
    elements.page.frame_locator("iframe").locator("button").wait_for()
    found = elements.run(
        "const inner = one('iframe').contentDocument.querySelector('button');"
        "const host = document.createElement('p'); const shut = host.attachShadow({ mode: 'closed' });"
        "const button = document.createElement('button'); shut.append(button); document.body.append(host);"
        "return [inner, button, document.createElement('i')].map((it) =>"
        "  [elements.rankedSelectors(it), elements.describe(it).problem])"
    )
    assert [ranked for ranked, _ in found] == [[], [], []]
    assert [problem for _, problem in found] == [
        "Tours cannot point into a frame.",
        "Tours cannot point into a closed shadow root.",
        "The element has left the page.",
    ]


@pytest.mark.parametrize(
    ("html", "meant", "is_any"),
    [
        (
            "<li><button class=edit-it>Edit A</button></li><li><button class=edit-it>Edit B</button></li>",
            "",
            True,
        ),
        (
            "<li><a class=nav-link href=/a>Projects</a></li><li><a class=nav-link href=/b>Team</a></li>",
            "",
            False,
        ),
        (
            "<nav><ul><li><a class=go-to>Go A</a></li><li><a class=go-to>Go B</a></li></ul></nav>",
            "nav ",
            False,
        ),
        ("<ul role=tablist><li><b id=tab-1>A</b></li><li><b id=tab-2>B</b></li></ul>", "ul ", False),
        (
            "<div role=row><b class=pick-me>Ada</b></div><div role=row><b class=pick-me>Ben</b></div>",
            "",
            True,
        ),
        ("<button class=pick-me>Pick a</button><button class=pick-me>Pick b</button>", "", False),
    ],
)
def test_only_like_controls_of_rows_are_any_of_these(
    elements: ElementsPage, html: str, meant: str, is_any: bool
) -> None:
    elements.show(html)
    assert elements.selectors(f"{meant}:is(a, b, button)")[0]["isAnyOf"] == is_any
