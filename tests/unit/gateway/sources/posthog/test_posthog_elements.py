from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.posthog_chain import write_chain

from example_bot.recording import Recorded
from rasa_autoplay.gateway.sources.posthog.elements import (
    Element,
    acted_on,
    elements_of,
    is_own_interface,
    parse_chain,
    parse_elements,
)
from rasa_autoplay.gateway.sources.posthog.wire import CapturedRequest

Decode = Callable[[Recorded], CapturedRequest]


def element(tag: str = "div", text: str = "", id: str = "", **attributes: str) -> Element:  # noqa: A002
    return Element(tag, text, id, {name.replace("_", "-"): value for name, value in attributes.items()})


def test_both_element_formats_of_a_recording_agree(recorded: list[Recorded], decode: Decode) -> None:
    seen = 0
    for request in recorded:
        for event in decode(request).events:
            chain, listed = event.properties.get("$elements_chain"), event.properties.get("$elements")
            if chain and listed:
                assert parse_chain(chain) == parse_elements(listed)
                assert elements_of({"$elements_chain": chain}) == elements_of({"$elements": listed})
                seen += 1
            elif chain:
                assert parse_chain(chain)[-1].tag == "body"
                seen += 1
    assert seen >= 9


# A backslash before a quote or at a text's end is lost in what posthog-js writes.
texts = st.text(st.characters(exclude_characters="\\", exclude_categories=["Cs"]), max_size=12)
items = st.fixed_dictionaries(
    {"tag_name": st.sampled_from(["a", "button", "div", "my-tag"]), "$el_text": texts},
    optional={
        "attr__aria-label": texts,
        "attr__title": texts,
        "attr__@click.prevent": texts,
        "attr__id": texts,
        "attr__class": st.lists(st.sampled_from(["btn", "md:flex", "w-1.5", "[&>*]:p-4"]), min_size=1).map(
            " ".join
        ),
    },
)


@given(st.lists(items, min_size=1, max_size=5))
def test_parses_whatever_the_library_writes(listed: list[dict[str, Any]]) -> None:
    assert parse_chain(write_chain(listed)) == parse_elements([{**item, "nth_child": 1} for item in listed])


def test_parses_quotes_separators_and_backslashes_in_values() -> None:
    chain = (
        r'a.x:attr__class="x"attr__title="C:\"attr__alt="q"nth-child="1"text="say \"hi; you\" a:b=\"c\"";body'
    )
    link, body = parse_chain(chain)
    assert link.attributes == {"class": "x", "title": "C:\\", "alt": "q"}
    assert link.text == 'say "hi; you" a:b="c"'
    assert body == element("body")


@given(st.lists(st.sampled_from([*'ab.:;="\\ ', "attr__a=", 'text="']), max_size=60).map("".join))
def test_tolerates_damaged_chains(chain: str) -> None:
    assert isinstance(parse_chain(chain), list)


def test_tolerates_damaged_lists() -> None:
    listed = [None, 3, {"tag_name": 7, "$el_text": [], "attr__id": None, "attr__class": ["a", 1]}]
    assert parse_elements(listed) == [Element("", "", "", {"class": "a"})]


@pytest.mark.timeout(60)
def test_parses_a_hostile_chain_quickly() -> None:
    for chain in (
        ":attr__" * 14_000,
        'a:text="' + '\\"attr__' * 12_000,
        'a:text="' + '\\"' * 50_000,
        "a;" * 50_000,
    ):
        parse_chain(chain)


@pytest.mark.parametrize(
    ("elements", "index"),
    [
        ([element("svg"), element("span"), element("button"), element("a")], 2),
        ([element("span"), element("div", role="menuitem")], 1),
        ([element("input"), element("label")], 0),
        ([element("option"), element("select")], 1),
        ([element("div"), element("main"), element("body")], 0),
    ],
)
def test_finds_the_control_around_the_target(elements: list[Element], index: int) -> None:
    assert acted_on(elements) == index


def test_submit_targets_the_form_itself_and_none_is_no_error() -> None:
    assert acted_on([element("form"), element("a")], "submit") == 0
    with pytest.raises(ValueError, match="at least one"):
        acted_on([])


@pytest.mark.parametrize(
    "own",
    [
        element("rasa-autoplay-toast"),
        element("div", id="rasa-autoplay"),
        element("button", **{"class": "btn rw-launcher"}),
        element("div", **{"class": "driver-popover"}),
        element("div", data_rasa_autoplay="1"),
    ],
)
def test_recognises_the_copilots_own_interface(own: Element) -> None:
    assert is_own_interface([element("span"), own, element("body")])


def test_highlighted_host_element_belongs_to_the_host() -> None:
    highlighted = element(
        "button", aria_controls="driver-popover-content", **{"class": "driver-active-element"}
    )
    assert not is_own_interface([highlighted, element("body", **{"class": "driver-active"})])
