"""The button "Show me on the page": its payload, and the phrases that mean the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.common.conversation.show_me import TourButton, means_yes, tour_of_payload


@given(st.text(min_size=1, max_size=80))
def test_a_payload_names_its_tour(tour_id: str) -> None:
    assert tour_of_payload(TourButton("Show me", tour_id).payload) == tour_id


@given(st.text())
def test_no_other_message_is_a_payload(text: str) -> None:
    assert tour_of_payload(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "/autoplay_show_me",
        "/autoplay_show_me{}",
        '/autoplay_show_me{"tour": 7}',
        '/autoplay_show_me["bulk"]',
        '/autoplay_show_me{"tour": "bulk"} and more',
        '/autoplay_show_me{"tour": "' + "x" * 2_000 + '"}',
        "/autoplay_show_me" + "[" * 900,
    ],
)
def test_a_broken_payload_is_none(text: str) -> None:
    assert tour_of_payload(text) == ""


@pytest.mark.parametrize(
    "entity", [{}, {"button": "x"}, {"button": {"title": 7, "tour_id": "a"}}, {"button": None}]
)
def test_an_entity_without_a_good_button_has_none(entity: dict[str, object]) -> None:
    assert TourButton.of_entity(entity) is None


def test_a_button_survives_its_entity() -> None:
    button = TourButton("Show me", "bulk")
    assert TourButton.of_entity(button.as_entity()) == button


@pytest.mark.parametrize(
    "text",
    [
        *("Show me", "yes please!", "Yes, please.", "SHOW ME", "  ok ", "Go ahead :)"),
        *("Ja, bitte!", "Zeig’s mir", "Oui, s’il vous plaît", "D’accord", "Sí, por favor", "¡Enséñame!"),
        *("Sì, grazie", "Sim, por favor", "Ja graag"),
    ],
)
def test_a_yes_in_the_users_language_is_understood(text: str) -> None:
    assert means_yes(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no",
        "yes but not now",
        "show me the invoices",
        "ja aber wie",
        "what is ok here?",
        "yes " * 200,
        "/restart",
    ],
)
def test_a_message_with_more_to_it_is_not_a_yes(text: str) -> None:
    assert not means_yes(text)
