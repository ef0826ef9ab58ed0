"""Links in the bot's messages."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.common.conversation.safe_links import without_unsafe_links


@pytest.mark.parametrize(
    "text",
    [
        "No link at all.",
        "See [the docs](https://example.com/a_(b)?c=d#e), [home](/p/42), [write](mailto:a@example.com).",
        "[up](../projects?at=10:30) [section](#a:b) [host](//example.com) ![logo](http://example.com/l.png)",
        "<https://example.com/a:b> and a < b: c > d, a[1](2)",
        "[docs][1]\n\n[1]: https://example.com",
        "Steps:\n1. Open the ⋯ menu.\n2. Press [Apply] (twice).",
        "",
    ],
)
def test_leaves_harmless_text_unchanged(text: str) -> None:
    assert without_unsafe_links(text) == text


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "<javascript:alert(1)>",
        "javascript:alert(1) 'a title'",
        " \tjavascript:alert(1)",
        "java\nscript:alert(1)",
        "java\u200bscript:alert(1)",
        "\x01javascript:alert(1)",
        "&#106;avascript:alert(1)",
        "javascript&colon;alert(1)",
        "&amp;#106;avascript:alert(1)",
        "javascript\\:alert(1)",
        "data:text/html;base64,PHNjcmlwdD4=",
        "vbscript:msgbox(1)",
        "file:///etc/passwd",
        "blob:https://example.com/1",
        "x:",
    ],
)
def test_reduces_unsafe_links_to_their_text(address: str) -> None:
    assert without_unsafe_links(f"Click [this **one**]({address}) now") == "Click this **one** now"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("![x](javascript:alert(1))", "x"),
        ("<javascript:alert(1)>", "javascript:alert(1)"),
        ("[x][1]\n[1]: javascript:alert(1)", "[x][1]\n[1] : javascript:alert(1)"),
        ("[![a](javascript:b)](javascript:c)", "a"),
        ("[a](https://example.com/[b](javascript:c))", "[a](https://example.com/b)"),
        ("[a](javascript:b", "[a](javascript:b"),
        ("[a](javascript:b(c)", "a"),
    ],
)
def test_handles_other_kinds_of_links(text: str, safe: str) -> None:
    assert without_unsafe_links(text) == safe


@given(st.text(alphabet="[]()<>:!jx/\\ \n&;", max_size=60))
def test_leaves_nothing_that_a_parser_reads_as_an_unsafe_link(text: str) -> None:
    safe = without_unsafe_links(text)
    assert without_unsafe_links(safe) == safe
    for address in re.findall(r"\]\(([^()\s<>\\]*)\)", safe):
        assert not re.match(r"(?!https?:|mailto:)[^/?#]*:", address), safe


@pytest.mark.parametrize("piece", ["](", "[a](", "[", "(", "[a](x:", "<x:", "]:", "[x](javascript:y)"])
def test_handles_long_texts_quickly(piece: str) -> None:
    # CPU time, so that other processes do not count.
    begun = time.process_time()
    without_unsafe_links(piece * 20_000)
    assert time.process_time() - begun < 8


@pytest.mark.parametrize("unit", ["]:&", "&]:token:\ue000", "](&amp;"])
def test_handles_nested_definitions_in_linear_time(unit: str) -> None:
    begun = time.thread_time()
    without_unsafe_links(unit * (8_000 // len(unit)))
    # It took 1.3 s when each read the 513 characters after it.
    assert time.thread_time() - begun < 0.3


@pytest.mark.parametrize("padding", [" " * 600, "&#32;" * 120, "&nbsp;" * 100, "\u200b" * 505])
def test_finds_a_scheme_after_long_padding(padding: str) -> None:
    for tail in ("javascript:alert(1)", "javascript&colon;alert(1)", "javascript\\:alert(1)"):
        assert without_unsafe_links(f"[x]({padding}{tail})") == "x"


def test_keeps_a_long_safe_address() -> None:
    text = f"[x](https://example.com/?q={'a&b' * 400}) and [y](/{'p' * 2_000})"
    assert without_unsafe_links(text) == text


@pytest.mark.parametrize(
    ("unit", "ending"),
    [("[a](/", ")"), ("](/", ")"), ("](", ""), ("[a](/", "x"), ("]:a ", ""), ("&a](", ")")],
)
def test_handles_nested_links_in_linear_time(unit: str, ending: str) -> None:
    def cpu_s(count: int) -> float:
        text = unit * count + ending * count
        times = []
        for _ in range(3):
            begun = time.thread_time()
            without_unsafe_links(text)
            times.append(time.thread_time() - begun)
        return min(times)

    # Eight times the text: linear work takes 8 times as long, quadratic work 64 times.
    assert cpu_s(8_000) < max(0.02, 24 * cpu_s(1_000))
