"""The Markdown of a toast: what becomes an element, and what stays text."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from browser.unit.conftest import Visitor
from browser.unit.stand_in import StandIn, offer

TRUSTED_TYPES = "default-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'"

RENDERED = {
    "Save **all** of them": '<p dir="auto">Save <b>all</b> of them</p>',
    "Run `a < b && **c**`": '<p dir="auto">Run <code>a &lt; b &amp;&amp; **c**</code></p>',
    "**Press `⋯` now**": '<p dir="auto"><b>Press <code>⋯</code> now</b></p>',
    "One\ntwo\n\nthree": '<p dir="auto">One\ntwo</p><p dir="auto">three</p>',
    "Do this:\n- open\n- save": '<p dir="auto">Do this:</p><ul dir="auto"><li>open</li><li>save</li></ul>',
    "3. open\n\n   the menu\n4. save\nDone": (
        '<ol dir="auto" start="3"><li>open\nthe menu</li><li>save</li></ol><p dir="auto">Done</p>'
    ),
    "1) one\n* two": '<ol dir="auto" start="1"><li>one</li></ol><ul dir="auto"><li>two</li></ul>',
    "a * b * c, 2 ** 3, \\*\\*x\\*\\*": '<p dir="auto">a * b * c, 2 ** 3, **x**</p>',
    "snake_case_name and #1 and <b>x</b>": (
        '<p dir="auto">snake_case_name and #1 and &lt;b&gt;x&lt;/b&gt;</p>'
    ),
    "-5 °C, 1.5 and\n2024": '<p dir="auto">-5 °C, 1.5 and\n2024</p>',
    "an `open code, **open bold, [open](link": '<p dir="auto">an `open code, **open bold, [open](link</p>',
    "שמור **הכול**": '<p dir="auto">שמור <b>הכול</b></p>',
}


def _html(page: Page) -> str:
    html: str = page.evaluate("""() => {
      const text = document.querySelector("rasa-autoplay").shadowRoot.querySelector(".text").cloneNode(true);
      text.querySelector(".sr").remove();
      return text.innerHTML;
    }""")
    return html


def _shown(page: Page, server: StandIn, number: int, body: str) -> None:
    server.send(offer(f"offer_{number}", body=f"{body}\n\nNo. {number}", tours=[]))
    expect(page.get_by_role("status")).to_contain_text(f"No. {number}")


def test_markdown_becomes_elements(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    for number, (body, html) in enumerate(RENDERED.items()):
        _shown(page, server, number, body)
        assert _html(page) == f'{html}<p dir="auto">No. {number}</p>'


@pytest.mark.parametrize(
    ("address", "href", "target"),
    [
        ("https://example.com/a_(b)?c=d", "https://example.com/a_(b)?c=d", "_blank"),
        ("HTTP://example.com", "http://example.com/", "_blank"),
        ("//example.com/x", "http://example.com/x", "_blank"),
        ("mailto:help@example.com", "mailto:help@example.com", "_blank"),
        ("/projects#new", "/projects#new", ""),
        ("?tab=2", "/host.html?tab=2", ""),
    ],
)
def test_links_to_the_web_to_mail_and_within_the_app_can_be_followed(
    visitor: Visitor, server: StandIn, address: str, href: str, target: str
) -> None:
    page = visitor.open()
    _shown(page, server, 1, f"See [the **guide**]({address}).")
    link = page.get_by_role("link", name="the guide")
    where = f"{server.origin}{href}" if href.startswith("/") else href
    assert link.evaluate("(it) => [it.href, it.target, it.rel]") == [where, target, target and "noopener"]


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "\x01javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "blob:http://127.0.0.1/x",
        "file:///etc/passwd",
        "view-source:http://x",
        "http://",
    ],
)
def test_other_links_stay_text(visitor: Visitor, server: StandIn, address: str) -> None:
    page = visitor.open()
    _shown(page, server, 1, f"See [the guide]({address}).")
    assert "See the guide." in page.get_by_role("status").inner_text()
    unsafe = "!['http:', 'https:', 'mailto:'].includes(it.protocol)"
    links = page.get_by_role("link")
    assert links.count() == 0 or not links.evaluate_all(f"(all) => all.some((it) => {unsafe})")


def test_trusted_types_allow_it(visitor: Visitor, server: StandIn) -> None:
    server.policy = TRUSTED_TYPES
    page = visitor.open()
    _shown(page, server, 1, "**Bold** and [a link](/x)")
    expect(page.get_by_role("link", name="a link")).to_be_visible()
